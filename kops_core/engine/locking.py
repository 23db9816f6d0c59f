"""The lock of a cluster as an operator sees it: whose it is, and whether anybody still stands behind it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from kops_core.engine.settings import Settings
from kops_core.operations.journal import find_unfinished
from kops_core.store.lock import Holder


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


def _process(holder: Holder, cluster: str, settings: Settings) -> Process:
    if holder.by.rpartition("@")[2] != settings.operator.rpartition("@")[2]:
        return Process.ELSEWHERE
    history = find_unfinished(settings.journals, holder.operation, cluster)
    started = [entry for entry in history.entries if entry.what == "started"] if history else []
    pid = started[-1].details.get("pid", "") if started else ""
    if not pid.isdecimal():
        return Process.ELSEWHERE
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return Process.GONE
    except PermissionError:
        return Process.RUNS
    return Process.RUNS
