"""Whole commands on the sandbox: requests, CPU, wall time and memory, with 0 and 20 ms added to each call."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench.figures import Figure
from bench.process import Measured
from bench.worlds import ONE, World, store_fleet, world

SLOW = 0.02
"""Seconds that each call takes longer on a slow line."""
_RUNS = 3
FLEET = 300

_GLANCE = """
import os, sys
from kops_tui.cli.settings import resolve
from kops_core import Engine
from kops_core.collector import collect_less_often
collect_less_often()
engine = Engine(resolve({}, os.environ))
rows = list(engine.fleet.clusters())
found = list(engine.fleet.glances(rows))
assert len(found) == len(rows) and not any(each.error for each in found), found[:3]
"""


@dataclass(frozen=True)
class Row:
    """A command, measured."""

    what: str
    kops: int | None
    """Requests of kOps 1.37.0-alpha.1 for the same on the same emulator; None if it has no such command."""
    runs: tuple[Measured, ...]
    slow: tuple[Measured, ...]

    @property
    def requests(self) -> int:
        """Requests of a run."""
        return self.runs[-1].requests

    def median(self, value: Callable[[Measured], float], *, slow: bool = False) -> float:
        """The median of a figure over the runs."""
        return statistics.median(map(value, self.slow if slow else self.runs))


def rows() -> Iterator[Row]:
    """Every command, as soon as it was measured."""
    with world() as there:
        yield from _one_cluster(there)
    with world() as there:
        there.create(ONE)
        there.run("update", "cluster", ONE, "--yes")
        yield from _fleet(there)


def _one_cluster(there: World) -> Iterator[Row]:
    yield _repeated(there, "`--version`", 0, "--version")
    for delay in (0.0, SLOW):
        name = f"apply{int(delay * 1000)}.example.com"
        there.create(name)
        measured = there.run("update", "cluster", name, "--yes", delay=delay)
        if not delay:
            first = measured
    yield Row("first apply, 3 control planes, 7 groups", None, (first,), (measured,))
    there.create(ONE)
    there.run("update", "cluster", ONE, "--yes")
    yield _first(there, "plan without changes, first run", 363, "update", "cluster", ONE)
    yield _repeated(there, "plan without changes", 363, "update", "cluster", ONE)
    yield _first(there, "`get instancegroups`, first run", 10, "get", "instancegroups", "--name", ONE)
    yield _repeated(there, "`get instancegroups`", 10, "get", "instancegroups", "--name", ONE)


def _fleet(there: World) -> Iterator[Row]:
    store_fleet(there, FLEET, machines=True)
    what = f"`get clusters`, {FLEET} clusters"
    yield _first(there, f"{what}, first run", FLEET + 4, "get", "clusters")
    yield _repeated(there, what, FLEET + 4, "get", "clusters")
    yield _repeated(
        there, f"`get clusters -o name`, {FLEET} clusters", FLEET + 4, "get", "clusters", "-o", "name"
    )
    runs = [
        tuple(there.run("-c", _GLANCE, delay=delay, program=sys.executable) for _ in range(_RUNS))
        for delay in (0.0, SLOW)
    ]
    yield Row(f"the fleet's status, {FLEET} clusters", None, *runs)


def _repeated(there: World, what: str, kops: int, *words: str) -> Row:
    there.run(*words)
    runs = [tuple(there.run(*words, delay=delay) for _ in range(_RUNS)) for delay in (0.0, SLOW)]
    return Row(what, kops, *runs)


def _first(there: World, what: str, kops: int, *words: str) -> Row:
    def run(delay: float) -> Measured:
        there.forget_cache()
        return there.run(*words, delay=delay)

    runs = [tuple(run(delay) for _ in range(_RUNS)) for delay in (0.0, SLOW)]
    return Row(what, kops, *runs)


def table(found: list[Row]) -> str:
    """The rows in Markdown."""
    lines = [
        "| command | requests | kOps' | one after another | CPU | wall | wall, +20 ms | memory |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in found:
        cells = [
            row.what,
            str(row.requests),
            "" if row.kops is None else str(row.kops),
            f"{row.median(lambda each: each.in_a_row, slow=True):.0f}",
            f"{row.median(lambda each: each.cpu):.2f} s",
            f"{row.median(lambda each: each.wall):.2f} s",
            f"{row.median(lambda each: each.wall, slow=True):.2f} s",
            f"{row.median(lambda each: each.peak):.0f} MiB",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def run() -> Iterator[Figure]:
    """The figures of ``rows``, one by one."""
    for row in rows():
        plain = row.what.replace("`", "")
        beside, ratio = ("kOps", row.requests / row.kops) if row.kops else ("", 0.0)
        yield Figure(f"{plain}: requests", row.requests, "", beside, ratio)
        yield Figure(f"{plain}: CPU", row.median(lambda each: each.cpu), "s")
        yield Figure(f"{plain}: wall", row.median(lambda each: each.wall), "s")
        yield Figure(f"{plain}: wall, +20 ms a call", row.median(lambda each: each.wall, slow=True), "s")
        yield Figure(f"{plain}: peak memory", row.median(lambda each: each.peak), "MiB")
