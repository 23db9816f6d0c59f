"""Operations under way: each runs in a thread of the app, so leaving its screen changes nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeAlias

from textual.message import Message

from kops_core.operations.events import Event, Finished, Phase, Started, StepChanged, Throttling

Work: TypeAlias = Callable[[Callable[[Event], None], "Hold"], Finished]
"""An operation: told where its events go and who holds it; returns when it ended."""


class Hold:
    """The hand on a running operation. Every method may be called from any thread."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        """Set when the operation is to end after the step under way."""
        self._going = threading.Event()
        self._going.set()

    @property
    def paused(self) -> bool:
        """Whether it waits to be told to go on."""
        return not self._going.is_set()

    def pause(self) -> None:
        """Wait before the next step."""
        self._going.clear()

    def resume(self) -> None:
        """Go on."""
        self._going.set()

    def stop(self) -> None:
        """End after the step under way, paused or not."""
        self.stopping.set()
        self._going.set()

    def wait(self, seconds: float | None = None) -> bool:
        """Block while paused. False if it is to stop."""
        self._going.wait(seconds)
        return not self.stopping.is_set()


@dataclass(frozen=True)
class Step:
    """Where one step is."""

    name: str
    phase: Phase
    note: str
    group: str
    seconds: float
    """Since it began, at ``at``."""
    at: datetime

    def elapsed(self, now: datetime) -> float:
        """Seconds since it began; a step that ended stands still."""
        if self.phase in (Phase.RUNNING, Phase.RETRYING):
            return self.seconds + max(0.0, (now - self.at).total_seconds())
        return self.seconds


@dataclass
class Run:
    """One operation and what it has told so far. Only touched by the screens' thread."""

    kind: str
    """``apply`` or ``rolling-update``."""
    cluster: str
    work: Work
    hold: Hold = field(default_factory=Hold)
    subject: str = ""
    """e.g. the plan's id, or the groups' names."""
    started: Started | None = None
    steps: dict[str, Step] = field(default_factory=dict)
    throttling: dict[str, Throttling] = field(default_factory=dict)
    finished: Finished | None = None
    problem: BaseException | None = None
    """What ended it, if that was an error."""

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self.finished is None and self.problem is None

    @property
    def total(self) -> int:
        """How many steps there are."""
        return max(self.started.steps if self.started else 0, len(self.steps))

    @property
    def done(self) -> int:
        """How many steps are behind it, those of an earlier try included."""
        before = self.started.done_before if self.started else 0
        return before + sum(step.phase in (Phase.DONE, Phase.SKIPPED) for step in self.steps.values())

    def take(self, event: Event) -> str:
        """Note an event. Returns the name of the step that it is about, or ""."""
        if isinstance(event, Started):
            self.started = event
        elif isinstance(event, Throttling):
            self.throttling[event.service] = event
        elif isinstance(event, Finished):
            self.finished = event
            for name, step in self.steps.items():
                if step.phase in (Phase.RUNNING, Phase.RETRYING):
                    self.steps[name] = replace(step, seconds=step.elapsed(event.at), at=event.at)
        elif isinstance(event, StepChanged):
            self.steps[event.step] = Step(
                event.step, event.phase, event.note, event.group, event.seconds, event.at
            )
            return event.step
        return ""


class Told(Message):
    """A running operation told something. Sent by its thread."""

    def __init__(self, run: Run, event: Event) -> None:
        super().__init__()
        self.run = run
        self.event = event


@dataclass(frozen=True)
class News:
    """What is published to screens: a run, and the step that moved ("" if it is about the whole)."""

    run: Run
    step: str
