"""A pytest plugin that records for each test which lines ran, how long it took, and whether it passed.

Used as ``coverage run -m pytest -p tests.mutants.recording --durations-file=FILE``.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import coverage
import pytest

_SECONDS = pytest.StashKey[dict[str, float]]()
_FAILED = pytest.StashKey[set[str]]()
_LONGEST = 300.0
"""Seconds of a module's tests after which its others are left out: they would be too slow once a fault."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--durations-file", required=True, help="where to write the seconds of each passed test")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_SECONDS], config.stash[_FAILED] = {}, set()
    config.pluginmanager.register(_Recorder(config))


class _Recorder:
    """The hooks that see each test."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._module = ""
        self._began = 0.0

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        module = item.nodeid.partition("::")[0]
        if module != self._module:
            self._module, self._began = module, time.monotonic()
        elif time.monotonic() - self._began > _LONGEST:
            pytest.skip("its module takes too long")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        running = coverage.Coverage.current()
        assert running is not None, "run it under coverage"
        running.switch_context(item.nodeid)
        try:
            return (yield)
        finally:
            running.switch_context("")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.passed:
            seconds = self._config.stash[_SECONDS]
            seconds[report.nodeid] = seconds.get(report.nodeid, 0.0) + report.duration
        else:
            self._config.stash[_FAILED].add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        failed = self._config.stash[_FAILED]
        passed = {k: round(v, 4) for k, v in self._config.stash[_SECONDS].items() if k not in failed}
        Path(self._config.getoption("--durations-file")).write_text(json.dumps(passed), encoding="utf-8")
