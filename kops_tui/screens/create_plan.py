"""The plan of a cluster that is not stored yet: every resource that applying it would create."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kops_tui.screens.plan_tree import KindKey
from kops_tui.screens.plan_view import PlanView
from kops_tui.styled_text import Line, Span, Tone, line

if TYPE_CHECKING:
    from kops_core import Plan


class CreatePlanPage(PlanView):
    """A plan to look at; it can be applied once the cluster is stored."""

    def __init__(self, name: str, plan: Plan, commands: tuple[str, ...]) -> None:
        """commands: those of a shell that create the cluster."""
        super().__init__("")  # there is no cluster yet that other screens could show
        self._creating = commands
        self._new_name = name
        self._plan = plan
        self.state.folded = {KindKey(change.key.kind) for change in plan.changes}

    @property
    def plan(self) -> Plan:
        return self._plan

    def breadcrumbs(self) -> tuple[str, ...]:
        return ("Fleet", "New cluster", self._new_name, "Plan")

    def shell_commands(self) -> tuple[str, ...]:
        return self._creating

    def summary_lines(self, plan: Plan) -> list[Line]:
        return [line(Span(" what applying it would create, once it is stored", Tone.MUTED))]

    def on_mount(self) -> None:
        self.refill()

    def reload(self) -> None:
        self.refill()
