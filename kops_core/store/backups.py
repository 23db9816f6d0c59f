"""Backups of a cluster's specs, keysets and secrets, made before each apply.

A backup is a manifest ``.kops-tui/<cluster>/backups/<id>.json`` that names a copy of each object beside it.
An object that did not change since the last backup is not copied again: the manifest names the older copy.
The copies keep their keys (``.../pki/private/<keyset>/keyset.yaml``), so that policies about private keys
apply to them as well. They go when the cluster is deleted.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from kops_core.api.json_text import read_json
from kops_core.errors import ObjectNotFound, StoreError
from kops_core.store.backend import Backend, Stored
from kops_core.store.inventory import Listing, list_objects
from kops_core.store.key_store import Place
from kops_core.store.layout import PKI, SECRETS, ours
from kops_core.store.listing import THREADS
from kops_core.store.records import reading_record

FOLDER: Final = "backups"
KEPT: Final = 10
"""Backups that are kept for each cluster; older ones are removed."""
_ID_TIME: Final = "%Y%m%dT%H%M%S.%fZ"


@dataclass(frozen=True)
class Copy:
    """The copy of an object in a backup."""

    sha256: str
    key: str
    """Where it is, relative to the store's root."""
    etag: str = ""
    """Of the object when it was copied; "" in backups of earlier versions."""


@dataclass(frozen=True)
class Backup:
    """A backup of one cluster."""

    id: str
    """Sorts by time."""
    at: datetime
    by: str
    """user@host"""
    why: str
    """What it was made before, e.g. ``apply``."""
    created: str
    """``creationTimestamp`` of the cluster."""
    copies: Mapping[str, Copy] = field(repr=False)
    """By key: ``config``, ``instancegroup/nodes``, ``pki/private/...``, ``secrets/...``."""


class ClusterBackups:
    """The backups of one cluster. Every method is I/O and raises StoreError."""

    def __init__(self, backend: Backend, cluster: str, *, keys: Place, secrets: Place) -> None:
        """keys and secrets: where the cluster's keysets and secrets are."""
        self._backend = backend
        self._folder = ours(cluster, FOLDER)
        self._places = {PKI: keys, SECRETS: secrets}

    def make(self, specs: Mapping[str, Stored], *, at: datetime, by: str, why: str, created: str) -> Backup:
        """Backs up specs, by key, with the keysets and secrets; the last backup if nothing changed since.

        What the last one has with the same etag is not read again.
        """
        last = next(iter(self._newest_first(limit=1)), None)
        known = last.copies if last is not None and last.created == created else {}
        private = self._list_private()
        changed = [each for each in private if not _is_known(each, known)]
        name = f"{at.astimezone(UTC).strftime(_ID_TIME)}-{secrets.token_hex(3)}"
        copies = {each.name: known[each.name] for each in private if _is_known(each, known)}
        new: dict[str, bytes] = {}
        for key, stored in {**specs, **_read_all(changed)}.items():
            digest = hashlib.sha256(stored.data).hexdigest()
            if key in known and known[key].sha256 == digest:
                copies[key] = known[key]
            else:
                copies[key] = Copy(digest, f"{self._folder}/{name}/{key}", stored.etag)
                new[copies[key].key] = stored.data
        if last is not None and copies == known:
            return last
        for key, data in new.items():  # in this thread, which holds the fence of the cluster's lock
            self._backend.create(key, data)
        made = Backup(name, at, by, why, created, copies)
        self._backend.create(f"{self._folder}/{name}.json", _to_json(made))
        self._forget_old()
        return made

    def newest_first(self) -> list[Backup]:
        """All backups, the newest first."""
        return self._newest_first()

    def read(self, backup: str) -> Backup:
        """A backup by its id. Raises ObjectNotFound."""
        try:
            stored = self._backend.read(f"{self._folder}/{backup}.json")
        except ObjectNotFound as error:
            raise ObjectNotFound(
                f"there is no backup {backup}", where=error.where, remedy="list them with: kops-tui history"
            ) from error
        return _from_json(backup, stored.data, stored.key)

    def content(self, backup: Backup, key: str) -> bytes:
        """The content of an object in a backup. Raises StoreError if the copy is damaged or gone."""
        copy = backup.copies[key]
        data = self._backend.read(copy.key).data
        if hashlib.sha256(data).hexdigest() != copy.sha256:
            raise StoreError("the copy is not what was backed up", where=f"{self._backend.url}/{copy.key}")
        return data

    def restore_private(self, backup: Backup) -> list[str]:
        """Writes the keysets and secrets of a backup back; the keys of those that were different.

        Those that were created since stay.
        """
        now = _read_all(self._list_private())
        done = []
        for key, copy in backup.copies.items():
            root, _, name = key.partition("/")
            if root not in self._places:
                continue
            if key in now and hashlib.sha256(now[key].data).hexdigest() == copy.sha256:
                continue
            place = self._places[root]
            place.backend.put(place.key(name), self.content(backup, key))
            done.append(key)
        return done

    def _list_private(self) -> list[_Private]:
        """The keysets and secrets of the cluster."""
        return [
            _Private(f"{root}/{key[len(place.key('')) if place.folder else 0 :]}", place.backend, key, etag)
            for root, place in self._places.items()
            for key, etag in _list(place)
        ]

    def _ids(self) -> list[str]:
        names = (child.name for child in self._backend.children(self._folder) if not child.folder)
        return sorted((name.removesuffix(".json") for name in names if name.endswith(".json")), reverse=True)

    def _newest_first(self, limit: int | None = None) -> list[Backup]:
        return [self.read(each) for each in self._ids()[:limit]]

    def _forget_old(self) -> None:
        """Removes the oldest backups, and copies that no other backup names."""
        ids = self._ids()
        if len(ids) <= KEPT:
            return
        needed = {copy.key for each in ids[:KEPT] for copy in self.read(each).copies.values()}
        for each in ids[KEPT:]:
            old = self.read(each)
            self._backend.delete(f"{self._folder}/{each}.json")
            self._backend.delete_all({copy.key for copy in old.copies.values()} - needed)


@dataclass(frozen=True)
class _Private:
    """A keyset or secret that a listing told of."""

    name: str
    """Its key in backups."""
    backend: Backend
    key: str
    etag: str
    """"" if the listing does not tell it."""


def _list(place: Place) -> Iterator[tuple[str, str]]:
    """Every key in a place, with its etag if it is known."""
    backend = place.backend
    if isinstance(backend, Listing):
        prefix = f"{place.folder}/" if place.folder else ""
        return ((each.key, each.etag) for each in list_objects(backend, prefix))
    return ((key, "") for key in backend.keys(place.folder))


def _is_known(private: _Private, known: Mapping[str, Copy]) -> bool:
    """Whether a backup has an object as it is listed."""
    copy = known.get(private.name)
    return copy is not None and bool(private.etag) and copy.etag == private.etag


def _read_all(private: Sequence[_Private]) -> dict[str, Stored]:
    """I/O. Objects by their key in backups."""
    with ThreadPoolExecutor(THREADS, thread_name_prefix="backup") as pool:
        found = pool.map(lambda each: each.backend.read(each.key), private)
        return {each.name: stored for each, stored in zip(private, found, strict=True)}


def _to_json(backup: Backup) -> bytes:
    content = {
        "at": backup.at.isoformat(),
        "by": backup.by,
        "why": backup.why,
        "created": backup.created,
        "copies": {
            key: {"sha256": copy.sha256, "key": copy.key, "etag": copy.etag}
            for key, copy in backup.copies.items()
        },
    }
    return json.dumps(content, indent=1, sort_keys=True).encode()


def _from_json(name: str, data: bytes, where: str) -> Backup:
    with reading_record("the manifest of this backup is damaged", where=where):
        content: Any = read_json(data)
        return Backup(
            name,
            datetime.fromisoformat(content["at"]),
            str(content["by"]),
            str(content["why"]),
            str(content["created"]),
            {
                str(key): Copy(str(copy["sha256"]), str(copy["key"]), str(copy.get("etag", "")))
                for key, copy in content["copies"].items()
            },
        )
