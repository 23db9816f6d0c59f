"""The clusters of an object store with the etags of their objects, from one listing of its keys.

The listing is read in pages. Where a page ends inside of a folder that only kOps fills, such as etcd's
backups, the rest of that folder is left out, so that a cluster costs at most a page or two. For kOps every
key that ends in ``/config``, at any depth, is a cluster.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import datetime
from itertools import takewhile
from typing import Final, Protocol, runtime_checkable

from kops_core.store.backend import Backend
from kops_core.store.layout import COMPLETED, CONFIG, INSTANCE_GROUPS, KOPS_FOLDERS, OURS

_SKIPPED: Final = KOPS_FOLDERS - {INSTANCE_GROUPS, "clusteraddons"}
"""Folders of a cluster that hold none of its specs."""
LAST: Final = "\U0010ffff"
"""Sorts after all other characters."""


@dataclass(frozen=True)
class ListedObject:
    """An object, as a listing tells of it."""

    key: str
    etag: str
    modified: datetime
    """When it was stored (UTC)."""


@dataclass(frozen=True)
class Page:
    """A page of a listing, sorted by key."""

    objects: tuple[ListedObject, ...]
    more: bool
    """Whether others follow."""


@runtime_checkable
class Listing(Protocol):
    """A store that lists keys with etags, in pages. Raises StoreError."""

    def list_page(self, prefix: str = "", after: str = "") -> Page:
        """I/O. The first page of the keys with a prefix that sort after another."""
        ...


class ListingBackend(Backend, Listing, Protocol):
    """A backend that lists keys with etags."""


@dataclass(frozen=True)
class ClusterObjects:
    """The objects of one cluster that a listing told of: its specs, and whether it was applied."""

    name: str
    objects: Mapping[str, ListedObject] = field(default_factory=dict)
    """By key below the cluster's folder: ``config``, ``instancegroup/nodes``, ``clusteraddons/default``."""

    @property
    def applied_at(self) -> datetime | None:
        """When its completed spec was written last; None if it was never applied."""
        completed = self.objects.get(COMPLETED)
        return completed.modified if completed is not None else None

    @property
    def groups(self) -> tuple[str, ...]:
        """The keys of its instance groups."""
        return tuple(key for key in self.objects if key.startswith(f"{INSTANCE_GROUPS}/"))


def list_clusters(store: Listing) -> Iterator[ClusterObjects]:
    """I/O. Every cluster, as soon as the listing has passed it. Raises StoreError."""
    seen: list[ListedObject] = []
    skipped: list[str] = []
    top, after, more = "", "", True
    while more:
        page = store.list_page(after=after)
        for found in page.objects:
            root = found.key.partition("/")[0]
            if root != top:
                yield from _clusters_in(store, seen, skipped)
                seen, skipped, top = [], [], root
            if root != OURS:
                seen.append(found)
        more = page.more
        if page.objects:
            after = page.objects[-1].key
            folder = _skipped_folder(after)
            if more and (folder or top == OURS):
                skipped += [folder] if folder else []
                after = f"{folder or OURS}/{LAST}"
    yield from _clusters_in(store, seen, skipped)


def list_cluster(store: Listing, name: str, pool: Executor) -> ClusterObjects:
    """I/O. The objects of one cluster; none if it does not exist. Raises StoreError."""
    # All that is wanted begins so; between them are the backups.
    prefixes = (f"{name}/c", f"{name}/{INSTANCE_GROUPS}/")
    parts = list(pool.map(lambda prefix: list(list_objects(store, prefix)), prefixes))
    return ClusterObjects(name, _below(name, [each for part in parts for each in part]))


def list_objects(store: Listing, prefix: str) -> Iterator[ListedObject]:
    """I/O. Every object whose key has a prefix. Raises StoreError."""
    after, more = "", True
    while more:
        page = store.list_page(prefix, after)
        yield from page.objects
        more, after = page.more, page.objects[-1].key if page.objects else ""


def _skipped_folder(key: str) -> str:
    """The folder around a key that holds no specs, if it is in one; "" otherwise."""
    parts = key.split("/")[:-1]
    outside = len(list(takewhile(lambda part: part not in _SKIPPED, parts[1:]))) + 1
    return "/".join(parts[: outside + 1]) if outside < len(parts) else ""


def _clusters_in(store: Listing, seen: list[ListedObject], skipped: list[str]) -> Iterator[ClusterObjects]:
    """The clusters below one folder of the root."""
    suffix = f"/{CONFIG}"
    names = {each.key.removesuffix(suffix) for each in seen if each.key.endswith(suffix)}
    for folder in skipped:
        if folder.rpartition("/")[0] not in names:  # it only looks like kOps', and may hold clusters
            more = list(list_objects(store, f"{folder}/"))
            seen = sorted({each.key: each for each in (*seen, *more)}.values(), key=lambda each: each.key)
            names |= {each.key.removesuffix(suffix) for each in more if each.key.endswith(suffix)}
    for name in sorted(names):
        if not is_inside(name, names):
            yield ClusterObjects(name, _below(name, seen))


def is_inside(name: str, clusters: set[str]) -> bool:
    """Whether a folder is in one that kOps itself fills below a cluster."""
    parts = name.split("/")
    return any("/".join(parts[:at]) in clusters and parts[at] in KOPS_FOLDERS for at in range(1, len(parts)))


def _below(name: str, found: list[ListedObject]) -> dict[str, ListedObject]:
    keys = {each.key.removeprefix(f"{name}/"): each for each in found if each.key.startswith(f"{name}/")}
    wanted = (CONFIG, COMPLETED, "clusteraddons/default")
    return {
        key: each
        for key, each in keys.items()
        if key in wanted or (key.startswith(f"{INSTANCE_GROUPS}/") and key.count("/") == 1)
    }
