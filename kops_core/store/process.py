"""The identity of an operating-system process, by which another one can prove that it has ended.

A process id alone proves nothing: numbers are reused, a reboot starts them again, and containers of
one machine count for themselves. Linux has the boot id (``random(4)``), the PID namespace
(``pid_namespaces(7)``) and the start time (field 22 in ``proc_pid_stat(5)``); together they identify a
process for ever. On other systems they are empty, and nothing can be proven.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path

_PROC = Path("/proc")
_START_TIME = 22 - 3
"""Index of the start time in ``/proc/<pid>/stat`` after the command's name, which may contain anything."""
_ENDED = frozenset("ZX")
"""States of a process that runs no more code: zombie, dead."""


class Liveness(Enum):
    """Whether a process runs, as far as this machine can tell."""

    RUNNING = "it runs on this machine"
    GONE = "it ran on this machine and has ended"
    UNKNOWN = "it runs on another machine, or did"


@dataclass(frozen=True)
class ProcessIdentity:
    """One process of one machine."""

    host: str = ""
    """The machine's name, for display: it may not be unique."""
    boot: str = ""
    """The kernel's id of this boot; "" where it has none."""
    namespace: str = ""
    """The PID namespace that ``pid`` counts in, like ``pid:[4026531836]``."""
    pid: int = 0
    started: str = ""
    """Clock ticks from the boot to the process' start."""


def this_process() -> ProcessIdentity:
    """The identity of this process."""
    pid = os.getpid()
    stat = _stat(pid)
    return ProcessIdentity(socket.gethostname(), _boot(), _namespace(), pid, stat[1] if stat else "")


def liveness(process: ProcessIdentity) -> Liveness:
    """I/O. Whether a process still runs, as far as it can be proven from here."""
    here = bool(process.boot and process.pid and process.started) and (
        (process.boot, process.namespace) == (_boot(), _namespace())
    )
    if not here:
        return Liveness.UNKNOWN
    try:
        os.kill(process.pid, 0)
    except ProcessLookupError:
        return Liveness.GONE
    except PermissionError:
        pass  # another user's process has the number
    stat = _stat(process.pid)
    if stat is None:  # hidden from us (hidepid), or just gone
        return Liveness.UNKNOWN
    state, started = stat
    return Liveness.GONE if state in _ENDED or started != process.started else Liveness.RUNNING


def _stat(pid: int) -> tuple[str, str] | None:
    """State and start time of a process; None if they can't be read."""
    try:
        fields = (_PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return (fields[0], fields[_START_TIME]) if len(fields) > _START_TIME else None


@cache
def _boot() -> str:
    try:
        return (_PROC / "sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


@cache
def _namespace() -> str:
    try:
        return str((_PROC / "self/ns/pid").readlink())
    except OSError:
        return ""
