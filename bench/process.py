"""A command as an operator starts it, measured whole: requests, CPU, wall time and peak memory."""

from __future__ import annotations

import ctypes
import os
import re
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.operations.fault_injection import Answer, Fault, Request

_PR_SET_CHILD_SUBREAPER = 36
"""prctl(2): orphaned descendants become children of this process."""

_HIGHEST = re.compile(r"^VmHWM:\s+(\d+) kB", re.MULTILINE)
"""proc(5): the peak resident memory of a program, in KiB."""


@dataclass(frozen=True)
class Exchange:
    """One request as it passed the proxy."""

    request: Request
    began: float
    """Seconds by the monotonic clock."""
    ended: float


class Line(Fault):
    """A line to AWS: each call takes so much longer, and is noted."""

    def __init__(self, delay: float = 0.0) -> None:
        """delay: what is added to each call, in seconds."""
        self.delay = delay
        self.exchanges: list[Exchange] = []
        self._this = threading.local()

    def before(self, request: Request) -> Answer | None:
        self._this.began = time.monotonic()
        if self.delay:
            time.sleep(self.delay)
        return None

    def after(self, request: Request, answer: Answer) -> Answer:
        self.exchanges.append(Exchange(request, self._this.began, time.monotonic()))
        return answer


@dataclass(frozen=True)
class Measured:
    """One run of a command, with the processes that it left behind until they ended."""

    requests: int
    in_a_row: int
    """Requests of the longest sequence of which each began after the one before had ended."""
    wall: float
    """Seconds until the command itself ended."""
    cpu: float
    """User and system time, in seconds."""
    peak: float
    """Peak resident memory of the largest process, in MiB."""


class CommandFailed(Exception):
    """A measured command ended with another exit code than 0."""


def measure(command: Sequence[str], environment: Mapping[str, str], line: Line) -> Measured:
    """Run a command, and what it left behind, to their ends, with calls on a line. Raises CommandFailed."""
    line.exchanges.clear()
    with _adopting(), tempfile.TemporaryFile() as told:
        before, began = _children(), time.perf_counter()
        process = subprocess.Popen(
            list(command), env=dict(environment), stdin=subprocess.DEVNULL, stdout=told, stderr=told
        )
        memory = _PeakMemory(process.pid)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        usages = [usage, *(os.wait4(pid, 0)[2] for pid in _children() - before)]
        memory.over.set()
        told.seek(0)
        if process.returncode:
            raise CommandFailed(f"{' '.join(command)}: {process.returncode}\n{told.read().decode()}")
    return Measured(
        len(line.exchanges),
        longest_sequence(line.exchanges),
        wall,
        sum(each.ru_utime + each.ru_stime for each in usages),
        memory.mebibytes,
    )


@contextmanager
def _adopting() -> Iterator[None]:
    """A block in which processes whose parent has ended become children of this one."""
    prctl = ctypes.CDLL(None).prctl
    prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        yield
    finally:
        prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def _children() -> set[int]:
    found = (path.read_text().split() for path in Path("/proc/self/task").glob("*/children"))
    return {int(pid) for several in found for pid in several}


class _PeakMemory:
    """Looks at the memory of a process and its descendants until it is told that they have ended.

    What wait4 tells includes the memory of the process that started the command.
    """

    def __init__(self, pid: int) -> None:
        self.mebibytes = 0.0
        self.over = threading.Event()
        self._seen = {pid}
        threading.Thread(target=self._look, daemon=True).start()

    def _look(self) -> None:
        while not self.over.wait(0.02):
            for pid in tuple(self._seen):
                with suppress(OSError):
                    self._seen |= set(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))
                    found = _HIGHEST.search(Path(f"/proc/{pid}/status").read_text())
                    self.mebibytes = max(self.mebibytes, int(found[1]) / 1024 if found else 0.0)


def longest_sequence(exchanges: Sequence[Exchange]) -> int:
    """The largest number of requests of which each began after the one before had ended."""
    number, free_at = 0, float("-inf")
    for each in sorted(exchanges, key=lambda each: each.ended):
        if each.began >= free_at:
            number, free_at = number + 1, each.ended
    return number
