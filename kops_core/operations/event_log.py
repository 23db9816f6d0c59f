"""The event log of an operation: a file that one process appends to and any number of viewers read.

One event a line (``event_json``). A line counts once its line feed is there. The writer never drops or cuts
an event: what does not fit on a full disk stays in memory and is written first when there is room again,
because an operation must not fail for want of its log; the journal is what it resumes from.
"""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

from kops_core.operations.event_json import from_json, to_json
from kops_core.operations.events import Event


@dataclass(frozen=True)
class LoggedEvent:
    """An event with its place in the log."""

    seq: int
    """From 1, without gaps."""
    event: Event
    line: str
    """The event as JSON, without a line feed."""


class EventSource(Protocol):
    """Where a viewer reads events."""

    def read(self) -> list[LoggedEvent]:
        """The events that were added since the last call."""
        ...

    def close(self) -> None:
        """Releases its file."""
        ...


class EventLog:
    """The writer of a log. Safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        """I/O. Creates the file, readable by its owner alone. Raises OSError."""
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._pending = b""
        self._seq = 0
        self._lock = threading.Lock()

    def append(self, event: Event) -> None:
        """I/O. Adds an event."""
        with self._lock:
            self._seq += 1
            self._pending += to_json(event, self._seq).encode() + b"\n"
            self._write()

    def flush(self) -> bool:
        """I/O. Writes what is left in memory; whether all of it is written."""
        with self._lock:
            self._write()
            return not self._pending

    def _write(self) -> None:
        try:
            while self._pending:
                self._pending = self._pending[os.write(self._fd, self._pending) :]
        except OSError:  # most likely a full disk: it is tried again with the next event
            return

    def close(self) -> None:
        """I/O. Closes the file."""
        os.close(self._fd)


class LogReader:
    """A reader of a log, from its first event on."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None
        self._rest = b""

    def read(self) -> list[LoggedEvent]:
        """I/O. The events that were added since the last call; none if there is no log yet.

        A line that is no event is left out. Raises OSError.
        """
        if self._file is None:
            try:
                self._file = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
            except FileNotFoundError:
                return []
        while chunk := os.read(self._file, 1 << 16):
            self._rest += chunk
        *lines, self._rest = self._rest.split(b"\n")
        return [found for line in lines if (found := _logged(line)) is not None]

    def close(self) -> None:
        """I/O. Closes the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _logged(line: bytes) -> LoggedEvent | None:
    try:
        seq, event = from_json(line)
        return LoggedEvent(seq, event, line.decode())
    except ValueError:  # msgspec's and json's errors are ValueErrors, too
        return None
