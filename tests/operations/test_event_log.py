"""The event log: every event comes back as it was, whatever the disk, other versions and readers do."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kops_core import errors
from kops_core.errors import FieldError, InvalidSpec, KopsError, LockHeld, LockLost, MissingFact, UsageError
from kops_core.operations import events
from kops_core.operations.event_json import from_json, to_json
from kops_core.operations.event_log import EventLog, LogReader
from kops_core.operations.events import Event, Failed, Finished, Phase, StepChanged
from kops_core.operations.failure import error_of, failed
from kops_core.operations.progress import Progress

NOW = datetime(2026, 3, 1, 14, 2, 11, 123456, tzinfo=UTC)
TYPES = [each for each in vars(events).values() if isinstance(each, type) and issubclass(each, Event)]
EVENTS = st.one_of(
    *(
        st.builds(
            kind,
            **{each.name: st.datetimes(timezones=st.just(UTC)) for each in fields(kind) if each.name == "at"},
            **{
                each.name: st.none() | st.datetimes(timezones=st.just(UTC))
                for each in fields(kind)
                if each.name == "until"
            },
            **{each.name: st.floats(allow_nan=False) for each in fields(kind) if each.type == "float"},
        )
        for kind in TYPES
    )
)


@given(EVENTS, st.integers(1, 10**9))
def test_every_event_comes_back_as_it_was(event: Event, seq: int) -> None:
    line = to_json(event, seq)
    assert "\n" not in line
    assert json.loads(line)["version"] == 1
    assert from_json(line) == (seq, event)


def test_what_a_newer_version_adds_is_passed_over() -> None:
    row = {"version": 1, "seq": 4, "event": "Rehearsed", "at": NOW.isoformat(), "operation": "op", "new": [1]}
    assert from_json(json.dumps(row)) == (4, Event(NOW, "op"))
    row |= {"event": "StepChanged", "step": "a", "phase": "ok"}
    assert from_json(json.dumps(row)) == (4, StepChanged(NOW, "op", "a", Phase.DONE))


@pytest.mark.parametrize("junk", [b"", b"{", b"[]", b'"x"', b'{"event": "Finished"}', b"\xff\xfe", b"null"])
def test_a_line_that_is_no_event_hides_no_other(tmp_path: Path, junk: bytes) -> None:
    path = tmp_path / "log"
    event = StepChanged(NOW, "op", "a", Phase.DONE)
    path.write_bytes(junk + b"\n" + to_json(event, 1).encode() + b"\n" + junk)
    with LogReader(path) as reader:
        assert [each.event for each in reader.read()] == [event]


def test_a_line_counts_once_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with LogReader(path) as reader:
        assert reader.read() == []
        line = to_json(StepChanged(NOW, "op", "a", Phase.DONE), 1).encode() + b"\n"
        for place in range(len(line)):
            path.write_bytes(line[:place])
            assert reader.read() == [], place
            path.write_bytes(line[:0])
            reader.close()
            reader.__init__(path)  # type: ignore[misc] # from its beginning again
        path.write_bytes(line)
        assert len(reader.read()) == 1


def test_a_full_disk_neither_loses_nor_cuts_an_event(tmp_path: Path) -> None:
    """The limit of the size of files stands for the disk: a write is cut in the middle of a line."""
    code = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from tests.operations.test_event_log import NOW, EventLog, Phase, StepChanged\n"
        "log = EventLog(Path(sys.argv[1]))\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (500, resource.RLIM_INFINITY))\n"
        "for number in range(20):\n"
        "    log.append(StepChanged(NOW, 'op', f'step {number}', Phase.DONE))\n"
        "assert not log.flush()\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))\n"
        "log.append(StepChanged(NOW, 'op', 'step 20', Phase.DONE))\n"
        "assert log.flush()\n"
    )
    path = tmp_path / "log"
    subprocess.run([sys.executable, "-c", code, str(path)], check=True, cwd=Path(__file__).parents[2])
    with LogReader(path) as reader:
        found = reader.read()
    assert [each.seq for each in found] == list(range(1, 22))
    assert [each.event.step for each in found if isinstance(each.event, StepChanged)] == [
        f"step {number}" for number in range(21)
    ]


def test_an_error_keeps_its_class_texts_and_code() -> None:
    held = LockHeld("ann holds it", until=NOW, where="c", remedy="wait")
    spec = InvalidSpec([FieldError("Invalid value", "spec.x", "no", "c.yaml", 3)], where="c", remedy="edit")
    for error in (held, spec, LockLost("lost", where="c"), UsageError("which?", remedy="this")):
        told = error_of(from_failed(failed(error, NOW, "op")))
        assert type(told) is type(error)
        assert (str(told), told.exit_code) == (str(error), error.exit_code)
    assert told.exit_code == errors.EXIT_USAGE
    again = error_of(from_failed(failed(held, NOW, "op")))
    assert isinstance(again, LockHeld)
    assert again.until == NOW
    assert str(error_of(failed(MissingFact("facts.zones"), NOW, "op"))) == str(MissingFact("facts.zones"))


def from_failed(event: Failed) -> Failed:
    _, found = from_json(to_json(event))
    assert isinstance(found, Failed)
    return found


def test_a_fault_tells_its_kind_and_nothing_of_its_text() -> None:
    event = failed(RuntimeError("secret_key=hunter2"), NOW, "op")
    assert "hunter2" not in to_json(event)
    assert "RuntimeError" in str(error_of(event))
    assert isinstance(error_of(event), KopsError)
    assert event.exit_code == 1


def test_a_full_disk_is_no_fault_of_the_program() -> None:
    error = error_of(failed(OSError(errno.ENOSPC, "No space left on device", "/state/journal"), NOW, "op"))
    assert str(error).startswith("/state/journal: No space left on device\n  make room on the disk")
    assert error.exit_code == 1


def test_progress_counts_each_step_once_in_its_last_phase() -> None:
    progress = Progress()
    for phase in (Phase.RUNNING, Phase.RETRYING, Phase.RUNNING, Phase.DONE):
        progress.record_event(StepChanged(NOW, "op", "a", phase))
    progress.record_event(StepChanged(NOW, "op", "b", Phase.RUNNING))
    assert (progress.done, progress.total, progress.exit_code) == (1, 2, None)
    progress.record_event(failed(LockLost("lost"), NOW, "op"))
    assert progress.steps["b"].phase is Phase.FAILED
    assert (progress.done, progress.exit_code) == (1, errors.EXIT_LOCK_LOST)
    progress = Progress()
    progress.record_event(Finished(NOW, "op", ok=False, done=0, message="stopped"))
    assert progress.exit_code == 1


def test_a_log_is_its_owners_alone_under_any_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        EventLog(tmp_path / "log").close()
    finally:
        os.umask(before)
    assert (tmp_path / "log").stat().st_mode & 0o777 == 0o600


def test_what_had_no_room_is_written_by_a_flush_alone(tmp_path: Path) -> None:
    path = tmp_path / "log"
    code = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from tests.operations.test_event_log import NOW, EventLog, Phase, StepChanged\n"
        "log = EventLog(Path(sys.argv[1]))\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10, resource.RLIM_INFINITY))\n"
        "log.append(StepChanged(NOW, 'op', 'step', Phase.DONE))\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))\n"
        "assert log.flush()\n"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], check=True, cwd=Path(__file__).parents[2])
    with LogReader(path) as reader:
        assert [each.seq for each in reader.read()] == [1]
