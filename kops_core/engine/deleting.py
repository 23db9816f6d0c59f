"""Deleting a cluster: its cloud, its state, its place in the kubeconfig; and what guards it from that."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kops_core.api.path import drop as without
from kops_core.api.path import get, leaves, parse, put
from kops_core.api.values import Tree
from kops_core.cloud.aws.belongings.find import AwsBelongings
from kops_core.cloud.cluster_store import ClusterStore
from kops_core.engine.access import Access
from kops_core.engine.carrying_out import journal_of
from kops_core.engine.clouds import Clouds
from kops_core.engine.draft import CLUSTER
from kops_core.engine.exporting import forget
from kops_core.engine.locking import locked
from kops_core.engine.summary import PROTECTED
from kops_core.engine.wanted import region_of
from kops_core.errors import ObjectNotFound, Refused
from kops_core.operations.clock import Control, SystemClock
from kops_core.operations.delete import DeleteSettings, LastAct, delete_cluster, expect_free
from kops_core.operations.events import Event, Finished
from kops_core.operations.steps import Limits
from kops_core.plan.teardown import Teardown
from kops_core.store.backend import Backend
from kops_core.store.memory import MemoryBackend
from kops_core.store.state import StateStore, StoredCluster
from kops_core.store.vault import places

DELETE = "delete"
"""Kind of the operation, as journals and locks name it."""
_DISCOVERY = ("openid/v1/jwks", ".well-known/openid-configuration")
"""The issuer's documents in its discovery store (kOps removes these and nothing else there)."""


@dataclass(frozen=True)
class Deletion:
    """A cluster to be deleted, with all that is known of it."""

    name: str
    store: StateStore | None
    """None for a cluster that no store of ours has (``--external``)."""
    stored: StoredCluster | None
    region: str
    clouds: Clouds
    access: Access
    unregister: bool = False
    """Leave the cloud alone and forget the cluster."""

    @property
    def cloud(self) -> AwsBelongings:
        """I/O when used. What the cluster has in the cloud."""
        files = ClusterStore.of(
            self.store.backend if self.store else MemoryBackend(),
            self.stored.cluster if self.stored else {},
            self.name,
            self.clouds.open_base,
        )
        return AwsBelongings(self.clouds.session(self.region), files, self.name, named=_texts(self.stored))

    def find(self) -> Teardown:
        """I/O. What would be deleted, what would stay, what is in the way. Changes nothing."""
        return Teardown(self.name, ()) if self.unregister else self.cloud.find()

    def protected(self) -> tuple[str, ...]:
        """What guards the cluster: itself or instance groups, by name."""
        if self.stored is None:
            return ()
        documents = {CLUSTER: self.stored.cluster, **self.stored.instance_groups}
        return tuple(name for name, document in documents.items() if is_protected(document))

    def expect_allowed(self, found: Teardown) -> None:
        """Raises Refused for a read-only session, a protected cluster, unknown files, obstacles."""
        self.access.expect_write("delete a cluster")
        guards = self.protected()
        if guards:
            commands = " and ".join(
                f"kops-tui protect cluster {self.name} --off"
                if each == CLUSTER
                else f"kops-tui protect instancegroup {each} --name {self.name} --off"
                for each in guards
            )
            raise Refused(
                f"{self.name} is protected ({', '.join(guards)})",
                remedy=f"if it is to go all the same: {commands}",
            )
        if self.store is not None:
            self.store.expect_deletable(self.name)
        expect_free(found)

    def carry_out(
        self, found: Teardown, emit: Callable[[Event], None], control: Control, limits: Limits
    ) -> Finished:
        """I/O. Delete what was found, then the state, then the kubeconfig's entries. Raises Refused."""
        self.expect_allowed(found)
        clock, settings = SystemClock(), self.access.settings
        store: Backend = self.store.backend if self.store else MemoryBackend()
        with (
            locked(store, settings, DELETE, self.name, clock, lost=control.stop),
            journal_of(settings, DELETE, self.name, clock) as journal,
        ):
            outcome = delete_cluster(
                found,
                None if self.unregister else self.cloud,
                self._last_acts(),
                journal,
                clock=clock,
                random=random.random,
                emit=emit,
                control=control,
                settings=DeleteSettings(limits, settings.operator),
            )
        return Finished(clock.now(), journal.operation, outcome.ok, len(outcome.done), outcome.message)

    def _last_acts(self) -> tuple[LastAct, ...]:
        kubeconfig = LastAct("Kubeconfig/entries", lambda: forget(self.name, self.access.settings))
        if self.store is None:
            return (kubeconfig,)
        return (LastAct(f"State/{self.store.backend.url}", self._forget_state), kubeconfig)

    def _forget_state(self) -> None:
        """The objects of other stores first, for it is the cluster's own spec that names them."""
        if self.store is None or self.stored is None:
            return
        own = self.store.backend
        discovery = get(self.stored.cluster, parse("spec.serviceAccountIssuerDiscovery.discoveryStore"))
        if isinstance(discovery, str) and discovery:
            base = self.clouds.open_base(discovery)
            for key in _DISCOVERY:
                base.delete(key)
        _, keys, secrets = places(own, self.stored.cluster, self.name, self.clouds.open_base)
        for place in (secrets, keys):
            inside = place.folder == self.name or place.folder.startswith(f"{self.name}/")
            if place.backend is not own or not inside:
                place.backend.delete_all(list(place.backend.keys(place.folder)))
        self.store.delete(self.name)


def deletion(
    name: str,
    holding: Callable[[str], StateStore],
    clouds: Clouds,
    access: Access,
    *,
    region: str = "",
    external: bool = False,
    unregister: bool = False,
) -> Deletion:
    """I/O. A cluster to be deleted; ``region`` overrides that of its subnets. Raises ObjectNotFound."""
    if external:
        return Deletion(name, None, None, region, clouds, access)
    store = holding(name)
    stored = store.read_cluster(name)
    documents = {CLUSTER: stored.cluster, **stored.instance_groups}
    return Deletion(name, store, stored, region or region_of(documents), clouds, access, unregister)


def is_protected(document: Tree) -> bool:
    """Whether an object carries the annotation that guards it."""
    return get(document, ("metadata", "annotations", PROTECTED)) == "true"


def protect(store: StateStore, cluster: str, group: str, *, on: bool) -> bool:
    """I/O. Guard a cluster, or one of its instance groups, against deletion; whether that was new."""
    stored = store.read_cluster(cluster)
    if group and group not in stored.instance_groups:
        raise ObjectNotFound(f"there is no instance group {group}", where=cluster)
    before = stored.instance_groups[group] if group else stored.cluster
    if is_protected(before) is on:
        return False
    path = ("metadata", "annotations", PROTECTED)
    after = put(before, path, "true") if on else without(before, path)
    what = f"{'protect' if on else 'no longer protect'} {group or cluster}"
    if group:
        groups: Mapping[str, Tree] = {**stored.instance_groups, group: after}
        store.replace(stored, instance_groups=groups, what=what)
    else:
        store.replace(stored, cluster=after, what=what)
    return True


def _texts(stored: StoredCluster | None) -> frozenset[str]:
    """Every text in the specs of a cluster."""
    if stored is None:
        return frozenset()
    documents = (stored.cluster, *stored.instance_groups.values())
    specs = (document.get("spec") for document in documents)
    return frozenset(
        value
        for spec in specs
        if isinstance(spec, dict)
        for _, value in leaves(spec)
        if isinstance(value, str)
    )
