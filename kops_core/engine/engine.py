"""The engine over the configured stores: the fleet, and clusters opened to be worked on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from kops_core.engine.fleet import ClusterSummary
from kops_core.engine.settings import Settings
from kops_core.engine.stores import Stores
from kops_core.engine.workspace import Workspace
from kops_core.errors import Refused


class Engine:
    """What the screens and the commands talk to. Safe to use from several threads."""

    def __init__(
        self, settings: Settings, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self.settings = settings
        self.stores = Stores(settings, now)
        self.now = now

    def clusters(self) -> Iterator[ClusterSummary]:
        """I/O. Every cluster of every store as it is read; a store that fails is a row without a name."""
        return self.stores.clusters()

    def open(self, name: str) -> Workspace:
        """I/O. A cluster to be worked on. Raises ObjectNotFound, InvalidSpec, CloudError."""
        return Workspace.open(self, name)

    def expect_write(self, what: str) -> None:
        """Raises Refused unless this run may change things."""
        if not self.settings.write:
            raise Refused(
                f"this session is read-only, so it will not {what}",
                remedy="start kops-tui with --write to change things",
            )
