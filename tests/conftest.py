"""Settings of all tests, and the line that says what a run without the conformance corpus did not compare."""

from __future__ import annotations

import pytest

from kops_core.collector import collect_less_often
from tests.corpus import NO_CORPUS

# As the program itself does.
collect_less_often()


_PROCESSES = {"sandboxed", "sandboxed_once"}
"""Fixtures that start the embedded AWS as a process."""


@pytest.hookimpl(tryfirst=True)  # before -m chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave tests with a process of their own out of the quick loop."""
    for each in items:
        if _PROCESSES & set(getattr(each, "fixturenames", ())):
            each.add_marker(pytest.mark.full)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line which tests had no output of kOps to compare with."""
    skipped = [each for each in terminalreporter.stats.get("skipped", ()) if NO_CORPUS in str(each.longrepr)]
    modules = [each for each in skipped if isinstance(each, pytest.CollectReport)]
    if skipped:
        folders = sorted({each.nodeid.split("/")[1] for each in skipped})
        terminalreporter.write_line(
            f"Not compared with kOps' own output, {NO_CORPUS}: {len(modules)} modules and"
            f" {len(skipped) - len(modules)} single tests, in tests/{{{','.join(folders)}}}"
        )
