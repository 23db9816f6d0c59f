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
    """A pod, as far as validation looks at it."""

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


class KubernetesApi(Protocol):
    """Reads the objects of one cluster. Every call has a deadline, and raises KubernetesError."""

    @property
    def host(self) -> str:
        """I/O at first. The host name or address of the API server."""
        ...

    def nodes(self) -> tuple[Node, ...]:
        """I/O. All nodes."""
        ...

    def pods(self, namespace: str = "") -> tuple[Pod, ...]:
        """I/O. The pods of a namespace, or of all."""
        ...
