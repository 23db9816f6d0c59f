"""The interface of storage backends: files, S3 or memory below kOps' layout.

Writes are conditional. An object is created only if it does not exist, and replaced only if it is unchanged
since it was read, so two writers never lose an update. Keys are relative to the store's root, with ``/``
between folders and none at either end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from kops_core.errors import UsageError


@dataclass(frozen=True)
class Stored:
    """An object as it was read."""

    key: str
    etag: str
    """Opaque; equal for equal content. What ``replace`` and ``delete`` are conditional on."""
    modified: datetime
    """When it was stored (UTC)."""
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class Child:
    """An entry of one folder."""

    name: str
    """Last part of the key, without a slash."""
    folder: bool


class Backend(Protocol):
    """A store of objects. Safe to use from several threads.

    Every method raises StoreError when the store can't be reached or refuses.
    """

    @property
    def url(self) -> str:
        """The root of the store, e.g. ``s3://kops-state/team`` (no slash at the end)."""
        ...

    def keys(self, folder: str = "") -> Iterator[str]:
        """Every key below a folder, read page by page as the iterator advances. No folder, no keys."""
        ...

    def children(self, folder: str = "") -> Iterator[Child]:
        """The entries directly in a folder, read page by page. No folder, no children."""
        ...

    def read(self, key: str) -> Stored:
        """Raises ObjectNotFound."""
        ...

    def create(self, key: str, data: bytes, *, public: bool = False) -> str:
        """Stores a new object; its etag. Raises ObjectExists. ``public``: readable by everyone."""
        ...

    def replace(self, key: str, data: bytes, etag: str) -> str:
        """Replaces the object with this etag; the new etag.

        Raises ObjectChanged if it was changed meanwhile, ObjectNotFound if it is gone.
        """
        ...

    def put(self, key: str, data: bytes, *, public: bool = False) -> str:
        """Stores unconditionally: for files that are computed from others."""
        ...

    def delete(self, key: str, etag: str | None = None) -> None:
        """Removes an object; without an etag, a missing one is no error.

        With an etag: raises ObjectChanged if it was changed meanwhile, ObjectNotFound if it is gone.
        """
        ...

    def delete_all(self, keys: Iterable[str]) -> None:
        """Removes many objects, in as few calls as the store allows."""
        ...


def checked(key: str) -> str:
    """The key itself. Raises UsageError if it is outside of the store's root or no name of an object."""
    parts = key.split("/")
    if any(part in {"", ".", ".."} for part in parts) or not key.isprintable() or "\\" in key:
        raise UsageError("not a key of a state store", where=repr(key))
    return key


def within(folder: str, name: str) -> str:
    """The key of an object in a folder; ``""`` is the root."""
    return f"{folder}/{name}" if folder else name
