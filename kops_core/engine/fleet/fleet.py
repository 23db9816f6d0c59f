"""The clusters of all configured stores: their rows, their status in the cloud, and the work on them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from kops_core.engine.fleet.rows import ClusterStatus, ClusterSummary
from kops_core.engine.settings import Settings
from kops_core.engine.stores import Stores
from kops_core.errors import KopsError

if TYPE_CHECKING:
    from kops_core.engine.background.operations import Operations
    from kops_core.engine.clouds import Clouds
    from kops_core.engine.fleet.cache import FleetCache
    from kops_core.engine.fleet.work import FleetWork
    from kops_core.engine.workspace.workspace import Workspace

# It is shown before anything is planned, so modules that only plans need are imported late.


class Fleet:
    """All clusters. Safe to use from several threads."""

    def __init__(
        self,
        settings: Settings,
        stores: Stores,
        *,
        clouds: Callable[[], Clouds],
        operations: Callable[[], Operations],
        open_: Callable[[str], Workspace],
        now: Callable[[], datetime],
    ) -> None:
        """clouds, operations: made when they are needed first. open_: opens the workspace of a cluster."""
        self._settings = settings
        self._stores = stores
        self._clouds = clouds
        self._operations = operations
        self._open = open_
        self._now = now

    @cached_property
    def cache(self) -> FleetCache:
        """The clusters as they were read before, on disk."""
        from kops_core.engine.fleet.cache import FleetCache

        settings = self._settings
        endpoint = settings.environment.get("AWS_ENDPOINT_URL", "")
        return FleetCache(settings.cache_dir, settings.stores, endpoint)

    def clusters(self, *, groups: bool = True) -> Iterator[ClusterSummary]:
        """I/O. All clusters of all stores as they are read; a store that fails is a row without a name.

        groups: whether their instance groups are read, too.
        """
        return self._stores.clusters(groups=groups)

    def names(self) -> list[str]:
        """I/O. The names of the clusters of all stores; reads none of them. Raises StoreError, UsageError."""
        return self._stores.names()

    def status(self, name: str) -> ClusterStatus:
        """I/O. The status of a cluster by a plan of it. Errors are in the status."""
        from kops_core.engine.fleet.status import status_of

        status = self._blank_status(name)
        try:
            workspace = self._open(name)
            return status_of(status, workspace.plan(causes=False).plan, workspace.groups())
        except KopsError as error:
            return replace(status, error=str(error))

    def glances(self, summaries: Collection[ClusterSummary]) -> Iterator[ClusterStatus]:
        """I/O. The status of clusters by a glance: each account and region is asked once for all of them.

        Errors are in the statuses.
        """
        from kops_core.engine.fleet.status import glances

        return glances(summaries, self._clouds(), self._stores.edited_since_applied, self._blank_status)

    def work(self, summaries: Collection[ClusterSummary]) -> FleetWork:
        """I/O. Who works on clusters: operations of this machine, edits left unsaved, and locks.

        summaries: the clusters whose locks are read.
        """
        from kops_core.engine.fleet.work import find_work

        return find_work(summaries, self._settings, self._operations(), self._stores.at, self._now)

    def _blank_status(self, name: str) -> ClusterStatus:
        from kops_core.engine.operations.history import past_operations

        past = past_operations(self._settings.journals, name)
        last = past[0] if past else None
        return ClusterStatus(
            name,
            self._now(),
            last_operation=f"{last.what} {last.result}" if last else "",
            last_operation_at=last.at if last else None,
        )
