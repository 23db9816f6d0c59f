"""``python -m bench [module ...]``: run every bench, or those named, and print a table.

Without names it writes ``docs/benchmarks.md``, too.
"""

from __future__ import annotations

import pkgutil
import sys
from collections.abc import Iterator
from importlib import import_module
from typing import TypeVar

import bench
from bench import commands, growing, report
from bench.figures import Figure

_Row = TypeVar("_Row")

_NOT_BENCHES = {"__main__", "figures", "growth", "process", "report", "worlds"}
_IN_TABLES = {"commands", "growing"}


def main() -> None:
    """Run and print."""
    names = sorted(
        each.name for each in pkgutil.iter_modules(bench.__path__) if each.name not in _NOT_BENCHES
    )
    if sys.argv[1:]:
        list(_figures(sys.argv[1:]))
        return
    figures = list(_figures([name for name in names if name not in _IN_TABLES]))
    report.write(list(_shown(commands.rows())), list(_shown(growing.rows())), figures)


def _figures(names: list[str]) -> Iterator[Figure]:
    for name in names:
        for figure in import_module(f"bench.{name}").run():
            print(figure.line(), flush=True)
            yield figure


def _shown(rows: Iterator[_Row]) -> Iterator[_Row]:
    for each in rows:
        print(each, flush=True)
        yield each


main()
