"""The deletion of one instance group: what it would take, whether it may be, and doing it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kops_core.api.path import get, parse
from kops_core.api.values import mappings
from kops_core.engine.credentials.api_access import open_api
from kops_core.engine.fleet.summary import is_protected
from kops_core.engine.operations.cluster_lock import expect_current, with_lock_notes
from kops_core.engine.operations.instance_groups import karpenter_groups, to_roll
from kops_core.engine.operations.journals import journal_of
from kops_core.engine.operations.options import DELETE_GROUP, GroupDeletionOptions
from kops_core.engine.operations.throttling import telling_of_throttling
from kops_core.errors import KubernetesError, ObjectNotFound, Refused
from kops_core.model.context import ROLES
from kops_core.operations.events import Event, Finished
from kops_core.operations.group_deletion import DoomedGroup, GroupDeleters, delete_group
from kops_core.operations.group_status import Role
from kops_core.store import layout

if TYPE_CHECKING:
    from kops_core.engine.cluster_services import ClusterLocation, ClusterServices
    from kops_core.engine.fleet.rows import GroupSummary
    from kops_core.kube.ports import KubernetesApi
    from kops_core.operations.clock import CancelToken
    from kops_core.store.reading import StoredCluster


@dataclass(frozen=True)
class GroupDeletion:
    """What the deletion of an instance group takes with it."""

    group: str
    role: str
    resources: tuple[str, ...]
    """What is deleted in the cloud, as ``kind/name``."""
    machines: tuple[str, ...]
    """Ids of its machines."""
    nodes: tuple[str, ...]
    """Names of the nodes that are drained."""
    warnings: tuple[str, ...]
    """What the operator has to know, a sentence each."""


class GroupDeleter:
    """The deletion of one instance group of a cluster."""

    def __init__(
        self,
        services: ClusterServices,
        location: ClusterLocation,
        stored: StoredCluster,
        summaries: tuple[GroupSummary, ...],
        *,
        group: str,
        options: GroupDeletionOptions,
    ) -> None:
        """Raises ObjectNotFound for an unknown group."""
        self._services = services
        self._location = location
        self._stored = stored
        self._options = options
        found = [each for each in summaries if each.name == group]
        if not found:
            there = ", ".join(each.name for each in summaries) or "none"
            raise ObjectNotFound(
                f"there is no instance group {group}", where=location.name, remedy=f"there are: {there}"
            )
        (self._group,) = to_roll(found, location.name)
        self._others = [each for each in summaries if each.name != group]

    def plan(self) -> GroupDeletion:
        """I/O. What would be deleted. Raises Refused if it may not be, KubernetesError, CloudError."""
        self.expect_allowed()
        doomed, machines = self._find()
        return GroupDeletion(
            self._group.name,
            self._group.role.value,
            tuple(str(each.key) for each in doomed.resources),
            machines,
            doomed.nodes,
            tuple(self._warnings(doomed, machines)),
        )

    def expect_allowed(self) -> None:
        """Raises Refused for a protected group and for the last of the control plane, InvalidSpec."""
        name, cluster = self._group.name, self._location.name
        if is_protected(self._stored.instance_groups[name]):
            raise Refused(
                f"the instance group {name} is protected",
                where=cluster,
                remedy="if it is to go all the same:"
                f" kops-tui protect instancegroup {name} --name {cluster} --off",
            )
        if self._group.role is Role.CONTROL_PLANE and not any(
            ROLES.get(each.role) is ROLES["ControlPlane"] for each in self._others
        ):
            raise Refused(
                f"{name} is the only control plane of {cluster}",
                remedy=f"to delete all of it: kops-tui delete cluster {cluster}",
            )
        kept = {each: tree for each, tree in self._stored.instance_groups.items() if each != name}
        self._location.store.expect_accepted(self._stored, instance_groups=kept)

    def carry_out(self, emit: Callable[[Event], None], cancel: CancelToken) -> Finished:
        """I/O. Under the cluster's lock, finds again and deletes it. Raises Refused, LockHeld, LockLost."""
        services, location, clock = self._services, self._location, self._services.clock
        services.expect_write("delete an instance group")
        with services.locked(DELETE_GROUP, location, cancel, emit) as hold:
            expect_current(location.store, self._stored)
            self.expect_allowed()
            doomed, _ = self._find()
            discovery, instances = services.discovery(location), services.instance_groups(location)
            api = self._open_api() if doomed.nodes else None
            try:
                with (
                    telling_of_throttling(services.provider(location), emit, services.now) as tell,
                    journal_of(
                        services.settings, DELETE_GROUP, location.name, clock, created=location.created
                    ) as journal,
                ):
                    outcome = delete_group(
                        doomed,
                        GroupDeleters(api, discovery.delete, instances.terminate, self._forget),
                        journal,
                        cluster=location.name,
                        kind=DELETE_GROUP,
                        clock=clock,
                        random=random.random,
                        emit=tell,
                        cancel=cancel,
                        by=services.settings.operator,
                        drain_timeout=self._options.drain_timeout,
                    )
            finally:
                if api is not None:
                    api.close()
        ended = Finished(clock.now(), journal.operation, outcome.ok, len(outcome.done), outcome.message)
        return with_lock_notes(ended, hold)

    def _find(self) -> tuple[DoomedGroup, tuple[str, ...]]:
        """I/O. What there is of the group, and the ids of its machines."""
        snapshot = self._services.discovery(self._location).discover()
        if snapshot.errors:
            raise Refused(
                f"not all of the account can be read: {snapshot.errors[0]}", where=self._location.name
            )
        kinds = self._services.provider(self._location).model.group_kinds
        own = tuple(
            each for each in snapshot.discovered if each.kind in kinds and each.name == self._group.cloud_name
        )
        instances = self._services.instance_groups(self._location)
        state = instances.groups([self._group.cloud_name]).get(self._group.cloud_name)
        machines = state.instances if state is not None else ()
        if self._group.name in karpenter_groups(self._location):
            machines = instances.tagged([self._group.name])[self._group.name]
        ids = tuple(each.id for each in machines)
        detached = tuple(each.id for each in machines if each.lifecycle == "Detached")
        return DoomedGroup(self._group.name, self._nodes(ids), own, detached), ids

    def _nodes(self, machines: tuple[str, ...]) -> tuple[str, ...]:
        if not (self._options.drain and machines) or self._group.role is Role.BASTION:
            return ()
        api = self._open_api()
        try:
            return tuple(sorted(each.name for each in api.nodes() if each.instance in machines))
        except KubernetesError as error:
            without = "with --no-drain its pods are lost with their nodes"
            raise type(error)(
                error.what,
                where=error.where,
                remedy=f"{error.remedy}; {without}" if error.remedy else without,
            ) from error
        finally:
            api.close()

    def _warnings(self, doomed: DoomedGroup, machines: tuple[str, ...]) -> Iterator[str]:
        if doomed.nodes:
            yield f"pods on {_count(len(doomed.nodes), 'node')} move to other nodes, which need room for them"
        elif machines and self._group.role is not Role.BASTION and not self._options.drain:
            yield f"pods on {_count(len(machines), 'machine')} are not asked to leave: they are lost"
        for etcd, member in self._etcd_members():
            yield f"the member {member} of etcd {etcd} runs there: etcd is left with one member less"
        if self._group.name in karpenter_groups(self._location):
            yield "Karpenter starts its machines: they end with the next update of the cluster"
        if not any(each.role == self._group.role.value for each in self._others):
            yield f"it is the last group with the role {self._group.role.value}"

    def _etcd_members(self) -> Iterator[tuple[str, str]]:
        for etcd in mappings(get(self._location.cluster, parse("spec.etcdClusters"))):
            for member in mappings(etcd.get("etcdMembers")):
                if member.get("instanceGroup") == self._group.name:
                    yield str(etcd.get("name")), str(member.get("name"))

    def _forget(self) -> None:
        """Deletes the spec, and the files that its nodes read."""
        store, name = self._location.store, self._group.name
        role = ROLES[self._group.role.value].value
        for key in [*store.backend.keys(f"{self._location.name}/{layout.IG_CONFIG}/{role}/{name}")]:
            store.backend.delete(key)
        kept = {each: tree for each, tree in self._stored.instance_groups.items() if each != name}
        if kept != self._stored.instance_groups:
            store.replace(self._stored, instance_groups=kept, what=f"delete instance group {name}")

    def _open_api(self) -> KubernetesApi:
        return open_api(self._services, self._location, self._options.access)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
