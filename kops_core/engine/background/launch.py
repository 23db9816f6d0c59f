"""How an operation is started: in a process of its own, or in a thread of this one."""

from __future__ import annotations

import secrets
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Protocol

from kops_core.engine.background import control
from kops_core.engine.background.folder import OperationFolder, create_folder, folders, remove_old
from kops_core.engine.background.handle import OperationChannel, OperationHandle
from kops_core.engine.background.requests import OperationRequest, Order
from kops_core.engine.background.run import Emit, OperationRun
from kops_core.errors import OperationFailed
from kops_core.operations.clock import CancelToken
from kops_core.operations.event_json import to_json
from kops_core.operations.event_log import LoggedEvent, LogReader
from kops_core.operations.events import Event, Finished
from kops_core.store.process import Liveness

MakeOrder = Callable[[str], Order]
"""The order of a new operation; given its id."""


class Launcher(Protocol):
    """Starts operations, and finds those that were started."""

    @property
    def outlive(self) -> bool:
        """Whether its operations go on when this process ends."""
        ...

    def start(self, make: MakeOrder) -> OperationHandle:
        """I/O. Starts an operation. Raises OperationFailed, then nothing was started."""
        ...

    def all(self) -> list[OperationHandle]:
        """I/O. The operations that are known, in any order."""
        ...


def handle_of(
    folder: OperationFolder, order: Order, viewer: str, now: Callable[[], datetime]
) -> OperationHandle:
    """An operation in a process of its own, running or not, by its folder."""
    channel = OperationChannel(
        source=partial(LogReader, folder.events),
        send=partial(_send, folder),
        gone=lambda: folder.liveness(order.at, now()) is Liveness.GONE,
        remains=f"; what its process wrote is in {folder.log}",
    )
    return OperationHandle(order, channel, viewer)


def _send(folder: OperationFolder, message: control.ControlMessage) -> None:
    folder.expect_own()
    control.send(folder.control, message)


class ProcessLauncher:
    """Starts each operation in a process that outlives this one and its terminal."""

    outlive = True

    def __init__(self, operations: Path, viewer: str, now: Callable[[], datetime]) -> None:
        """operations: the folder of all operations. viewer: user@host."""
        self._operations = operations
        self._viewer = viewer
        self._now = now

    def start(self, make: MakeOrder) -> OperationHandle:
        """I/O. Starts an operation. Raises OperationFailed, then nothing was started."""
        folder, order = create_folder(self._operations, make)
        remove_old(self._operations, order.at)
        # The environment has the credentials, the working directory what it names relatively.
        environment = dict(order.settings.environment) or None
        try:
            with folder.log.open("ab") as log:
                process = subprocess.Popen(  # noqa: S603 - this program itself
                    [sys.executable, "-P", "-m", "kops_core.engine.background.worker", str(folder.path)],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    env=environment,
                    start_new_session=True,
                )
        except OSError as error:
            raise OperationFailed(
                f"the operation's process can't be started: {error.strerror}", where=str(folder.path)
            ) from error
        # Reaped when it ends, should this process live longer.
        threading.Thread(target=process.wait, name=f"reap {folder.id}", daemon=True).start()
        return handle_of(folder, order, self._viewer, self._now)

    def all(self) -> list[OperationHandle]:
        """I/O. The operations of this state folder; what can't be read is left out."""
        found = []
        for folder in folders(self._operations):
            try:
                found.append(handle_of(folder, folder.order(), self._viewer, self._now))
            except OperationFailed:
                continue
        return found


class InProcessLauncher:
    """Runs operations in threads of this process, with which they end.

    For a store or cloud that no other process can reach: one in memory, or one that ends with this process.
    """

    outlive = False

    def __init__(
        self,
        work: Callable[[OperationRequest, Emit, CancelToken], Finished],
        viewer: str,
        now: Callable[[], datetime],
    ) -> None:
        """work: carries out a request."""
        self._work = work
        self._viewer = viewer
        self._now = now
        self._handles: list[OperationHandle] = []

    def start(self, make: MakeOrder) -> OperationHandle:
        """Starts an operation."""
        order = make(secrets.token_hex(4))
        log = _MemoryLog()
        run = OperationRun(order, log.append, self._now)
        thread = threading.Thread(
            target=lambda: run.carry_out(partial(self._work, order.request)),
            name=order.request.kind,
            daemon=True,
        )
        channel = OperationChannel(log.reader, run.receive, lambda: not thread.is_alive())
        thread.start()
        handle = OperationHandle(order, channel, self._viewer)
        self._handles.append(handle)
        return handle

    def all(self) -> list[OperationHandle]:
        """The operations of this process."""
        return list(self._handles)


class _MemoryLog:
    """An event log in memory."""

    def __init__(self) -> None:
        self._events: list[LoggedEvent] = []

    def append(self, event: Event) -> None:
        seq = len(self._events) + 1
        self._events.append(LoggedEvent(seq, event, to_json(event, seq)))

    def reader(self) -> _MemoryReader:
        return _MemoryReader(self._events)


class _MemoryReader:
    """Reads a log in memory."""

    def __init__(self, events: list[LoggedEvent]) -> None:
        self._events = events
        self._read = 0

    def read(self) -> list[LoggedEvent]:
        found = self._events[self._read :]
        self._read += len(found)
        return found

    def close(self) -> None:
        pass
