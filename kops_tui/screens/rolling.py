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
from kops_tui.screens.questions import rolling_update_question
from kops_tui.styled_text import Line, Span, Tone, count, duration, line
from kops_tui.widgets.rows import Column, Row, Rows
from kops_tui.widgets.styled_lines import Note

if TYPE_CHECKING:
    from kops_core import GroupStatus

_COLUMNS = (
    Column("INSTANCE GROUP", 24, flex=2),
    Column("ROLE", 12),
    Column("MACHINE", 11, least=90),
    Column("READY", 6, right=True),
    Column("NODES", 18, flex=1),
)
_INSTANCES = 5
"""Instances of a group that are shown at once."""


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
        self.groups = {group.name: group for group in groups}
        self.refill()
        self.refresh_header()

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
                update_cell(group),
            ),
        )

    @on(Rows.Highlighted)
    def _show_instances(self) -> None:
        group = self.groups.get(self.table.key or "")
        lines: list[Line] = []
        if group is not None:
            lines = [
                line(
                    f" {each.id:<20} ",
                    f"{each.zone:<12} {each.state:<12} ",
                    Span(each.reason or "up to date", Tone.WARN if each.reason else Tone.GOOD),
                )
                for each in group.instances[:_INSTANCES]
            ]
            rest = len(group.instances) - _INSTANCES
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
    """A rolling update under way: a row a node."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("run.skip", "S", "skip", "skip", "Leave the node under the cursor as it is", rank=96),
    ]
    COLUMNS: ClassVar[tuple[Column, ...]] = (
        Column("NODE", 20),
        Column("GROUP", 16, flex=1),
        Column("PHASE", 6),
        Column("FOR", 6, right=True),
        Column("NOTE", 18, flex=3),
    )
    STEPS = "nodes"
    AFTER: ClassVar[Line] = line("  ", Span("esc", Tone.KEY), " shows the groups again")

    def breadcrumbs(self) -> tuple[str, ...]:
        return ("Fleet", self.cluster, "Rolling update", self.run.subject)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self.run.running if action == "skip" else super().check_action(action, parameters)

    def action_skip(self) -> None:
        node = self.table.key
        if node is not None:
            self.kops.control_run(self.run, lambda handle: handle.skip(node))
            self.show_notice(Span(node, Tone.STRONG), " is left out, unless it is too late for that")

    def _build_row(self, step: StepProgress) -> Row[str]:
        seconds = step.elapsed(self.kops.now())
        return Row(
            step.name,
            (
                line(Span(step.name, Tone.STRONG)),
                line(Span(step.group, Tone.MUTED)),
                line(Span(step.phase.value, TONES[step.phase])),
                line(duration(seconds) if seconds else ""),
                line(Span(step.note, Tone.BAD if step.phase is Phase.FAILED else Tone.PLAIN)),
            ),
        )
