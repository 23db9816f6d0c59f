"""Files of the state store as resources: they are the same whatever the cloud is."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar

from kops_core.cloud.cluster_store import ClusterStore
from kops_core.errors import CloudError
from kops_core.model.store_resources import ManagedFile
from kops_core.plan.snapshot import Observed

_F = TypeVar("_F", bound=ManagedFile)

FolderDigests = Callable[[str], Mapping[str, str] | None]
"""From a folder of the cluster's to the MD5s (hex) of its objects by key; None if they are not known."""


def observed_file(
    files: ClusterStore, desired: _F, wanted: str | None, digests: FolderDigests
) -> Observed | None:
    """I/O. A file as it is stored; not read where the store tells that it is what is wanted.

    wanted: the desired contents, where they are known. Raises StoreError.
    """
    _, key = files.place(desired.location, desired.base)
    folder, _, name = desired.location.partition("/")
    if desired.base is None and name and wanted is not None:
        known = digests(folder)
        if known is not None:
            if key not in known:
                return None
            if known[key] == hashlib.md5(wanted.encode(), usedforsecurity=False).hexdigest():
                return Observed(replace(desired, contents=wanted), key)
    found = files.read(desired.location, desired.base)
    if found is None:
        return None
    return Observed(replace(desired, contents=found.data.decode(errors="replace")), found.key)


def put_file(files: ClusterStore, desired: ManagedFile) -> str:
    """I/O. Write a file whose contents are known; its key. Raises StoreError."""
    if not isinstance(desired.contents, str):
        raise CloudError(f"a reference was not resolved: {desired.contents}", where=str(desired.key))
    backend, key = files.place(desired.location, desired.base)
    backend.put(key, desired.contents.encode(), public=bool(desired.public))
    return key


def delete_file(files: ClusterStore, file: ManagedFile) -> None:
    """I/O. Remove a file. Raises StoreError."""
    backend, key = files.place(file.location, file.base)
    backend.delete(key)
