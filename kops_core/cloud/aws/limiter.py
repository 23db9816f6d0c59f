"""One limiter for all calls and threads: no limit until a service asks to slow down.

The first throttled call of a service sets a rate below what was being asked; each further
one lowers it, each success raises it a little (additive increase, multiplicative decrease).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

_LOWEST_RATE = 0.5
"""Calls a second that a service is never slowed below."""
_FIRST_RATE = 10.0
"""Where a service starts when it throttles for the first time: below EC2's refill rates for
non-mutating actions (AWS: "Request throttling for the Amazon EC2 API", 20 a second)."""
_RAISE = 0.25
"""What a success adds to the rate."""
_FREE_FROM = 40.0
"""A service that gets here again is not limited any more."""
_QUIET = 30.0
"""Seconds without a refusal after which a service is not limited any more."""


@dataclass(frozen=True)
class ThrottlingTotals:
    """What throttling has cost since the start."""

    times: int = 0
    seconds: float = 0.0
    """Waited by all threads together."""


@dataclass(frozen=True)
class Burst:
    """A service began to refuse calls for their rate, or was found to have ended."""

    service: str
    call: str
    """The API call that was refused first."""
    rate: float
    """Calls a second that it is slowed down to; 0 once it is over."""
    totals: ThrottlingTotals
    """Of this burst; its own so far."""

    @property
    def over(self) -> bool:
        """Whether calls go at full speed again."""
        return not self.rate


Told = Callable[[Burst], None]
"""Told when a burst begins and when it is over, by whichever thread made the call."""


@dataclass
class _Service:
    rate: float = 0.0
    """Calls a second; 0 for no limit."""
    call: str = ""
    refused_at: float = 0.0
    before: ThrottlingTotals = field(default_factory=ThrottlingTotals)
    """Totals when the burst began."""
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
    ) -> None:
        self._monotonic = monotonic
        self._sleep = sleep
        self._told: list[Told] = []
        self._lock = threading.Lock()
        self._services: dict[str, _Service] = {}

    @contextmanager
    def telling(self, told: Told) -> Iterator[None]:
        """A time in which somebody is told of bursts; of those under way at once."""
        with self._lock:
            self._told.append(told)
            now = [
                self._burst(name, state, state.rate) for name, state in self._services.items() if state.rate
            ]
        for burst in now:
            told(burst)
        try:
            yield
        finally:
            with self._lock:
                self._told.remove(told)

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
            if not state.rate:
                return
            free = state.rate >= _FREE_FROM or self._monotonic() >= state.refused_at + _QUIET
            state.rate = 0.0 if free else state.rate + _RAISE
            over = [self._burst(service, state, 0.0)] if free else []
        self._tell(over)

    def throttled(self, service: str, call: str) -> None:
        """A call was refused for its rate."""
        with self._lock:
            state = self._services.setdefault(service, _Service())
            begins = not state.rate
            if begins:
                state.call, state.before = call, ThrottlingTotals(state.times, state.seconds)
            state.times += 1
            state.refused_at = self._monotonic()
            state.rate = _FIRST_RATE if begins else max(_LOWEST_RATE, state.rate / 2)
            began = [self._burst(service, state, state.rate)] if begins else []
        self._tell(began)

    @staticmethod
    def _burst(service: str, state: _Service, rate: float) -> Burst:
        before = state.before
        spent = ThrottlingTotals(state.times - before.times, state.seconds - before.seconds)
        return Burst(service, state.call, rate, spent)

    def _tell(self, bursts: Sequence[Burst]) -> None:
        for burst in bursts:
            with self._lock:
                told = list(self._told)
            for each in told:
                each(burst)

    def totals(self) -> Mapping[str, ThrottlingTotals]:
        """What throttling has cost, for each service that throttled."""
        with self._lock:
            return {
                name: ThrottlingTotals(state.times, state.seconds)
                for name, state in self._services.items()
                if state.times
            }
