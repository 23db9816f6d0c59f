"""The control channel of an operation: real FIFOs and processes, strangers, and questions with answers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kops_core import AccessDenied, KopsError, OperationFailed, Refused, UsageError
from kops_core.engine.background.control import ControlMessage, ControlReader, is_read, send
from kops_core.engine.background.folder import OperationFolder, create_folder, folders, remove_old
from kops_core.engine.background.requests import ApplyRequest, Order
from kops_core.engine.background.run import OperationRun
from kops_core.engine.settings import Settings
from kops_core.operations.events import Asked, Control, Controlled, Event
from kops_core.store.process import Liveness
from tests.operations.viewers import until

NOW = datetime(2026, 3, 1, 14, 2, 11, tzinfo=UTC)
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to another user")


def order(id: str = "1234abcd", *, interactive: bool = True) -> Order:  # noqa: A002 - it is one
    return Order(id, NOW, ApplyRequest("c.example.com"), Settings(operator="ann@bastion"), interactive)


@pytest.fixture
def fifo(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / "control", 0o600)
    return tmp_path / "control"


def message(step: str = "") -> ControlMessage:
    return ControlMessage(Control.SKIP, "ann@bastion", step)


def test_messages_of_several_processes_arrive_whole(fifo: Path) -> None:
    found: list[str] = []
    ControlReader(fifo, lambda each: found.append(each.step))
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from tests.operations.test_control import message, send\n"
        "for number in range(40):\n"
        "    send(Path(sys.argv[1]), message(f'{sys.argv[2]}-{number}-' + 'x' * 3000))\n"
    )
    viewers = [
        subprocess.Popen([sys.executable, "-c", code, str(fifo), name], cwd=Path(__file__).parents[2])
        for name in "abc"
    ]
    assert [each.wait(60) for each in viewers] == [0, 0, 0]
    until(lambda: len(found) == 120)
    assert {each.rpartition("-")[0] for each in found} == {
        f"{name}-{number}" for name in "abc" for number in range(40)
    }
    assert {len(each.rpartition("-")[2]) for each in found} == {3000}


def test_what_is_no_message_asks_nothing(fifo: Path) -> None:
    found: list[ControlMessage] = []
    ControlReader(fifo, found.append)
    with fifo.open("wb", buffering=0) as stream:
        stream.write(b'{}\n[]\nx\n\xff\n{"control": "explode", "by": "eve"}\n')
    send(fifo, message("last"))
    until(lambda: found)
    assert [each.step for each in found] == ["last"]


def test_nothing_is_left_for_an_operation_that_does_not_read(fifo: Path) -> None:
    with pytest.raises(OperationFailed, match="does not run on this machine"):
        send(fifo, message())
    assert not is_read(fifo)
    with pytest.raises(OperationFailed, match="does not run"):
        send(fifo.with_name("gone"), message())
    held = os.open(fifo, os.O_RDWR | os.O_NONBLOCK)  # a process that was stopped: it reads nothing
    try:
        assert is_read(fifo)
        with pytest.raises(OperationFailed, match="may be suspended"):
            for _ in range(100):
                send(fifo, message("x" * 3000))
        with pytest.raises(UsageError, match="too long"):
            send(fifo, message("x" * 5000))
    finally:
        os.close(held)


@pytest.mark.parametrize("planted", ["file", "link"])
def test_a_channel_that_is_none_is_refused(tmp_path: Path, planted: str) -> None:
    path = tmp_path / "control"
    if planted == "file":
        path.write_text("")
    else:
        os.mkfifo(tmp_path / "other")
        path.symlink_to(tmp_path / "other")
    with pytest.raises(KopsError):
        send(path, message())
    with pytest.raises((KopsError, OSError)):
        ControlReader(path, lambda _: None)


@as_root
def test_the_channel_of_another_user_is_refused(fifo: Path) -> None:
    held = os.open(fifo, os.O_RDWR | os.O_NONBLOCK)
    os.chown(fifo, 65534, 65534)
    try:
        with pytest.raises(Refused, match="another user"):
            send(fifo, message())
        with pytest.raises(Refused, match="another user"):
            ControlReader(fifo, lambda _: None)
        with pytest.raises(Refused, match="another user"):
            OperationFolder(fifo.parent).expect_own()
    finally:
        os.close(held)


def test_the_first_answer_to_a_question_counts_and_is_in_no_event() -> None:
    events: list[Event] = []
    run = OperationRun(order(), events.append, lambda: NOW)
    answers: list[str] = []
    asking = threading.Thread(target=lambda: answers.append(run.ask("MFA code for ann: ")))
    asking.start()
    until(lambda: events)
    assert events == [Asked(NOW, "1234abcd", "1", "MFA code for ann: ")]
    run.receive(ControlMessage(Control.ANSWER, "ann@bastion", "1", "123456"))
    asking.join(10)
    assert answers == ["123456"]
    assert events[1:] == [Controlled(NOW, "1234abcd", Control.ANSWER, "ann@bastion", "1")]
    assert "123456" not in str(events)


def test_ending_a_drain_is_told_to_every_viewer() -> None:
    events: list[Event] = []
    run = OperationRun(order(), events.append, lambda: NOW)
    run.receive(ControlMessage(Control.END_DRAIN, "ann@bastion", "i-1"))
    assert run.cancel.undrained() == {"i-1"}
    assert not run.cancel.stopped
    assert events == [Controlled(NOW, "1234abcd", Control.END_DRAIN, "ann@bastion", "i-1")]


def test_a_question_ends_with_a_stop() -> None:
    run = OperationRun(order(), lambda _: None, lambda: NOW)
    found: list[BaseException] = []

    def ask() -> None:
        try:
            run.ask("MFA code: ")
        except AccessDenied as error:
            found.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    run.receive(ControlMessage(Control.STOP, "ann@bastion"))
    asking.join(10)
    assert [str(each) for each in found] == ["MFA code: it was stopped before anybody answered"]


# Folders


def made(tmp_path: Path, make: Callable[[str], Order] = order) -> OperationFolder:
    return create_folder(tmp_path / "state" / "operations", make)[0]


def test_a_folder_without_a_process_is_told_from_one_that_starts(tmp_path: Path) -> None:
    folder = made(tmp_path)
    at = folder.order().at
    assert folder.liveness(at, at) is Liveness.RUNNING, "its process is being started"
    later = datetime(2026, 3, 1, 15, tzinfo=UTC)
    assert folder.liveness(at, later) is Liveness.GONE, "it never came"
    folder.identify()
    assert folder.liveness(at, later) is Liveness.RUNNING
    done = subprocess.run(
        [sys.executable, "-c", _IDENTIFY, str(folder.path)], cwd=Path(__file__).parents[2], check=True
    )
    assert done.returncode == 0
    assert folder.liveness(at, later) is Liveness.GONE
    stored = json.loads((folder.path / "process.json").read_text())
    (folder.path / "process.json").write_text(json.dumps({**stored, "boot": "another"}))
    assert folder.liveness(at, later) is Liveness.GONE, "nobody reads its channel"
    (folder.path / "process.json").write_text(json.dumps({**stored, "boot": "another", "host": "elsewhere"}))
    assert folder.liveness(at, later) is Liveness.UNKNOWN


_IDENTIFY = (
    "import sys\n"
    "from pathlib import Path\n"
    "from kops_core.engine.background.folder import OperationFolder\n"
    "OperationFolder(Path(sys.argv[1])).identify()\n"
)


def test_old_folders_go_unless_their_process_runs(tmp_path: Path) -> None:
    operations = tmp_path / "state" / "operations"
    old, runs, new = (made(tmp_path) for _ in range(3))
    runs.identify()
    long_ago = NOW.timestamp() - 40 * 86400
    for each in (old, runs):
        os.utime(each.events, (long_ago, long_ago))
    os.utime(new.events, (NOW.timestamp(), NOW.timestamp()))
    remove_old(operations, NOW)
    assert {each.path for each in folders(operations)} == {runs.path, new.path}


@pytest.mark.parametrize("limit", [0, 100])
def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path, limit: int) -> None:
    """The limit of the size of files stands for the disk."""
    code = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from kops_core import OperationFailed\n"
        "from tests.operations.test_control import made\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, resource.RLIM_INFINITY))\n"
        "try:\n"
        "    made(Path(sys.argv[1]))\n"
        "except OperationFailed as error:\n"
        "    assert 'nothing was started' in str(error), error\n"
        "    sys.exit(7)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=Path(__file__).parents[2], check=False
    )
    assert done.returncode == 7
    assert list((tmp_path / "state" / "operations").iterdir()) == []


def test_an_order_of_another_version_is_told(tmp_path: Path) -> None:
    folder = made(tmp_path)
    data = json.loads(folder.request.read_text())
    changes: tuple[object, ...] = ({**data, "version": 99}, {**data, "kind": "explode"}, [], "x")
    for changed in changes:
        folder.request.write_text(json.dumps(changed))
        with pytest.raises(OperationFailed, match="can't be read"):
            folder.order()
