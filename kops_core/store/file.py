"""A backend in a local folder (``file://`` or a plain path).

A write goes to a temporary file that is flushed to disk and renamed, so that readers see the old object or
the new one, also after a crash. Writers lock the folder of the object, whatever the root of their store.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

from kops_core.errors import ObjectChanged, ObjectExists, ObjectNotFound, StoreError
from kops_core.store.backend import Child, Stored, checked, within
from kops_core.store.fence import expect_held

SCRATCH = ".kops-tui/tmp"
"""Unfinished writes. Not beside the object: kOps parses every file it finds in some folders."""

_ABANDONED_AFTER = 3600.0
"""Seconds after which an unfinished write counts as left by a crash."""


class FileBackend:
    """A Backend on the local file system. Folders have mode 0700, files 0600 (public ones 0644)."""

    def __init__(self, root: Path) -> None:
        self._root = root.expanduser().absolute()

    @property
    def url(self) -> str:
        return f"file://{self._root}"

    def expect_there(self) -> None:
        """Raises StoreError unless the root is a folder: a missing one is not an empty store."""
        if not self._root.is_dir():
            raise StoreError(
                "there is no such folder",
                where=str(self._root),
                remedy="make it, or name another with --state",
            )

    def keys(self, folder: str = "") -> Iterator[str]:
        for child in self.children(folder):
            key = within(folder, child.name)
            if not child.folder:
                yield key
            elif key != SCRATCH:
                yield from self.keys(key)

    def children(self, folder: str = "") -> Iterator[Child]:
        path = self._path(folder) if folder else self._root
        with self._reporting(folder):
            try:
                with os.scandir(path) as entries:
                    found = sorted((entry.name, entry.is_dir()) for entry in entries)
            except (FileNotFoundError, NotADirectoryError):
                return
        for name, is_folder in found:
            yield Child(name, is_folder)

    def read(self, key: str) -> Stored:
        path = self._path(key)
        with self._reporting(key):
            try:
                with path.open("rb") as file:
                    modified = os.fstat(file.fileno()).st_mtime
                    data = file.read()
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                raise ObjectNotFound("no such object", where=self._where(key)) from None
        return Stored(key, _etag(data), datetime.fromtimestamp(modified, UTC), data)

    def create(self, key: str, data: bytes, *, public: bool = False) -> str:
        def vacant() -> None:
            if self._path(key).exists():
                raise ObjectExists("the object is already there", where=self._where(key))

        return self._write(key, data, public, vacant)

    def replace(self, key: str, data: bytes, etag: str) -> str:
        public = self._is_public(key)
        return self._write(key, data, public, lambda: self._expect(key, etag))

    def put(self, key: str, data: bytes, *, public: bool = False) -> str:
        return self._write(key, data, public, lambda: None)

    def delete(self, key: str, etag: str | None = None) -> None:
        path = self._path(key)
        with self._reporting(key):
            if not path.parent.is_dir():
                if etag is not None:
                    raise ObjectNotFound("no such object", where=self._where(key))
                return
            expect_held()
            with _locked(path.parent):
                if etag is not None:
                    self._expect(key, etag)
                path.unlink(missing_ok=True)

    def delete_all(self, keys: Iterable[str]) -> None:
        for key in keys:
            self.delete(key)

    def _write(self, key: str, data: bytes, public: bool, check: Callable[[], None]) -> str:
        path = self._path(key)
        with self._reporting(key):
            _make_folder(path.parent)
            unfinished = self._unfinished(data, public)
            try:
                expect_held()
                with _locked(path.parent):
                    check()
                    unfinished.rename(path)
            finally:
                unfinished.unlink(missing_ok=True)
            _flush_folder(path.parent)
        return _etag(data)

    def _unfinished(self, data: bytes, public: bool) -> Path:
        """Writes the data to a temporary file, flushed to disk."""
        scratch = self._root / SCRATCH
        _make_folder(scratch)
        for old in scratch.iterdir():
            if time.time() - _modified(old) > _ABANDONED_AFTER:
                old.unlink(missing_ok=True)
        with NamedTemporaryFile(dir=scratch, delete=False) as file:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), 0o644 if public else 0o600)
            os.fsync(file.fileno())
        return Path(file.name)

    def _expect(self, key: str, etag: str) -> None:
        if self.read(key).etag != etag:
            raise ObjectChanged("the object is no longer the one that was read", where=self._where(key))

    def _is_public(self, key: str) -> bool:
        try:
            return bool(self._path(key).stat().st_mode & 0o004)
        except OSError:
            return False

    def _path(self, key: str) -> Path:
        return self._root / checked(key)

    def _where(self, key: str) -> str:
        return str(self._root / key)

    @contextmanager
    def _reporting(self, key: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreError(
                f"the state store could not be used: {error.strerror or error}",
                where=self._where(key),
                remedy="check that the folder exists on this machine and belongs to you",
            ) from error


def _make_folder(path: Path) -> None:
    """Creates a folder and its missing parents, accessible by the owner only."""
    if not path.is_dir():
        _make_folder(path.parent)
        path.mkdir(mode=0o700, exist_ok=True)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Holds the lock of a folder; the kernel releases it when the process dies."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return time.time()


def _etag(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
