"""The state stores of a run: opened when first needed, read in parallel."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from queue import SimpleQueue

from kops_core.engine.fleet.rows import ClusterSummary
from kops_core.engine.fleet.summary import summary_of
from kops_core.engine.settings import Settings
from kops_core.errors import KopsError, ObjectNotFound, UsageError
from kops_core.store import layout
from kops_core.store.applied_state import recorded_at
from kops_core.store.file import FileBackend
from kops_core.store.object_cache import ObjectCache
from kops_core.store.open import StoreOpener
from kops_core.store.reading import StoredCluster
from kops_core.store.state import Accept, StateStore


class Stores:
    """All configured stores by URL. Safe to use from several threads."""

    def __init__(
        self, settings: Settings, now: Callable[[], datetime], accept: Accept, opener: StoreOpener
    ) -> None:
        """accept: validates specs before they are stored; raises InvalidSpec."""
        self._settings = settings
        self._accept = accept
        self._opener = opener
        self._now = now
        self._open: dict[str, StateStore] = {}
        self._lock = threading.Lock()

    def at(self, url: str) -> StateStore:
        """The store at a URL. Raises UsageError or StoreError if it can't be opened."""
        with self._lock:
            if url not in self._open:
                self._open[url] = StateStore(
                    self._opener.open(url),
                    author=self._settings.operator,
                    now=self._now,
                    accept=self._accept,
                    command=self._settings.command,
                    cache=self._cache_of(url),
                )
            return self._open[url]

    def _cache_of(self, url: str) -> ObjectCache | None:
        settings = self._settings
        if settings.cache_dir == Path():
            return None
        # Another service may have a bucket of the same name.
        endpoint = settings.environment.get("S3_ENDPOINT") or settings.environment.get("AWS_ENDPOINT_URL", "")
        return ObjectCache(settings.cache_dir, f"{endpoint} {url}")

    def read(self, cluster: str, *, whatever: bool = False) -> tuple[StateStore, StoredCluster]:
        """I/O. A cluster, and the store that has it. Raises as ``holding`` and ``read_cluster`` do."""
        urls = self._urls()
        store = self.at(urls[0]) if len(urls) == 1 else self.holding(cluster)
        try:
            return store, store.read_cluster(cluster, whatever=whatever)
        except ObjectNotFound as error:
            raise _no_cluster(cluster, urls) from error

    def first(self) -> StateStore:
        """The store of commands. Raises UsageError if none is configured."""
        return self.at(self._urls()[0])

    def holding(self, cluster: str) -> StateStore:
        """The store that has a cluster. Raises ObjectNotFound if none does.

        A store that fails does not hide clusters of others; if none has the cluster, its error is raised.
        """
        urls = self._urls()
        failed: KopsError | None = None
        for url in urls:
            try:
                store = self.at(url)
                store.backend.read(f"{cluster}/{layout.CONFIG}")
            except ObjectNotFound:
                continue
            except KopsError as error:
                failed = failed or error
                continue
            return store
        if failed is not None:
            raise failed
        raise _no_cluster(cluster, urls)

    def names(self) -> list[str]:
        """The names of the clusters of every store. Raises StoreError, UsageError."""
        return [name for url in self._urls() for name in self.at(url).clusters()]

    def clusters(self, *, groups: bool = True) -> Iterator[ClusterSummary]:
        """Every cluster of every store as it is read, in no order.

        groups: whether their instance groups are read, too. A store that can't be read is a row without a
        name and with an error; it does not delay others.
        """
        rows: SimpleQueue[ClusterSummary | None] = SimpleQueue()
        urls = self._urls()
        with ThreadPoolExecutor(len(urls), thread_name_prefix="fleet") as pool:
            reading = [pool.submit(self._read_into, rows, url, groups=groups) for url in urls]
            left = len(urls)
            while left:
                row = rows.get()
                if row is None:
                    left -= 1
                else:
                    yield row
            for each in reading:
                each.result()  # a fault of the program is no empty fleet

    def _read_into(self, rows: SimpleQueue[ClusterSummary | None], url: str, *, groups: bool) -> None:
        try:
            store = self.at(url)
            if isinstance(store.backend, FileBackend):
                store.backend.expect_there()
            for stored in store.read_all(groups=groups):
                rows.put(summary_of(url, stored))
        except KopsError as error:
            rows.put(ClusterSummary(url, "", error=str(error)))
        finally:
            rows.put(None)

    def edited_since_applied(self, summary: ClusterSummary) -> bool:
        """I/O if it is not certain. Whether specs were written after the last apply. Raises StoreError.

        kOps writes the completed spec at each apply, this program only if it changed: its record tells.
        """
        changed, applied = summary.changed_at, summary.applied_at
        if changed is None or applied is None or changed <= applied:
            return False
        recorded = recorded_at(self.at(summary.store).backend, summary.name)
        return recorded is None or changed > recorded

    def _urls(self) -> tuple[str, ...]:
        if not self._settings.stores:
            raise UsageError("no state store", remedy="give --state URL or set KOPS_STATE_STORE")
        return self._settings.stores


def _no_cluster(cluster: str, urls: Sequence[str]) -> ObjectNotFound:
    return ObjectNotFound(
        f"there is no cluster {cluster}",
        where=", ".join(urls),
        remedy="list them with: kops-tui get clusters",
    )
