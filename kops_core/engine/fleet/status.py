"""Computes the status of a cluster from its plan and instances."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from kops_core.engine.fleet.rows import ClusterStatus, Pending
from kops_core.engine.operations.instance_groups import GroupStatus
from kops_core.plan.changes import Plan


def status_of(status: ClusterStatus, plan: Plan, groups: Sequence[GroupStatus]) -> ClusterStatus:
    """The status, completed from a plan and the instance groups."""
    to_roll = tuple(group.name for group in groups if group.outdated)
    if not any(group.exists for group in groups):
        pending = Pending.NEVER_APPLIED
    elif not plan.empty:
        pending = Pending.CHANGES
    else:
        pending = Pending.ROLL if to_roll else Pending.UP_TO_DATE
    return replace(
        status,
        pending=pending,
        changes=len(plan.pending),
        held_back=len(plan.deferred),
        groups_to_roll=to_roll,
        control_plane=_counted(group for group in groups if group.role == "ControlPlane"),
        nodes=_counted(group for group in groups if group.role == "Node"),
        error="; ".join(plan.errors),
    )


def _counted(groups: Iterable[GroupStatus]) -> tuple[int, int]:
    found = list(groups)
    return sum(group.in_service for group in found), sum(group.wanted for group in found)
