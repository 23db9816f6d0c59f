"""Time as operations see it, so that hours of waiting can be tested in milliseconds."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import Protocol

_SLICE = 0.5
"""Seconds after which somebody who waits looks whether to stop."""


class Clock(Protocol):
    """Dates for people, a monotonic count of seconds for deadlines, and sleep."""

    def now(self) -> datetime:
        """The date and time (UTC)."""
        ...

    def monotonic(self) -> float:
        """Seconds since some moment; never goes back."""
        ...

    def sleep(self, seconds: float) -> None:
        """Lets time pass."""
        ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """The date and time (UTC)."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds since some moment."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Lets time pass."""
        time.sleep(seconds)


class CancelToken:
    """How an operator holds an operation: pause, continue, stop. Safe to use from several threads.

    It is heeded at the next safe point: never in the middle of a call or of a replacement.
    """

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._leave = threading.Event()
        self._pause = threading.Event()

    def stop(self, *, at_once: bool = False) -> None:
        """Ends the operation at the next safe point; running it again goes on from there.

        at_once: do not wait for what the cloud is doing either, e.g. for a replacement to come up.
        """
        if at_once:
            self._leave.set()
        self._stop.set()

    def pause(self) -> None:
        """Begins nothing new until ``resume``."""
        self._pause.set()

    def resume(self) -> None:
        """Goes on after a pause."""
        self._pause.clear()

    @property
    def stopped(self) -> bool:
        """Whether the operation is to end."""
        return self._stop.is_set()

    @property
    def left(self) -> bool:
        """Whether not even to wait for what is under way."""
        return self._leave.is_set()

    @property
    def paused(self) -> bool:
        """Whether nothing new is to begin."""
        return self._pause.is_set() and not self.stopped

    def wait(self, clock: Clock, seconds: float) -> bool:
        """Lets time pass; False as soon as the operation is to end."""
        until = clock.monotonic() + seconds
        while not self.stopped:
            left = until - clock.monotonic()
            if left <= 0:
                return True
            clock.sleep(min(left, _SLICE))
        return False

    def hold(self, clock: Clock) -> bool:
        """Returns once the operation may go on; False if it is to end."""
        while self.paused:
            clock.sleep(_SLICE)
        return not self.stopped
