"""One cluster's part of the state store, for resources in it: files, keysets and tokens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from kops_core.api.values import Tree
from kops_core.errors import ObjectNotFound
from kops_core.store.backend import Backend, Stored, within
from kops_core.store.key_store import KeyStore, Place, places


@dataclass(frozen=True)
class ClusterStore:
    """One cluster's part of a state store, and the other stores that it writes to."""

    base: Place
    """``spec.configBase``: the base of files without one of their own."""
    key_store: KeyStore
    open_base: Callable[[str], Backend]
    """Opens another base by its URL, e.g. that of the discovery documents."""

    @classmethod
    def of(cls, store: Backend, cluster: Tree, name: str, open_base: Callable[[str], Backend]) -> Self:
        """The stores in a cluster's spec, by default folders of ``store``."""
        base, keys, secrets = places(store, cluster, name, open_base)
        return cls(base, KeyStore(keys, secrets), open_base)

    def read(self, location: str, base: str | None = None) -> Stored | None:
        """An object below a base (by default the cluster's folder); None if there is none."""
        backend, key = self.place(location, base)
        try:
            return backend.read(key)
        except ObjectNotFound:
            return None

    def place(self, location: str, base: str | None = None) -> tuple[Backend, str]:
        """The store and the key of an object."""
        location = location.lstrip("/")
        if base is None:
            return self.base.backend, self.base.key(location)
        root = self.base.backend.url
        if base == root or base.startswith(f"{root}/"):
            return self.base.backend, within(base[len(root) + 1 :].rstrip("/"), location)
        return self.open_base(base), location
