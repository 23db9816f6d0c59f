"""Whether a cluster works, as ``kops validate cluster`` means it; pure (kOps: ``pkg/validation``).

Checked are: the DNS record of the API, the number of instances of each group, each instance against its
node, the readiness of nodes, the static pods of control-plane nodes, and the pods that the system can't do
without.

One difference from kOps: an instance that waits in a warm pool is not counted as one of the group's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Final

from kops_core.cloud.ports import GroupState, Instance
from kops_core.kube.ports import Node, Pod
from kops_core.operations.group_status import InstanceGroup, Role

PLACEHOLDERS: Final = frozenset({"203.0.113.123", "fd00:dead:add::"})
"""What kOps writes into the API's DNS records until the control plane replaces it (``pkg/dns``)."""
STATIC_PODS: Final = ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
"""Each control-plane node runs these, known by their label ``k8s-app``."""
CONTROL_PLANE_LABEL: Final = "node-role.kubernetes.io/control-plane"
NODE_CRITICAL: Final = "system-node-critical"
CRITICAL: Final = frozenset({NODE_CRITICAL, "system-cluster-critical"})
"""Priority classes of pods that the system can't do without."""


class FailureKind(Enum):
    """What a failure is about, by kOps' names."""

    DNS = "dns"
    GROUP = "InstanceGroup"
    MACHINE = "Machine"
    NODE = "Node"
    POD = "Pod"


@dataclass(frozen=True)
class Failure:
    """Something that keeps a cluster from being valid."""

    kind: FailureKind
    name: str
    """Of the instance group, machine or node; ``namespace/name`` of a pod; the API's host for DNS."""
    message: str
    next_step: str
    """Where to look next."""
    group: InstanceGroup | None = None
    """The instance group that it is about; None if it is not about one."""
    since: datetime | None = None
    """Since when; None if nobody says."""

    @property
    def blocks_every_roll(self) -> bool:
        """Whether no group may be rolled: it is about the control plane, or about no group in particular."""
        return self.group is None or self.group.role is Role.CONTROL_PLANE

    def blocks(self, group: str) -> bool:
        """Whether it keeps a rolling update of an instance group from going on.

        Failures of other groups do not, unless they are of the control plane.
        """
        return self.blocks_every_roll or (self.group is not None and self.group.name == group)


@dataclass(frozen=True)
class ValidatedNode:
    """A node of a group that was looked at."""

    name: str
    zone: str
    role: Role
    hostname: str
    status: str
    """``True``, ``False`` or ``Unknown``, of the condition Ready."""


@dataclass(frozen=True)
class Validation:
    """The result: valid without failures."""

    failures: tuple[Failure, ...] = ()
    nodes: tuple[ValidatedNode, ...] = ()
    tolerated: tuple[str, ...] = ()
    """Nodes, and machines without a node, that were let pass though they are not ready."""

    @property
    def valid(self) -> bool:
        """Whether nothing failed."""
        return not self.failures


@dataclass(frozen=True)
class ClusterState:
    """What a cluster is validated by, as it was at one moment."""

    groups: Mapping[str, GroupState]
    """By the cloud's name of the group."""
    nodes: Sequence[Node]
    pods: Sequence[Pod]


def validate_dns(host: str, addresses: Collection[str]) -> Validation:
    """Whether the API's host has the addresses of a server. If not, nothing else needs to be asked."""
    waiting = sorted(PLACEHOLDERS.intersection(addresses))
    if not waiting:
        return Validation()
    return Validation(
        (
            Failure(
                FailureKind.DNS,
                host,
                f"the DNS record of the API is still kOps' placeholder {waiting[0]}",
                "the control plane replaces it 5 to 10 minutes after its first node started: if not, look at "
                "the logs of dns-controller or external-dns, etcd and kubelet on a control-plane node",
            ),
        )
    )


def validate(
    groups: Sequence[InstanceGroup],
    observed: ClusterState,
    *,
    chosen: Collection[str] | None = None,
    max_unready: int = 0,
) -> Validation:
    """Whether a cluster works.

    groups: all of its spec. chosen: names of those to look at; None for all. max_unready: the number of
    worker nodes that may be unready; if there are more, each is a failure.
    """
    by_instance = {each.instance: each for each in observed.nodes if each.instance}
    members = [
        member
        for group in groups
        for member in _find_members(group, observed.groups.get(group.cloud_name), by_instance)
    ]
    tolerated = _find_tolerated(members, max_unready)
    looked_at = [group for group in groups if chosen is None or group.name in chosen]
    names = {group.name for group in looked_at}
    members = [member for member in members if member.group.name in names]
    return Validation(
        failures=(
            *_check_sizes(looked_at, observed.groups),
            *(failure for member in members for failure in _check_member(member, tolerated)),
            *_check_pods(observed.pods, members, tolerated),
            *_check_static_pods(observed.pods, members),
        ),
        nodes=tuple(
            ValidatedNode(
                each.node.name,
                each.node.labels.get("topology.kubernetes.io/zone", ""),
                each.group.role,
                each.node.labels.get("kubernetes.io/hostname", ""),
                each.node.ready,
            )
            for each in members
            if each.node is not None and each.group.role is not Role.BASTION
        ),
        tolerated=tuple(sorted(tolerated)),
    )


@dataclass(frozen=True)
class _Member:
    """An instance of a group, with its node."""

    group: InstanceGroup
    instance: Instance
    node: Node | None = field(default=None)

    @property
    def name(self) -> str:
        return self.node.name if self.node is not None else self.instance.id

    @property
    def is_ready(self) -> bool:
        return self.node is not None and self.node.is_ready

    @property
    def has_to_join(self) -> bool:
        """Whether there has to be a node."""
        return self.group.role is not Role.BASTION and _counts(self.instance)


def _find_members(
    group: InstanceGroup, state: GroupState | None, nodes: Mapping[str, Node]
) -> Iterator[_Member]:
    for instance in state.instances if state is not None else ():
        if not _is_leaving(instance):
            yield _Member(group, instance, nodes.get(instance.id))


def _is_leaving(instance: Instance) -> bool:
    return instance.lifecycle.startswith("Terminat")


def _counts(instance: Instance) -> bool:
    """Whether it is one of those that its group should have."""
    return not (_is_leaving(instance) or instance.lifecycle.startswith(("Detached", "Warmed")))


def _find_tolerated(members: Sequence[_Member], max_unready: int) -> frozenset[str]:
    unready = {
        each.name
        for each in members
        if each.group.role is Role.NODE and _counts(each.instance) and not each.is_ready
    }
    return frozenset(unready) if len(unready) <= max_unready else frozenset()


def _check_sizes(groups: Sequence[InstanceGroup], states: Mapping[str, GroupState]) -> Iterator[Failure]:
    for group in groups:
        state = states.get(group.cloud_name)
        if state is None:
            yield Failure(
                FailureKind.GROUP,
                group.name,
                f"the instance group has no auto-scaling group {group.cloud_name}",
                "apply the cluster: kops-tui update cluster --yes",
                group,
            )
            continue
        there = sum(_counts(each) for each in state.instances)
        if there < state.desired:
            failed = f"; the last launch failed: {state.launch_failure}" if state.launch_failure else ""
            yield Failure(
                FailureKind.GROUP,
                group.name,
                f"the instance group has {there} of {state.desired} instances{failed}",
                f"look at the scaling activities of the auto-scaling group {group.cloud_name}",
                group,
            )


def _check_member(member: _Member, tolerated: Collection[str]) -> Iterator[Failure]:
    node, group = member.node, member.group
    if member.name in tolerated:
        return
    if node is None:
        if member.has_to_join:
            yield Failure(
                FailureKind.MACHINE,
                member.instance.id,
                "the machine has not joined the cluster yet",
                f"if it has been running for 10 minutes, look at its console output: "
                f"aws ec2 get-console-output --instance-id {member.instance.id}; and at the journal of "
                "kops-configuration and kubelet on it",
                group,
            )
    elif not node.is_ready and group.role is not Role.BASTION:
        why = f": {node.ready_message}" if node.ready_message else ""
        network = " because it has no network" if node.ready == "True" else ""
        yield Failure(
            FailureKind.NODE,
            node.name,
            f"the node of role {group.role.value} is not ready{network}{why}",
            f"look at its conditions and events: kubectl describe node {node.name}",
            group,
            node.ready_since,
        )


def _check_pods(
    pods: Sequence[Pod], members: Sequence[_Member], tolerated: Collection[str]
) -> Iterator[Failure]:
    groups = {each.node.name: each.group for each in members if each.node is not None}
    for pod in pods:
        if pod.priority_class not in CRITICAL or pod.phase == "Succeeded" or pod.node in tolerated:
            continue
        if pod.phase == "Pending":
            state = "is pending"
        elif pod.phase == "Unknown":
            state = "is in an unknown phase"
        elif pod.unready:
            state = f"is not ready ({', '.join(pod.unready)})"
        else:
            continue
        yield Failure(
            FailureKind.POD,
            f"{pod.namespace}/{pod.name}",
            f"the {pod.priority_class} pod {state}{f': {pod.reason}' if pod.reason else ''}",
            f"look at its events and logs: kubectl -n {pod.namespace} describe pod {pod.name}",
            groups.get(pod.node) if pod.priority_class == NODE_CRITICAL else None,
            pod.since,
        )


def _check_static_pods(pods: Sequence[Pod], members: Sequence[_Member]) -> Iterator[Failure]:
    running = {
        (pod.node, pod.labels["k8s-app"])
        for pod in pods
        if pod.namespace == "kube-system" and "k8s-app" in pod.labels
    }
    for member in members:
        node = member.node
        if node is None or not node.is_ready or CONTROL_PLANE_LABEL not in node.labels:
            continue
        for app in STATIC_PODS:
            if (node.name, app) not in running:
                yield Failure(
                    FailureKind.NODE,
                    node.name,
                    f"the control-plane node has no pod {app}",
                    f"look at /etc/kubernetes/manifests and the journal of kubelet on {node.name}",
                    member.group,
                )
