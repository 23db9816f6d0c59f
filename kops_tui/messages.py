"""Messages between operations, the app and the screens. Messages carry data, never callables."""

from __future__ import annotations

from textual.message import Message

from kops_core import Event
from kops_tui.runs import Run


class OperationEvent(Message, bubble=False):
    """A running operation reported an event. Sent to the app by the operation's thread."""

    def __init__(self, run: Run, event: Event) -> None:
        super().__init__()
        self.run = run
        self.event = event


class OperationBroke(Message, bubble=False):
    """An error ended an operation. Sent to the app by the operation's thread."""

    def __init__(self, run: Run, error: Exception) -> None:
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
