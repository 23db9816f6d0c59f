"""Emits events when the cloud throttles calls of an operation or a plan, and when that is over."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from kops_core.cloud.provider import Provider, ThrottleEpisode
from kops_core.operations.events import Event, Throttling

Emit = Callable[[Event], None]


@contextmanager
def telling_of_throttling(provider: Provider, emit: Emit, now: Callable[[], datetime]) -> Iterator[Emit]:
    """A block that yields a thread-safe ``emit`` and emits throttle episodes to it."""
    lock = threading.Lock()
    operation = ""

    def tell(event: Event) -> None:
        nonlocal operation
        with lock:
            operation = event.operation
            emit(event)

    def episode(each: ThrottleEpisode) -> None:
        with lock:
            emit(
                Throttling(
                    now(),
                    operation,
                    each.service,
                    each.call,
                    each.rate,
                    each.totals.times,
                    each.totals.seconds,
                )
            )

    with provider.throttling(episode):
        yield tell
