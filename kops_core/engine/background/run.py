"""Runs one operation to its end, in whatever process: from messages and work to events.

Whatever happens, the last event is a Finished or a Failed, written once the lock is given back.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from kops_core.engine.background.control import ControlMessage
from kops_core.engine.background.requests import Order
from kops_core.errors import AccessDenied, KopsError
from kops_core.operations.clock import CancelToken
from kops_core.operations.events import Asked, Control, Controlled, Event, Failed, Finished, Launched
from kops_core.operations.failure import failed

Emit = Callable[[Event], None]
Work = Callable[[Emit, CancelToken], Finished]
"""An operation: takes where to send its events and the token that pauses or stops it."""

ANSWERED_WITHIN = 600.0
"""Seconds that a question waits for an answer."""
_SLICE = 0.5
"""Seconds between two looks at whether the operation has to stop."""


@dataclass
class OperationRun:
    """One run of an operation. Messages may come from any thread, also before and after the work."""

    order: Order
    log: Emit
    now: Callable[[], datetime]
    cancel: CancelToken = field(default_factory=CancelToken)

    def __post_init__(self) -> None:
        self._answers: dict[str, str] = {}
        self._answered = threading.Condition()
        self._questions = 0

    def carry_out(self, work: Work, fault: Callable[[str], None] = lambda _: None) -> Finished | Failed:
        """Runs the work; its last event. fault: takes where a fault of the program happened."""
        request = self.order.request
        self.log(Launched(self.now(), self.order.id, request.kind, request.cluster, self.order.by))
        last: Finished | Failed
        try:
            last = work(self._emit, self.cancel)
        except KopsError as error:
            last = failed(error, self.now(), self.order.id)
        except Exception as error:  # noqa: BLE001 - the end of an operation is told, whatever it is
            # Without the error's text, which may hold anything.
            fault(f"{type(error).__name__}\n{''.join(traceback.format_tb(error.__traceback__))}")
            last = failed(error, self.now(), self.order.id)
        self.log(last)
        return last

    def _emit(self, event: Event) -> None:
        if not isinstance(event, Finished):  # the lock is still held: the end is told after that
            self.log(event)

    def receive(self, message: ControlMessage) -> None:
        """Does what a viewer asks, and tells all of them."""
        match message.control:
            case Control.STOP:
                self.cancel.stop()
            case Control.STOP_AT_ONCE:
                self.cancel.stop(at_once=True)
            case Control.PAUSE:
                self.cancel.pause()
            case Control.RESUME:
                self.cancel.resume()
            case Control.SKIP:
                self.cancel.skip(message.step)
            case Control.END_DRAIN:
                self.cancel.end_drain(message.step)
            case Control.ANSWER:
                with self._answered:
                    self._answers[message.step] = message.text
                    self._answered.notify_all()
        self.log(Controlled(self.now(), self.order.id, message.control, message.by, message.step))

    def ask(self, question: str) -> str:
        """Asks the viewers, and waits for the first answer. Raises AccessDenied without one."""
        with self._answered:
            self._questions += 1
            number = str(self._questions)
            self.log(Asked(self.now(), self.order.id, number, question))
            end = time.monotonic() + ANSWERED_WITHIN
            while number not in self._answers:
                if self.cancel.stopped or time.monotonic() > end:
                    why = "it was stopped" if self.cancel.stopped else "the time was up"
                    raise AccessDenied(f"{why} before anybody answered", where=question.strip(" :"))
                self._answered.wait(_SLICE)
            return self._answers.pop(number)
