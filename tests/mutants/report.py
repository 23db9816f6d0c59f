"""What became of each fault: kept, printed by package, compared with the survivors that have a reason."""

from __future__ import annotations

import json
import sys
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from tests.mutants.faults import Fault
from tests.mutants.runs import Result

_LEAST = 85
"""Percent of a package's faults that have to be caught."""

Key: TypeAlias = tuple[str, str, str]
"""A fault's file, and the lines that differ, without and with it: it stays when other lines change."""


@dataclass(frozen=True)
class Tried:
    """A fault that was tried."""

    package: str
    fault: Fault
    result: Result
    tests: int
    """How many were to notice it."""


def key(fault: Fault) -> Key:
    """The name of a fault."""
    return fault.file, fault.before, fault.after


def named() -> Mapping[Key, str]:
    """The reasons of the survivors that stay."""
    text = Path(__file__).with_name("survivors.toml").read_text(encoding="utf-8")
    return {
        (each["file"], each["before"], each["after"]): each["reason"]
        for each in tomllib.loads(text)["survivor"]
    }


def survivors(kept: Path, package: str) -> frozenset[Key]:
    """Those of a package in the last run."""
    return frozenset(
        (each["file"], each["before"], each["after"])
        for each in json.loads(kept.read_text(encoding="utf-8"))
        if each["package"] == package and each["result"] == Result.SURVIVED.value
    )


def keep(kept: Path, tried: Sequence[Tried]) -> None:
    """Write what became of each fault, over the last run of the same packages."""
    before = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else []
    now = {each.package for each in tried}
    made = [
        {
            "package": each.package,
            "result": each.result.value,
            "file": each.fault.file,
            "line": each.fault.line,
            "before": each.fault.before,
            "after": each.fault.after,
        }
        for each in tried
    ]
    kept.write_text(json.dumps([*(each for each in before if each["package"] not in now), *made], indent=1))


def tell(tried: Sequence[Tried], seconds: float) -> bool:
    """Print survivors and the share caught of each package; whether both are as they should be."""
    reasons = named()
    good = True
    for each in tried:
        if each.result is Result.SURVIVED:
            reason = reasons.get(key(each.fault))
            good = good and reason is not None
            why = f"stays: {reason}" if reason else f"{each.tests} tests run it"
            sys.stdout.write(f"\n{each.fault.file}:{each.fault.line}: {why}\n{each.fault.diff}\n")
    columns = (Result.CAUGHT, Result.TIMED_OUT, Result.REFUSED, Result.SURVIVED)
    heads = "".join(f"{each.value:>10}" for each in columns)
    sys.stdout.write(f"\n{'package':12}{'tried':>6}{heads}{'share':>7}\n")
    for name in dict.fromkeys(each.package for each in tried):
        count = Counter(each.result for each in tried if each.package == name)
        share = 100 - 100 * count[Result.SURVIVED] / count.total()
        good = good and share >= _LEAST
        numbers = "".join(f"{count[each]:10}" for each in columns)
        sys.stdout.write(f"{name:12}{count.total():6}{numbers}{share:6.0f}%\n")
    sys.stdout.write(f"{seconds / 60:.0f} minutes\n")
    return good
