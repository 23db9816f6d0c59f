"""Finds and deletes the objects of a cluster in its state stores, each by its key.

In the cluster's own folder these are all, once every name in it was recognised as one of kOps'. A
``keyStore``, ``secretStore`` or ``discoveryStore`` elsewhere may contain objects of others, so only objects
with kOps' names are deleted there, and nothing below another cluster's folder.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from kops_core.api.path import get, parse
from kops_core.errors import ObjectNotFound
from kops_core.plan.deletion import StateLocation
from kops_core.store import layout
from kops_core.store.applied_state import FILE as APPLIED
from kops_core.store.backend import Backend, within
from kops_core.store.backups import FOLDER as BACKUPS
from kops_core.store.key_store import Place, places
from kops_core.store.reading import StoredCluster
from kops_core.store.state import StateStore

_DISCOVERY = ("openid/v1/jwks", ".well-known/openid-configuration")
"""The issuer's documents in its discovery store (kOps removes these and nothing else there)."""

_KEYSET = re.compile(
    r"(?:kubernetes-ca|apiserver-aggregator-ca|service-account|discovery-ca|etcd-clients-ca(?:-cilium)?"
    r"|etcd-(?:manager|peers)-ca-[a-z0-9-]+"
    # Until kOps 1.22 also certificates of components, and authorities under other names.
    r"|ca|master|apiserver-aggregator|apiserver-proxy-client|kops|kube-controller-manager|kube-proxy"
    r"|kube-scheduler|kubecfg|kubelet|kubelet-api|etcd(?:-client|-clients|-peers)?)\Z"
)
"""Names of keysets (kOps: ``pkg/model/pki.go``, ``etcdmanager/model.go``; older ones: its release notes)."""
_KEYSET_FILE = re.compile(r"(?:keyset\.yaml|\d+\.(?:crt|key))\Z")
_SSH_KEY = re.compile(r"[0-9a-f]{32}\Z")
"""SSH public keys are named by their MD5 fingerprint."""
_SECRETS = frozenset(
    {
        *("admin", "kube", "kube-proxy", "kubelet", "ciliumpassword", "dockerconfig", "encryptionconfig"),
        *(
            "system:controller_manager",
            "system:dns",
            "system:logging",
            "system:monitoring",
            "system:scheduler",
        ),
        "weavepassword",
    }
)
"""Names of secrets (kOps: ``pkg/model/pki.go``, ``cmd/kops/create_secret*.go``)."""


@dataclass(frozen=True)
class Removal:
    """The objects of one location to be deleted."""

    location: StateLocation
    backend: Backend
    own: bool = False
    """Whether it is the cluster's own folder."""

    def carry_out(self) -> None:
        """I/O. Deletes them one by one; a missing one is no error. Raises StoreError."""
        for key in self.location.keys:
            self.backend.delete(key)


def removals(
    store: StateStore, stored: StoredCluster, open_base: Callable[[str], Backend]
) -> tuple[Removal, ...]:
    """I/O.

    The objects to delete with a cluster, by location, its own folder last. Raises Refused, StoreError.
    """
    name, own = stored.name, store.backend
    found: list[Removal] = []
    discovery = get(stored.cluster, parse("spec.serviceAccountIssuerDiscovery.discoveryStore"))
    if isinstance(discovery, str) and discovery:
        base = open_base(discovery)
        found.append(_removal(store, name, Place(base, ""), _present(base, _DISCOVERY), keys=False))
    _, keys, secrets = places(own, stored.cluster, name, open_base)
    for place, known in ((secrets, _known_secrets), (keys, _known_keys)):
        inside = place.folder == name or place.folder.startswith(f"{name}/")
        if place.backend is not own or not inside:
            found.append(_removal(store, name, place, known(place), keys=True))
    inside_keys = tuple(store.expect_deletable(name))
    ours = (*_present(own, (layout.ours(name, APPLIED),)), *own.keys(layout.ours(name, BACKUPS)))
    folder = StateLocation(f"{own.url}/{name}", (*inside_keys, *ours))
    return (
        *(each for each in found if each.location.keys or each.location.kept),
        Removal(folder, own, own=True),
    )


def _removal(store: StateStore, name: str, place: Place, known: Iterator[str], *, keys: bool) -> Removal:
    url = within(place.backend.url, place.folder) if place.folder else place.backend.url
    found = tuple(known)
    other = _cluster_around(store, place) if place.backend is store.backend else ""
    if other and other != name:
        return Removal(
            StateLocation(url, (), kept=found, note=f"in the folder of cluster {other}"), place.backend
        )
    return Removal(StateLocation(url, found, holds_keys=keys), place.backend)


def _cluster_around(store: StateStore, place: Place) -> str:
    """The cluster whose folder contains a location of the same store; "" for none."""
    parts = place.folder.split("/")
    above = ("/".join(parts[:number]) for number in range(1, len(parts) + 1))
    return next((each for each in above if any(_present(store.backend, (f"{each}/{layout.CONFIG}",)))), "")


def _present(backend: Backend, keys: tuple[str, ...]) -> Iterator[str]:
    for key in keys:
        try:
            backend.read(key)
        except ObjectNotFound:
            continue
        yield key


def _known_keys(place: Place) -> Iterator[str]:
    for kind in ("private", "issued"):
        for keyset in _names(place, kind, folders=True):
            if _KEYSET.match(keyset):
                for file in _names(place, kind, keyset):
                    if _KEYSET_FILE.match(file):
                        yield place.key(kind, keyset, file)
    for key in _names(place, "ssh", "public", "admin"):
        if _SSH_KEY.match(key):
            yield place.key("ssh", "public", "admin", key)


def _known_secrets(place: Place) -> Iterator[str]:
    return (place.key(name) for name in _names(place) if name in _SECRETS)


def _names(place: Place, *folder: str, folders: bool = False) -> list[str]:
    inside = place.key(*folder) if folder else place.folder
    return sorted(child.name for child in place.backend.children(inside) if child.folder is folders)
