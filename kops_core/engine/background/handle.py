"""One operation as its viewers see it: its events, and what may be asked of it.

The same for an operation in a process of its own and for one in a thread of this process.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from kops_core.engine.background.control import ControlMessage
from kops_core.engine.background.requests import Order
from kops_core.errors import OperationFailed
from kops_core.operations.event_json import to_json
from kops_core.operations.event_log import EventSource, LoggedEvent
from kops_core.operations.events import Control, Failed, Finished
from kops_core.operations.progress import Progress

_POLL = 0.05
"""Seconds between two looks at the log."""
_LIVENESS = 10
"""Looks at the log between two at the process."""


@dataclass(frozen=True)
class OperationChannel:
    """How a viewer reaches an operation."""

    source: Callable[[], EventSource]
    """Opens its events, from the first one on."""
    send: Callable[[ControlMessage], None]
    """Asks something of it. Raises KopsError."""
    gone: Callable[[], bool]
    """Whether it has provably ended, told or not."""
    remains: str = ""
    """Where to look if it ended without telling how."""


class OperationHandle:
    """One operation. Safe to use from several threads."""

    def __init__(self, order: Order, channel: OperationChannel, viewer: str) -> None:
        """viewer: user@host of who looks at it."""
        request = order.request
        self.order = order
        self.request = request
        self.id = order.id
        self.kind = request.kind
        self.cluster = request.cluster
        self.subject = request.subject
        self.by = order.by
        self.at = order.at
        """When it was started."""
        self._channel = channel
        self._viewer = viewer

    def events(self) -> Iterator[LoggedEvent]:
        """I/O. Its events as they come, up to and including the one that tells its end."""
        for batch in self.batches():
            yield from batch

    def batches(self) -> Iterator[list[LoggedEvent]]:
        """I/O. Its events as they come, those that are there together in one list.

        For an operation that was killed, the last event is a Failed that says so; it is not in the log.
        """
        source = self._channel.source()
        last, idle = 0, 0
        try:
            while True:
                # Asked first: what it wrote before it ended is then read after that.
                gone = idle % _LIVENESS == 0 and self._channel.gone()
                found = source.read()
                if found:
                    last, idle = found[-1].seq, 0
                    yield found
                    if any(isinstance(each.event, Finished | Failed) for each in found):
                        return
                elif gone:
                    yield [self._killed(last + 1)]
                    return
                else:
                    idle += 1
                    time.sleep(_POLL)
        finally:
            source.close()

    def _killed(self, seq: int) -> LoggedEvent:
        event = Failed(
            datetime.now(UTC),
            "",
            "OperationFailed",
            f"the process of the {self.kind} has ended without telling how",
            where=self.cluster,
            remedy="what was done is done; start it again, and it goes on from there" + self._channel.remains,
        )
        return LoggedEvent(seq, event, to_json(event, seq))

    @property
    def gone(self) -> bool:
        """I/O. Whether it provably runs no more, whatever its events say."""
        return self._channel.gone()

    def progress(self) -> Progress:
        """I/O. What it has reported so far."""
        progress = Progress()
        source = self._channel.source()
        try:
            for each in source.read():
                progress.record_event(each.event)
        finally:
            source.close()
        return progress

    def wait(self) -> Finished | Failed:
        """I/O. Returns its last event once it has ended."""
        for each in self.events():
            if isinstance(each.event, Finished | Failed):
                return each.event
        raise AssertionError("events end with one that tells the end")

    def stop(self, *, at_once: bool = False) -> None:
        """I/O. Ends it at the next safe point. at_once: without waiting for the cloud. Raises KopsError."""
        self._send(Control.STOP_AT_ONCE if at_once else Control.STOP)

    def pause(self) -> None:
        """I/O. Lets it begin nothing new. Raises KopsError."""
        self._send(Control.PAUSE)

    def resume(self) -> None:
        """I/O. Lets it go on after a pause. Raises KopsError."""
        self._send(Control.RESUME)

    def skip(self, step: str) -> None:
        """I/O. Lets it leave a step out, if it is not too late for that. Raises KopsError."""
        self._send(Control.SKIP, step)

    def end_drain(self, step: str) -> None:
        """I/O. Lets it replace an instance although pods have not left its node. Raises KopsError."""
        self._send(Control.END_DRAIN, step)

    def answer(self, question: str, text: str) -> None:
        """I/O. Answers a question of it. Raises KopsError."""
        self._send(Control.ANSWER, question, text)

    def _send(self, control: Control, step: str = "", text: str = "") -> None:
        if self.progress().ended:  # its process may still be about to end
            raise OperationFailed(
                f"the {self.kind} has ended", where=self.id, remedy=f"kops-tui attach {self.id} tells how"
            )
        self._channel.send(ControlMessage(control, self._viewer, step, text))
