"""How an operation ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kops_core.errors import KopsError


@dataclass(frozen=True)
class Outcome:
    """How an operation ended."""

    ok: bool
    done: tuple[str, ...] = ()
    """Steps that were carried out."""
    failed: Mapping[str, KopsError] = field(default_factory=dict)
    skipped: Mapping[str, str] = field(default_factory=dict)
    """Steps that were not begun, and why."""
    stopped: bool = False
    """The operator ended it."""

    @property
    def message(self) -> str:
        """One sentence; for a failure with what to do next."""
        if self.ok:
            return f"{len(self.done)} done, nothing is left to do" if self.done else "nothing to do"
        parts = [f"{len(self.done)} done"]
        if self.failed:
            step, error = next(iter(self.failed.items()))
            parts.append(f"{len(self.failed)} failed, first {step}: {error.what}")
        if self.skipped:
            parts.append(f"{len(self.skipped)} not begun")
        return f"{'; '.join(parts)}. Run it again to go on from here"
