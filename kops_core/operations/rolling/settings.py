"""Settings of rolling updates: kOps' flags, and ``rollingUpdate`` of cluster and instance group."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from kops_core.operations.group_status import Role

# Requests of operations hold these settings: what is slow to load is loaded where it is used.

Amount: TypeAlias = int | str
"""A number of instances, or a percentage of a group's instances such as ``30%``."""


@dataclass(frozen=True)
class RollingSettings:
    """The options of ``kops rolling-update cluster``; defaults are kOps'. Times are in seconds."""

    bastion_interval: float = 15.0
    control_plane_interval: float = 15.0
    node_interval: float = 15.0
    """At least so long after an instance was terminated or detached, before the cluster is validated."""
    cloud_only: bool = False
    """Neither drain nor validate: only wait until the cloud has the group's instances in service."""
    force: bool = False
    """Replace instances that are up to date, too."""
    drain_timeout: float = 900.0
    """For the drain of one node; 0 for no limit."""
    post_drain_delay: float = 5.0
    fail_on_drain_error: bool = True
    fail_on_validate_error: bool = True
    """Whether a cluster that is not valid in time ends the update, or only warns."""
    validate_count: int = 2
    """Validations that have to pass one after the other; 0 does not validate between instances."""
    validation_timeout: float = 900.0
    """For a cluster to become valid, and for an API that is away to come back."""
    validate_interval: float = 30.0
    """After a failed validation, until the next."""
    interactive: bool = False
    """Pause after each instance."""
    deregister_control_plane: bool = True
    """Whether control-plane nodes and API servers leave their load balancers before they are drained."""
    parallel_groups: int = 1
    """Groups of nodes that are rolled side by side; kOps rolls one after the other."""
    max_unavailable_nodes: int = 1
    """Nodes of all groups that are rolled side by side that may be unavailable at once."""
    clean_up: bool = False
    """Replace nothing: only undo what an interrupted update did to nodes, which ends it."""
    by: str = ""
    """user@host"""

    def interval(self, role: Role) -> float:
        """The interval of a role."""
        from kops_core.operations.group_status import Role

        match role:
            case Role.BASTION:
                return self.bastion_interval
            case Role.CONTROL_PLANE:
                return self.control_plane_interval
            case _:
                return self.node_interval


@dataclass(frozen=True)
class Strategy:
    """``spec.rollingUpdate`` of an instance group, with what the cluster's gives where it has none."""

    max_surge: Amount = 1
    """Instances that may be added for the time of the update. kOps' default is 1 on AWS, else 0."""
    max_unavailable: Amount | None = None
    """Instances that may be missing; None for 1 without a surge, else 0."""
    drain_and_terminate: bool = True
    """False ends the update of the group after the surge: the operator terminates the old ones."""
    can_surge: bool = True
    """Whether instances can be detached from the group; False for those that Karpenter manages."""


@dataclass(frozen=True)
class GroupLimits:
    """How many instances of a group are replaced at once."""

    surge: int
    unavailable: int
    drain_and_terminate: bool = True


def resolve_limits(
    strategy: Strategy, role: Role, *, instances: int, updates: int, interactive: bool = False
) -> GroupLimits:
    """The limits of a group with a number of instances, some of which are to be replaced.

    A surge in per cent is rounded up, unavailable instances are rounded down, to 1 at least (kOps:
    ``pkg/instancegroups/settings.go``). Nodes of the control plane join by the API server and etcd on
    themselves, so that none can be added.
    """
    from kops_core.operations.group_status import Role

    surge = _count(strategy.max_surge, instances, up=True)
    unavailable = (
        int(surge == 0)
        if strategy.max_unavailable is None
        else _count(strategy.max_unavailable, instances, up=False)
    )
    surge = min(surge, updates)
    if role is Role.CONTROL_PLANE or not strategy.can_surge:
        surge, unavailable = 0, max(1, unavailable)
    if interactive:
        surge, unavailable = min(surge, 1), min(unavailable, 1)
    return GroupLimits(surge, unavailable, strategy.drain_and_terminate)


def _count(amount: Amount, instances: int, *, up: bool) -> int:
    text = str(amount)
    if not text.endswith("%"):
        return int(text)
    share = int(text[:-1]) * instances / 100
    return math.ceil(share) if up else max(1, math.floor(share))
