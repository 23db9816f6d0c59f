"""Rows of the fleet: summaries from the store, and the status from the cloud, which comes later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class Pending(Enum):
    """What has to be done to a cluster next."""

    UNKNOWN = "?"
    UP_TO_DATE = "-"
    CHANGES = "plan"
    ROLL = "roll"
    NEVER_APPLIED = "never applied"


@dataclass(frozen=True)
class GroupSummary:
    """The summary of an instance group's spec."""

    name: str
    role: str
    """``ControlPlane``, ``Node``, ``APIServer`` or ``Bastion``."""
    machine_type: str
    minimum: int
    maximum: int
    subnets: tuple[str, ...]


@dataclass(frozen=True)
class ClusterSummary:
    """The summary of a cluster in the state store, without the cloud."""

    store: str
    name: str
    kubernetes_version: str = ""
    """As in the spec, without a v."""
    cloud: str = ""
    networking: str = ""
    """Name of the network plugin."""
    zones: tuple[str, ...] = ()
    groups: tuple[GroupSummary, ...] = ()
    """Empty if they were not read."""
    group_count: int = 0
    applied: bool = False
    """Whether it was ever applied: its completed spec is in the store."""
    protected: bool = False
    changed_at: datetime | None = None
    """When its spec, or that of an instance group, was last written."""
    error: str = ""
    """Why its spec can't be read; then the rest is empty."""
    error_line: int = 0
    """The line of that error in its document, from 1; 0 if unknown."""
    applied_at: datetime | None = None
    """When its completed spec was last written."""
    warnings: tuple[str, ...] = ()
    """Ignored fields of its specs, a sentence each with file and line."""


@dataclass(frozen=True)
class ClusterStatus:
    """The status of a cluster in the cloud, by a plan of it or by a glance at the whole account."""

    name: str
    taken_at: datetime
    pending: Pending = Pending.UNKNOWN
    changes: int = 0
    """Resources that a plan would create, change or delete."""
    groups_to_roll: tuple[str, ...] = ()
    control_plane: tuple[int, int] = (0, 0)
    """Instances in service, and wanted."""
    nodes: tuple[int, int] = (0, 0)
    """Instances in service, and wanted."""
    last_operation: str = ""
    """e.g. ``apply ok``; "" if the journal has none."""
    last_operation_at: datetime | None = None
    error: str = ""
    """Why the cloud could not be read."""
    held_back: int = 0
    """Deletions that are deferred to pruning."""
    planned: bool = False
    """Whether it comes from a plan. Else specs count as applied that are older than the last apply, and only
    instance groups were looked at: other drift is not seen."""
