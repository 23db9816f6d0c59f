"""The journal of an operation, written before and after each step.

One file for each operation, one JSON object a line, append-only, and flushed to disk before the step
begins. After a crash the last line may be incomplete: it is ignored, because its step has not begun, or is
recognised in the cloud. Values of resources are never written: steps are named, and their ids kept.
"""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Self

from kops_core.errors import OperationFailed

_SUFFIX = ".jsonl"


@dataclass(frozen=True)
class Entry:
    """A line of a journal."""

    at: datetime
    what: str
    """``started``, ``begin``, ``end``, ``undone``, ``fail``, ``finished``, and others of some operations."""
    step: str = ""
    """The resource's key, or the instance's id."""
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class History:
    """A journal that was read."""

    path: Path
    operation: str
    """Id of the operation."""
    kind: str
    cluster: str
    by: str
    """user@host"""
    started_at: datetime
    entries: tuple[Entry, ...]
    created: str = ""
    """``metadata.creationTimestamp`` of the cluster: a new one of the same name has another."""

    @property
    def finished(self) -> bool:
        """Whether the operation has ended, so that it can't be resumed."""
        return any(entry.what == "finished" and entry.details.get("ok") == "true" for entry in self.entries)

    @property
    def open_steps(self) -> dict[str, Entry]:
        """Steps that began without an end in the journal: each may or may not have succeeded."""
        open_: dict[str, Entry] = {}
        for entry in self.entries:
            if entry.what == "begin":
                open_[entry.step] = entry
            elif entry.what in {"end", "undone"}:
                open_.pop(entry.step, None)
        return open_

    @property
    def done_steps(self) -> dict[str, Entry]:
        """Completed steps, with the last entry of each."""
        return {entry.step: entry for entry in self.entries if entry.what == "end"}


class Journal:
    """The journal of a running operation. Safe to use from several threads."""

    def __init__(
        self,
        history: History,
        now: Callable[[], datetime],
        stream: IO[bytes],
        begun: Mapping[str, datetime],
    ) -> None:
        self.before = history
        """The entries of earlier runs of the same operation."""
        self.begun = begun
        """When each step last began, also in earlier operations of this kind on the cluster."""
        self._now = now
        self._stream = stream
        self._lock = threading.Lock()

    @classmethod
    def start(  # noqa: PLR0917 - all are part of who, what and where
        cls,
        folder: Path,
        kind: str,
        cluster: str,
        by: str,
        operation: str,
        now: Callable[[], datetime],
        *,
        created: str = "",
    ) -> Self:
        """Starts the journal of a new operation, or continues that of an unfinished one.

        operation is the id of a new one, created the cluster's creationTimestamp. Raises OperationFailed
        if the folder can't be written.
        """
        past = _of(folder, kind, cluster, created)
        unfinished = _unfinished(past)
        at = now()
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if unfinished is None:
                stamp = at.strftime("%Y%m%dT%H%M%SZ")
                path = folder / f"{_safe(cluster)}.{kind}.{stamp}.{operation}{_SUFFIX}"
                unfinished = History(path, operation, kind, cluster, by, at, (), created)
            stream = os.fdopen(os.open(unfinished.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")
        except OSError as error:
            raise OperationFailed(
                f"the journal can't be written: {error.strerror}",
                where=str(folder),
                remedy="make room or set another state folder: without a journal nothing could be resumed",
            ) from error
        begun = {
            entry.step: entry.at for history in past for entry in history.entries if entry.what == "begin"
        }
        journal = cls(unfinished, now, stream, begun)
        # An incomplete line of the previous run must not be continued.
        journal._write(b"\n" if unfinished.entries else b"")
        journal.write(
            "started",
            operation=unfinished.operation,
            kind=kind,
            cluster=cluster,
            by=by,
            pid=str(os.getpid()),
            created=created,
        )
        return journal

    @property
    def operation(self) -> str:
        """Id of the operation, the same in all its runs."""
        return self.before.operation

    def begin(self, step: str, **details: str) -> None:
        """Records that a step begins."""
        self.write("begin", step, **details)

    def end(self, step: str, **details: str) -> None:
        """Records that a step has ended."""
        self.write("end", step, **details)

    def write(self, what: str, step: str = "", **details: str) -> None:
        """Appends a line; returns once it is on the disk."""
        self._write(self._line(what, step, details))

    def note(self, what: str, step: str = "", **details: str) -> None:
        """Appends a line that nothing is resumed from: a crash of the machine may lose it."""
        self._write(self._line(what, step, details), durable=False)

    def _line(self, what: str, step: str, details: Mapping[str, str]) -> bytes:
        line = {"at": self._now().isoformat(), "what": what, **({"step": step} if step else {}), **details}
        return json.dumps(line).encode() + b"\n"

    def close(self) -> None:
        """Closes the file."""
        self._stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _write(self, data: bytes, *, durable: bool = True) -> None:
        with self._lock:
            self._stream.write(data)
            self._stream.flush()
            if durable:
                os.fsync(self._stream.fileno())


def find_unfinished(folder: Path, kind: str, cluster: str, *, created: str = "") -> History | None:
    """The latest operation of a kind on a cluster, if it is unfinished."""
    return _unfinished(_of(folder, kind, cluster, created))


def _of(folder: Path, kind: str, cluster: str, created: str) -> list[History]:
    """The operations of a kind on a cluster, latest last."""
    found = [
        each
        for each in read_all(folder)
        if (each.kind, each.cluster) == (kind, cluster)
        # Journals of earlier versions do not identify the incarnation of the cluster.
        and (not created or not each.created or each.created == created)
    ]
    return sorted(found, key=lambda each: each.started_at)


def _unfinished(histories: Sequence[History]) -> History | None:
    return None if not histories or histories[-1].finished else histories[-1]


def read_all(folder: Path) -> Iterator[History]:
    """All readable journals in a folder."""
    for path in sorted(folder.glob(f"*{_SUFFIX}")):
        history = read(path)
        if history is not None:
            yield history


def read(path: Path) -> History | None:
    """A journal, without incomplete lines; None without a complete first line."""
    entries = [entry for line in path.read_bytes().splitlines() if (entry := _entry(line)) is not None]
    first = next((entry for entry in entries if entry.what == "started"), None)
    if first is None:
        return None
    details = first.details
    return History(
        path,
        details.get("operation", ""),
        details.get("kind", ""),
        details.get("cluster", ""),
        details.get("by", ""),
        first.at,
        tuple(entries),
        details.get("created", ""),
    )


def _entry(line: bytes) -> Entry | None:
    try:
        values: dict[str, str] = json.loads(line)
        at = datetime.fromisoformat(values.pop("at"))
        return Entry(at, values.pop("what"), values.pop("step", ""), values)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _safe(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9.-]", "_", name)
