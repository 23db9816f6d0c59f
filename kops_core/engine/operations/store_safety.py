"""Whether the buckets that a cluster depends on keep what it needs: versions, and etcd's control files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from kops_core.errors import StoreError
from kops_core.store.s3_versions import Versioned

if TYPE_CHECKING:
    from kops_core.store.backend import Backend

_SPECS = "the cluster's specs"


def store_warnings(
    store: Backend, cluster: str, backup_stores: Mapping[str, str], open_store: Callable[[str], Backend]
) -> Iterator[str]:
    """I/O. A sentence for each thing that may get lost; every store is asked once.

    backup_stores: URLs by the name of the etcd cluster. Losing ``control/etcd-cluster-created`` makes
    etcd-manager take an existing etcd cluster for a new one, and start it empty (kOps: issue 16416).
    """
    folders: dict[str, tuple[Backend, dict[str, str]]] = {store.url: (store, {cluster: _SPECS})}
    for etcd, url in backup_stores.items():
        inside = url.startswith(f"{store.url}/")
        root, folder = (store.url, f"{url[len(store.url) + 1 :]}/control") if inside else (url, "control")
        if root not in folders:
            folders[root] = open_store(root), {}
        what = f"the control files of the etcd cluster {etcd}, after which it would start empty"
        folders[root][1][folder] = what
    if isinstance(store, Versioned):
        yield from _told(store.url, "keeps old versions", lambda: _lost_versions(store))
    for backend, kept in folders.values():
        if isinstance(backend, Versioned):
            yield from _told(backend.url, "expires objects", lambda: _expired(backend, kept))  # noqa: B023 - called at once


def _told(url: str, what: str, ask: Callable[[], list[str]]) -> Iterator[str]:
    try:
        found = ask()
    except StoreError as error:
        found = [f"nobody knows whether the bucket {what}: {error.what}"]
    yield from (f"{url}: {each}" for each in found)


def _lost_versions(store: Versioned) -> list[str]:
    if store.keeps_versions():
        return []
    return ["the bucket keeps no old versions, so what another program overwrites or deletes is lost"]


def _expired(store: Versioned, kept: Mapping[str, str]) -> list[str]:
    rules = store.expiring(tuple(kept))
    return [
        f"the lifecycle rule {rule} deletes {kept[folder]}; exclude that prefix from it"
        for folder, rule in rules.items()
    ]
