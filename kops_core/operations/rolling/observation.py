"""What a rolling update sees of a cluster at one moment, and what the cloud alone says about a group."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from kops_core.cloud.ports import GroupState
from kops_core.kube.ports import Node
from kops_core.operations.group_status import InstanceGroup, Role, waits_for
from kops_core.operations.validation import Failure, FailureKind, Validation


@dataclass(frozen=True)
class Observation:
    """A cluster at one moment."""

    groups: Mapping[str, GroupState]
    """By the cloud's name of the group; all groups of the cluster."""
    nodes: Sequence[Node] = ()
    validation: Validation = field(default_factory=Validation)
    """Empty if Kubernetes was not asked."""

    @property
    def nodes_by_instance(self) -> dict[str, Node]:
        """The nodes, by the id of their machine."""
        return {each.instance: each for each in self.nodes if each.instance}


Observe: TypeAlias = Callable[[], Observation]
"""I/O. Reads a cluster. Raises KubernetesError, CloudError, StoreError."""


def cloud_failures(
    group: InstanceGroup, state: GroupState | None, outdated: Collection[str]
) -> tuple[Failure, ...]:
    """What keeps a group from being complete in the cloud; outdated instances are not waited for."""
    if state is None:
        text = f"the auto-scaling group {group.cloud_name} does not exist"
    else:
        broken = [
            each
            for each in state.instances
            if each.id in outdated and not (each.lifecycle == "InService" and each.running)
        ]
        served = [replace(each, lifecycle="InService", running=True) for each in broken]
        kept = [each for each in state.instances if each not in broken]
        text = waits_for(replace(state, instances=(*kept, *served)))
    if not text:
        return ()
    step = f"look at the scaling activities of the auto-scaling group {group.cloud_name}"
    return (Failure(FailureKind.GROUP, group.name, text, step, group),)


def still_there(instances: Iterable[str], state: GroupState | None) -> tuple[str, ...]:
    """Those of some terminated instances that the cloud does not show as leaving yet."""
    there = {
        each.id
        for each in (state.instances if state is not None else ())
        if not each.lifecycle.startswith("Terminat")
    }
    return tuple(sorted(there.intersection(instances)))


def quorum_risk(
    instance: str,
    groups: Sequence[InstanceGroup],
    observation: Observation,
    out_of_service: Collection[str],
    *,
    cloud_only: bool = False,
) -> str:
    """Why a control-plane instance may not be taken out of service now; "" if it may.

    The other members of etcd have to keep its quorum, as far as there are enough of them: a control plane of
    one or two instances can't. out_of_service: instances that the update has taken out.
    """
    nodes = observation.nodes_by_instance
    states = [
        state
        for group in groups
        if group.role is Role.CONTROL_PLANE
        and (state := observation.groups.get(group.cloud_name)) is not None
    ]
    present = [
        each
        for state in states
        for each in state.instances
        if not each.lifecycle.startswith(("Terminat", "Detached", "Warmed"))
    ]
    size = max(sum(state.desired for state in states), len(present))
    needed = min(size // 2 + 1, size - 1)
    healthy = [
        each.id
        for each in present
        if each.id != instance
        and each.id not in out_of_service
        and each.running
        and (
            each.lifecycle == "InService"
            if cloud_only
            else (node := nodes.get(each.id)) is not None and node.is_ready and not node.unschedulable
        )
    ]
    if len(healthy) >= needed:
        return ""
    return (
        f"etcd would lose its quorum: only {len(healthy)} other control-plane nodes of {size} are ready, "
        f"{needed} are needed"
    )
