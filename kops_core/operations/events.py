"""Events of operations: plain data, rendered by screens, NDJSON and logs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from kops_core.errors import FieldError


class Phase(Enum):
    """The phase of a step."""

    WAITING = "wait"
    RUNNING = "run"
    RETRYING = "retry"
    DONE = "ok"
    FAILED = "fail"
    SKIPPED = "skip"


@dataclass(frozen=True)
class Event:
    """Base class of events."""

    at: datetime
    operation: str
    """Id of the operation, as in its journal."""


@dataclass(frozen=True)
class Launched(Event):
    """The process of an operation runs; first it reads and plans."""

    kind: str
    """``apply``, ``rolling-update`` or ``delete``."""
    cluster: str
    by: str
    """user@host"""


@dataclass(frozen=True)
class Started(Event):
    """An operation has started or resumed."""

    kind: str
    """``apply`` or ``rolling-update``."""
    cluster: str
    by: str
    """user@host"""
    steps: int
    done_before: int = 0
    """Number of steps that earlier runs of the operation have completed."""


@dataclass(frozen=True)
class StageStarted(Event):
    """A stage of an operation that has several begins; each starts steps of its own."""

    number: int
    """From 1."""
    total: int
    title: str


@dataclass(frozen=True)
class HeldPod:
    """A pod that may not leave its node at the moment."""

    pod: str
    """Namespace and name."""
    since: datetime
    budget: str
    """The disruption budgets that hold it, with their healthy pods; "" if they are not known."""
    answer: str
    """What the API server said."""


@dataclass(frozen=True)
class StepChanged(Event):
    """A step has changed its phase."""

    step: str
    """The resource's key, or the instance's id."""
    phase: Phase
    note: str = ""
    """What it does or waits for, and until when."""
    seconds: float = 0.0
    """Since the step began."""
    group: str = ""
    """Instance group, in a rolling update."""
    stage: str = ""
    """What is being done to the instance, in a rolling update, e.g. ``draining``."""
    held: tuple[HeldPod, ...] = ()
    """The pods that keep its node from being drained."""


@dataclass(frozen=True)
class Throttling(Event):
    """The start or end of throttling by the cloud, in which calls are slowed down.

    ``operation`` is empty during planning.
    """

    service: str
    call: str
    """The API call that was refused first."""
    rate: float
    """The current limit in calls a second; 0 when it is over."""
    times: int
    """Number of throttled calls so far."""
    seconds: float
    """Time waited so far by all threads together."""

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
class Paused(Event):
    """Nothing new is started for a while."""

    reason: str
    by_operator: bool = False
    """Whether it goes on when the operator says so; else by itself, once the reason is gone."""


@dataclass(frozen=True)
class Resumed(Event):
    """What was paused goes on."""


@dataclass(frozen=True)
class Warned(Event):
    """A warning for the operator."""

    message: str


@dataclass(frozen=True)
class Saved(Event):
    """Edits that were not saved are saved now, as the first thing that an operation changes."""

    what: tuple[str, ...]
    """A description of each edit."""


class Control(Enum):
    """What a viewer may ask of a running operation."""

    STOP = "stop"
    """End at the next safe point."""
    STOP_AT_ONCE = "stop-now"
    """End without waiting for the cloud."""
    PAUSE = "pause"
    RESUME = "resume"
    SKIP = "skip"
    """Leave a step out."""
    END_DRAIN = "end-drain"
    """Replace an instance although pods have not left its node."""
    ANSWER = "answer"
    """The answer to a question of the operation."""


@dataclass(frozen=True)
class Controlled(Event):
    """A viewer has asked something of the operation. An answer itself is in no event."""

    control: Control
    by: str
    """user@host"""
    step: str = ""
    """The id of the question that was answered, or the step to be left out."""


@dataclass(frozen=True)
class Asked(Event):
    """The operation needs an answer, e.g. the code of a multi-factor device, and waits for it."""

    question: str
    """Id of the question."""
    text: str


@dataclass(frozen=True)
class Failed(Event):
    """An error has ended an operation: refused, locked, or no longer possible."""

    error: str
    """Name of the class in ``kops_core.errors``; of another one for a fault of the program."""
    what: str
    where: str = ""
    remedy: str = ""
    exit_code: int = 1
    until: datetime | None = None
    """When a lock that somebody else holds expires."""
    fields: tuple[FieldError, ...] = ()
    """The errors of an invalid spec."""


@dataclass(frozen=True)
class Finished(Event):
    """An operation has ended."""

    ok: bool
    done: int
    message: str
    """One sentence; for a failure with advice."""
