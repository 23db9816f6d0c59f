"""The calls that a run made to AWS, with their times, and which of them it waited for one after another."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from botocore.hooks import BaseEventHooks

_BEGAN: Final = "kops_tui_began"
"""The key in the context of a call, which botocore hands to all its event handlers."""


@dataclass(frozen=True)
class TimedCall:
    """A call with all its attempts; times in seconds since the log began."""

    service: str
    operation: str
    began: float
    ended: float


class CallLog:
    """The calls of a run. Safe to use from several threads."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._start = monotonic()
        self._lock = threading.Lock()
        self._calls: list[TimedCall] = []

    def watch(self, events: BaseEventHooks) -> None:
        """Note the calls of a client. events: its ``meta.events``."""
        events.register("before-call.*", self._begin)
        events.register("after-call.*", self._end)
        events.register("after-call-error.*", self._end)

    def report(self) -> str:
        """The calls that were waited for one after another, as a table for people."""
        with self._lock:
            calls = list(self._calls)
        now = self._monotonic() - self._start
        path = critical_path(calls)
        waited = sum(each.ended - each.began for each in path)
        lines = [
            f"{len(calls)} calls to AWS in {now:.2f} s; it waited {waited:.2f} s for {len(path)}"
            " that came one after another:",
            "  at      took    before it, not waiting",
        ]
        free = 0.0
        for each in path:
            lines.append(
                f"  {each.began:5.2f} s {each.ended - each.began:5.2f} s {each.began - free:5.2f} s"
                f"  {each.service} {each.operation}"
            )
            free = each.ended
        return "\n".join([*lines, f"  {now:5.2f} s         {now - free:5.2f} s  the end"])

    def _begin(self, context: dict[str, Any], **_: object) -> None:
        context[_BEGAN] = self._monotonic() - self._start

    def _end(self, event_name: str, context: dict[str, Any], **_: object) -> None:
        began = context.pop(_BEGAN, None)
        if began is not None:
            service, operation = event_name.split(".")[1:3]
            with self._lock:
                self._calls.append(TimedCall(service, operation, began, self._monotonic() - self._start))


def critical_path(calls: Sequence[TimedCall]) -> list[TimedCall]:
    """The calls that a run waited for, in order: before each, the one that ended last before it began."""
    by_end = sorted(calls, key=lambda each: each.ended)
    path: list[TimedCall] = []
    while by_end:
        path.append(by_end.pop())
        while by_end and by_end[-1].ended > path[-1].began:
            by_end.pop()
    return path[::-1]
