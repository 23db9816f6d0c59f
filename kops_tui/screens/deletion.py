"""Deleting a cluster: what is deleted, retained and in the way; then the progress of the deletion."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from kops_core import STATE, Action, DeleteRequest, plan_to_json
from kops_tui.keys import bind
from kops_tui.screens.page import Page
from kops_tui.screens.plan_details import TONES
from kops_tui.screens.plan_tree import ChangeKey, PlanKey, TreeState, tree
from kops_tui.screens.progress import ProgressPage
from kops_tui.screens.questions import deletion_question
from kops_tui.styled_text import Line, Span, Tone, count, joined, line
from kops_tui.widgets.rows import Column, Row, Rows

if TYPE_CHECKING:
    from kops_core import Plan
    from kops_tui.ports import Deletion


class DeletionPage(Page):
    """The plan that deletes a cluster."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("delete.delete", "D", "delete", "delete...", "Delete the cluster; asks for its name", rank=10),
    ]

    def __init__(self, name: str) -> None:
        super().__init__()
        self.cluster = name
        self.deletion: Deletion | None = None
        self.plan: Plan | None = None
        self.table: Rows[PlanKey] = Rows(
            (Column("CHANGE", 40, flex=1),), empty="looking for what belongs to it ..."
        )

    def body(self) -> ComposeResult:
        yield self.table

    def breadcrumbs(self) -> tuple[str, ...]:
        return ("Fleet", self.cluster, "Delete")

    def badge(self) -> Line:
        plan = self.plan
        if plan is None:
            return ()
        words = [
            line(Span(f"{plan.count(action)} {action.value}", TONES[action]))
            for action in (Action.DELETE, Action.RETAIN, Action.BLOCKED)
            if plan.count(action)
        ]
        return joined(words, f" {self.kops.glyphs.dot} ")

    def shell_commands(self) -> tuple[str, ...]:
        return self.in_shell("delete cluster", "delete cluster")

    def on_mount(self) -> None:
        self.reload()

    def reload(self) -> None:
        self.run_query("looking for what belongs to it", self._find_resources, self._show_resources)

    def _find_resources(self) -> tuple[Deletion, Plan]:
        deletion = self.kops.engine.deletion(self.cluster)
        return deletion, deletion.plan()

    def _show_resources(self, answer: tuple[Deletion, Plan]) -> None:
        self.deletion, self.plan = answer
        self.refill()
        self.refresh_header()

    def refill(self) -> None:
        rows: list[Row[PlanKey]] = []
        if self.plan is not None:
            # Each object of the state that goes is shown by its key.
            opened = {ChangeKey.of(change) for change in self.plan.changes if change.key.kind == STATE}
            state, width = TreeState(opened=opened), self.app.size.width - 4
            rows = tree(self.plan, state, self.kops.glyphs, self.matches_filter, width)
        self.table.show(rows, empty=self.empty_text("it has nothing in the cloud"))

    def on_resize(self) -> None:
        self.refill()

    def action_delete(self) -> None:
        """Ask for the cluster's name, then delete it."""
        app = self.kops
        if self.plan is None or self.deletion is None:
            self.show_notice("it is still being looked for")
        elif not self.may_start_run():
            return
        elif self.deletion.protected():
            self.show_notice(Span("protected: ", Tone.WARN), f"kops-tui protect cluster {self.cluster} --off")
        elif self.plan.count(Action.BLOCKED):
            self.show_notice(
                Span(count(self.plan.count(Action.BLOCKED), "resource"), Tone.WARN),
                " of others in the way: their notes say what to do",
            )
        else:
            question = deletion_question(self.plan, app.session.account, app.engine.settings.operator)
            app.confirm(question, self._start_deletion)

    def _start_deletion(self) -> None:
        plan = self.plan
        if plan is None:
            return
        keys_in = tuple(change.confirm for change in plan.pending if change.confirm)
        self.kops.start_run(DeleteRequest(self.cluster, expected=plan_to_json(plan), keys_in=keys_in))


class DeletionProgressPage(ProgressPage):
    """A deletion under way."""

    STEPS = "steps"
    AFTER: ClassVar[Line] = line("  ", Span("esc", Tone.KEY), " leads back to the fleet")

    def breadcrumbs(self) -> tuple[str, ...]:
        return ("Fleet", self.cluster, "Delete", "deleting" if self.run.running else "ended")

    def back(self) -> bool:
        if super().back():
            return True
        ended = self.run.finished
        if ended is not None and ended.ok:  # the screens below are about a cluster that is gone
            self.kops.home()
            return True
        return False
