"""The status of instance groups, from their specs and the cloud."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kops_core.api.path import get, parse
from kops_core.cloud.ports import GroupState
from kops_core.engine.fleet.rows import GroupSummary
from kops_core.errors import UsageError
from kops_core.model.context import ROLES
from kops_core.model.names import group_name
from kops_core.operations import group_status
from kops_core.operations.group_status import InstanceGroup, Role, status_of

if TYPE_CHECKING:
    from kops_core.cloud.ports import InstanceGroups
    from kops_core.engine.cluster_services import ClusterLocation, ClusterServices
    from kops_core.kube.ports import Node


@dataclass(frozen=True)
class InstanceStatus:
    """The status of an instance of a group."""

    id: str
    zone: str
    state: str
    """The cloud's name of its state, e.g. ``InService``."""
    reason: str
    """Why it has to be replaced; "" if it does not."""
    machine_type: str
    private_ip: str
    node: str = ""
    """Name of its node; "" without one, or if Kubernetes was not asked."""
    public_ip: str = ""


@dataclass(frozen=True)
class GroupStatus:
    """The status of an instance group."""

    name: str
    role: str
    machine_type: str
    """As in the spec."""
    minimum: int
    maximum: int
    wanted: int
    """The desired number of instances; 0 without a group in the cloud."""
    exists: bool
    instances: tuple[InstanceStatus, ...] = ()
    waits_for: str = ""
    """What the group is waiting for, e.g. instances; "" if it is complete."""

    @property
    def role_label(self) -> str:
        """Its role as node labels and kOps' tables write it, such as ``control-plane``."""
        return Role(self.role).label

    @property
    def in_service(self) -> int:
        """The number of instances in service."""
        return sum(each.state == "InService" for each in self.instances)

    @property
    def outdated(self) -> int:
        """The number of instances that need an update."""
        return sum(bool(each.reason) for each in self.instances)


def chosen_groups(
    cluster: str, groups: Sequence[GroupSummary], names: Collection[str], roles: Collection[str] = ()
) -> frozenset[str] | None:
    """The names of the groups that an operator chose, by name or else by role; None for all of them.

    Roles are kOps', in any case and spelt with dashes too. Raises UsageError for unknown ones.
    """
    known = {each.name for each in groups}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise UsageError(
            f"there is no instance group {unknown[0]}", where=cluster, remedy=f"there are {', '.join(known)}"
        )
    if names:
        return frozenset(names)
    if not roles:
        return None
    by_name = {_normalize_role(role): role for role in ROLES} | {"master": "ControlPlane"}
    strange = [role for role in roles if _normalize_role(role) not in by_name]
    if strange:
        raise UsageError(f"there is no role {strange[0]}", remedy=f"roles: {', '.join(ROLES)}")
    wanted = {by_name[_normalize_role(role)] for role in roles}
    return frozenset(each.name for each in groups if each.role in wanted)


def _normalize_role(role: str) -> str:
    return role.lower().replace("-", "")


def to_roll(groups: Sequence[GroupSummary], cluster: str) -> list[InstanceGroup]:
    """The groups for the rolling update, by kOps' names of auto-scaling groups."""
    return [
        InstanceGroup(group.name, Role(group.role), group_name(group.name, ROLES[group.role].value, cluster))
        for group in groups
    ]


def joined(summaries: Sequence[GroupSummary], found: Sequence[group_status.GroupStatus]) -> list[GroupStatus]:
    """The status of groups from spec and cloud, in the order of the spec."""
    by_name = {each.name: each for each in found}
    return [_joined(summary, by_name[summary.name]) for summary in summaries]


def _joined(summary: GroupSummary, found: group_status.GroupStatus) -> GroupStatus:
    return GroupStatus(
        name=summary.name,
        role=summary.role,
        machine_type=summary.machine_type,
        minimum=summary.minimum,
        maximum=summary.maximum,
        wanted=found.target,
        exists=found.exists,
        instances=tuple(
            InstanceStatus(
                each.id,
                each.zone,
                each.lifecycle,
                each.why,
                each.machine_type,
                each.private_ip,
                each.node,
                each.public_ip,
            )
            for each in found.instances
        ),
        waits_for=found.waits_for,
    )


def groups_with_instances(
    services: ClusterServices,
    location: ClusterLocation,
    groups: Sequence[GroupSummary],
    nodes: Sequence[Node] = (),
) -> list[GroupStatus]:
    """I/O. Instance groups with their instances; nodes: those of the cluster, if they were read.

    Raises CloudError.
    """
    known = to_roll(groups, location.name)
    cloud = services.instance_groups(location)
    states = read_groups(cloud, known, karpenter_groups(location))
    changes = read_changes(cloud, states)
    by_instance = {each.instance: each for each in nodes if each.instance}
    found = [status_of(group, states.get(group.cloud_name), by_instance, changes) for group in known]
    return joined(groups, found)


def read_changes(cloud: InstanceGroups, states: Mapping[str, GroupState]) -> group_status.Changes:
    """I/O. How outdated instances differ from what their groups use. Raises CloudError."""
    pairs = group_status.outdated_sources(states.values())
    return cloud.template_changes(pairs) if pairs else {}


def karpenter_groups(location: ClusterLocation) -> frozenset[str]:
    """The groups of a cluster whose machines Karpenter starts."""
    return frozenset(
        name
        for name, document in location.documents.items()
        if get(document, parse("spec.manager")) == "Karpenter"
    )


def read_groups(
    cloud: InstanceGroups, groups: Sequence[InstanceGroup], karpenter: Collection[str]
) -> dict[str, GroupState]:
    """I/O. Groups by the cloud's name; those of Karpenter are as large as it made them. Raises CloudError."""
    states = dict(cloud.groups([each.cloud_name for each in groups if each.name not in karpenter]))
    managed = [each for each in groups if each.name in karpenter]
    if managed:
        found = cloud.tagged([each.name for each in managed])
        states |= {
            each.cloud_name: GroupState(each.cloud_name, "", 0, 0, 0, tuple(found[each.name]))
            for each in managed
        }
    return states
