"""Whether the buckets that a cluster depends on keep what it needs: versions, and etcd's control files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from kops_core.errors import StoreError
from kops_core.store.s3_versions import Versioned

if TYPE_CHECKING:
    from kops_core.store.backend import Backend


def store_warnings(
    store: Backend, cluster: str, backup_stores: Mapping[str, str], open_store: Callable[[str], Backend]
) -> Iterator[str]:
    """I/O. A sentence for each thing that may get lost.

    backup_stores: URLs by the name of the etcd cluster. Losing ``control/etcd-cluster-created`` makes
    etcd-manager take an existing etcd cluster for a new one, and start it empty (kOps: issue 16416).
    """
    if isinstance(store, Versioned):
        yield from _told(store.url, "keeps old versions", lambda: _versions(store))
        yield from _told(
            store.url, "expires objects", lambda: _expiring(store, cluster, "the cluster's specs")
        )
    for etcd, url in backup_stores.items():
        backend = open_store(url)
        if isinstance(backend, Versioned):
            what = f"the control files of the etcd cluster {etcd}, after which it would start empty"
            yield from _told(url, "expires objects", lambda: _expiring(backend, "control", what))  # noqa: B023 - called at once


def _told(url: str, what: str, ask: Callable[[], str]) -> Iterator[str]:
    try:
        found = ask()
    except StoreError as error:
        found = f"nobody knows whether the bucket {what}: {error.what}"
    if found:
        yield f"{url}: {found}"


def _versions(store: Versioned) -> str:
    if store.keeps_versions():
        return ""
    return "the bucket keeps no old versions, so what another program overwrites or deletes is lost"


def _expiring(store: Versioned, folder: str, what: str) -> str:
    rule = store.expiring(folder)
    return f"the lifecycle rule {rule} deletes {what}; exclude that prefix from it" if rule else ""
