"""Rolling update: which nodes have to be replaced and why, then one row a node while it happens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from kops_core import Phase, RollRequest, StepProgress
from kops_tui.keys import bind
from kops_tui.ports import Workspace
from kops_tui.runs import Run
from kops_tui.screens.group_status import outdated_count, ready_count, update_cell
from kops_tui.screens.page import Page
from kops_tui.screens.progress import TONES, ProgressPage
from kops_tui.screens.questions import (
    end_drain_question,
    rolling_update_question,
    stop_at_once_question,
)
from kops_tui.screens.roll_text import (
    held_up,
    note_text,
    phase_text,
    seconds_in_phase,
    step_lines,
    time_left,
)
from kops_tui.styled_text import Line, Span, Tone, count, duration, line, wrap
from kops_tui.widgets.rows import NO_FLAG, Column, Row, Rows
from kops_tui.widgets.styled_lines import Note

if TYPE_CHECKING:
    from kops_core import GroupStatus, InstanceStatus

_COLUMNS = (
    Column("INSTANCE GROUP", 24, flex=2),
    Column("ROLE", 12),
    Column("MACHINE", 11, least=90),
    Column("READY", 6, right=True),
    Column("NODES", 18, flex=1),
)
_INSTANCES = 5
"""Instances of a group that are shown at once."""


def _work_cell(group: GroupStatus) -> Line:
    """What a rolling update would do in a group."""
    if outdated_count(group):
        return update_cell(group)
    if group.waits_for:
        return line(Span(f"waits for {group.waits_for}", Tone.WARN))
    return line(Span("nothing to do", Tone.GOOD if group.instances else Tone.MUTED))


def _instance_line(instance: InstanceStatus) -> Line:
    """An instance, and why it has to be replaced."""
    return line(
        f" {instance.id:<20} {instance.zone:<12} {instance.state:<12} ",
        Span(instance.reason or "up to date", Tone.WARN if instance.reason else Tone.GOOD),
    )


class OutdatedNodesPage(Page):
    """Instance groups, what of them is out of date, and why."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind(
            "roll.roll",
            "R",
            "roll",
            "roll...",
            "Replace the nodes of the marked groups that need it",
            rank=10,
        ),
    ]

    def __init__(self, name: str) -> None:
        super().__init__()
        self.cluster = name
        self.workspace: Workspace | None = None
        self.groups: dict[str, GroupStatus] = {}
        self._run: Run | None = None
        self.table: Rows[str] = Rows(_COLUMNS, empty="asking the cloud ...", marks=True)
        """Instance groups, by name."""

    def body(self) -> ComposeResult:
        yield self.table
        yield Note([()] * (_INSTANCES + 1), classes="pane", id="instances")

    def breadcrumbs(self) -> tuple[str, ...]:
        return ("Fleet", self.cluster, "Rolling update")

    def shell_commands(self) -> tuple[str, ...]:
        chosen = [name for name in self.table.selected_keys if name in self.groups]
        groups = f" --instance-group {','.join(chosen)}" if chosen else ""
        roll = f"rolling-update cluster{groups} --yes"
        return self.in_shell(roll, roll)

    def badge(self) -> Line:
        outdated = sum(outdated_count(group) for group in self.groups.values())
        return line(Span(f"{count(outdated, 'node')} to replace", Tone.WARN if outdated else Tone.GOOD))

    def on_mount(self) -> None:
        self.with_workspace(self._show_workspace)

    def on_screen_resume(self) -> None:
        if self._run is not None and not self._run.running:
            self._run = None
            self.reload()

    def reload(self) -> None:
        self.with_workspace(self._show_workspace)

    def _show_workspace(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.run_query("asking the cloud", workspace.groups, self._show_groups, group="groups")

    def _show_groups(self, groups: Sequence[GroupStatus]) -> None:
        first = not self.groups
        self.groups = {group.name: group for group in groups}
        self.refill()
        self.refresh_header()
        needing = [group.name for group in groups if outdated_count(group)]
        if first and needing:  # then the cursor is the operator's
            self.table.move_to_key(needing[0])

    def refill(self) -> None:
        rows = [
            self._build_row(group)
            for group in self.groups.values()
            if self.matches_filter(group.name, group.role)
        ]
        self.table.show(
            rows, empty=self.empty_text("it has no instance groups in the cloud: apply it first, with P")
        )
        self._show_instances()

    def _build_row(self, group: GroupStatus) -> Row[str]:
        return Row(
            group.name,
            (
                line(Span(group.name, Tone.STRONG)),
                line(group.role),
                line(group.machine_type),
                line(f"{ready_count(group)}/{group.wanted}"),
                _work_cell(group),
            ),
            Span("~", Tone.WARN) if outdated_count(group) else NO_FLAG,
        )

    @on(Rows.Highlighted)
    def _show_instances(self) -> None:
        group = self.groups.get(self.table.key or "")
        lines: list[Line] = []
        if group is not None:
            shown = 0
            for each in group.instances[:_INSTANCES]:
                told = wrap(_instance_line(each), self.app.size.width - 2, 23)
                if shown and len(lines) + len(told) > _INSTANCES:
                    break
                lines += told[:_INSTANCES]
                shown += 1
            rest = len(group.instances) - shown
            if rest > 0:
                lines.append(line(Span(f" and {rest} more", Tone.MUTED)))
            if not lines:
                lines.append(line(Span(" no instances", Tone.MUTED)))
        lines += [()] * (_INSTANCES + 1 - len(lines))
        self.query_one("#instances", Note).show(lines)

    def action_roll(self) -> None:
        """Ask, then replace what is out of date in the marked groups, or in the one under the cursor."""
        app = self.kops
        chosen = [name for name in self.table.selected_keys if name in self.groups]
        names = [name for name in chosen if outdated_count(self.groups[name])]
        if not names:
            self.show_notice("nothing to replace in ", Span(", ".join(chosen) or "this cluster", Tone.STRONG))
        elif self.may_start_run():
            nodes = sum(outdated_count(self.groups[name]) for name in names)
            question = rolling_update_question(
                self.cluster, names, nodes, app.session.account, app.engine.settings.operator
            )
            app.confirm(question, lambda: self._start_rolling(names))

    def _start_rolling(self, names: Sequence[str]) -> None:
        self._run = self.kops.start_run(RollRequest(self.cluster, tuple(names)))


class RollingUpdatePage(ProgressPage):
    """A rolling update under way: a row a node, and what each waits for."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("run.skip", "S", "skip", "skip", "Leave the node under the cursor as it is", rank=13),
        bind(
            "run.end_drain",
            "t",
            "end_drain",
            "end drain...",
            "Replace the node under the cursor although pods have not left it",
            rank=15,
        ),
        bind(
            "run.stop_at_once",
            "T",
            "stop_at_once",
            "stop at once...",
            "Stop without putting the nodes under way back into service",
            rank=60,
        ),
    ]
    COLUMNS: ClassVar[tuple[Column, ...]] = (
        Column("NODE", 19),
        Column("GROUP", 12, flex=1),
        Column("PHASE", 13),
        Column("FOR", 6, right=True),
        Column("NOTE", 16, flex=3),
    )
    PANE = 5
    STEPS = "nodes"
    AFTER: ClassVar[Line] = line("  ", Span("esc", Tone.KEY), " shows the groups again")

    def breadcrumbs(self) -> tuple[str, ...]:
        return ("Fleet", self.cluster, "Rolling update", self.run.subject)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("skip", "end_drain", "stop_at_once"):
            return self.run.running
        return super().check_action(action, parameters)

    def action_skip(self) -> None:
        """Leave the node under the cursor as it is."""
        node = self.table.key
        if node is not None:
            self.kops.control_run(self.run, lambda handle: handle.skip(node))
            self.show_notice(Span(node, Tone.STRONG), " is left out, unless it is too late for that")

    def action_end_drain(self) -> None:
        """Ask, then replace the node under the cursor without waiting for the pods that are left on it."""
        step = self.run.steps.get(self.table.key or "")
        if step is None or step.stage != "draining" or not step.moving:
            self.show_notice("choose a node that is draining: of the others no pods are waited for")
            return
        question = end_drain_question(self.cluster, step)
        self.kops.confirm(question, lambda: self._end_drain(step.name))

    def _end_drain(self, node: str) -> None:
        self.kops.control_run(self.run, lambda handle: handle.end_drain(node))
        self.show_notice(Span(node, Tone.STRONG), " is replaced although pods have not left it")

    def action_stop_at_once(self) -> None:
        """Ask, then end the update in the middle."""
        moving = [step for step in self.run.steps.values() if step.moving]
        self.kops.confirm(stop_at_once_question(self.cluster, moving), self._stop_at_once)

    def _stop_at_once(self) -> None:
        self.run.stopping = True
        self.kops.control_run(self.run, lambda handle: handle.stop(at_once=True))
        self.refresh_header()

    def _estimate(self) -> str:
        nodes = [step for step in self.run.steps.values() if step.group]
        left = time_left(nodes, self.kops.now())
        return f"about {duration(left)} left" if left is not None else ""

    def _activity(self) -> Line:
        return held_up(self.run.steps.values(), self.kops.now())

    def _step_lines(self, step: StepProgress) -> list[Line]:
        return step_lines(step, self.kops.now(), self.app.size.width - 2)

    def _build_row(self, step: StepProgress) -> Row[str]:
        seconds = seconds_in_phase(step, self.kops.now())
        tone = Tone.BAD if step.phase is Phase.FAILED else Tone.WARN if step.held else Tone.PLAIN
        return Row(
            step.name,
            (
                line(Span(step.name, Tone.STRONG)),
                line(Span(step.group, Tone.MUTED)),
                line(Span(phase_text(step), TONES[step.phase])),
                line(duration(seconds) if seconds else ""),
                line(Span(note_text(step), tone)),
            ),
            Span("!", Tone.WARN) if step.held else NO_FLAG,
        )


class ReconcileProgressPage(RollingUpdatePage):
    """A reconciliation under way: the steps of its applies, and the nodes of its rolling updates."""

    COLUMNS: ClassVar[tuple[Column, ...]] = (
        Column("STEP", 24, flex=2),
        Column("GROUP", 12, flex=1, least=100),
        Column("PHASE", 13),
        Column("FOR", 6, right=True),
        Column("NOTE", 16, flex=3),
    )
    STEPS = "steps"
    AFTER: ClassVar[Line] = line("  ", Span("esc", Tone.KEY), " leads back")

    def breadcrumbs(self) -> tuple[str, ...]:
        return ("Fleet", self.cluster, "Reconciliation")

    def _estimate(self) -> str:
        told = super()._estimate()
        return f"{told} in this stage" if told else ""
