"""The plan of a cluster that is not stored yet: every resource that applying it would create."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult

from kops_tui.screens.page import Page
from kops_tui.screens.plan_summary import totals
from kops_tui.screens.plan_tree import KindKey, PlanKey, TreeState, change_of, tree
from kops_tui.styled_text import Line
from kops_tui.widgets.rows import Column, Rows

if TYPE_CHECKING:
    from kops_core import Plan


class CreatePlanPage(Page):
    """A plan to look at; it can be applied once the cluster is stored."""

    def __init__(self, name: str, plan: Plan, commands: tuple[str, ...]) -> None:
        """commands: those of a shell that create the cluster."""
        super().__init__()
        self._creating = commands
        self.new_name = name
        self.plan = plan
        self.state = TreeState(folded={KindKey(change.key.kind) for change in plan.changes})
        self.table: Rows[PlanKey] = Rows((Column("CHANGE", 40, flex=1),))

    def body(self) -> ComposeResult:
        yield self.table

    def breadcrumbs(self) -> tuple[str, ...]:
        return ("Fleet", "New cluster", self.new_name, "Plan")

    def shell_commands(self) -> tuple[str, ...]:
        return self._creating

    def badge(self) -> Line:
        return totals(self.plan)

    def on_mount(self) -> None:
        self.refill()

    def on_resize(self) -> None:
        self.refill()

    def refill(self) -> None:
        rows = tree(self.plan, self.state, self.kops.glyphs, self.matches_filter, self.app.size.width - 4)
        self.table.show(rows, empty=self.empty_text("nothing would be created"))

    @on(Rows.Selected)
    def _fold_or_open(self) -> None:
        key = self.table.key
        change = change_of(key)
        if isinstance(key, KindKey):
            self.state.folded ^= {key}
        elif change is not None:
            self.state.opened ^= {change}
            self.table.move_to_key(change)
        self.refill()
