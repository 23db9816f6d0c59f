"""A cache of a store's objects on disk, by store, key and etag: what did not change is never fetched twice.

It is shared by all processes of a user. Only Cluster and InstanceGroup documents are kept, completed specs,
the public parts of keysets and SSH public keys: no keysets, no secrets, no additional objects. A cache that
can't be read or written is as if it were empty.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from kops_core.store.backend import Backend, Stored
from kops_core.store.cache_files import write_cached
from kops_core.store.inventory import ListedObject

PUBLIC_PARTS: Final = "public-1"
"""The name under which a ``PublicKeyset`` is kept; its number changes with its fields."""
_KEPT: Final = re.compile(
    r"(?!(?:.*/)?secrets/)(?:.+/)?(?:"
    r"(?<!pki/)(?:config|instancegroup/[^/#]+|cluster-completed\.spec|kops-version\.txt)"
    rf"|pki/ssh/public/[^#]+|pki/private/[^/#]+/keyset\.yaml#{PUBLIC_PARTS})\Z"
)
MOST_FILES: Final = 20_000
MOST_BYTES: Final = 64 * 1024 * 1024
_CHECK_EVERY: Final = 256
"""Writes of a process between two checks of the size."""


def read_listed(backend: Backend, listed: ListedObject, cache: ObjectCache | None) -> Stored:
    """I/O. An object that was listed, from the cache if it is there. Raises as ``Backend.read`` does."""
    kept = cache.get(listed) if cache is not None else None
    if kept is not None:
        return kept
    stored = backend.read(listed.key)
    if cache is not None:
        cache.put(stored)
    return stored


class ObjectCache:
    """Objects of one store. Safe to use from several threads and processes."""

    def __init__(self, folder: Path, store: str) -> None:
        """store: identifies it, e.g. by its URL."""
        self._folder = folder / "objects"
        self._store = store
        self._writes = 0

    def get(self, listed: ListedObject) -> Stored | None:
        """I/O. An object as it was listed; None if it is not here."""
        if not _KEPT.fullmatch(listed.key):
            return None
        path = self._path(listed.key, listed.etag)
        try:
            head, _, data = path.read_bytes().partition(b"\n")
            found: Any = json.loads(head)
            stored = Stored(found["key"], found["etag"], datetime.fromisoformat(found["modified"]), data)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        whole = found.get("sha256") == hashlib.sha256(data).hexdigest()
        return stored if whole and (stored.key, stored.etag) == (listed.key, listed.etag) else None

    def put(self, stored: Stored) -> None:
        """I/O. Keeps an object that was read."""
        if not _KEPT.fullmatch(stored.key):
            return
        head = {
            "key": stored.key,
            "etag": stored.etag,
            "modified": stored.modified.isoformat(),
            "sha256": hashlib.sha256(stored.data).hexdigest(),
        }
        with suppress(OSError):
            content = json.dumps(head).encode() + b"\n" + stored.data
            write_cached(self._path(stored.key, stored.etag), content)
            self._writes += 1
            if self._writes % _CHECK_EVERY == 1:
                self._remove_oldest()

    def _path(self, key: str, etag: str) -> Path:
        return self._folder / hashlib.sha256(f"{self._store}\n{key}\n{etag}".encode()).hexdigest()[:40]

    def _remove_oldest(self) -> None:
        """Keeps the cache below its bounds."""
        files: list[tuple[float, int, str]] = []
        with os.scandir(self._folder) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):  # another process removed it
                    about = entry.stat()
                    files.append((about.st_mtime, about.st_size, entry.path))
        files.sort(reverse=True)
        size = 0
        for place, (_, length, path) in enumerate(files):
            size += length
            if place >= MOST_FILES or size > MOST_BYTES:
                Path(path).unlink(missing_ok=True)
