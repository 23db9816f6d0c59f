"""The figures of benchmarks, and their output."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measured figure; ``run()`` of every module of this package returns some."""

    name: str
    value: float
    unit: str
    beside: str = ""
    """The name of its baseline."""
    ratio: float = 0.0
    """Its value divided by that of ``beside``; 0 without a baseline."""
    target: str = ""
    """The target, in words."""

    def line(self) -> str:
        """The figure as a line of a table."""
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
