"""``python -m tests.mutants [PACKAGE ...]``: faults in samples of the engine, and which no test notices.

Fails if one survives that ``survivors.toml`` does not name, or if less than 85 % of a package's are caught.
"""

from __future__ import annotations

import argparse
import multiprocessing
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.mutants import report, runs
from tests.mutants.covering import Covering
from tests.mutants.faults import Fault, faults
from tests.mutants.packages import PACKAGES, Package
from tests.mutants.report import Tried
from tests.mutants.runs import Result

_REPOSITORY = Path(__file__).parents[2]
_KEPT = _REPOSITORY / ".mutants"
_FIRST = 6.0
"""Seconds of tests that are run first, apart: most faults are caught by them."""


@dataclass(frozen=True)
class _Sample:
    """What to draw, and how much to do about each."""

    seed: str
    size: int
    budget: float
    """Seconds of tests a fault."""
    again: bool
    """Of those drawn before, the survivors."""

    @property
    def kept(self) -> Path:
        """The file of what became of it."""
        return _KEPT / f"seed-{self.seed}.json"


def main() -> int:
    """Draw, try and report; 1 if the tests are not good enough."""
    words = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    words.add_argument(
        "packages", nargs="*", metavar="PACKAGE", help=f"{', '.join(PACKAGES)}; by default all"
    )
    words.add_argument("--sample", type=int, default=40, help="faults a package")
    words.add_argument("--seed", default="1", help="draws the sample")
    words.add_argument("--budget", type=float, default=60.0, help="seconds of tests a fault")
    words.add_argument("--workers", type=int, default=1, help="packages at once")
    words.add_argument("--again", action="store_true", help="those of the last run that survived, alone")
    words.add_argument(
        "--recorded", action="store_true", help="with the tests that did not change since the record"
    )
    given = words.parse_args()
    sample = _Sample(given.seed, given.sample, given.budget, given.again)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        tree = Path(folder) / "tree"
        runs.copy(_REPOSITORY, tree)
        if not given.recorded:
            Covering(tree, _KEPT).update()
        runs.prepare()
        names = [each for each in PACKAGES if not given.packages or each in given.packages]
        with ProcessPoolExecutor(given.workers, mp_context=multiprocessing.get_context("fork")) as pool:
            tried = [each for found in pool.map(partial(_try, tree, sample), names) for each in found]
    if not sample.again:
        report.keep(sample.kept, tried)
    return 0 if report.tell(tried, time.monotonic() - began) else 1


def _try(base: Path, sample: _Sample, name: str) -> list[Tried]:
    """Try the sample of a package, in a copy of its own."""
    package, tree = PACKAGES[name], base.with_name(name)
    shutil.copytree(base, tree)
    covering = Covering(tree, _KEPT)
    wanted = report.survivors(sample.kept, name) if sample.again else None
    size = sample.size if wanted is None else len(wanted)
    found: list[Tried] = []
    checked = False
    if not size:
        return found
    for fault, tests in _drawn(tree, package, sample, covering):
        if wanted is not None and report.key(fault) not in wanted:
            continue
        if tests and not checked:
            checked = True
            if not runs.passes(tree, fault.file, tests, 5 * sample.budget):
                raise RuntimeError(f"tests fail without a fault: {(tree / 'output').read_text()[-3000:]}")
        result = _result(tree, fault, tests, covering)
        if result is Result.BROKEN:
            continue
        found.append(Tried(name, fault, result, len(tests)))
        sys.stderr.write(f"{name} {len(found)}/{size} {result.value:9} {fault.file}:{fault.line}\n")
        if result is Result.SURVIVED:
            sys.stderr.write(f"{fault.diff}\n")
        if len(found) == size:
            break
    return found


def _drawn(
    tree: Path, package: Package, sample: _Sample, covering: Covering
) -> Iterator[tuple[Fault, Sequence[str]]]:
    """Faults with the tests that may notice them."""
    for fault in faults(tree, package.files(tree), sample.seed):
        yield fault, covering.tests(fault.file, fault.line, package.tests, sample.budget)


def _result(tree: Path, fault: Fault, tests: Sequence[str], covering: Covering) -> Result:
    """What becomes of a fault: by a few tests, then by the others, then by mypy."""
    first = len(tests)
    while first > 1 and covering.seconds(tests[:first]) > _FIRST:
        first //= 2
    for some in (tests[:first], tests[first:]):
        result = runs.run(tree, fault, some, 60 + 5 * covering.seconds(some)) if some else Result.SURVIVED
        if result is not Result.SURVIVED:
            return result
    return Result.REFUSED if runs.refused(tree, fault) else Result.SURVIVED


if __name__ == "__main__":
    sys.exit(main())
