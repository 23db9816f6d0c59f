"""Operations outlive their viewers: real processes, terminals and signals, with the apply held at a call."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from kops_core.engine.background.folder import folders
from kops_core.operations import journal
from tests.operations.engine_world import CLUSTER, sandbox, world
from tests.operations.fault_injection import Answer, Fault, Request, refusal
from tests.operations.test_kill import EVERY_CALL
from tests.operations.viewers import PROGRAM, SECRET, Story, ended, has_ended, story, until

pytestmark = pytest.mark.full

SLOW = pytest.mark.skipif(not EVERY_CALL, reason="KOPS_SWEEP=full: slow")

__all__ = ["sandbox", "story", "world"]


def finished_as_if_undisturbed(story: Story) -> None:
    """The operation has ended well, in one run, and nothing is left to do."""
    until(lambda: story.events()[-1]["event"] == "Finished")
    events = story.events()
    assert [each["seq"] for each in events] == list(range(1, len(events) + 1))
    assert events[-1]["ok"] is True, events[-1]
    steps = {each["step"] for each in events if each["event"] == "StepChanged"}
    assert events[-1]["done"] == len(steps) > 60
    assert story.to_apply() == 0
    (history,) = [each for path in story.state.rglob("journal") for each in journal.read_all(path)]
    assert history.finished
    assert sum(each.what == "started" for each in history.entries) == 1


def test_two_viewers_see_the_same_and_end_with_the_same_code(story: Story) -> None:
    gate = story.hold(9)
    first = story.start("--apply", "--events", "ndjson")
    assert gate.reached.wait(60)
    second = story.start("attach", "--events", "ndjson")
    until(lambda: len(story.events()) > 5)
    gate.open.set()
    out, err = ended(first, 0)
    assert ended(second, 0)[0] == out
    late, _ = story.run("attach", story.operation().id[:4], "--events", "ndjson")
    assert late == out == story.operation().events.read_text()
    assert "nothing is left to do" in err, "the summary for people is on stderr"
    finished_as_if_undisturbed(story)


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGKILL, pytest.param(signal.SIGQUIT, marks=SLOW)])
def test_a_lost_viewer_ends_nothing(story: Story, number: signal.Signals) -> None:
    gate = story.hold(20)
    viewer = story.start("--apply")
    assert gate.reached.wait(60)
    viewer.send_signal(number)
    code = -number if number == signal.SIGKILL else 128 + number
    _, err = ended(viewer, code)
    if number != signal.SIGKILL:
        assert f"kops-tui attach {story.operation().id}" in err
    gate.open.set()
    finished_as_if_undisturbed(story)


def test_a_viewer_whose_stdout_is_closed_ends_alone(story: Story) -> None:
    gate = story.hold(9)
    viewer = story.start("--apply", "--events", "ndjson")
    assert viewer.stdout is not None
    assert gate.reached.wait(60)
    viewer.stdout.close()
    gate.open.set()
    assert viewer.wait(60) == 1
    assert viewer.stderr is not None
    assert "Traceback" not in viewer.stderr.read()
    viewer.stderr.close()
    finished_as_if_undisturbed(story)


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_an_apply_in_tmux_goes_on_when_its_server_is_killed(story: Story, tmp_path: Path) -> None:
    gate = story.hold(20)
    tmux = ["tmux", "-S", str(tmp_path / "tmux"), "-f", "/dev/null"]
    subprocess.run(
        [*tmux, "new-session", "-d", f"{PROGRAM} --apply; sleep 60"], env=story.environment, check=True
    )
    assert gate.reached.wait(60)
    server = subprocess.run(
        [*tmux, "display-message", "-p", "#{pid}"], env=story.environment, check=True, capture_output=True
    )
    subprocess.run([*tmux, "kill-server"], env=story.environment, check=True)
    until(lambda: has_ended(int(server.stdout)))
    assert not has_ended(story.pid())
    attached = story.start("attach", "--events", "ndjson")
    gate.open.set()
    assert ended(attached, 0)[0] == story.operation().events.read_text()
    finished_as_if_undisturbed(story)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_the_viewer_stops_at_a_safe_point_and_run_again_it_goes_on(
    story: Story, number: signal.Signals
) -> None:
    gate = story.hold(20)
    viewer = story.start("--apply")
    assert gate.reached.wait(60)
    viewer.send_signal(number)
    until(lambda: any(each["event"] == "Controlled" for each in story.events()))
    assert viewer.poll() is None, "it waits for the steps under way"
    gate.open.set()
    out, err = ended(viewer, 1)
    assert "stopping after the steps under way" in err
    assert "not begun. Run it again to go on from here" in out
    stopped = story.events()
    running = {each["step"] for each in stopped if each.get("phase") == "run"}
    assert running == {each["step"] for each in stopped if each.get("phase") == "ok"}
    out, _ = story.run("--apply")
    assert "nothing is left to do" in out
    assert story.to_apply() == 0


def test_ctrl_c_twice_leaves_the_operation_to_itself(story: Story) -> None:
    gate = story.hold(9)
    viewer = story.start("--apply")
    assert gate.reached.wait(60)
    viewer.send_signal(signal.SIGINT)
    until(lambda: any(each["event"] == "Controlled" for each in story.events()))
    viewer.send_signal(signal.SIGINT)
    ended(viewer, 130)
    assert not has_ended(story.pid())
    gate.open.set()
    until(lambda: story.events()[-1]["event"] == "Finished")
    assert story.events()[-1]["ok"] is False


def test_the_operation_ignores_a_hangup_and_stops_when_it_is_terminated(story: Story) -> None:
    gate = story.hold(9)
    viewer = story.start("--apply")
    assert gate.reached.wait(60)
    pid = story.pid()
    assert os.getsid(pid) == pid, "no terminal's session is its own"
    os.kill(pid, signal.SIGHUP)
    os.kill(pid, signal.SIGTERM)
    gate.open.set()
    out, _ = ended(viewer, 1)
    assert "not begun" in out
    assert story.events()[-1]["ok"] is False


@pytest.mark.parametrize(("words", "control"), [((), "stop"), (("--now",), "stop-now")])
def test_stop_from_another_terminal(story: Story, words: tuple[str, ...], control: str) -> None:
    gate = story.hold(9)
    viewer = story.start("--apply")
    assert gate.reached.wait(60)
    told, _ = story.run("stop", story.operation().id, *words)
    assert story.operation().id in told
    gate.open.set()
    _, err = ended(viewer, 1)
    assert f"{control}, asked by" in err
    listed = json.loads(story.run("operations", "-o", "json")[0])
    assert [(each["state"], each["exit"]) for each in listed] == [("failed", 1)]
    _, err = story.run("stop", story.operation().id, code=1)
    assert "has ended" in err


def _under_way(story: Story) -> set[str]:
    """The steps that have begun and not ended."""
    phases = {each["step"]: each["phase"] for each in story.events() if "phase" in each}
    return {step for step, phase in phases.items() if phase in ("run", "retry")}


def test_an_operation_is_paused_and_let_go_on_from_another_terminal(story: Story) -> None:
    gate = story.hold(9)
    viewer = story.start("--apply")
    assert gate.reached.wait(60)
    told, _ = story.run("control", "pause")
    assert "asked the apply of" in told
    until(lambda: [each.get("control") for each in story.events() if "control" in each] == ["pause"])
    gate.open.set()
    until(lambda: not _under_way(story))
    begun = len(story.events())
    time.sleep(1.0)
    assert len(story.events()) == begun, "nothing new is begun"
    story.run("control", "continue", "--operation", story.operation().id)
    ended(viewer, 0)
    _, err = story.run("control", "skip", code=64)
    assert "name the node" in err
    _, err = story.run("control", "end-drain", "i-0123", "--operation", story.operation().id, code=4)
    assert "would be lost" in err


@pytest.mark.parametrize("at", [25, pytest.param(1, marks=SLOW)])
def test_a_killed_operation_is_told_and_resumed(story: Story, at: int) -> None:
    gate = story.hold(at)
    viewer = story.start("--apply")
    assert gate.reached.wait(60)
    killed = story.operation().id
    listed = json.loads(story.run("operations", "-o", "json")[0])
    assert [(each["id"], each["state"], each["exit"]) for each in listed] == [(killed, "running", None)]
    os.kill(story.pid(), signal.SIGKILL)
    _, err = ended(viewer, 1)
    assert "has ended without telling how" in err
    assert "start it again, and it goes on" in err
    gate.open.set()
    listed = json.loads(story.run("operations", "-o", "json")[0])
    assert [(each["id"], each["state"]) for each in listed] == [(killed, "interrupted")]
    assert f"kops-tui attach {killed} --resume" in listed[0]["message"]
    _, err = story.run("attach", killed, code=1)
    assert "has ended without telling how" in err
    out, _ = story.run("attach", killed, "--resume", "--state", "file:///nowhere")
    assert "nothing is left to do" in out
    assert story.to_apply() == 0
    histories = [each for path in story.state.rglob("journal") for each in journal.read_all(path)]
    assert [each.finished for each in histories] == [True], "it is one operation, which was resumed"


def test_the_holder_of_the_lock_is_the_operations_process(story: Story) -> None:
    gate = story.hold(9)
    viewer = story.start("--apply")
    assert gate.reached.wait(60)
    viewer.kill()
    viewer.communicate()
    lock = json.loads(story.run("lock", "show", "-o", "json")[0])
    assert (lock["operation"], lock["process"]) == ("apply", "running")
    holder = story.operation().id
    _, err = story.run("--apply", code=4)
    assert "holds the lock" in err
    assert f"kops-tui attach {holder}" in err.rpartition("holds the lock")[2]
    gate.open.set()
    until(lambda: has_ended(story.pid()) or story.events()[-1]["event"] == "Finished")


def test_errors_keep_their_text_and_code_across_the_processes(story: Story) -> None:
    _, err = story.run("--apply", "--name", "nowhere.example.com", code=1)
    assert "kops-tui get clusters" in err
    _, err = story.run("update", "cluster", "--yes", "--phase", "nonsense", code=64)
    assert "there is no phase 'nonsense'" in err
    assert story.to_apply() > 60
    assert CLUSTER in story.run("operations")[0]
    _, err = story.run("attach", "feed", code=1)
    assert "there is no operation feed" in err


def test_nothing_starts_where_it_can_not_be_recorded(story: Story) -> None:
    story.state.mkdir()
    folder = next(iter(_state_folders(story)))
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("in the way")
    _, err = story.run("--apply", code=1)
    assert "the operation can't be recorded" in err
    assert "nothing was started" in err
    folder.unlink()
    assert story.to_apply() > 60


def _state_folders(story: Story) -> list[Path]:
    port = story.front.url.rpartition(":")[2]
    return [story.state / "kops-tui" / "emulated" / port / "operations"]


def test_files_are_the_owners_alone_under_any_umask(story: Story) -> None:
    ended(story.start("--apply", umask=0), 0)
    found = [path for path in story.state.rglob("*") if "/journal" in str(path) or "/operations" in str(path)]
    assert len(found) > 6
    assert {path.stat().st_mode & 0o777 for path in found if path.is_dir()} == {0o700}
    assert {path.stat().st_mode & 0o777 for path in found if not path.is_dir()} == {0o600}
    text = "".join(path.read_text() for path in found if path.is_file())
    assert SECRET not in text


class StoreAway(Fault):
    """The state store answers 503 for some seconds from the nth changing request on."""

    def __init__(self, at: int, seconds: float) -> None:
        self._left = at
        self._seconds = seconds
        self._until = 0.0
        self._lock = threading.Lock()
        self.refused = 0

    def before(self, request: Request) -> Answer | None:
        with self._lock:
            if request.changes:
                self._left -= 1
                if self._left == 0:
                    self._until = time.monotonic() + self._seconds
            if request.service != "s3" or time.monotonic() > self._until:
                return None
            self.refused += 1
            return refusal("s3", "SlowDown", 503)


@SLOW
def test_a_store_that_answers_503_for_a_while_fails_nothing(story: Story) -> None:
    story.front.fault = away = StoreAway(20, 8)
    viewer = story.start("--apply")
    ended(viewer, 0)
    assert away.refused
    finished_as_if_undisturbed(story)


@SLOW
def test_a_store_that_answers_503_from_the_start_is_told_and_nothing_was_done(story: Story) -> None:
    story.front.fault = StoreAway(0, 0)
    story.front.fault._until = time.monotonic() + 600
    _, err = story.run("--apply", code=1)
    assert "503" in err or "SlowDown" in err
    story.front.fault = Fault()
    assert story.events()[-1]["event"] == "Failed"
    assert story.to_apply() > 60


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=SLOW)])
def test_operations_killed_at_random_moments_end_as_one_undisturbed(story: Story, seed: int) -> None:
    """Viewers are killed, too, and other viewers resume; what is left in the end is what one apply makes."""
    chance = random.Random(seed)
    words: tuple[str, ...] = ("--apply",)
    for _ in range(5):
        killed_at_random(story, chance, *words)
        state = json.loads(story.run("operations", "-o", "json")[0])[0]
        if state["exit"] == 0:
            break
        words = ("attach", "--resume")
    else:
        story.run("attach", "--resume")
    assert story.to_apply() == 0
    histories = [each for path in story.state.rglob("journal") for each in journal.read_all(path)]
    assert [each.finished for each in histories] == [True]


def killed_at_random(story: Story, chance: random.Random, *words: str) -> None:
    """Kill a viewer or its operation at some moment, and wait until both have ended."""
    known = {each.id for path in story.state.rglob("operations") for each in folders(path)}
    viewer = story.start(*words)

    def runs() -> bool:
        found = [each for path in story.state.rglob("operations") for each in folders(path)]
        return any(each.id not in known and each.process() is not None for each in found)

    until(runs)
    time.sleep(chance.uniform(0, 2.0))
    with suppress(ProcessLookupError):
        os.kill(chance.choice([story.pid(), viewer.pid]), signal.SIGKILL)
    viewer.communicate(timeout=120)
    until(lambda: has_ended(story.pid()))
