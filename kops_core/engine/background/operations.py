"""The operations of this machine and user: starting, finding and listing them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING

from kops_core.engine.background.handle import OperationHandle
from kops_core.engine.background.requests import OperationRequest, Order
from kops_core.engine.settings import Settings
from kops_core.errors import ObjectNotFound, Refused, UsageError
from kops_core.operations.progress import Progress

if TYPE_CHECKING:
    from kops_core.engine.background.launch import Launcher


_LATELY = timedelta(days=7)
"""Interrupted operations that are older are only listed."""


class OperationState(Enum):
    """What became of an operation."""

    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    """It has ended, and not all is done."""
    INTERRUPTED = "interrupted"
    """Its process ended without telling how."""


@dataclass(frozen=True)
class OperationSummary:
    """One operation, as lists show it."""

    handle: OperationHandle
    state: OperationState
    progress: Progress

    @property
    def message(self) -> str:
        """How it ended, as a sentence; "" while it runs."""
        progress = self.progress
        if progress.failed is not None:
            return progress.failed.what
        return progress.finished.message if progress.finished is not None else ""


class Operations:
    """Starts and finds operations. Safe to use from several threads."""

    def __init__(self, settings: Settings, launcher: Launcher, now: Callable[[], datetime]) -> None:
        self._settings = settings
        self._launcher = launcher
        self._now = now

    @property
    def outlive(self) -> bool:
        """Whether operations go on when this process ends."""
        return self._launcher.outlive

    def start(self, request: OperationRequest, *, interactive: bool = False) -> OperationHandle:
        """I/O. Starts an operation. interactive: whether somebody is there to answer its questions.

        Raises OperationFailed if it can't be started.
        """
        return self._start(request, self._settings, interactive)

    def _start(self, request: OperationRequest, settings: Settings, interactive: bool) -> OperationHandle:
        return self._launcher.start(lambda new: Order(new, self._now(), request, settings, interactive))

    def resume(self, handle: OperationHandle, *, interactive: bool = False) -> OperationHandle:
        """I/O. Starts an operation again that was interrupted, stopped or failed; it goes on where it ended.

        It has the settings that it had, such as its store, and plans anew: the plan that was shown is done in
        part. Raises Refused if it still runs.
        """
        progress = handle.progress()
        if not progress.ended and not handle.gone:
            raise Refused("it still runs", where=handle.id, remedy=f"kops-tui attach {handle.id}")
        settings = replace(
            handle.order.settings,
            environment=self._settings.environment,
            operator=self._settings.operator,
        )
        return self._start(handle.request.again(saved=progress.saved), settings, interactive)

    def all(self) -> list[OperationSummary]:
        """I/O. All operations that are known here, newest first."""
        handles = sorted(self._launcher.all(), key=lambda each: each.at, reverse=True)
        return [_summary(each) for each in handles]

    def running(self, cluster: str = "") -> list[OperationHandle]:
        """I/O. The operations that run, newest first; those of one cluster if it is named."""
        return [
            each.handle
            for each in self.all()
            if each.state is OperationState.RUNNING and cluster in ("", each.handle.cluster)
        ]

    def find(self, id: str) -> OperationHandle:  # noqa: A002 - it is one
        """I/O. An operation by its id or the beginning of it; with "", the one that runs, else the last.

        Raises ObjectNotFound, and UsageError if several run or begin like that.
        """
        found = self.all()
        if not id:
            found = [each for each in found if each.state is OperationState.RUNNING] or found[:1]
        else:
            found = [each for each in found if each.handle.id.startswith(id)]
        if not found:
            raise ObjectNotFound(
                f"there is no operation {id}".rstrip(), remedy="kops-tui operations lists them"
            )
        if len(found) > 1:
            named = ", ".join(
                f"{each.handle.id} ({each.handle.kind} {each.handle.cluster})" for each in found
            )
            raise UsageError(f"which operation? {named}", remedy="name one by its id")
        return found[0].handle


def interrupted(found: Sequence[OperationSummary], now: datetime) -> list[OperationSummary]:
    """The operations that were cut off lately, and that nothing was done about since.

    found: all operations, newest first.
    """
    last = {each.handle.cluster: each for each in reversed(found)}
    return [
        each
        for each in last.values()
        if each.state is OperationState.INTERRUPTED and now - each.handle.at < _LATELY
    ]


def _summary(handle: OperationHandle) -> OperationSummary:
    progress = handle.progress()
    if progress.ended:
        state = OperationState.FINISHED if progress.exit_code == 0 else OperationState.FAILED
    else:
        state = OperationState.INTERRUPTED if handle.gone else OperationState.RUNNING
    return OperationSummary(handle, state, progress)
