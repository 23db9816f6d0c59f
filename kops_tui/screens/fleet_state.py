"""What is known of the fleet: clusters, their status, the work on them, and their rows."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Generic, TypeVar

from kops_core import ClusterStatus, ClusterSummary, FleetWork
from kops_tui.screens.fleet_rows import FleetKey, FleetRow, build_row, last_of, needs_cell
from kops_tui.styled_text import age, plain
from kops_tui.widgets.rows import Row

if TYPE_CHECKING:
    from kops_core import CachedFleet

T = TypeVar("T")


class Inbox(Generic[T]):
    """What a worker has found and the screen has not taken yet. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: list[T] = []

    def add(self, found: T) -> bool:
        """Add something. Whether nothing else was waiting, so that the screen has to be told."""
        with self._lock:
            self._found.append(found)
            return len(self._found) == 1

    def take(self) -> list[T]:
        """All that has come since it was taken last."""
        with self._lock:
            found, self._found = self._found, []
            return found


class FleetState:
    """Clusters by name with all that is known of them."""

    def __init__(self, unsaved: Callable[[str], int | None]) -> None:
        """unsaved: edits of an open workspace; None if it is not open."""
        self._unsaved = unsaved
        self.summaries: dict[str, ClusterSummary] = {}
        self.statuses: dict[str, ClusterStatus] = {}
        self.broken: list[ClusterSummary] = []
        """Stores that could not be read."""
        self.work = FleetWork()
        self.planning: set[str] = set()
        """Clusters that are being planned."""
        self._old: set[str] = set()
        """Clusters whose status an earlier run has kept."""
        self._built: dict[str, tuple[FleetRow, str, Row[FleetKey]]] = {}
        """Rows as they were built last, with what they were built of and the age that they show."""

    def add_cached(self, cached: CachedFleet) -> None:
        """Take up what an earlier run has kept, where nothing newer is known."""
        for summary in cached.summaries:
            self.summaries.setdefault(summary.name, summary)
        for status in cached.statuses:
            if self.statuses.setdefault(status.name, status) is status:
                self._old.add(status.name)

    def add(self, found: ClusterSummary | ClusterStatus) -> None:
        """Take up a cluster, a store that can't be read, or the status of a cluster."""
        if isinstance(found, ClusterStatus):
            self.statuses[found.name] = found
            self._old.discard(found.name)
        elif found.name:
            self.summaries[found.name] = found
        else:
            self.broken.append(found)

    def keep_only(self, names: Collection[str]) -> None:
        """Forget clusters that are gone; those of a store that can't be read now stay."""
        there, dead = set(names), {each.store for each in self.broken}
        self.summaries = {
            name: row for name, row in self.summaries.items() if name in there or row.store in dead
        }

    def known(self, name: str) -> FleetRow:
        """What is known of a cluster."""
        summary, status = self.summaries[name], self.statuses.get(name)
        needs = self.work.needs(summary, status, unsaved=self._unsaved(name))
        return FleetRow(summary, status, needs, old=name in self._old, planning=name in self.planning)

    def all_known(self) -> list[FleetRow]:
        """What is known of each cluster, by name."""
        return [self.known(name) for name in sorted(self.summaries)]

    def rows(
        self, clusters: Iterable[FleetRow], now: datetime, passes: Callable[[str], bool] | None
    ) -> Iterator[Row[FleetKey]]:
        """The rows of clusters whose text passes; each is built again only if it has changed."""
        for known in clusters:
            name = known.summary.name
            if passes is not None and not passes(_text_of(known)):
                continue
            built, shown = self._built.get(name), age(last_of(known)[1], now)
            if built is None or built[0] != known or built[1] != shown:
                built = self._built[name] = (known, shown, build_row(known, now))
            yield built[2]


def _text_of(known: FleetRow) -> str:
    """What a filter looks at."""
    summary = known.summary
    return " ".join(
        (
            summary.name,
            summary.kubernetes_version,
            summary.cloud,
            summary.networking,
            summary.store,
            plain(needs_cell(known)),
        )
    )
