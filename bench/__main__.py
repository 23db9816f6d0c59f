"""``python -m bench [module ...]``: run every bench, or those named, and print a table."""

from __future__ import annotations

import pkgutil
import sys
from importlib import import_module

import bench

_NOT_BENCHES = {"__main__", "figures", "growth"}


def main() -> None:
    """Run and print."""
    wanted = sys.argv[1:] or sorted(
        each.name for each in pkgutil.iter_modules(bench.__path__) if each.name not in _NOT_BENCHES
    )
    for name in wanted:
        for figure in import_module(f"bench.{name}").run():
            print(figure.line(), flush=True)


main()
