"""Opens a cluster from files instead of the store, to be planned and written as Terraform, never applied.

The documents are stored in memory, over the real store, and read back as if they had been saved: with the
metadata, keys and secrets of the existing cluster, if there is one. With recorded facts neither a cloud nor
a store is reached.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from functools import partial

from kops_core.api.path import get, parse
from kops_core.api.values import Tree
from kops_core.engine.clouds import Clouds, OfflineClouds
from kops_core.engine.cluster_services import ClusterServices
from kops_core.engine.files.inputs import documents_of, facts_of, is_local
from kops_core.engine.files.manifests import Bundle, bundles, replace
from kops_core.engine.operations.creation import settled_cluster
from kops_core.engine.settings import Settings
from kops_core.engine.stores import Stores
from kops_core.engine.workspace.opening import open_cluster
from kops_core.engine.workspace.update_validation import Acceptance
from kops_core.engine.workspace.workspace import Workspace
from kops_core.errors import ObjectNotFound, UsageError
from kops_core.infer.facts import keyed
from kops_core.operations.clock import Clock
from kops_core.store import layout
from kops_core.store.backend import Backend
from kops_core.store.memory import MemoryBackend
from kops_core.store.open import StoreOpener
from kops_core.store.overlay import OverlayBackend
from kops_core.store.reading import StoredCluster
from kops_core.store.state import StateStore


def open_files(
    files: Mapping[str, bytes],
    settings: Settings,
    stores: Stores,
    clock: Clock,
    opener: StoreOpener,
    *,
    ssh_public_key: str = "",
) -> Workspace:
    """I/O. The workspace of a cluster in files, as if it had been saved; changes stay in memory.

    ssh_public_key: for the machines, if neither the store nor the files have one.
    Raises InvalidSpec, UsageError, StoreError, CloudError.
    """
    now = clock.now
    wanted = bundles(documents_of(files))
    name, bundle = _only(wanted, settings)
    clouds: Clouds
    if settings.cloud_facts is not None:
        backend: Backend = MemoryBackend(_store_url(bundle.cluster or {}, name, settings), now=now)
        clouds = OfflineClouds(settings, now, keyed(facts_of(settings)))
    else:
        backend = OverlayBackend(stores.first().backend, now=now)
        clouds = Clouds(settings, now, opener, lambda below: OverlayBackend(below, now=now))
    services = ClusterServices(settings, clouds, clock, offline=True)

    def etcd_created(stored: StoredCluster) -> Collection[str]:
        return services.etcd_created(store, stored)

    accept = Acceptance(settings, etcd_created, updates_only=True)
    store = StateStore(backend, author=settings.operator, now=now, accept=accept)
    local = is_local(files)
    settle = partial(settled_cluster, services=services, local=local)
    with suppress(ObjectNotFound):
        # The files are the whole cluster.
        others = store.read_cluster(name).instance_groups.keys() - bundle.groups.keys()
        backend.delete_all(f"{name}/{layout.instance_group(group)}" for group in others)

    def store_new(cluster: Tree, bundle: Bundle) -> object:
        return store.create(cluster, list(bundle.groups.values()), bundle.additional)

    replace(store, {name: bundle}, settle, store_new, force=True)
    key_store = services.key_store(store, bundle.cluster or {}, name)
    for key in bundle.ssh_public_keys or [ssh_public_key]:
        if key and not key_store.ssh_public_keys():
            key_store.add_ssh_public_key(key.encode())
    return open_cluster(store, store.read_cluster(name), services, local=local)


def _only(wanted: Mapping[str, Bundle], settings: Settings) -> tuple[str, Bundle]:
    """The only cluster in the files, or the named one."""
    name = settings.cluster or next(iter(wanted), "")
    if name not in wanted or (not settings.cluster and len(wanted) > 1):
        found = ", ".join(wanted) or "none"
        raise UsageError(
            "the files have to hold the cluster that is meant",
            where=name,
            remedy=f"they hold {found}; name one with --name",
        )
    if wanted[name].cluster is None:
        raise UsageError("the files hold no Cluster", where=name, remedy="add its document with -f")
    return name, wanted[name]


def _store_url(cluster: Tree, name: str, settings: Settings) -> str:
    """The store of the cluster's files."""
    if settings.stores:
        return settings.stores[0]
    base = get(cluster, parse("spec.configBase"))
    url, slash, folder = (base if isinstance(base, str) else "").rstrip("/").rpartition("/")
    if not slash or folder != name:
        raise UsageError(
            "no state store, so nobody knows where the nodes would find their files",
            where="spec.configBase",
            remedy="name the store with --state; it is not read",
        )
    return url
