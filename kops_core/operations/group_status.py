"""The status of instance groups: which instances need an update, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias

from kops_core.cloud.ports import GroupState, Instance
from kops_core.kube.ports import Node

NEEDS_UPDATE: Final = "kops.k8s.io/needs-update"
"""Annotation by which operators ask for the replacement of a node (kOps)."""


class Role(Enum):
    """Roles of instance groups, in the order of updates (kOps)."""

    BASTION = "Bastion"
    CONTROL_PLANE = "ControlPlane"
    API_SERVER = "APIServer"
    NODE = "Node"

    @property
    def label(self) -> str:
        """The role as node labels and kOps' tables write it, such as ``control-plane``."""
        return "control-plane" if self is Role.CONTROL_PLANE else self.value.lower()


@dataclass(frozen=True)
class InstanceGroup:
    """An instance group to check."""

    name: str
    role: Role
    cloud_name: str
    """The name of its auto-scaling group."""


@dataclass(frozen=True)
class InstanceStatus:
    """The update status of an instance."""

    id: str
    status: str
    """``NeedsUpdate``, ``UpToDate``, ``Detached`` or ``WarmPool`` (which may need an update too: see why)."""
    why: str
    """Why it needs an update; "" if it does not."""
    lifecycle: str
    machine_type: str
    zone: str
    private_ip: str
    node: str = ""
    """Name of its node; "" without one, or if Kubernetes was not asked."""
    public_ip: str = ""

    @property
    def outdated(self) -> bool:
        """Whether it needs an update."""
        return bool(self.why)


@dataclass(frozen=True)
class GroupStatus:
    """A row of the rolling-update table."""

    group: InstanceGroup
    exists: bool
    instances: tuple[InstanceStatus, ...]
    min_size: int = 0
    target: int = 0
    max_size: int = 0
    waits_for: str = ""
    """What it is waiting for; "" if it is complete."""

    @property
    def name(self) -> str:
        """The name of the instance group."""
        return self.group.name

    @property
    def need_update(self) -> int:
        """Instances that need an update, those in the warm pool included."""
        return sum(each.outdated for each in self.instances)

    @property
    def ready(self) -> int:
        """The number of instances that are up to date."""
        return sum(not each.outdated for each in self.instances)

    @property
    def status(self) -> str:
        """``NeedsUpdate`` or ``Ready``; ``Missing`` without a group in the cloud."""
        if not self.exists:
            return "Missing"
        return "NeedsUpdate" if self.need_update else "Ready"


Changes: TypeAlias = Mapping[tuple[str, str], tuple[str, ...]]
"""What differs between two sources of instances, as ``InstanceGroups.template_changes`` tells it."""


def outdated_sources(states: Iterable[GroupState]) -> frozenset[tuple[str, str]]:
    """The sources of outdated instances, each with the one that its group uses."""
    return frozenset(
        (each.template, state.wanted)
        for state in states
        for each in state.instances
        if each.lifecycle != "Detached" and each.template != state.wanted
    )


def status_of(
    group: InstanceGroup,
    state: GroupState | None,
    nodes: Mapping[str, Node] | None = None,
    changes: Changes | None = None,
) -> GroupStatus:
    """The status of a group from its state. Terminating instances are left out.

    nodes: by the id of their machine; None if Kubernetes was not asked. changes: what differs between
    sources of instances, if that was asked.
    """
    if state is None:
        return GroupStatus(group, False, ())
    known = nodes or {}
    instances = [
        _instance(each, state.wanted, known.get(each.id), changes or {})
        for each in state.instances
        if not each.lifecycle.startswith("Terminat")
    ]
    return GroupStatus(
        group,
        True,
        tuple(instances),
        min_size=state.min_size,
        target=state.desired,
        max_size=state.max_size,
        waits_for=waits_for(state),
    )


def waits_for(state: GroupState) -> str:
    """What a group is waiting for: instances in service, or terminations; "" if it is complete."""
    if missing_from(state):
        return missing_text(state)
    leaving = [each.id for each in state.instances if each.lifecycle.startswith("Terminating")]
    return f"the end of {', '.join(leaving)}" if leaving else ""


def missing_text(state: GroupState) -> str:
    """A text with the number of missing instances, and why the cloud could not add one."""
    text = f"{missing_from(state)} of {state.desired} instances to come into service"
    return f"{text}; the last launch failed: {state.launch_failure}" if state.launch_failure else text


def missing_from(state: GroupState) -> int:
    """The number of instances that a group lacks in service."""
    serving = sum(each.lifecycle == "InService" and each.running for each in state.instances)
    return max(0, state.desired - serving)


def _instance(instance: Instance, wanted: str, node: Node | None, changes: Changes) -> InstanceStatus:
    if instance.lifecycle == "Detached":
        status, why = "Detached", "it was taken out of its group by an update that did not end"
    else:
        why = _difference(instance.template, wanted)
        fields = changes.get((instance.template, wanted), ())
        why = f"{why}: {', '.join(fields)}" if fields else why
        if not why and node is not None and NEEDS_UPDATE in node.annotations:
            why = f"its node has the annotation {NEEDS_UPDATE}"
        status = "NeedsUpdate" if why else "UpToDate"
        if instance.lifecycle.startswith("Warmed"):
            status = "WarmPool"
    return InstanceStatus(
        instance.id,
        status,
        why,
        instance.lifecycle,
        instance.machine_type,
        instance.zone,
        instance.private_ip,
        node.name if node is not None else "",
        instance.public_ip,
    )


def _difference(template: str, wanted: str) -> str:
    if template == wanted:
        return ""
    old, _, old_version = template.partition(":")
    new, _, new_version = wanted.partition(":")
    if old == new:
        return f"launch template version {old_version} → {new_version}"
    return f"made from {template or 'no launch template'}, the group uses {wanted}"
