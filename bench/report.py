"""Writes the figures as ``docs/benchmarks.md``."""

from __future__ import annotations

import os
import platform
from pathlib import Path

from bench import commands, growing
from bench.figures import Figure
from bench.process import Measured

_FILE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
_HEAD = """# Benchmarks
Written by `make bench`, on {cores} cores with Python {python}. Requests are exact, and
`tests/cli/test_requests.py` holds them; times differ between machines, so only the ratios within one
run mean something.

## Commands
Whole processes as they are started, on the embedded AWS, whose calls go through a proxy that counts
them and adds 0 or 20 ms to each. Medians of three runs. "One after another" is the longest sequence of
requests on the slow line of which each began after the one before had ended. kOps' requests were
counted in the same way, with kOps 1.37.0-alpha.1. A first run has an empty cache; an apply counts the
process that carries it out.

{commands}
The cluster has three control planes, three groups of nodes and a bastion. The fleet's status is what
the TUI's first screen shows: a listing, and one look at the account.

## Growth
Terraform of one cluster with more instance groups or subnets.

{growing}
## Parts
{figures}
"""


def write(found: list[commands.Row], grown: list[tuple[str, int, Measured]], figures: list[Figure]) -> None:
    """Write the document."""
    parts = ["| figure | value | compared |", "|---|---|---|"]
    for each in figures:
        compared = f"{each.ratio:.2f} x {each.beside}" if each.ratio else each.target
        parts.append(f"| {each.name} | {each.value:.3f} {each.unit} | {compared} |")
    text = _HEAD.format(
        cores=os.cpu_count(),
        python=platform.python_version(),
        commands=commands.table(found),
        growing=growing.table(grown),
        figures="\n".join(parts),
    )
    _FILE.write_text(text.rstrip() + "\n", encoding="utf-8")
