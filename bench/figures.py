"""What a bench measures, and how it is printed."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measured thing; ``run()`` of every module of this package returns some."""

    name: str
    value: float
    unit: str
    beside: str = ""
    """What it is compared with."""
    ratio: float = 0.0
    """Value over that of ``beside``; 0 if there is none."""
    target: str = ""
    """What it should be, in words."""

    def line(self) -> str:
        """As one line of a table."""
        compared = f"{self.ratio:6.2f} x {self.beside}" if self.ratio else ""
        return f"{self.name:44} {self.value:10.3f} {self.unit:6} {self.target:14} {compared}".rstrip()


def median_seconds(action: Callable[[], object], runs: int = 7) -> float:
    """Median wall time of an action."""
    taken = []
    for _ in range(runs):
        begin = time.perf_counter()
        action()
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken)
