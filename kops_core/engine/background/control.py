"""The control channel of an operation: a FIFO that viewers write lines to and its process reads.

A line is a JSON object: ``control`` (a ``Control``), ``by``, ``step`` and ``text``. Lines are shorter than
PIPE_BUF, so those of several viewers do not mix (``pipe(7)``). The answer to a line is an event in the log.
Without a process that reads, opening the FIFO for writing fails, so nothing is ever left in it for later.
"""

from __future__ import annotations

import errno
import json
import os
import select
import stat
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from kops_core.errors import OperationFailed, Refused, UsageError
from kops_core.operations.events import Control
from kops_core.operations.plain_data import from_data, to_data

_LONGEST = select.PIPE_BUF
_TAKEN_WITHIN = 2.0
"""Seconds that a full channel has to become empty."""


@dataclass(frozen=True)
class ControlMessage:
    """What a viewer asks of an operation."""

    control: Control
    by: str
    """user@host"""
    step: str = ""
    """The id of the question."""
    text: str = ""
    """The answer to the question; in no event and no file."""


class ControlReader:
    """The operation's end of its control channel: a thread that hands over each message."""

    def __init__(self, path: Path, receive: Callable[[ControlMessage], None]) -> None:
        """I/O. Opens the FIFO. Raises OSError, and Refused for one of another user."""
        # For reading and writing, so that it never ends when a viewer leaves.
        self._fd = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            _expect_own(self._fd, path)
        except Refused:
            os.close(self._fd)
            raise
        os.set_blocking(self._fd, True)
        self._receive = receive
        threading.Thread(target=self._read, name="control", daemon=True).start()

    def _read(self) -> None:
        rest = b""
        with suppress(OSError):
            while chunk := os.read(self._fd, 1 << 16):
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    with suppress(ValueError):  # not a message: nothing is asked
                        self._receive(from_data(json.loads(line), ControlMessage))


def send(path: Path, message: ControlMessage) -> None:
    """I/O. Asks something of a running operation.

    Raises OperationFailed if it does not run (here), Refused if it belongs to another user.
    """
    line = json.dumps(to_data(message)).encode() + b"\n"
    if len(line) > _LONGEST:
        raise UsageError("that is too long for an answer")
    try:
        fd = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EPERM):
            raise Refused("this operation belongs to another user", where=str(path)) from error
        gone = error.errno in (errno.ENXIO, errno.ENOENT)
        raise OperationFailed(
            "the operation does not run on this machine" if gone else str(error.strerror),
            where=str(path.parent.name),
            remedy="kops-tui operations tells what became of it",
        ) from error
    try:
        _expect_own(fd, path)
        _write(fd, line, path)
    except BrokenPipeError as error:
        raise OperationFailed("the operation has just ended", where=str(path.parent.name)) from error
    finally:
        os.close(fd)


def _write(fd: int, line: bytes, path: Path) -> None:
    """Writes a line as a whole; waits a little while the channel is full."""
    end = time.monotonic() + _TAKEN_WITHIN
    while True:
        try:
            os.write(fd, line)
            return
        except BlockingIOError as error:
            if time.monotonic() > end:
                raise OperationFailed(
                    "the operation's process does not read what it is asked: it may be suspended",
                    where=str(path.parent.name),
                ) from error
            select.select([], [fd], [], 0.2)


def is_read(path: Path) -> bool:
    """I/O. Whether a process of this machine may read the channel: False if certainly none does."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW))
    except OSError as error:
        return error.errno != errno.ENXIO
    return True


def _expect_own(fd: int, path: Path) -> None:
    found = os.fstat(fd)
    if not stat.S_ISFIFO(found.st_mode) or found.st_uid != os.geteuid():
        raise Refused("the control channel of this operation belongs to another user", where=str(path))
