"""The state stores of a run: opened when first needed, read in parallel."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from queue import SimpleQueue

from kops_core.engine.fleet.rows import ClusterSummary
from kops_core.engine.fleet.summary import summary_of
from kops_core.engine.settings import Settings
from kops_core.errors import KopsError, ObjectNotFound, UsageError
from kops_core.store import layout
from kops_core.store.aws_login import AwsLogin
from kops_core.store.file import FileBackend
from kops_core.store.open import open_store
from kops_core.store.settings import StoreSettings
from kops_core.store.state import Accept, StateStore, StoredCluster, Unreadable


class Stores:
    """All configured stores by URL. Safe to use from several threads."""

    def __init__(
        self, settings: Settings, now: Callable[[], datetime], accept: Accept, login: AwsLogin
    ) -> None:
        """accept: validates specs before they are stored; raises InvalidSpec."""
        self._settings = settings
        self._accept = accept
        self._login = login
        self._now = now
        self._open: dict[str, StateStore] = {}
        self._lock = threading.Lock()

    def at(self, url: str) -> StateStore:
        """The store at a URL. Raises UsageError or StoreError if it can't be opened."""
        with self._lock:
            if url not in self._open:
                backend = open_store(url, StoreSettings.of(self._settings.environment, self._login))
                self._open[url] = StateStore(
                    backend,
                    author=self._settings.operator,
                    now=self._now,
                    accept=self._accept,
                    command=self._settings.command,
                )
            return self._open[url]

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
        raise ObjectNotFound(
            f"there is no cluster {cluster}",
            where=", ".join(urls),
            remedy="list them with: kops-tui get clusters",
        )

    def names(self) -> list[str]:
        """The names of the clusters of every store. Raises StoreError, UsageError."""
        return [name for url in self._urls() for name in self.at(url).clusters()]

    def clusters(self) -> Iterator[ClusterSummary]:
        """Every cluster of every store as it is read, in no order.

        A store that can't be read is a row without a name and with an error; it does not delay others.
        """
        rows: SimpleQueue[ClusterSummary | None] = SimpleQueue()
        urls = self._urls()
        with ThreadPoolExecutor(len(urls), thread_name_prefix="fleet") as pool:
            for url in urls:
                pool.submit(self._read_into, rows, url)
            left = len(urls)
            while left:
                row = rows.get()
                if row is None:
                    left -= 1
                else:
                    yield row

    def _read_into(self, rows: SimpleQueue[ClusterSummary | None], url: str) -> None:
        try:
            store = self.at(url)
            if isinstance(store.backend, FileBackend):
                store.backend.expect_there()
            for stored in store.read_all():
                rows.put(summary_of(url, stored, applied=_applied(store, stored)))
        except KopsError as error:
            rows.put(ClusterSummary(url, "", error=str(error)))
        finally:
            rows.put(None)

    def _urls(self) -> tuple[str, ...]:
        if not self._settings.stores:
            raise UsageError("no state store", remedy="give --state URL or set KOPS_STATE_STORE")
        return self._settings.stores


def _applied(store: StateStore, stored: StoredCluster | Unreadable) -> bool:
    return any(child.name == layout.COMPLETED for child in store.backend.children(stored.name))
