"""Observes and changes files in the state store, which are the same for every cloud."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from kops_core.cloud.cluster_store import ClusterStore
from kops_core.errors import CloudError
from kops_core.model.store_resources import ManagedFile
from kops_core.plan.snapshot import Observed
from kops_core.store.listed import ListedBackend

_F = TypeVar("_F", bound=ManagedFile)


def observed_file(files: ClusterStore, desired: _F, wanted: str | None) -> Observed | None:
    """I/O. A stored file; not read if a listing tells that it has the desired contents.

    wanted: those, if they are known. Raises StoreError.
    """
    backend, key = files.place(desired.location, desired.base)
    if wanted is not None and isinstance(backend, ListedBackend) and backend.holds(key, wanted.encode()):
        return Observed(replace(desired, contents=wanted), key)
    found = files.read(desired.location, desired.base)
    if found is None:
        return None
    return Observed(replace(desired, contents=found.data.decode(errors="replace")), found.key)


def put_file(files: ClusterStore, desired: ManagedFile) -> str:
    """I/O. Writes a file with known contents; its key. Raises StoreError."""
    if not isinstance(desired.contents, str):
        raise CloudError(f"a reference was not resolved: {desired.contents}", where=str(desired.key))
    backend, key = files.place(desired.location, desired.base)
    backend.put(key, desired.contents.encode(), public=bool(desired.public))
    return key


def delete_file(files: ClusterStore, file: ManagedFile) -> None:
    """I/O. Removes a file. Raises StoreError."""
    backend, key = files.place(file.location, file.base)
    backend.delete(key)
