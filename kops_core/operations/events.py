"""What an operation tells its viewers: plain data that screens, NDJSON and logs render."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class Phase(Enum):
    """Where a step is."""

    WAITING = "wait"
    RUNNING = "run"
    RETRYING = "retry"
    DONE = "ok"
    FAILED = "fail"
    SKIPPED = "skip"


@dataclass(frozen=True)
class Event:
    """Something happened in an operation."""

    at: datetime
    operation: str
    """Id of the operation, as in its journal."""


@dataclass(frozen=True)
class Started(Event):
    """An operation began, or went on after an interruption."""

    kind: str
    """``apply`` or ``rolling-update``."""
    cluster: str
    by: str
    """user@host"""
    steps: int
    done_before: int = 0
    """Steps that an earlier run of the same operation had finished."""


@dataclass(frozen=True)
class StepChanged(Event):
    """A step moved on."""

    step: str
    """The resource's key, or the instance's id."""
    phase: Phase
    note: str = ""
    """What it is doing or waiting for, and until when."""
    seconds: float = 0.0
    """Since the step began."""
    group: str = ""
    """Instance group, in a rolling update."""


@dataclass(frozen=True)
class Throttling(Event):
    """The cloud throttles requests, and calls are slowed down; sent when that begins, and when it ends.

    ``operation`` is empty while a plan is made.
    """

    service: str
    call: str
    """The API call that was refused first."""
    rate: float
    """Calls a second that we slow down to; 0 when it is over."""
    times: int
    """Calls that were refused so far."""
    seconds: float
    """Waited so far, by all threads together."""

    @property
    def over(self) -> bool:
        """Whether calls go at full speed again."""
        return not self.rate

    @property
    def message(self) -> str:
        """One sentence."""
        if self.over:
            waited = f"{self.times} calls refused, {self.seconds:.1f} s waited"
            return f"{self.service} no longer throttles requests: {waited}"
        return f"{self.service} throttles requests ({self.call}): slowed down to {self.rate:g} calls a second"


@dataclass(frozen=True)
class Warned(Event):
    """Something that the operation can't help, and its operator should know of."""

    message: str


@dataclass(frozen=True)
class Finished(Event):
    """An operation ended."""

    ok: bool
    done: int
    message: str
    """One sentence; for a failure with what to do next."""
