"""Benchmarks of operations in processes of their own: the start, and the event log."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from bench.figures import Figure, median_seconds
from kops_core import ApplyRequest, Engine, Phase, Settings, StepChanged
from kops_core.operations.event_log import EventLog, LogReader
from kops_core.operations.progress import Progress

_EVENTS = 20_000


def run() -> list[Figure]:
    """From a request to the first event, beside bare Python; events written, read and folded."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "store").mkdir()
        settings = Settings(
            stores=(f"file://{folder}/store",), write=True, state_dir=folder, environment=dict(os.environ)
        )
        operations = Engine(settings).operations
        python = median_seconds(lambda: os.spawnv(os.P_WAIT, sys.executable, [sys.executable, "-c", "pass"]))

        def first_event() -> None:
            handle = operations.start(ApplyRequest("nowhere.example.com"))
            next(handle.events())

        first = median_seconds(first_event)
        for each in operations.running():
            each.wait()
        written, read = _log(folder / "log")
    return [
        Figure("operation, request to first event", first, "s", "bare Python", first / python),
        Figure("event log, one event written", written / _EVENTS * 1e6, "us"),
        Figure("event log, 20,000 events read and folded", read, "s"),
    ]


def _log(path: Path) -> tuple[float, float]:
    """Seconds to write the events, and to read them."""
    event = StepChanged(datetime.now(UTC), "op", "SecurityGroupRule/a", Phase.DONE, "sgr-1", 1.5)
    log = EventLog(path)
    begin = time.perf_counter()
    for _ in range(_EVENTS):
        log.append(event)
    written = time.perf_counter() - begin
    log.close()
    begin = time.perf_counter()
    progress = Progress()
    with LogReader(path) as reader:
        for each in reader.read():
            progress.record_event(each.event)
    return written, time.perf_counter() - begin
