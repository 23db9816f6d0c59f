"""Lists the clusters of a store.

For kOps every key that ends in ``/config``, at any depth, is a cluster, and it reads the
store's whole list of keys to find them: thousands of etcd backups for each cluster. Here
folders are opened instead, several at a time, and those that kOps fills itself are not.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from kops_core.store.backend import Backend, within
from kops_core.store.inventory import is_inside
from kops_core.store.layout import CONFIG, KOPS_FOLDERS, OURS

THREADS = 16
"""Number of concurrent requests; S3 answers thousands a second for one prefix."""


@dataclass(frozen=True)
class _Opened:
    """The clusters and folders in a folder."""

    clusters: list[str]
    folders: list[str]


def cluster_names(backend: Backend) -> Iterator[str]:
    """The name of every cluster (its folder), as they are found, in no order. Raises StoreError."""
    pool = ThreadPoolExecutor(THREADS, thread_name_prefix="store-list")
    try:
        pending: set[Future[_Opened]] = {pool.submit(_open, backend, "")}
        while pending:
            done, pending = wait(pending, return_when=FIRST_COMPLETED)
            for future in done:
                opened = future.result()
                yield from opened.clusters
                pending |= {pool.submit(_open, backend, folder) for folder in opened.folders}
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _open(backend: Backend, folder: str) -> _Opened:
    children = list(backend.children(folder))
    is_cluster = bool(folder) and any(child.name == CONFIG and not child.folder for child in children)
    clusters = [folder] if is_cluster else []
    folders: list[str] = []
    for child in children:
        path = within(folder, child.name)
        if not child.folder or path == OURS:
            continue
        if folder == "" or child.name not in KOPS_FOLDERS:
            folders.append(path)
        elif not is_cluster:
            # A folder that only looks like kOps' may be part of a path to a cluster, or contain
            # remains of one: its list of keys is read in pages, not folder by folder.
            suffix = f"/{CONFIG}"
            names = {key.removesuffix(suffix) for key in backend.keys(path) if key.endswith(suffix)}
            clusters += [name for name in sorted(names) if not is_inside(name, names)]
    return _Opened(clusters, folders)
