"""The clock of operations, so that hours of waiting can be tested in milliseconds."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import Protocol

_SLICE = 0.5
"""Seconds between checks for a stop while waiting."""


class Clock(Protocol):
    """A date, monotonic seconds for deadlines, and sleep."""

    def now(self) -> datetime:
        """The date and time (UTC)."""
        ...

    def monotonic(self) -> float:
        """Seconds since an arbitrary moment; never decreases."""
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
        """Seconds since an arbitrary moment."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Lets time pass."""
        time.sleep(seconds)


class CancelToken:
    """Pauses, resumes and stops an operation. Safe to use from several threads.

    It takes effect at the next safe point: never during a call or a replacement.
    """

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._leave = threading.Event()
        self._pause = threading.Event()
        self._skipped: frozenset[str] = frozenset()
        self._undrained: frozenset[str] = frozenset()

    def stop(self, *, at_once: bool = False) -> None:
        """Stops the operation at the next safe point; running it again resumes it.

        at_once: without waiting for the cloud, e.g. for a replacement instance.
        """
        if at_once:
            self._leave.set()
        self._stop.set()

    def pause(self) -> None:
        """Starts nothing new until ``resume``."""
        self._pause.set()

    def resume(self) -> None:
        """Resumes after a pause."""
        self._pause.clear()

    def skip(self, step: str) -> None:
        """Leaves a step out, if it is not too late for that; an operation may undo what it began with it."""
        self._skipped |= {step}

    def skipped(self) -> frozenset[str]:
        """The steps to be left out."""
        return self._skipped

    def end_drain(self, step: str) -> None:
        """Waits no longer for the pods that have not left an instance's node."""
        self._undrained |= {step}

    def undrained(self) -> frozenset[str]:
        """The instances whose pods are not waited for."""
        return self._undrained

    @property
    def stopped(self) -> bool:
        """Whether the operation has to stop."""
        return self._stop.is_set()

    @property
    def left(self) -> bool:
        """Whether to stop without waiting for work in progress."""
        return self._leave.is_set()

    @property
    def paused(self) -> bool:
        """Whether nothing new may start."""
        return self._pause.is_set() and not self.stopped

    def wait(self, clock: Clock, seconds: float) -> bool:
        """Sleeps; False as soon as the operation has to stop."""
        until = clock.monotonic() + seconds
        while not self.stopped:
            left = until - clock.monotonic()
            if left <= 0:
                return True
            clock.sleep(min(left, _SLICE))
        return False

    def hold(self, clock: Clock) -> bool:
        """Returns once the operation may go on; False if it has to stop."""
        while self.paused:
            clock.sleep(_SLICE)
        return not self.stopped
