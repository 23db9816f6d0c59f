"""The plans that were written to files as JSON, by this program's screens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kops_core import KopsError, Plan, plan_from_json
from kops_tui.clipboard import out_folder


@dataclass(frozen=True)
class SavedPlan:
    """A file with a plan."""

    path: Path
    saved_at: datetime
    plan: Plan | None = None
    """None if it can't be read."""
    problem: str = ""
    """Why it can't be read."""


def saved_plans(state_dir: Path) -> list[SavedPlan]:
    """I/O. The saved plans of this user, the newest first."""
    found = [_read(path) for path in out_folder(state_dir).glob("plan-*.json")]
    return sorted(found, key=lambda each: (each.saved_at, each.path.name), reverse=True)


def _read(path: Path) -> SavedPlan:
    saved_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    try:
        return SavedPlan(path, saved_at, plan_from_json(path.read_bytes()))
    except KopsError as error:
        return SavedPlan(path, saved_at, problem=error.what)
    except OSError as error:
        return SavedPlan(path, saved_at, problem=error.strerror or str(error))
