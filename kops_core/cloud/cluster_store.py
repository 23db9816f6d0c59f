"""The state store as a place of resources: files that nodes read, keysets and tokens of one cluster."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kops_core.errors import ObjectNotFound
from kops_core.store.backend import Backend, Stored


@dataclass(frozen=True)
class ClusterStore:
    """One cluster's part of a state store, and the other stores that it writes to."""

    backend: Backend
    cluster: str
    """Folder of the cluster in that store."""
    open_base: Callable[[str], Backend]
    """Opens another base by its URL, e.g. that of the discovery documents."""

    def read(self, location: str, base: str | None = None) -> Stored | None:
        """An object below a base (by default the cluster's folder); None where there is none."""
        backend, key = self.place(location, base)
        try:
            return backend.read(key)
        except ObjectNotFound:
            return None

    def place(self, location: str, base: str | None = None) -> tuple[Backend, str]:
        """The store and the key of an object."""
        if base is None:
            return self.backend, f"{self.cluster}/{location}"
        return self.open_base(base), location
