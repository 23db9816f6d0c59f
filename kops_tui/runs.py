"""Operations under way: each runs in a thread of the app, so leaving its screen changes nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeAlias

from kops_core import CancelToken, Event, Finished, Phase, Started, StepChanged, Throttling, Warned

Work: TypeAlias = Callable[[Callable[[Event], None], CancelToken], Finished]
"""An operation; takes where to send its events and the token that pauses or stops it, returns at its end."""


@dataclass(frozen=True)
class Step:
    """The state of one step."""

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
    """One operation and the events it has reported so far. Only used in the screens' thread."""

    kind: str
    """``apply`` or ``rolling-update``."""
    cluster: str
    work: Work
    cancel: CancelToken = field(default_factory=CancelToken)
    subject: str = ""
    """e.g. the plan's id, or the groups' names."""
    started: Started | None = None
    steps: dict[str, Step] = field(default_factory=dict)
    throttling: dict[str, Throttling] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    finished: Finished | None = None
    ended: threading.Event = field(default_factory=threading.Event)
    """Set by its thread, last of all."""
    problem: BaseException | None = None
    """What ended it, if that was an error."""

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self.finished is None and self.problem is None

    @property
    def total(self) -> int:
        """How many steps there are, those of an earlier try included."""
        return self._done_before + max(self.started.steps if self.started else 0, len(self.steps))

    @property
    def done(self) -> int:
        """How many steps are done, those of an earlier try included."""
        return self._done_before + sum(
            step.phase in (Phase.DONE, Phase.SKIPPED) for step in self.steps.values()
        )

    @property
    def _done_before(self) -> int:
        """Steps that an earlier try had finished."""
        return self.started.done_before if self.started else 0

    def record_error(self, problem: BaseException, why: str, now: datetime) -> None:
        """Record that an error ended it; steps that were running have failed for that reason."""
        self.problem = problem
        for name, step in self.steps.items():
            if step.phase in (Phase.RUNNING, Phase.RETRYING):
                self.steps[name] = replace(
                    step, phase=Phase.FAILED, note=why, seconds=step.elapsed(now), at=now
                )

    def record_event(self, event: Event) -> str:
        """Record an event. Returns the name of the step that it is about, or ""."""
        if isinstance(event, Started):
            self.started = event
        elif isinstance(event, Throttling):
            self.throttling[event.service] = event
        elif isinstance(event, Warned):
            self.warnings.append(event.message)
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
