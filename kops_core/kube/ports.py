"""The interface through which the engine uses Kubernetes, and the objects as it needs them.

Nothing here imports the client library, so operations and their tests work without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

TRUE, UNKNOWN = "True", "Unknown"
"""Statuses of a condition; the third is ``False``."""


@dataclass(frozen=True)
class Taint:
    """A taint of a node."""

    key: str
    effect: str
    """``NoSchedule``, ``PreferNoSchedule`` or ``NoExecute``."""
    value: str = ""


@dataclass(frozen=True)
class Node:
    """A node of the cluster."""

    name: str
    provider_id: str = ""
    """The cloud's address of its machine, e.g. ``aws:///us-east-1a/i-0123``; "" until it is known."""
    labels: Mapping[str, str] = field(default_factory=dict)
    ready: str = UNKNOWN
    """Status of the condition Ready: ``True``, ``False`` or ``Unknown``, also without such a condition."""
    ready_since: datetime | None = None
    """When that status began."""
    ready_message: str = ""
    """The kubelet's message of that condition."""
    network_unavailable: bool = False
    """Whether the condition NetworkUnavailable is true."""
    unschedulable: bool = False
    """Whether it is cordoned."""
    annotations: Mapping[str, str] = field(default_factory=dict)
    taints: tuple[Taint, ...] = ()
    kubelet_version: str = ""
    """As the node reports it, e.g. ``v1.35.2``; "" until it does."""

    @property
    def instance(self) -> str:
        """The id of its machine in the cloud; "" until it is known."""
        return self.provider_id.rpartition("/")[2]

    @property
    def is_ready(self) -> bool:
        """Whether it is ready and has a network (kOps: ``pkg/validation/node_conditions.go``)."""
        return self.ready == TRUE and not self.network_unavailable


@dataclass(frozen=True)
class Pod:
    """A pod, as far as validation and draining look at it."""

    namespace: str
    name: str
    node: str = ""
    """Name of its node; "" until it is scheduled."""
    labels: Mapping[str, str] = field(default_factory=dict)
    priority_class: str = ""
    phase: str = UNKNOWN
    """``Pending``, ``Running``, ``Succeeded``, ``Failed`` or ``Unknown``."""
    unready: tuple[str, ...] = ()
    """Names of its containers that are not ready."""
    reason: str = ""
    """Why it is not running or not ready, e.g. ``CrashLoopBackOff``; "" if nobody says."""
    since: datetime | None = None
    """When it became ready or stopped being so; when it was created, if it never was."""
    uid: str = ""
    """Another pod of the same name has another one."""
    controller: str = ""
    """Kind of the object that controls it, e.g. ``DaemonSet``; "" if nothing does."""
    mirror: bool = False
    """Whether it is the API's picture of a static pod, which cannot be evicted."""
    deleting: bool = False
    """Whether it is being deleted."""


@dataclass(frozen=True)
class DisruptionBudget:
    """A PodDisruptionBudget."""

    namespace: str
    name: str
    labels: Mapping[str, str] = field(default_factory=dict)
    """``spec.selector.matchLabels``; pods that have them all are protected."""
    allowed: int = 0
    """Pods that may be evicted at the moment (``status.disruptionsAllowed``)."""
    healthy: int = 0
    required: int = 0
    """Pods that have to stay healthy (``status.desiredHealthy``)."""
    reason: str = ""
    """Why it permits evictions or not: ``SufficientPods``, ``InsufficientPods`` or ``SyncFailed``, which does
    not pass by waiting; "" before it was looked at."""


class KubernetesApi(Protocol):
    """Reads and changes the objects of one cluster.

    Every call has a deadline, and raises KubernetesError. Changes may be made again: one that is in force
    already is no error.
    """

    @property
    def host(self) -> str:
        """I/O at first. The host name or address of the API server."""
        ...

    def nodes(self) -> tuple[Node, ...]:
        """I/O. All nodes."""
        ...

    def pods(self, namespace: str = "", node: str = "") -> tuple[Pod, ...]:
        """I/O. The pods of a namespace, or of all; only those of a node, if one is named."""
        ...

    def disruption_budgets(self) -> tuple[DisruptionBudget, ...]:
        """I/O. The disruption budgets of all namespaces."""
        ...

    def namespace_annotations(self) -> Mapping[str, Mapping[str, str]]:
        """I/O. The annotations of each namespace, by its name."""
        ...

    def cordon(self, node: str, *, on: bool = True) -> None:
        """I/O. Keeps new pods off a node, or lets them come again. A missing node is no error."""
        ...

    def add_taint(self, node: str, taint: Taint) -> None:
        """I/O. Adds a taint, in the place of one of its key and effect. A missing node is no error."""
        ...

    def remove_taint(self, node: str, key: str) -> None:
        """I/O. Removes all taints of a key from a node. A missing node is no error."""
        ...

    def set_label(self, node: str, key: str, value: str | None) -> None:
        """I/O. Sets a label of a node; None removes it. A missing node is no error."""
        ...

    def evict(self, pod: Pod) -> str:
        """I/O. Asks to evict a pod: "" if the API agreed or the pod is gone, else why it may not go now."""
        ...

    def close(self) -> None:
        """Closes the connections; another call opens new ones."""
        ...
