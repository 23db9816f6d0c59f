"""Messages between operations, the app and the screens. Messages carry data, never callables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.message import Message

from kops_core import Event, KopsError
from kops_tui.runs import Run

if TYPE_CHECKING:
    from kops_core import OperationHandle


class OperationReached(Message, bubble=False):
    """An operation was started, or found again. Sent to the app by the thread that follows it."""

    def __init__(self, run: Run, handle: OperationHandle) -> None:
        super().__init__()
        self.run = run
        self.handle = handle


class OperationEvents(Message, bubble=False):
    """An operation reported events. Sent to the app by the thread that follows it."""

    def __init__(self, run: Run, events: Sequence[Event]) -> None:
        super().__init__()
        self.run = run
        self.events = events


class OperationUnreachable(Message, bubble=False):
    """An operation could not be started or followed. Sent to the app by the thread that tried."""

    def __init__(self, run: Run, error: KopsError) -> None:
        super().__init__()
        self.run = run
        self.error = error


class RunUpdated(Message, bubble=False):
    """The state of an operation changed. Sent to every screen by the app."""

    def __init__(self, run: Run, step: str = "") -> None:
        """step: the step that moved; "" if it is about the whole operation."""
        super().__init__()
        self.run = run
        self.step = step


class ClusterInvalidated(Message, bubble=False):
    """A cluster was changed, so what a screen shows of it is stale. Sent to every screen by the app."""

    def __init__(self, cluster: str) -> None:
        super().__init__()
        self.cluster = cluster
