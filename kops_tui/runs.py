"""Operations as the screens see them: each runs by itself, and the app follows what it reports."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from kops_core import KopsError, Progress
from kops_tui.event_text import event_text
from kops_tui.styled_text import ago

if TYPE_CHECKING:
    from kops_core import Event, OperationHandle, OperationRequest, OperationSummary

_LOGGED = 2000
"""Lines of an operation's log that are kept; its event log has all."""


@dataclass
class Run(Progress):
    """One operation and the events it has reported so far. Only used in the screens' thread."""

    request: OperationRequest = field(kw_only=True)
    handle: OperationHandle | None = None
    """What reaches it; None while it is being started."""
    problem: KopsError | None = None
    """What ended it, if that was an error, or why it could not be started."""

    control_order: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False, compare=False)
    """Held while something is asked of it, in the order of asking."""

    question_shown: str = ""
    """Id of the question that the operator was asked last."""

    log: deque[tuple[datetime, str]] = field(default_factory=lambda: deque(maxlen=_LOGGED))
    """What it told, the last lines: when, and the text."""
    log_lines: int = 0
    """How many lines it told."""

    def record_event(self, event: Event) -> str:
        """Record an event, and its line in the log. Returns the name of the step that it is about, or ""."""
        text = event_text(event).strip()
        if text:
            self.log.append((event.at, text))
            self.log_lines += 1
        return super().record_event(event)

    @property
    def kind(self) -> str:
        """``apply``, ``rolling-update`` or ``delete``."""
        return self.request.kind

    @property
    def cluster(self) -> str:
        """Name of its cluster."""
        return self.request.cluster

    @property
    def subject(self) -> str:
        """What it is about, e.g. the plan's id, or the groups' names."""
        return self.request.subject

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return not self.ended and self.problem is None


def describe_stop(each: OperationSummary, now: datetime) -> str:
    """Where an interrupted one stopped: ``apply of demo.example.com stopped at 22 of 107 two hours ago``."""
    handle, progress = each.handle, each.progress
    where = (
        f"stopped at {progress.done} of {progress.total}" if progress.started else "stopped before it began"
    )
    return f"{handle.kind} of {handle.cluster} {where} {ago(last_sign(each), now)}"


def last_sign(each: OperationSummary) -> datetime:
    """When an operation last reported something about a step, else when it was started."""
    started = each.progress.started
    known = [each.handle.at, *(step.at for step in each.progress.steps.values())]
    return max([*known, started.at] if started is not None else known)
