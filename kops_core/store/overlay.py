"""A backend over another one that is never written: changes stay in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from threading import RLock

from kops_core.errors import ObjectChanged, ObjectExists, ObjectNotFound
from kops_core.store.backend import Backend, Child, Stored
from kops_core.store.memory import MemoryBackend


class OverlayBackend:
    """A Backend over another one: writes and deletions are visible through it only."""

    def __init__(self, below: Backend, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._below = below
        self._above = MemoryBackend(below.url, now=now)
        self._gone: set[str] = set()
        self._writing = RLock()

    @property
    def url(self) -> str:
        return self._below.url

    def keys(self, folder: str = "") -> Iterator[str]:
        above = set(self._above.keys(folder))
        below = (key for key in self._below.keys(folder) if key not in self._gone)
        yield from sorted(above.union(below))

    def children(self, folder: str = "") -> Iterator[Child]:
        start = len(folder) + 1 if folder else 0
        parts = (key[start:].partition("/") for key in self.keys(folder))
        yield from dict.fromkeys(Child(name, folder=bool(slash)) for name, slash, _ in parts)

    def read(self, key: str) -> Stored:
        with suppress(ObjectNotFound):
            return self._above.read(key)
        if key in self._gone:
            raise ObjectNotFound("no such object", where=f"{self.url}/{key}")
        return self._below.read(key)

    def create(self, key: str, data: bytes, *, public: bool = False) -> str:
        with self._writing:
            with suppress(ObjectNotFound):
                self.read(key)
                raise ObjectExists("the object is already there", where=f"{self.url}/{key}")
            return self.put(key, data, public=public)

    def replace(self, key: str, data: bytes, etag: str) -> str:
        with self._writing:
            self._expect(key, etag)
            return self.put(key, data)

    def put(self, key: str, data: bytes, *, public: bool = False) -> str:
        with self._writing:
            return self._above.put(key, data, public=public)

    def delete(self, key: str, etag: str | None = None) -> None:
        with self._writing:
            if etag is not None:
                self._expect(key, etag)
            self._above.delete(key)
            self._gone.add(key)

    def delete_all(self, keys: Iterable[str]) -> None:
        for key in keys:
            self.delete(key)

    def _expect(self, key: str, etag: str) -> None:
        if self.read(key).etag != etag:
            raise ObjectChanged("the object is no longer the one that was read", where=f"{self.url}/{key}")
