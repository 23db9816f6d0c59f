"""Operations that outlive the TUI: real terminals (tmux), the real engine, processes that are killed."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.operations.engine_world import CLUSTER, sandbox, world
from tests.operations.test_viewers import finished_as_if_undisturbed
from tests.operations.viewers import PROGRAM, Gate, Story, ended, has_ended, story, until

__all__ = ["sandbox", "story", "world"]

pytestmark = [
    pytest.mark.full,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed"),
]


class Terminal:
    """The program in a tmux server of its own."""

    def __init__(self, story: Story, socket: Path) -> None:
        self._environment = {**story.environment, "TERM": "xterm-256color", "LANG": "C.UTF-8"}
        self._tmux = ["tmux", "-S", str(socket), "-f", "/dev/null"]

    def __call__(self, *words: str) -> str:
        done = subprocess.run(
            [*self._tmux, *words], env=self._environment, check=False, capture_output=True, text=True
        )
        return done.stdout

    def start(self, *words: str) -> None:
        self("new-session", "-d", "-x", "120", "-y", "40", " ".join([str(PROGRAM), *words]))

    @property
    def screen(self) -> str:
        return self("capture-pane", "-p")

    def until(self, text: str) -> None:
        try:
            until(lambda: text in self.screen)
        except AssertionError:
            pytest.fail(f"{text!r} never came:\n{self.screen}")

    def press(self, *keys: str) -> None:
        self("send-keys", *keys)

    def confirm(self, question: str) -> None:
        """Answer a question with yes; keys that come before it is painted are dropped."""
        self.until(question)

        def answered() -> bool:
            self.press("y")
            time.sleep(0.5)
            return question not in self.screen

        until(answered)

    def kill(self) -> None:
        """Kill the server, and with it the terminal; wait until the program in it has ended."""
        pids = [int(pid) for pid in self("list-panes", "-a", "-F", "#{pane_pid}").split()]
        self("kill-server")
        until(lambda: all(map(has_ended, pids)), "the program ends with its terminal")


@contextmanager
def terminal(story: Story, socket: Path, *words: str) -> Iterator[Terminal]:
    """The program on a terminal during a block."""
    made = Terminal(story, socket)
    made.start(*words)
    try:
        yield made
    finally:
        made("kill-server")


def applying(on: Terminal, gate: Gate) -> None:
    """Start an apply in the TUI, up to the gate."""
    on.until(CLUSTER)
    on.press("P")
    on.until("from the saved spec")
    on.press("A")
    on.confirm("Apply ")
    assert gate.reached.wait(60)
    on.until(" changes")


def steps(screen: str) -> list[str]:
    """The lines of a progress screen without what moves by itself: times, and the cursor."""
    return [
        re.sub(r"\s+", " ", re.sub(r"\b[\d.]+s\b|\b\d+m\d+s\b|[❯>]", "", line)).strip()
        for line in screen.splitlines()[3:30]
    ]


def settled(look: Callable[[], str]) -> str:
    """A screen that no longer changes in what does not move by itself."""
    found = [""]

    def same() -> bool:
        time.sleep(1.5)  # longer than the screen waits before it paints again
        found.append(look())
        return steps(found[-1]) == steps(found[-2])

    until(same)
    return found[-1]


def test_an_apply_of_the_tui_is_attached_to_from_another_terminal_as_if_it_had_never_been_left(
    story: Story, tmp_path: Path
) -> None:
    gate = story.hold(30)
    with terminal(story, tmp_path / "first", "--write") as first:
        applying(first, gate)
        before = settled(lambda: first.screen)
        first.kill()
    assert not has_ended(story.pid())
    with terminal(story, tmp_path / "second", "attach") as second:
        second.until(" changes")
        assert "RO" in second.screen.splitlines()[0], "nothing else may be changed from here"
        assert steps(settled(lambda: second.screen)) == steps(before)
        assert re.search(r"\d+ of \d+ changes", before)
        gate.open.set()
        second.until("plans again")
        second.press("q")
    finished_as_if_undisturbed(story)


def test_requirement_16_a_killed_tui_ends_nothing_and_the_next_one_finds_the_apply(
    story: Story, tmp_path: Path
) -> None:
    gate = story.hold(30)
    with terminal(story, tmp_path / "first", "--write") as first:
        applying(first, gate)
        os.kill(int(first("list-panes", "-F", "#{pane_pid}")), signal.SIGKILL)
    with terminal(story, tmp_path / "second", "--write") as second:
        second.until("is under way: F2 shows it")
        second.press("F2")
        second.until(" changes")
        gate.open.set()
        second.until("plans again")
    finished_as_if_undisturbed(story)


def test_quitting_leaves_the_operation_and_says_how_to_follow_it(story: Story, tmp_path: Path) -> None:
    gate = story.hold(30)
    with terminal(story, tmp_path / "first", "--write; sleep 60") as first:
        applying(first, gate)
        first.press("q")
        first.until(f"kops-tui attach {story.operation().id}")
    gate.open.set()
    finished_as_if_undisturbed(story)


def test_what_was_interrupted_is_offered_at_the_next_start(story: Story, tmp_path: Path) -> None:
    gate = story.hold(30)
    viewer = story.start("--apply")
    assert gate.reached.wait(60)
    os.kill(story.pid(), signal.SIGKILL)
    ended(viewer, 1)
    gate.open.set()
    with terminal(story, tmp_path / "first", "--write") as first:
        first.until("Go on with what was interrupted?")
        assert re.search(rf"apply of {CLUSTER} stopped at \d+ of \d+", first.screen)
        first.confirm("Go on with what was interrupted?")
        first.until("plans again")
    assert story.to_apply() == 0
    with terminal(story, tmp_path / "again", "--write") as again:
        again.until("as applied")
        assert "interrupted" not in again.screen


def test_stopping_and_pausing_from_the_screen_reach_the_process(story: Story, tmp_path: Path) -> None:
    gate = story.hold(30)
    with terminal(story, tmp_path / "first", "--write") as first:
        applying(first, gate)
        first.press("Space")
        until(lambda: [each.get("control") for each in story.events() if "control" in each] == ["pause"])
        first.until("PAUSED")
        first.press("Space")
        first.press("s")
        until(lambda: [each.get("control") for each in story.events() if "control" in each][-1] == "stop")
        gate.open.set()
        first.until("not begun. Run it again")
    assert story.events()[-1]["ok"] is False
    out, _ = story.run("attach", "--resume")
    assert "nothing is left to do" in out
    assert story.to_apply() == 0


def test_ctrl_c_in_a_terminal_reaches_the_viewer_alone(story: Story, tmp_path: Path) -> None:
    gate = story.hold(30)
    with terminal(story, tmp_path / "first", "--apply; sleep 60") as first:
        assert gate.reached.wait(60)
        first.press("C-c")
        first.until("stopping after the steps under way; ctrl+c again leaves it to itself")
        assert not has_ended(story.pid())
        gate.open.set()
        first.until("not begun. Run it again to go on from here")
    assert story.events()[-1]["ok"] is False


def test_the_code_of_a_multi_factor_device_is_asked_for_by_the_viewer(story: Story, tmp_path: Path) -> None:
    """The process of the operation has no terminal: its viewers ask, and pass the answer on."""
    home = Path(story.environment["HOME"])
    (home / ".aws").mkdir()
    keys = "aws_access_key_id = x\naws_secret_access_key = y\n"
    (home / ".aws" / "credentials").write_text(f"[base]\n{keys}")
    (home / ".aws" / "config").write_text(
        "[profile ops]\nsource_profile = base\nrole_arn = arn:aws:iam::123456789012:role/ops\n"
        "mfa_serial = arn:aws:iam::123456789012:mfa/ann\n"
    )
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        story.environment.pop(name, None)
    story.environment["AWS_PROFILE"] = "ops"
    with terminal(story, tmp_path / "first", "--apply; sleep 60") as first:
        first.until("mfa/ann")
        asked = [each for each in story.events() if each["event"] == "Asked"]
        assert len(asked) == 1
        first.press("987650", "Enter")
        first.until("nothing is left to do")
    assert "987650" not in "".join(path.read_text() for path in story.state.rglob("*") if path.is_file())
