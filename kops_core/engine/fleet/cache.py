"""The rows of the fleet on disk, so that the next start shows them at once; also for completing names."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from kops_core.engine.fleet.rows import ClusterStatus, ClusterSummary
from kops_core.operations.plain_data import from_json, to_json
from kops_core.store.cache_files import write_cached

_VERSION: Final = 1
"""Of the file's form; files of another one are as if there were none."""


@dataclass(frozen=True)
class CachedFleet:
    """The fleet as it was read before."""

    read_at: datetime
    """When the stores were read (UTC)."""
    summaries: tuple[ClusterSummary, ...]
    """Clusters that could be listed, those with an unreadable spec included."""
    statuses: tuple[ClusterStatus, ...] = ()
    """Of those whose cloud has answered."""
    version: int = _VERSION


class FleetCache:
    """The cached fleet of some stores. A cache that can't be read or written is as if it were empty."""

    def __init__(self, folder: Path, stores: Sequence[str], endpoint: str = "") -> None:
        """folder: the cache folder; ``Path()`` keeps nothing.

        endpoint: of the service that is asked instead of the public one; their fleets are not mixed up.
        """
        name = hashlib.sha256("\n".join([endpoint, *stores]).encode()).hexdigest()[:20]
        self._file = folder / "fleet" / f"{name}.json" if folder != Path() else None

    def read(self) -> CachedFleet | None:
        """I/O. The fleet as it was kept; None if it was not."""
        if self._file is None:
            return None
        try:
            found = from_json(self._file.read_bytes(), CachedFleet)
        except (OSError, ValueError):
            return None
        return found if found.version == _VERSION else None

    def write(
        self, read_at: datetime, summaries: Collection[ClusterSummary], statuses: Collection[ClusterStatus]
    ) -> None:
        """I/O. Keeps the fleet in place of the one before."""
        if self._file is not None:
            with suppress(OSError):
                kept = CachedFleet(read_at, tuple(summaries), tuple(statuses))
                write_cached(self._file, to_json(kept))
