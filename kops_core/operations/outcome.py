"""The outcome of an operation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kops_core.errors import KopsError


@dataclass(frozen=True)
class Outcome:
    """The outcome of an operation."""

    ok: bool
    done: tuple[str, ...] = ()
    """Completed steps."""
    failed: Mapping[str, KopsError] = field(default_factory=dict)
    skipped: Mapping[str, str] = field(default_factory=dict)
    """Steps that did not start, and why."""
    stopped: bool = False
    """The operator stopped it."""

    @property
    def message(self) -> str:
        """One sentence; for a failure with advice."""
        if self.ok:
            return f"{len(self.done)} done, nothing is left to do" if self.done else "nothing to do"
        parts = [f"{len(self.done)} done"]
        if self.failed:
            step, error = next(iter(self.failed.items()))
            parts.append(f"{len(self.failed)} failed, first {step}: {error.what}")
        if self.skipped:
            parts.append(f"{len(self.skipped)} not begun")
        return f"{'; '.join(parts)}. Run it again to go on from here"
