"""``python -m tests.conformance [words]``: the table, for suites whose name has all the words."""

from __future__ import annotations

import importlib
import pkgutil
import sys

import tests.conformance
from tests.conformance.suite import Suite


def every_suite() -> list[Suite]:
    """The suites of all plug-ins, in order of their modules' names."""
    found: list[Suite] = []
    for module in sorted(pkgutil.iter_modules(tests.conformance.__path__), key=lambda each: each.name):
        if module.name not in ("__main__", "suite"):
            plug_in = importlib.import_module(f"tests.conformance.{module.name}")
            if hasattr(plug_in, "suites"):
                found += plug_in.suites()
    return found


def main(words: list[str]) -> int:
    """Print the table; 1 if any case failed."""
    failed = 0
    for suite in every_suite():
        if all(word in suite.name for word in words):
            failures = [(case, text) for case in suite.cases() if (text := _checked(suite, case))]
            total = len(suite.cases())
            print(f"{suite.name:<34}{total - len(failures):>5} of {total}", flush=True)  # noqa: T201
            for case, text in failures:
                print(f"    {case}: {text[:300]}")  # noqa: T201
            failed += len(failures)
    return 1 if failed else 0


def _checked(suite: Suite, case: str) -> str:
    try:
        return suite.check(case)
    except Exception as error:  # noqa: BLE001 - whatever went wrong is the case's difference
        return f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
