"""The rate limiter of all calls and threads: no limit until AWS throttles a call.

Then the calls that share the empty bucket (``rates``) are slowed down: one API of EC2, one category of
ELB's, or a whole service. It begins below the documented rate; each further refusal lowers it, each
success raises it a little (additive increase, multiplicative decrease).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from kops_core.cloud.aws.rates import buckets_of
from kops_core.cloud.provider import ThrottleEpisode, ThrottleListener, ThrottlingTotals

_RATE = 20.0
"""The assumed rate of a service, in calls a second, if AWS documents none."""
_FIRST, _LOWEST, _RAISE, _FREE_FROM = 0.5, 0.025, 0.0125, 2.0
"""Fractions of the documented rate.

After the first refusal (others in the account need some of it, too), the minimum, the increase by a success,
and the rate above which nothing is limited any more."""
_QUIET = 30.0
"""Seconds without a refusal after which calls are not limited any more."""


@dataclass
class _Pace:
    """The pace of the calls that share a bucket."""

    documented: float
    """Calls a second."""
    rate: float = 0.0
    """The current limit in calls a second; 0 for none."""
    refused_at: float = 0.0
    next_free: float = 0.0

    def refused(self, now: float) -> None:
        # Calls that were sent before say nothing about the new rate.
        if not self.rate:
            self.rate = self.documented * _FIRST
        elif now >= self.refused_at + 1 / self.rate:
            self.rate = max(self.documented * _LOWEST, self.rate / 2)
        self.refused_at = now

    def succeeded(self, now: float) -> None:
        free = self.rate >= self.documented * _FREE_FROM or now >= self.refused_at + _QUIET
        self.rate = 0.0 if free else self.rate + self.documented * _RAISE

    def wait(self, now: float) -> float:
        """Seconds until the next call, which is then counted."""
        seconds = max(0.0, self.next_free - now)
        self.next_free = now + seconds + 1 / self.rate
        return seconds


@dataclass
class _Service:
    paces: dict[str, _Pace] = field(default_factory=dict)
    """By the name of the bucket."""
    call: str = ""
    before: ThrottlingTotals = field(default_factory=ThrottlingTotals)
    """Totals when the episode began."""
    times: int = 0
    seconds: float = 0.0

    def pace(self, service: str, call: str) -> _Pace:
        bucket = next(iter(buckets_of(service, call, narrowed=True)), None)
        name, rate = (bucket.name, bucket.refill) if bucket else (service, _RATE)
        return self.paces.setdefault(name, _Pace(rate))

    @property
    def rate(self) -> float:
        """The lowest of its paces; 0 if none is limited."""
        return min((each.rate for each in self.paces.values() if each.rate), default=0.0)


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
        self._told: list[ThrottleListener] = []
        self._lock = threading.Lock()
        self._services: dict[str, _Service] = {}

    @contextmanager
    def subscribed(self, told: ThrottleListener) -> Iterator[None]:
        """A block in which a listener is called for throttle episodes; for current ones at once."""
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

    def before(self, service: str, call: str) -> None:
        """Waits until the next call of its kind may be made."""
        with self._lock:
            state = self._services.setdefault(service, _Service())
            pace = state.pace(service, call)
            if not pace.rate:
                return
            wait = pace.wait(self._monotonic())
            state.seconds += wait
        if wait:
            self._sleep(wait)

    def succeeded(self, service: str, call: str) -> None:
        """A call went through."""
        with self._lock:
            state = self._services.setdefault(service, _Service())
            pace = state.pace(service, call)
            if not pace.rate:
                return
            pace.succeeded(self._monotonic())
            over = [] if state.rate else [self._burst(service, state, 0.0)]
        self._tell(over)

    def throttled(self, service: str, call: str) -> None:
        """A call was refused for its rate."""
        with self._lock:
            state = self._services.setdefault(service, _Service())
            begins = not state.rate
            if begins:
                state.call, state.before = call, ThrottlingTotals(state.times, state.seconds)
            state.times += 1
            state.pace(service, call).refused(self._monotonic())
            began = [self._burst(service, state, state.rate)] if begins else []
        self._tell(began)

    @staticmethod
    def _burst(service: str, state: _Service, rate: float) -> ThrottleEpisode:
        before = state.before
        spent = ThrottlingTotals(state.times - before.times, state.seconds - before.seconds)
        return ThrottleEpisode(service, state.call, rate, spent)

    def _tell(self, bursts: Sequence[ThrottleEpisode]) -> None:
        for burst in bursts:
            with self._lock:
                told = list(self._told)
            for each in told:
                each(burst)

    def totals(self) -> Mapping[str, ThrottlingTotals]:
        """The totals of throttling by service."""
        with self._lock:
            return {
                name: ThrottlingTotals(state.times, state.seconds)
                for name, state in self._services.items()
                if state.times
            }
