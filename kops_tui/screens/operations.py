"""The operations of this machine and user, to attach to; interrupted ones go on, or are cleaned up after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from kops_core import OperationState, OperationSummary, RollingSettings, RollRequest
from kops_tui.dialogs.confirm import Question
from kops_tui.keys import bind
from kops_tui.messages import RunUpdated
from kops_tui.runs import describe_stop, last_sign
from kops_tui.screens.page import Page
from kops_tui.styled_text import Line, Span, Tone, age, ago, line, wrap
from kops_tui.widgets.rows import NO_FLAG, Column, Row, Rows
from kops_tui.widgets.styled_lines import Note

_COLUMNS = (
    Column("STATE", 11, sort=1),
    Column("OPERATION", 20, flex=1, sort=1),
    Column("CLUSTER", 20, flex=2, sort=1),
    Column("DONE", 9, right=True),
    Column("AGE", 4, right=True),
    Column("BY", 12, flex=1, least=90),
)
_TONES = {
    OperationState.RUNNING: Tone.STRONG,
    OperationState.FINISHED: Tone.GOOD,
    OperationState.FAILED: Tone.BAD,
    OperationState.INTERRUPTED: Tone.WARN,
}
_PANE = 4
"""Lines about the operation under the cursor."""
_MARKS_NODES = frozenset({"rolling-update", "delete-instance", "reconcile"})
"""Kinds of operations that leave taints, cordons and detached instances when they are interrupted."""


class OperationsPage(Page):
    """What was started on this machine, newest first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("operations.attach", "a", "attach", "attach", "Follow it from its first step on", rank=10),
        bind(
            "operations.resume",
            "A",
            "resume",
            "go on...",
            "Go on with what was interrupted or failed",
            rank=12,
        ),
        bind(
            "operations.clean",
            "c",
            "clean",
            "clean up...",
            "Undo what an interrupted roll did to nodes",
            rank=14,
        ),
    ]

    def __init__(self, cluster: str = "") -> None:
        """cluster: only operations on this one; "" for all."""
        super().__init__()
        self.cluster = cluster
        self.found: dict[str, OperationSummary] = {}
        """By id."""
        self.table: Rows[str] = Rows(_COLUMNS, empty="reading the operations ...")
        """Operations, by id."""

    def body(self) -> ComposeResult:
        yield self.table
        yield Note([()] * _PANE, classes="pane", id="detail")

    def breadcrumbs(self) -> tuple[str, ...]:
        return ("Fleet", *([self.cluster] if self.cluster else []), "Operations")

    def badge(self) -> Line:
        states = [each.state for each in self.found.values()]
        running, lost = states.count(OperationState.RUNNING), states.count(OperationState.INTERRUPTED)
        told = [f"{running} running" if running else "", f"{lost} interrupted" if lost else ""]
        return line(Span(", ".join(each for each in told if each), Tone.WARN if lost else Tone.STRONG))

    def shell_commands(self) -> tuple[str, ...]:
        id_ = self.table.key or "ID"
        return (
            f"kops-tui operations {self.cluster}".rstrip(),
            f"kops-tui attach {id_}",
            f"kops-tui attach {id_} --resume",
        )

    def on_screen_resume(self) -> None:
        self.reload()

    def reload(self) -> None:
        self.run_query("reading the operations", self.kops.engine.operations.all, self._show_operations)

    def _show_operations(self, found: Sequence[OperationSummary]) -> None:
        self.found = {each.handle.id: each for each in found if self.cluster in ("", each.handle.cluster)}
        self.refill()
        self.refresh_header()

    @on(RunUpdated)
    def _show_update(self, message: RunUpdated) -> None:
        """Bring the row of an operation up to date that this program follows."""
        run = message.run
        each = self.found.get(run.handle.id) if run.handle is not None else None
        if each is None or not self.is_current:
            return
        if not run.running:
            self.reload()
        else:
            self.found[each.handle.id] = replace(each, state=OperationState.RUNNING, progress=run)
            self.table.update_row(self._build_row(self.found[each.handle.id]))

    def refill(self) -> None:
        rows = [
            self._build_row(each)
            for each in self.found.values()
            if self.matches_filter(
                each.state.value, each.handle.kind, each.handle.subject, each.handle.cluster, each.handle.by
            )
        ]
        self.table.show(rows, empty=self.empty_text("nothing was started on this machine"))
        self.refresh_bindings()
        self._show_detail()

    def _build_row(self, each: OperationSummary) -> Row[str]:
        handle, progress = each.handle, each.progress
        about = handle.subject if handle.subject != handle.cluster else ""
        lost = each.state is OperationState.INTERRUPTED
        return Row(
            handle.id,
            (
                line(Span(each.state.value, _TONES[each.state])),
                line(Span(handle.kind, Tone.STRONG), Span(f"  {about}" if about else "", Tone.MUTED)),
                line(handle.cluster),
                line(f"{progress.done}/{progress.total}" if progress.started else "-"),
                line(Span(age(handle.at, self.kops.now()), Tone.MUTED)),
                line(handle.by),
            ),
            Span("!", Tone.WARN) if lost else NO_FLAG,
        )

    @property
    def _chosen(self) -> OperationSummary | None:
        return self.found.get(self.table.key or "")

    @on(Rows.Highlighted)
    def _show_detail(self) -> None:
        each = self._chosen
        lines: list[Line] = []
        if each is not None:
            handle, now = each.handle, self.kops.now()
            lines.append(
                line(
                    " ",
                    Span(f"{handle.kind} of {handle.cluster}", Tone.STRONG),
                    f"  started {handle.at:%Y-%m-%d %H:%M} by {handle.by}",
                    Span(f"  {handle.id}", Tone.MUTED),
                )
            )
            lines += wrap(line(f" {self._describe(each)}"), self.app.size.width - 2, 1)
            moving = [step for step in each.progress.steps.values() if step.moving]
            lines += [
                line(Span(" in the middle of  ", Tone.MUTED), f"{step.name}  {step.note}") for step in moving
            ]
            if each.state is OperationState.RUNNING and not moving:
                lines.append(line(Span(f" last heard of {ago(last_sign(each), now)}", Tone.MUTED)))
        self.query_one("#detail", Note).show([*lines, *[()] * _PANE][:_PANE])

    def _describe(self, each: OperationSummary) -> str:
        """What there is to say of an operation, as a sentence."""
        if each.state is OperationState.RUNNING:
            paused = each.progress.paused_for or ("as asked" if each.progress.paused else "")
            return f"paused: {paused}" if paused else f"{each.progress.done} of {each.progress.total} done"
        if each.state is OperationState.INTERRUPTED:
            cleans = ", c cleans up" if each.handle.kind in _MARKS_NODES else ""
            return f"{self._tell_state(each)}: A goes on{cleans}"
        return self._tell_state(each)

    def _tell_state(self, each: OperationSummary) -> str:
        """How an operation ended."""
        if each.state is OperationState.INTERRUPTED:
            return describe_stop(each, self.kops.now())
        return each.message.partition("\n")[0]

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("attach", "resume", "clean"):
            return bool(self.table.rows)
        return super().check_action(action, parameters)

    @on(Rows.Selected)
    def action_attach(self) -> None:
        """Show the operation under the cursor, as if it had never been left."""
        each = self._chosen
        if each is not None:
            self.kops.open_run(self.kops.attach_run(each.handle))

    def action_resume(self) -> None:
        """Ask, then start an operation again that was interrupted or failed; it goes on where it stopped."""
        each = self._chosen
        if each is None or not self._may_start(each):
            return
        handle = each.handle
        self.kops.confirm(
            Question(
                f"Go on with the {handle.kind} of {handle.cluster}?",
                (
                    line(self._tell_state(each)),
                    line("It plans anew, and does what is left."),
                    line(Span("where  ", Tone.MUTED), self.kops.session.account),
                    line(Span("who    ", Tone.MUTED), self.kops.engine.settings.operator),
                ),
                yes="go on",
                typed="" if handle.kind == "apply" else handle.cluster,
            ),
            partial(self._resume, each),
        )

    def _resume(self, each: OperationSummary) -> None:
        self.kops.resume_run(each.handle)

    def action_clean(self) -> None:
        """Ask, then undo what an interrupted roll did to nodes: taints, cordons, detached instances."""
        each = self._chosen
        if each is None or not self._may_start(each):
            return
        handle = each.handle
        if handle.kind not in _MARKS_NODES:
            self.show_notice(
                f"the {handle.kind} marks no nodes: what it did, it did whole. A goes on with it"
            )
            return
        self.kops.confirm(
            Question(
                f"Clean up after the {handle.kind} of {handle.cluster}?",
                (
                    line(self._tell_state(each)),
                    line(
                        "Replaces nothing: takes away the taints, cordons and labels that it left on nodes,"
                    ),
                    line("and ends it, so that it is not gone on with."),
                    line(Span("where  ", Tone.MUTED), self.kops.session.account),
                    line(Span("who    ", Tone.MUTED), self.kops.engine.settings.operator),
                ),
                yes="clean up",
                typed=handle.cluster,
            ),
            partial(self._clean_up, each),
        )

    def _clean_up(self, each: OperationSummary) -> None:
        self.kops.start_run(clean_up_request(each))

    def _may_start(self, each: OperationSummary) -> bool:
        """Whether an operation may be started again; if not, the operator is told why."""
        if not self.may_write():
            return False
        if each.state not in (OperationState.INTERRUPTED, OperationState.FAILED):
            self.show_notice(f"it is {each.state.value}: there is nothing to go on with")
            return False
        newer = next(other for other in self.found.values() if other.handle.cluster == each.handle.cluster)
        if newer.handle.id != each.handle.id:
            self.show_notice(
                f"something was started on {each.handle.cluster} after it: "
                f"{newer.handle.kind}, {newer.state.value}"
            )
            return False
        if self.kops.running_on(each.handle.cluster) is not None:
            self.show_notice(
                "something is running already on this cluster: ", Span("F2", Tone.KEY), " shows it"
            )
            return False
        return True


def clean_up_request(each: OperationSummary) -> RollRequest:
    """What undoes the marks of an interrupted operation on nodes, in the groups that it was about."""
    request = each.handle.request
    if isinstance(request, RollRequest):
        return replace(request, settings=replace(request.settings or RollingSettings(), clean_up=True))
    return RollRequest(each.handle.cluster, settings=RollingSettings(clean_up=True))
