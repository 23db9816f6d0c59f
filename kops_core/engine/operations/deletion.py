"""Deletes a cluster: cloud resources, state, kubeconfig entries; and its protection from deletion."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property, partial

from kops_core.api.path import set_at
from kops_core.api.path import unset_at as without
from kops_core.api.values import Tree
from kops_core.cloud.cluster_store import ClusterStore
from kops_core.cloud.ports import Discovery
from kops_core.engine.clouds import Clouds
from kops_core.engine.cluster_services import ClusterServices
from kops_core.engine.credentials.kubeconfig_export import forget
from kops_core.engine.fleet.summary import PROTECTED, is_protected
from kops_core.engine.operations.cluster_lock import expect_current, locked, warn_unprotected, with_lock_notes
from kops_core.engine.operations.journals import journal_of
from kops_core.engine.operations.state_removal import Removal, removals
from kops_core.engine.workspace.draft import CLUSTER, documents_of
from kops_core.errors import ObjectNotFound, Refused
from kops_core.model.template import Key
from kops_core.operations.apply import ApplySettings, ClusterDeletion, apply, expect_applicable
from kops_core.operations.clock import CancelToken
from kops_core.operations.events import Event, Finished
from kops_core.operations.steps import Limits
from kops_core.plan.changes import STATE, Change, Plan
from kops_core.plan.deletion import KUBECONFIG, plan_deletion
from kops_core.plan.snapshot import Snapshot
from kops_core.store.backend import Backend
from kops_core.store.identity import created_at
from kops_core.store.memory import MemoryBackend
from kops_core.store.reading import StoredCluster
from kops_core.store.state import StateStore

DELETE = "delete"
"""Kind of the operation, as journals and locks name it."""


@dataclass(frozen=True)
class Deletion:
    """The deletion of a cluster."""

    name: str
    store: StateStore | None
    """None for a cluster that is in no store (``--external``)."""
    stored: StoredCluster | None
    region: str
    clouds: Clouds
    services: ClusterServices
    unregister: bool = False
    """Delete the state only, and no cloud resources."""

    @cached_property
    def _discovery(self) -> Discovery:
        """The discovery of the cluster's cloud resources; I/O when used."""
        documents = (self.stored.cluster, *self.stored.instance_groups.values()) if self.stored else ()
        cluster = self.stored.cluster if self.stored else {}
        backend = self.store.backend if self.store else MemoryBackend()
        files = ClusterStore.of(backend, cluster, self.name, self.clouds.open_base)
        return self.clouds.of(cluster).discovery(self.name, self.region, files, documents)

    def _discover(self) -> Snapshot:
        return Snapshot(self.services.clock.now()) if self.unregister else self._discovery.discover()

    def plan(self) -> Plan:
        """I/O. The plan: what is deleted, retained, or blocked. Changes nothing."""
        return self._plan(self._discover(), self._removals())

    def _plan(self, snapshot: Snapshot, state: Collection[Removal]) -> Plan:
        locations = [each.location for each in state]
        return plan_deletion(self.name, snapshot, state=locations, kubeconfig=True)

    def _ephemeral_kinds(self) -> frozenset[str]:
        return self.clouds.of(self.stored.cluster if self.stored else {}).model.ephemeral_kinds

    def _removals(self) -> tuple[Removal, ...]:
        if self.store is None or self.stored is None:
            return ()
        return removals(self.store, self.stored, self.clouds.open_base)

    def protected(self) -> tuple[str, ...]:
        """The protected objects: the cluster or instance groups, by name."""
        if self.stored is None:
            return ()
        documents = documents_of(self.stored)
        return tuple(name for name, document in documents.items() if is_protected(document))

    def expect_allowed(self, found: Plan, keys_in: Collection[str]) -> None:
        """Raises Refused if the deletion is not allowed.

        That is in a read-only session, for a protected cluster, blockers in the cloud, and keys or
        secrets outside of the cluster's folder unless their location is in ``keys_in``."""
        self.services.expect_write("delete a cluster")
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
        named = {url.rstrip("/") for url in keys_in}
        for change in found.pending:
            if change.confirm and change.confirm.rstrip("/") not in named:
                keys = _objects(change)
                listed = "\n  ".join(keys)
                raise Refused(
                    f"the spec puts keys outside of the cluster's own folder, in {change.confirm}; "
                    f"deleting the cluster would delete {len(keys)} objects there",
                    where=self.name,
                    remedy=f"if they are this cluster's: --yes-delete-keys-in {change.confirm}\n  {listed}",
                )
        expect_applicable(found)

    def carry_out(
        self,
        shown: Plan | None,
        emit: Callable[[Event], None],
        cancel: CancelToken,
        limits: Limits,
        *,
        keys_in: Collection[str] = (),
    ) -> Finished:
        """I/O. Under the cluster's lock, find again and delete all of it, the state and kubeconfig last.

        shown: what was shown to the operator; more than that is refused. keys_in: locations outside of the
        cluster's folder whose keys and secrets may be deleted. Raises Refused, LockHeld, LockLost.
        """
        self.services.expect_write("delete a cluster")
        clock, settings = self.services.clock, self.services.settings
        store: Backend = self.store.backend if self.store else MemoryBackend()
        created = created_at(self.stored.cluster) if self.stored else ""
        stop = lambda: cancel.stop(at_once=True)  # noqa: E731 - a name for what is passed on
        warn_unprotected(store, clock.now(), emit)
        with locked(store, settings, DELETE, self.name, clock, on_lost=stop) as hold:
            if self.store is not None and self.stored is not None:
                expect_current(self.store, self.stored)
            state = self._removals()
            snapshot = self._discover()
            found = self._plan(snapshot, state)
            if shown is not None:
                _expect_no_more(shown, found, self._ephemeral_kinds())
            self.expect_allowed(found, keys_in)
            with journal_of(settings, DELETE, self.name, clock, created=created) as journal:
                outcome = apply(
                    found,
                    {},
                    snapshot,
                    None,
                    journal,
                    clock=clock,
                    random=random.random,
                    emit=emit,
                    cancel=cancel,
                    settings=ApplySettings(limits, settings.operator),
                    deletion=ClusterDeletion(
                        None if self.unregister else self._discovery, self._final(state)
                    ),
                )
        ended = Finished(clock.now(), journal.operation, outcome.ok, len(outcome.done), outcome.message)
        return with_lock_notes(ended, hold)

    def _final(self, state: Collection[Removal]) -> Mapping[Key, Callable[[], None]]:
        """The final steps: the state and the kubeconfig's entries."""
        final: dict[Key, Callable[[], None]] = {KUBECONFIG: lambda: forget(self.name, self.services.settings)}
        for key in {each.location.key for each in state}:
            final[key] = partial(self._empty, [each for each in state if each.location.key == key])
        return final

    def _empty(self, places: Collection[Removal]) -> None:
        """I/O. Deletes a location's part of the state; all of the cluster's own folder."""
        for each in places:
            if each.own and self.store is not None:
                self.store.delete(self.name)
            else:
                each.carry_out()


def _objects(change: Change) -> tuple[str, ...]:
    """The keys of the objects to be deleted at a location."""
    return tuple(key for each in change.fields for key in (each.before or "").splitlines())


def _expect_no_more(shown: Plan, found: Plan, ephemeral: Collection[str]) -> None:
    """Raises Refused, with the difference, if more would be deleted than was shown."""
    known = {change.key: change for change in shown.pending}
    more: list[str] = []
    for change in found.pending:
        before = known.get(change.key)
        if change.key.kind != STATE:
            if before is None and change.key.kind not in ephemeral:
                more.append(str(change.key))
        elif before is None or change.confirm:
            there = _objects(before) if before is not None else ()
            more += [f"{change.key.name}: {key}" for key in _objects(change) if key not in there]
    if more:
        raise Refused(
            f"there is more to delete now than what was shown: {'; '.join(more)}",
            where=shown.cluster,
            remedy="look at what would be deleted again",
        )


def deletion(
    name: str,
    holding: Callable[[str], StateStore],
    clouds: Clouds,
    services: ClusterServices,
    *,
    region: str = "",
    external: bool = False,
    unregister: bool = False,
) -> Deletion:
    """I/O. The deletion of a cluster; ``region`` overrides that of its subnets.

    Raises ObjectNotFound, and InvalidSpec for any unreadable object: it may be protected, and resources
    that it names by id belong to the operator.
    """
    if external:
        return Deletion(name, None, None, region, clouds, services)
    store = holding(name)
    stored = store.read_cluster(name)
    if stored.errors:
        raise stored.errors[0]
    region = region or clouds.of(stored.cluster).region_of(stored.cluster)
    return Deletion(name, store, stored, region, clouds, services, unregister)


def protect(store: StateStore, cluster: str, group: str, *, on: bool) -> bool:
    """I/O. Sets or removes the protection of a cluster or instance group; whether it changed."""
    stored = store.read_cluster(cluster)
    if group and group not in stored.instance_groups:
        raise ObjectNotFound(f"there is no instance group {group}", where=cluster)
    before = stored.instance_groups[group] if group else stored.cluster
    if is_protected(before) is on:
        return False
    path = ("metadata", "annotations", PROTECTED)
    after = set_at(before, path, "true") if on else without(before, path)
    what = f"{'protect' if on else 'no longer protect'} {group or cluster}"
    if group:
        groups: Mapping[str, Tree] = {**stored.instance_groups, group: after}
        store.replace(stored, instance_groups=groups, what=what)
    else:
        store.replace(stored, cluster=after, what=what)
    return True
