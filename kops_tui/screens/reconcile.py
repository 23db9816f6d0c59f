"""Reconciling: what each stage would do, and starting it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from kops_core import ReconcileRequest
from kops_tui.keys import bind
from kops_tui.ports import Workspace
from kops_tui.runs import Run
from kops_tui.screens.page import Page
from kops_tui.screens.questions import reconciliation_question
from kops_tui.styled_text import Line, Span, Tone, count, line
from kops_tui.widgets.rows import Column, Row, Rows
from kops_tui.widgets.styled_lines import Note

if TYPE_CHECKING:
    from kops_core import StagePreview

_COLUMNS = (Column("", 2, right=True), Column("STAGE", 26, flex=1), Column("WHAT", 40, flex=2))
_PANE = 9
"""Changes or groups of a stage that are shown at once."""


class ReconcilePage(Page):
    """The stages that bring a cluster to its spec: control plane, nodes, pruning."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("reconcile.start", "A", "start", "reconcile...", "Do all stages, one after the other", rank=10),
    ]

    def __init__(self, name: str) -> None:
        super().__init__()
        self.cluster = name
        self.stages: Sequence[StagePreview] = ()
        self._run: Run | None = None
        self.table: Rows[int] = Rows(_COLUMNS, empty="planning ...")
        """Stages, by number."""

    def body(self) -> ComposeResult:
        yield self.table
        yield Note([()] * _PANE, classes="pane", id="detail")

    def breadcrumbs(self) -> tuple[str, ...]:
        return ("Fleet", self.cluster, "Reconcile")

    def shell_commands(self) -> tuple[str, ...]:
        return self.in_shell("reconcile cluster", "reconcile cluster")

    def on_mount(self) -> None:
        self.reload()

    def on_screen_resume(self) -> None:
        if self._run is not None and not self._run.running:
            self._run = None
            self.reload()

    def reload(self) -> None:
        self.with_workspace(self._preview)

    def _preview(self, workspace: Workspace) -> None:
        self.run_query("planning the stages", workspace.preview_reconciliation, self._show_stages)

    def _show_stages(self, stages: Sequence[StagePreview]) -> None:
        self.stages = stages
        self.refill()

    def refill(self) -> None:
        rows = [
            Row(number, (line(str(number)), line(Span(each.stage.title, Tone.STRONG)), _describe(each)))
            for number, each in enumerate(self.stages, 1)
            if self.matches_filter(each.stage.title)
        ]
        self.table.show(rows, empty=self.empty_text("no stages"))
        self._show_detail()

    @on(Rows.Highlighted)
    def _show_detail(self) -> None:
        number = self.table.key
        lines: list[Line] = []
        if number is not None and number <= len(self.stages):
            each = self.stages[number - 1]
            lines = [line(f" {change.action.value:<8} ", str(change.key)) for change in each.changes]
            lines += [
                line(f" {name}: {count(instances, 'instance')}")
                for name, instances in (each.groups or {}).items()
            ]
        if len(lines) > _PANE:
            lines = [*lines[: _PANE - 1], line(Span(f" and {len(lines) - _PANE + 1} more", Tone.MUTED))]
        self.query_one("#detail", Note).show([*lines, *[()] * (_PANE - len(lines))])

    def action_start(self) -> None:
        """Ask, then reconcile."""
        if not any(each.changes or each.groups for each in self.stages):
            self.show_notice("there is nothing to do: it is as its spec has it")
        elif self.may_start_run():
            self.with_workspace(self._ask)

    def _ask(self, workspace: Workspace) -> None:
        if workspace.edits:
            self.show_notice(f"save or undo your {count(workspace.edits, 'unsaved edit')} first")
            return
        host = self.kops
        question = reconciliation_question(
            self.cluster, self.stages, host.session.account, host.engine.settings.operator
        )
        host.confirm(question, self._start)

    def _start(self) -> None:
        self._run = self.kops.start_run(ReconcileRequest(self.cluster))


def _describe(each: StagePreview) -> Line:
    if each.groups is None:
        what = count(len(each.changes), "change") if each.changes else "no change"
    else:
        instances = sum(each.groups.values())
        what = f"{count(instances, 'instance')} to replace" if instances else "no instance to replace"
    return line(Span(what, Tone.WARN if each.changes or each.groups else Tone.GOOD))
