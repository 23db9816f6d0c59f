"""Rows of the fleet: what the store says at once, and what the cloud says when it has answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class Pending(Enum):
    """What a cluster waits for."""

    UNKNOWN = "?"
    UP_TO_DATE = "-"
    CHANGES = "plan"
    ROLL = "roll"
    NEVER_APPLIED = "never applied"


@dataclass(frozen=True)
class GroupSummary:
    """An instance group as its spec has it."""

    name: str
    role: str
    """``ControlPlane``, ``Node``, ``APIServer`` or ``Bastion``."""
    machine_type: str
    minimum: int
    maximum: int
    subnets: tuple[str, ...]


@dataclass(frozen=True)
class ClusterSummary:
    """A cluster as the state store has it: no cloud was asked."""

    store: str
    name: str
    kubernetes_version: str = ""
    """As the user wrote it, without a v."""
    cloud: str = ""
    networking: str = ""
    """Name of the network plugin."""
    zones: tuple[str, ...] = ()
    groups: tuple[GroupSummary, ...] = ()
    applied: bool = False
    """Whether anybody ever applied it: its completed spec is in the store."""
    protected: bool = False
    changed_at: datetime | None = None
    """When its spec was last written."""
    error: str = ""
    """Why its spec can't be read; then the rest is empty."""
    warnings: tuple[str, ...] = ()
    """What its specs hold that is ignored, a sentence each with file and line."""


@dataclass(frozen=True)
class ClusterStatus:
    """A cluster as the cloud has it."""

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
    """Deletions that wait for pruning."""
