"""The work on clusters that this machine and the stores know of: operations, unsaved edits, locks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from kops_core.engine.background.operations import Operations, OperationState, OperationSummary, interrupted
from kops_core.engine.fleet.needs import Need, needs_of
from kops_core.engine.fleet.rows import ClusterStatus, ClusterSummary
from kops_core.engine.operations.cluster_lock import LockStatus, lock_status
from kops_core.engine.settings import Settings
from kops_core.engine.workspace.kept_edits import left_edits
from kops_core.errors import KopsError
from kops_core.store.lock import Lock

if TYPE_CHECKING:
    from kops_core.store.state import StateStore

_AT_ONCE = 8
"""Locks that are read at the same time."""


@dataclass(frozen=True)
class FleetWork:
    """The work on clusters, by their names."""

    operations: Mapping[str, OperationSummary] = field(default_factory=dict)
    """The operation of each that runs, or was interrupted and is not done otherwise."""
    locks: Mapping[str, LockStatus] = field(default_factory=dict)
    drafts: Mapping[str, int] = field(default_factory=dict)
    """Edits that an earlier run of the program has left unsaved."""

    def needs(
        self, summary: ClusterSummary, status: ClusterStatus | None, *, unsaved: int | None = None
    ) -> tuple[Need, ...]:
        """What a cluster needs, the most urgent first.

        unsaved: edits of its open workspace; None if it is not open.
        """
        name = summary.name
        return needs_of(
            summary,
            status,
            unsaved=self.drafts.get(name, 0) if unsaved is None else unsaved,
            operation=self.operations.get(name),
            lock=self.locks.get(name),
        )


def find_work(
    summaries: Collection[ClusterSummary],
    settings: Settings,
    operations: Operations,
    store_at: Callable[[str], StateStore],
    now: Callable[[], datetime],
) -> FleetWork:
    """I/O. The work on clusters. summaries: those whose locks are read."""
    found: list[OperationSummary] = []
    with suppress(OSError):  # a folder that can't be read has nothing to tell
        found = operations.all()
    runs = [each for each in found if each.state is OperationState.RUNNING]
    return FleetWork(
        {each.handle.cluster: each for each in (*interrupted(found, now()), *runs)},
        _locks(summaries, store_at, now),
        {each.cluster: len(each.what) for each in left_edits(settings.state_dir, settings.stores)},
    )


def _locks(
    summaries: Collection[ClusterSummary], store_at: Callable[[str], StateStore], now: Callable[[], datetime]
) -> dict[str, LockStatus]:
    """I/O. The locks that somebody holds; those that can't be read are left out."""

    def read(each: ClusterSummary) -> LockStatus | None:
        with suppress(KopsError):
            holder = Lock(store_at(each.store).backend, each.name, now=now).holder()
            return lock_status(holder, now()) if holder is not None else None
        return None

    with ThreadPoolExecutor(_AT_ONCE, "lock") as pool:
        found = zip(summaries, pool.map(read, summaries), strict=True)
        return {summary.name: lock for summary, lock in found if lock is not None}
