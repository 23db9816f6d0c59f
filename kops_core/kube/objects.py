"""From the client library's objects to those of ``ports``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kops_core.kube.ports import TRUE, UNKNOWN, DisruptionBudget, Node, Pod, Taint

if TYPE_CHECKING:
    from lightkube.models import core_v1, policy_v1

MIRROR: Final = "kubernetes.io/config.mirror"
"""Annotation of pods that are pictures of static ones."""


def to_taint(found: core_v1.Taint) -> Taint:
    """A taint."""
    return Taint(found.key, found.effect, found.value or "")


def to_budget(found: policy_v1.PodDisruptionBudget) -> DisruptionBudget:
    """A disruption budget."""
    metadata, spec, status = found.metadata, found.spec, found.status
    return DisruptionBudget(
        namespace=(metadata.namespace if metadata else None) or "",
        name=(metadata.name if metadata else None) or "",
        labels=dict((spec.selector.matchLabels if spec and spec.selector else None) or {}),
        allowed=(status.disruptionsAllowed if status else None) or 0,
        healthy=(status.currentHealthy if status else None) or 0,
        required=(status.desiredHealthy if status else None) or 0,
        reason=next(
            (
                each.reason
                for each in (status.conditions if status else None) or ()
                if each.type == "DisruptionAllowed"
            ),
            "",
        ),
    )


def to_node(found: core_v1.Node) -> Node:
    """A node."""
    metadata, spec, status = found.metadata, found.spec, found.status
    conditions = {each.type: each for each in (status.conditions if status else None) or ()}
    ready, network = conditions.get("Ready"), conditions.get("NetworkUnavailable")
    return Node(
        name=(metadata.name if metadata else None) or "",
        provider_id=(spec.providerID if spec else None) or "",
        labels=dict((metadata.labels if metadata else None) or {}),
        ready=ready.status if ready else UNKNOWN,
        ready_since=ready.lastTransitionTime if ready else None,
        ready_message=(ready.message if ready else None) or "",
        network_unavailable=network is not None and network.status == TRUE,
        unschedulable=bool(spec and spec.unschedulable),
        annotations=dict((metadata.annotations if metadata else None) or {}),
        taints=tuple(to_taint(each) for each in (spec.taints if spec else None) or ()),
        kubelet_version=(status.nodeInfo.kubeletVersion if status and status.nodeInfo else None) or "",
    )


def to_pod(found: core_v1.Pod) -> Pod:
    """A pod."""
    metadata, spec, status = found.metadata, found.spec, found.status
    containers = (status.containerStatuses if status else None) or ()
    conditions = {each.type: each for each in (status.conditions if status else None) or ()}
    ready, scheduled = conditions.get("Ready"), conditions.get("PodScheduled")
    waiting = [
        each.state.waiting.reason
        for each in containers
        if not each.ready and each.state and each.state.waiting and each.state.waiting.reason
    ]
    unscheduled = scheduled.message if scheduled and scheduled.status != TRUE else None
    return Pod(
        namespace=(metadata.namespace if metadata else None) or "",
        name=(metadata.name if metadata else None) or "",
        node=(spec.nodeName if spec else None) or "",
        labels=dict((metadata.labels if metadata else None) or {}),
        priority_class=(spec.priorityClassName if spec else None) or "",
        phase=(status.phase if status else None) or UNKNOWN,
        unready=tuple(each.name for each in containers if not each.ready),
        reason=", ".join(dict.fromkeys(waiting)) or unscheduled or (status.reason if status else None) or "",
        since=(ready.lastTransitionTime if ready else None)
        or (metadata.creationTimestamp if metadata else None),
        uid=(metadata.uid if metadata else None) or "",
        controller=next(
            (each.kind for each in (metadata.ownerReferences if metadata else None) or () if each.controller),
            "",
        ),
        mirror=MIRROR in ((metadata.annotations if metadata else None) or {}),
        deleting=bool(metadata and metadata.deletionTimestamp),
    )
