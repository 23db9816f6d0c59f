"""The lock of a cluster as an operator sees it: whose it is, and whether anybody still stands behind it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING

from kops_core.engine.settings import Settings
from kops_core.operations.journal import find_unfinished
from kops_core.store.lock import Holder, Lock

if TYPE_CHECKING:
    from kops_core.operations.clock import Clock
    from kops_core.store.backend import Backend


class Process(Enum):
    """What is known of the process that took a lock."""

    RUNS = "it runs on this machine"
    GONE = "it ran on this machine and is gone"
    ELSEWHERE = "it runs on another machine, or did"


@dataclass(frozen=True)
class LockStatus:
    """A lock that is there."""

    holder: Holder
    expired: bool
    """Whether the next operation takes it over by itself."""
    process: Process

    @property
    def breaks(self) -> str:
        """What removing it does."""
        if self.expired or self.process is Process.GONE:
            return "nobody works under it any more"
        return (
            f"if {self.holder.by} still works on the cluster, two operations can change it at once, "
            "and undo or double each other's changes"
        )


def lock_status(holder: Holder, cluster: str, settings: Settings, now: datetime) -> LockStatus:
    """I/O. A lock with what this machine knows of its holder."""
    return LockStatus(holder, now >= holder.until, _process(holder, cluster, settings))


@contextmanager
def locked(
    store: Backend, settings: Settings, kind: str, cluster: str, clock: Clock, *, lost: Callable[[], None]
) -> Iterator[None]:
    """The lock of an operation, renewed for as long as it takes.

    One that a process of this machine left behind when it was killed is taken over.
    Raises Refused while another holds it, and at the end if it was lost on the way;
    ``lost`` is called when that happens, so that the operation can stop.
    """

    def dead(holder: Holder) -> bool:
        return _process(holder, cluster, settings) is Process.GONE

    with Lock(store, cluster, now=clock.now).held(settings.operator, kind, dead=dead, lost=lost):
        yield


def _process(holder: Holder, cluster: str, settings: Settings) -> Process:
    """What became of the process. Machines can share a name; only ours has its journal."""
    if holder.by.rpartition("@")[2] != settings.operator.rpartition("@")[2]:
        return Process.ELSEWHERE
    history = find_unfinished(settings.journals, holder.operation, cluster)
    pids = (
        {entry.details.get("pid") for entry in history.entries if entry.what == "started"} if history else ()
    )
    if str(holder.pid) not in pids:
        return Process.ELSEWHERE
    try:
        os.kill(holder.pid, 0)
    except ProcessLookupError:
        return Process.GONE
    except PermissionError:
        return Process.RUNS
    return Process.RUNS
