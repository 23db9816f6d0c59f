"""One limiter for all calls and threads: no limit until a service asks to slow down.

The first throttled call of a service sets a rate below what was being asked; each further
one lowers it, each success raises it a little (additive increase, multiplicative decrease).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

_LOWEST_RATE = 0.5
"""Calls a second that a service is never slowed below."""
_FIRST_RATE = 10.0
"""Where a service starts when it throttles for the first time: below EC2's refill rates for
non-mutating actions (AWS: "Request throttling for the Amazon EC2 API", 20 a second)."""
_RAISE = 0.25
"""What a success adds to the rate."""
_FREE_FROM = 40.0
"""A service that gets here again is not limited any more."""


@dataclass(frozen=True)
class ThrottlingTotals:
    """What throttling has cost since the start."""

    times: int = 0
    seconds: float = 0.0
    """Waited by all threads together."""


@dataclass
class _Service:
    rate: float = 0.0
    """Calls a second; 0 for no limit."""
    next_free: float = 0.0
    times: int = 0
    seconds: float = 0.0


class Limiter:
    """Shared by every client of a session; safe to use from several threads."""

    def __init__(
        self,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        on_throttled: Callable[[str, ThrottlingTotals], None] | None = None,
    ) -> None:
        self._monotonic = monotonic
        self._sleep = sleep
        self.on_throttled = on_throttled
        """Told the service and its totals whenever a call was throttled."""
        self._lock = threading.Lock()
        self._services: dict[str, _Service] = {}

    def before(self, service: str) -> None:
        """Waits until the next call of a service may be made."""
        with self._lock:
            state = self._services.setdefault(service, _Service())
            if not state.rate:
                return
            now = self._monotonic()
            wait = max(0.0, state.next_free - now)
            state.next_free = max(now, state.next_free) + 1 / state.rate
            state.seconds += wait
        if wait:
            self._sleep(wait)

    def succeeded(self, service: str) -> None:
        """A call went through."""
        with self._lock:
            state = self._services.setdefault(service, _Service())
            if state.rate:
                state.rate = state.rate + _RAISE if state.rate < _FREE_FROM else 0.0

    def throttled(self, service: str) -> None:
        """A call was refused for its rate."""
        with self._lock:
            state = self._services.setdefault(service, _Service())
            state.times += 1
            state.rate = max(_LOWEST_RATE, state.rate / 2) if state.rate else _FIRST_RATE
            totals = ThrottlingTotals(state.times, state.seconds)
        if self.on_throttled:
            self.on_throttled(service, totals)

    def totals(self) -> Mapping[str, ThrottlingTotals]:
        """What throttling has cost, for each service that throttled."""
        with self._lock:
            return {
                name: ThrottlingTotals(state.times, state.seconds)
                for name, state in self._services.items()
                if state.times
            }
