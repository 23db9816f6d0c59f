"""The history of operations on a cluster from this machine, from its journals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kops_core.operations.journal import History, read_all


@dataclass(frozen=True)
class PastOperation:
    """An operation, finished or not."""

    id: str
    at: datetime
    by: str
    what: str
    """``apply`` or ``rolling-update``."""
    result: str
    """``ok``, or ``interrupted`` if it can be resumed."""


def past_operations(journals: Path, cluster: str) -> list[PastOperation]:
    """I/O. The operations on a cluster, newest first."""
    found = [_past_operation(history) for history in read_all(journals) if history.cluster == cluster]
    return sorted(found, key=lambda each: each.at, reverse=True)


def _past_operation(history: History) -> PastOperation:
    last = history.entries[-1].at if history.entries else history.started_at
    result = "ok" if history.finished else "interrupted"
    return PastOperation(history.operation, last, history.by, history.kind, result)
