"""The ways to the screens. Each screen is imported when it is first shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import App

if TYPE_CHECKING:
    from kops_tui.runs import Run


class Navigation(App[int], inherit_bindings=False):
    """An app that can show every screen."""

    def home(self) -> None:
        """Back to the fleet."""
        while len(self.screen_stack) > 2:
            self.pop_screen()

    def show_cluster(self, name: str) -> None:
        """The overview of a cluster."""
        from kops_tui.screens.cluster import ClusterPage

        self.push_screen(ClusterPage(name))

    def show_spec(self, name: str, part: str = "", *, only: str = "all") -> None:
        """The spec of a cluster, or of one of its instance groups."""
        from kops_tui.screens.spec import SpecPage

        self.push_screen(SpecPage(name, part, only=only))

    def show_plan(self, name: str) -> None:
        """What applying would change: the cluster's plan where it is open already, planned again."""
        from kops_tui.screens.plan import PlanPage

        opened = [each for each in self.screen_stack if isinstance(each, PlanPage) and each.cluster == name]
        if opened:
            while self.screen is not opened[-1]:
                self.pop_screen()
            opened[-1].plan_again()
            return
        self.push_screen(PlanPage(name))

    def show_roll(self, name: str) -> None:
        """Which nodes have to be replaced."""
        from kops_tui.screens.rolling import OutdatedNodesPage

        self.push_screen(OutdatedNodesPage(name))

    def show_run(self, run: Run) -> None:
        """An operation under way, or how it ended."""
        from kops_tui.screens.deletion import DeletionProgressPage
        from kops_tui.screens.progress import ProgressPage
        from kops_tui.screens.rolling import RollingUpdatePage

        pages = {"rolling-update": RollingUpdatePage, "delete": DeletionProgressPage}
        self.push_screen(pages.get(run.kind, ProgressPage)(run))

    def show_history(self, name: str) -> None:
        """What was done with a cluster."""
        from kops_tui.screens.history import HistoryPage

        self.push_screen(HistoryPage(name))

    def show_drift(self, name: str) -> None:
        """What is not as the spec wants it."""
        from kops_tui.screens.drift import DriftPage

        self.push_screen(DriftPage(name))

    def show_deletion(self, name: str) -> None:
        """What deleting a cluster would take along."""
        from kops_tui.screens.deletion import DeletionPage

        self.push_screen(DeletionPage(name))

    def show_keypairs(self, name: str) -> None:
        """The keypairs of a cluster."""
        from kops_tui.screens.keypairs import KeypairsPage

        self.push_screen(KeypairsPage(name))
