"""What happens later in a cluster: actions with the moment at which they are due."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

Action = Callable[[], None]


@dataclass(frozen=True)
class Timing:
    """How long things take, in seconds. Defaults are those of a quick cluster on AWS."""

    api_server: float = 60.0
    """From the start of a control-plane machine until its API server and etcd serve."""
    join: float = 40.0
    """From the start of a machine until its node is there."""
    ready: float = 10.0
    """From then until the node is ready."""
    pod_start: float = 4.0
    """From the scheduling of a pod until it is ready."""
    pod_end: float = 2.0
    """From the deletion of a pod until its containers have ended, at most its grace period."""
    lost: float = 5.0
    """From the end of a machine until its node is not ready."""
    removed: float = 10.0
    """From the end of a machine until its node is removed."""

    flap: float = 30.0
    """From one change to the next of a node whose readiness flaps."""

    def faster(self, factor: float) -> Timing:
        """The same, a factor faster."""
        return Timing(**{name: seconds / factor for name, seconds in vars(self).items()})


class Timers:
    """Actions in the order in which they are due; equal ones in the order in which they were added."""

    def __init__(self) -> None:
        self._waiting: list[tuple[datetime, int, Action]] = []
        self._numbers = count()

    def add(self, since: datetime, seconds: float, action: Action) -> None:
        """Adds an action that is due some seconds after a moment."""
        heapq.heappush(self._waiting, (since + timedelta(seconds=seconds), next(self._numbers), action))

    def next(self) -> datetime | None:
        """When the next action is due."""
        return self._waiting[0][0] if self._waiting else None

    def take(self) -> Action:
        """The next action, which is no longer waited for."""
        return heapq.heappop(self._waiting)[2]
