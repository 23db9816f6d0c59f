"""A backend of which one folder was listed at once, so that what a listing tells costs no call.

A plan asks for dozens of objects of a cluster: which of them exist, and whether their contents are the
desired ones. One listing with etags tells both; what has to be read is read once for each etag, if it may be
kept.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from kops_core.errors import ObjectNotFound
from kops_core.store.backend import Child, Stored
from kops_core.store.inventory import LAST, ListedObject, Listing, ListingBackend
from kops_core.store.layout import BACKUPS
from kops_core.store.object_cache import ObjectCache, read_listed


@dataclass(frozen=True)
class _Folder:
    """What the listing told."""

    objects: Mapping[str, ListedObject]
    """By key, sorted."""
    unlisted: str
    """A folder in it that was left out, with a slash at its end; "" if none was."""


class ListedBackend:
    """A Backend for reading one folder as it is now. Safe to use from several threads.

    The folder is listed when something in it is first asked for. What is written through this backend is
    read anew.
    """

    def __init__(self, below: ListingBackend, folder: str, cache: ObjectCache | None) -> None:
        """cache: of the store's objects."""
        self._below = below
        self._root = f"{folder}/"
        self._cache = cache
        self._lock = threading.Lock()
        self._listed: _Folder | None = None
        self._written: set[str] = set()

    @property
    def url(self) -> str:
        return self._below.url

    def holds(self, key: str, data: bytes) -> bool:
        """I/O the first time. Whether an object certainly has these contents.

        An ETag is the MD5 of the contents (hex) unless the object is encrypted with KMS or was uploaded in
        parts (S3 API reference, "Object").
        """
        found = self._object(key)
        digest = hashlib.md5(data, usedforsecurity=False).hexdigest()
        return found is not None and found.etag.strip('"') == digest

    def derived(self, key: str, name: str, make: Callable[[bytes], bytes]) -> bytes:
        """I/O unless it is kept. What a function makes of an object, kept by the object's etag.

        name: of the function, which must leave out what may not be kept. Raises ObjectNotFound.
        """
        kept = f"{key}#{name}"
        if self._cache is not None and (found := self._object(key)) is not None:
            known = self._cache.get(ListedObject(kept, found.etag, found.modified))
            if known is not None:
                return known.data
        stored = self.read(key)
        made = make(stored.data)
        if self._cache is not None:
            self._cache.put(Stored(kept, stored.etag, stored.modified, made))
        return made

    def keys(self, folder: str = "") -> Iterator[str]:
        if not self._covers(folder):
            yield from self._below.keys(folder)
            return
        yield from (key for key in self._folder().objects if key.startswith(f"{folder}/"))

    def children(self, folder: str = "") -> Iterator[Child]:
        if not self._covers(folder):
            yield from self._below.children(folder)
            return
        parts = (key[len(folder) + 1 :].partition("/") for key in self.keys(folder))
        yield from dict.fromkeys(Child(name, folder=bool(slash)) for name, slash, _ in parts)

    def read(self, key: str) -> Stored:
        if not self._tells_of(key):
            return self._below.read(key)
        found = self._object(key)
        if found is None:
            raise ObjectNotFound("no such object", where=f"{self.url}/{key}")
        return read_listed(self._below, found, self._cache)

    def create(self, key: str, data: bytes, *, public: bool = False) -> str:
        self._written.add(key)
        return self._below.create(key, data, public=public)

    def replace(self, key: str, data: bytes, etag: str) -> str:
        self._written.add(key)
        return self._below.replace(key, data, etag)

    def put(self, key: str, data: bytes, *, public: bool = False) -> str:
        self._written.add(key)
        return self._below.put(key, data, public=public)

    def delete(self, key: str, etag: str | None = None) -> None:
        self._written.add(key)
        self._below.delete(key, etag)

    def delete_all(self, keys: Iterable[str]) -> None:
        gone = list(keys)
        self._written.update(gone)
        self._below.delete_all(gone)

    def _tells_of(self, key: str) -> bool:
        """Whether the listing tells if there is an object of a key."""
        if not key.startswith(self._root) or key in self._written:
            return False
        left_out = self._folder().unlisted
        return not (left_out and key.startswith(left_out))

    def _object(self, key: str) -> ListedObject | None:
        """An object as it was listed; None if there is none, or if the listing does not tell."""
        return self._folder().objects.get(key) if self._tells_of(key) else None

    def _covers(self, folder: str) -> bool:
        """Whether the listing tells all that is in a folder."""
        path = f"{folder}/"
        if not path.startswith(self._root) or any(key.startswith(path) for key in self._written):
            return False
        left_out = self._folder().unlisted
        return not left_out or not (path.startswith(left_out) or left_out.startswith(path))

    def _folder(self) -> _Folder:
        with self._lock:
            if self._listed is None:
                self._listed = _list(self._below, self._root)
            return self._listed


def _list(store: Listing, root: str) -> _Folder:
    """I/O. All objects below a folder; of a long list of etcd's backups, only that it is there."""
    objects: dict[str, ListedObject] = {}
    backups = f"{root}{BACKUPS}/"
    after, more, unlisted = "", True, ""
    while more:
        page = store.list_page(root, after)
        objects |= {each.key: each for each in page.objects}
        more, after = page.more, page.objects[-1].key if page.objects else ""
        if more and after.startswith(backups):
            unlisted, after = backups, f"{backups}{LAST}"
    known = {key: each for key, each in objects.items() if not unlisted or not key.startswith(unlisted)}
    return _Folder(known, unlisted)
