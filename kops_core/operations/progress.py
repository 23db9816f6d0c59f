"""The progress of an operation, folded from its events: what screens, lists and summaries show of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime

from kops_core.operations.events import (
    Asked,
    Control,
    Controlled,
    Event,
    Failed,
    Finished,
    HeldPod,
    Paused,
    Phase,
    Resumed,
    Saved,
    StageStarted,
    Started,
    StepChanged,
    Throttling,
    Warned,
)

_MOVING = (Phase.RUNNING, Phase.RETRYING)


@dataclass(frozen=True)
class StepProgress:
    """The state of one step."""

    name: str
    phase: Phase
    note: str
    group: str
    seconds: float
    """Since it began, at ``at``."""
    at: datetime
    stage: str = ""
    """What is being done to the instance, in a rolling update."""
    stage_since: datetime | None = None
    """When that began; None outside of rolling updates."""
    held: tuple[HeldPod, ...] = ()
    """The pods that keep its node from being drained."""

    @property
    def moving(self) -> bool:
        """Whether something is being done about it."""
        return self.phase in _MOVING

    def elapsed(self, now: datetime) -> float:
        """Seconds since it began; a step that ended stands still."""
        if self.moving:
            return self.seconds + max(0.0, (now - self.at).total_seconds())
        return self.seconds


@dataclass
class Progress:
    """The events of one operation so far. Belongs to one thread."""

    started: Started | None = None
    stage: StageStarted | None = None
    """The stage that runs, of an operation that has several."""
    steps: dict[str, StepProgress] = field(default_factory=dict)
    throttling: dict[str, Throttling] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    finished: Finished | None = None
    failed: Failed | None = None
    saved: bool = False
    """Whether it has saved edits."""
    stopping: bool = False
    """Whether a viewer has asked it to stop."""
    paused: bool = False
    """Whether a viewer has asked it to pause."""
    paused_for: str = ""
    """Why it begins nothing new; "" if it does."""
    asked: Asked | None = None
    """The question that waits for an answer."""
    counts: Counter[Phase] = field(default_factory=Counter)
    """Number of steps by phase."""

    @property
    def ended(self) -> bool:
        """Whether it has told its end."""
        return self.finished is not None or self.failed is not None

    @property
    def total(self) -> int:
        """Number of steps, those of an earlier try included."""
        return self._done_before + max(self.started.steps if self.started else 0, len(self.steps))

    @property
    def done(self) -> int:
        """Number of steps that are done, those of an earlier try included."""
        return self._done_before + self.counts[Phase.DONE] + self.counts[Phase.SKIPPED]

    @property
    def _done_before(self) -> int:
        return self.started.done_before if self.started else 0

    @property
    def exit_code(self) -> int | None:
        """The exit code of a command that follows it; None while it runs."""
        if self.failed is not None:
            return self.failed.exit_code
        return None if self.finished is None else int(not self.finished.ok)

    def record_event(self, event: Event) -> str:
        """Records an event. Returns the name of the step that it is about, or ""."""
        match event:
            case StageStarted() | Started():
                self._record_start(event)
            case StepChanged():
                self._set(self._step(event))
                return event.step
            case Throttling():
                self.throttling[event.service] = event
            case Warned():
                self.warnings.append(event.message)
            case Saved():
                self.saved = True
            case Asked() | Controlled():
                self._record_dialog(event)
            case Paused() | Resumed():
                self._record_pause(event)
            case Finished() | Failed():
                self._record_end(event)
        return ""

    def _record_start(self, event: StageStarted | Started) -> None:
        if isinstance(event, StageStarted):
            self.stage = event
        else:  # the steps of earlier stages count, too
            self.started = replace(event, steps=len(self.steps) + event.steps)

    def _record_end(self, event: Finished | Failed) -> None:
        moving = [replace(each, seconds=each.elapsed(event.at), at=event.at) for each in self._moving()]
        if isinstance(event, Finished):
            self.finished = event
        else:
            self.failed = event
            why = event.what.partition("\n")[0]
            moving = [replace(each, phase=Phase.FAILED, note=why) for each in moving]
        for step in moving:
            self._set(step)

    def _record_pause(self, event: Paused | Resumed) -> None:
        if isinstance(event, Paused):
            self.paused_for = event.reason
            self.paused = self.paused or event.by_operator
        else:
            self.paused_for = ""
            self.paused = False

    def _record_dialog(self, event: Asked | Controlled) -> None:
        if isinstance(event, Asked):
            self.asked = event
            return
        match event.control:
            case Control.STOP | Control.STOP_AT_ONCE:
                self.stopping = True
            case Control.PAUSE | Control.RESUME:
                self.paused = event.control is Control.PAUSE
            case Control.ANSWER if self.asked is not None and self.asked.question == event.step:
                self.asked = None

    def _step(self, event: StepChanged) -> StepProgress:
        before = self.steps.get(event.step)
        since = before.stage_since if before is not None and before.stage == event.stage else event.at
        return StepProgress(
            event.step,
            event.phase,
            event.note,
            event.group,
            event.seconds,
            event.at,
            event.stage,
            since if event.stage else None,
            event.held,
        )

    def _moving(self) -> list[StepProgress]:
        return [step for step in self.steps.values() if step.moving]

    def _set(self, step: StepProgress) -> None:
        before = self.steps.get(step.name)
        if before is not None:
            self.counts[before.phase] -= 1
        self.counts[step.phase] += 1
        self.steps[step.name] = step
