"""A backend in memory, for tests and ``memfs://``."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from threading import Lock

from kops_core.errors import ObjectChanged, ObjectExists, ObjectNotFound
from kops_core.store.backend import Child, Stored, checked
from kops_core.store.fence import expect_held


class MemoryBackend:
    """A Backend in memory. ``now`` dates the objects."""

    def __init__(
        self, url: str = "memfs://store", *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._url = url.rstrip("/")
        self._now = now
        self._lock = Lock()
        self._objects: dict[str, Stored] = {}

    @property
    def url(self) -> str:
        return self._url

    def keys(self, folder: str = "") -> Iterator[str]:
        prefix = f"{folder}/" if folder else ""
        with self._lock:
            found = sorted(key for key in self._objects if key.startswith(prefix))
        yield from found

    def children(self, folder: str = "") -> Iterator[Child]:
        start = len(folder) + 1 if folder else 0
        seen: set[Child] = set()
        for key in self.keys(folder):
            name, slash, _ = key[start:].partition("/")
            child = Child(name, folder=bool(slash))
            if child not in seen:
                seen.add(child)
                yield child

    def read(self, key: str) -> Stored:
        with self._lock:
            return self._there(key)

    def create(self, key: str, data: bytes, *, public: bool = False) -> str:
        expect_held()
        with self._lock:
            if key in self._objects:
                raise ObjectExists("the object is already there", where=self._where(key))
            return self._put_object(key, data)

    def replace(self, key: str, data: bytes, etag: str) -> str:
        expect_held()
        with self._lock:
            self._expect(key, etag)
            return self._put_object(key, data)

    def put(self, key: str, data: bytes, *, public: bool = False) -> str:
        expect_held()
        with self._lock:
            return self._put_object(key, data)

    def delete(self, key: str, etag: str | None = None) -> None:
        expect_held()
        with self._lock:
            if etag is not None:
                self._expect(key, etag)
            self._objects.pop(key, None)

    def delete_all(self, keys: Iterable[str]) -> None:
        for key in keys:
            self.delete(key)

    def _there(self, key: str) -> Stored:
        if key not in self._objects:
            raise ObjectNotFound("no such object", where=self._where(key))
        return self._objects[key]

    def _expect(self, key: str, etag: str) -> None:
        if self._there(key).etag != etag:
            raise ObjectChanged("the object is no longer the one that was read", where=self._where(key))

    def _put_object(self, key: str, data: bytes) -> str:
        etag = hashlib.sha256(data).hexdigest()
        self._objects[checked(key)] = Stored(key, etag, self._now(), bytes(data))
        return etag

    def _where(self, key: str) -> str:
        return f"{self._url}/{key}"
