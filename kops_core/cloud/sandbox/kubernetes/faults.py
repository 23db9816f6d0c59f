"""What can be made to go wrong in a cluster, in process or over HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from kops_core.cloud.sandbox.kubernetes.kinds import Object


@dataclass
class Faults:
    """The faults of one cluster."""

    away_until: datetime | None = None
    """The API server can't be reached before."""
    slow: float = 0.0
    """Seconds that each answer takes."""
    unavailable: int = 0
    """As many requests are answered with 503."""
    no_quorum: bool = False
    """etcd has lost its quorum."""
    never_join: set[str] = field(default_factory=set)
    """Machines, or instance groups, whose nodes never join."""
    not_ready: set[str] = field(default_factory=set)
    """Nodes that are not ready."""
    flapping: set[str] = field(default_factory=set)
    """Nodes that are ready and not ready in turn (``Timing.flap``)."""
    stuck_pods: set[str] = field(default_factory=set)
    """Pods that do not end, as ``namespace/name`` or a beginning of it."""
    frozen_budgets: set[str] = field(default_factory=set)
    """Budgets that never allow anything, as ``namespace/name``."""
    broken_watches: int = 0
    """As many watches are cut off at their next event."""

    def holds(self, pod: Object) -> bool:
        """Whether a pod does not end."""
        name = f"{pod['metadata']['namespace']}/{pod['metadata']['name']}"
        return any(name.startswith(each) for each in self.stuck_pods)

    def freezes(self, budget: Object) -> bool:
        """Whether a budget allows nothing."""
        return f"{budget['metadata']['namespace']}/{budget['metadata']['name']}" in self.frozen_budgets

    def change(self, wanted: Object, now: datetime) -> None:
        """Sets the faults that a request names, by the names of the fields; ``away`` is in seconds.

        Lists take the place of the sets. Raises ValueError for an unknown name or a wrong type.
        """
        for name, value in wanted.items():
            if name == "away" and isinstance(value, int | float):
                self.away_until = now + timedelta(seconds=value)
                continue
            before = getattr(self, name, None)
            if isinstance(before, set) and isinstance(value, list):
                setattr(self, name, {str(each) for each in value})
            elif isinstance(before, bool | int | float) and isinstance(value, bool | int | float):
                setattr(self, name, type(before)(value))
            else:
                raise ValueError(f"there is no such fault: {name}={value!r}")
