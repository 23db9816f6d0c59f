"""Requirements on keys and the terminal, on a real pseudo-terminal over the real engine."""

from __future__ import annotations

import fcntl
import os
import re
import signal
import struct
import sys
import termios
import time
from pathlib import Path

import pytest

from tests.tui.stores import CLUSTERS, NO_CREDENTIALS, make_store
from tests.tui.test_terminal_output import Terminal, running

pytestmark = pytest.mark.full

APP = ("-m", "tests.tui.real_pty_app")
FIRST = CLUSTERS[0].encode()
_SGR = re.compile(rb"\x1b\[([\d;:]*)m")


def until_gone(terminal: Terminal, text: str) -> None:
    """Wait until a text has left the screen."""
    end = time.monotonic() + 20
    while text in terminal.text:
        assert time.monotonic() < end, terminal.text
        terminal.read(0.1, 1.0)


def cursor_row(terminal: Terminal) -> str:
    """The row with the cursor."""
    return next((each for each in terminal.text.splitlines() if each.startswith("❯")), "")


def test_requirement_20_every_common_key_works_as_the_bytes_of_an_old_terminal(tmp_path: Path) -> None:
    make_store(tmp_path)
    with running(tmp_path, (80, 24), app=APP, **NO_CREDENTIALS) as terminal:
        terminal.until(FIRST)
        for down, up in ((b"j", b"k"), (b"\x1b[B", b"\x1b[A"), (b"\x1bOB", b"\x1bOA"), (b"G", b"g")):
            terminal.press(down)
            assert CLUSTERS[0] not in cursor_row(terminal), down
            terminal.press(up)
            assert CLUSTERS[0] in cursor_row(terminal), up
        terminal.press(b"/")
        terminal.press(b"lab")
        terminal.until(b"1 of 3")
        terminal.press(b"\r")
        terminal.press(b"\x1b")
        terminal.until(b"3 clusters")
        terminal.press(b":")
        terminal.press(b"settings\r")
        terminal.until(b"Fleet \xe2\x80\xba Settings")
        terminal.press(b"\x1b")
        until_gone(terminal, "› Settings")
        for help_ in (b"?", b"\x1bOP", b"\x1b[11~"):
            terminal.press(help_)
            terminal.until("› Help".encode())
            terminal.press(b"\x1b")
            until_gone(terminal, "› Help")
        terminal.press(b"d")
        terminal.until("› Row".encode())
        terminal.press(b"\x1b")
        until_gone(terminal, "› Row")
        terminal.press(b"\r")
        terminal.until(b"INSTANCE GROUP")
        terminal.press(b"e")
        terminal.until("› Spec".encode())
        terminal.press(b"[")
        terminal.until(b"INSTANCE GROUP")
        terminal.press(b"]")
        terminal.until("› Spec".encode())
        terminal.press(b"-")
        terminal.until(b"INSTANCE GROUP")
        terminal.press(b"\x1b[12~")  # F2
        terminal.until(b"Operations")
        terminal.press(b"\x1b[19~")  # F8
        terminal.until(b"written to")
        assert (tmp_path / "state" / "out" / "screen.svg").exists()
        terminal.press(b"\x03")
        terminal.until(b"ctrl+c ends nothing here")
        os.write(terminal.fd, b"q")
        assert terminal.process.wait(10) == 0


def test_requirement_20_ctrl_z_suspends_and_the_screen_comes_back_whole(tmp_path: Path) -> None:
    make_store(tmp_path)
    # As under a shell: a process group of its own in the session that has the terminal.
    leader = (
        "import os, signal, subprocess, sys\n"
        "child = subprocess.Popen(sys.argv[1:], process_group=0)\n"
        "signal.signal(signal.SIGTTOU, signal.SIG_IGN)\n"
        "os.tcsetpgrp(0, child.pid)\n"
        "_, status = os.waitpid(child.pid, os.WUNTRACED)\n"
        "assert os.WIFSTOPPED(status)\n"
        "os.tcsetpgrp(0, os.getpgrp())\n"
        "print('SUSPENDED', flush=True)\n"
        "os.read(0, 1)\n"
        "os.tcsetpgrp(0, child.pid)\n"
        "os.kill(-child.pid, signal.SIGCONT)\n"
        "sys.exit(child.wait())\n"
    )
    under = ("setsid", "--ctty", "--wait", sys.executable, "-c", leader)
    with running(tmp_path, (80, 24), app=APP, under=under, **NO_CREDENTIALS) as terminal:
        terminal.until(FIRST)
        terminal.press(b"j")
        before = terminal.text
        left = terminal.press(b"\x1a")
        terminal.until(b"SUSPENDED")
        assert b"\x1b[?1049l" in left, "the shell's screen is given back"
        os.write(terminal.fd, b"\n")
        terminal.until(FIRST)
        terminal.read(1.0)
        shown, was = terminal.text.splitlines(), before.splitlines()
        assert [each[:40] for each in shown[2:20]] == [each[:40] for each in was[2:20]]
        assert shown[0] == was[0]
        assert shown[-1] == was[-1]
        terminal.press(b"k")
        assert CLUSTERS[0] in cursor_row(terminal)
        os.write(terminal.fd, b"q")
        assert terminal.process.wait(10) == 0


def test_requirement_21_a_terminal_that_shrinks_and_grows_shows_a_message_then_the_same_row(
    tmp_path: Path,
) -> None:
    make_store(tmp_path)
    with running(tmp_path, (80, 24), app=APP, **NO_CREDENTIALS) as terminal:
        terminal.until(FIRST)
        terminal.press(b"G")
        here = cursor_row(terminal)[:30]

        def resize(columns: int, lines: int) -> None:
            fcntl.ioctl(terminal.fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
            terminal.process.send_signal(signal.SIGWINCH)
            terminal.read()

        resize(60, 20)
        terminal.until(b"this needs 80 columns and 24 lines")
        resize(80, 24)
        until_gone(terminal, "this needs 80 columns")
        assert cursor_row(terminal)[:30] == here


@pytest.mark.parametrize("environ", [{}, {"TERM": "xterm-256color", "COLORTERM": ""}, {"TERM": "linux"}])
def test_requirement_22_nothing_is_painted_in_the_colour_of_its_background(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    make_store(tmp_path)
    with running(tmp_path, (80, 24), app=APP, **{**NO_CREDENTIALS, **environ}) as terminal:
        terminal.until(FIRST)
        for keys in (b"j", b"\r", b"e", b"j", b"?"):
            terminal.press(keys)
            for line in terminal.places():
                for cell in line:
                    assert cell.data.isspace() or cell.fg == "default" or cell.fg != cell.bg, cell


def test_requirement_22_no_colour_is_sent_under_no_color(tmp_path: Path) -> None:
    make_store(tmp_path)
    with running(tmp_path, (80, 24), app=APP, NO_COLOR="1", **NO_CREDENTIALS) as terminal:
        seen = terminal.until(FIRST) + terminal.press(b"j") + terminal.press(b"\r") + terminal.press(b"e?")
        codes = {int(code) for each in _SGR.findall(seen) for code in re.split(rb"[;:]", each) if code}
        assert not codes & {*range(30, 39), *range(40, 49), *range(90, 108)}
        assert "❯" in terminal.text, "the cursor is a sign, too"


def test_requirement_23_bytes_stay_within_the_budget_of_a_slow_line(tmp_path: Path) -> None:
    make_store(tmp_path)
    with running(tmp_path, (80, 24), app=APP, **NO_CREDENTIALS) as terminal:
        assert len(terminal.until(FIRST)) <= 35_000
        terminal.read(1.0)
        assert terminal.read(1.5) == b"", "an idle screen says nothing"
        assert 0 < len(terminal.press(b"j")) <= 600, "one changed row"
        assert 0 < len(terminal.press(b":")) <= 2_000, "the echo of a key"
        assert 0 < len(terminal.press(b"p")) <= 2_000
        assert terminal.read(1.2) == b"", "the cursor does not blink"
        terminal.press(b"\x1b")
        assert len(terminal.press(b"e")) <= 35_000
        assert 0 < len(terminal.press(b"j")) <= 2_000


def test_requirement_24_over_ssh_the_mouse_is_the_terminals_own_and_a_copy_goes_to_it_in_both_forms(
    tmp_path: Path,
) -> None:
    make_store(tmp_path)
    environ = {"SSH_CONNECTION": "a 1 b 2", "TMUX": "/tmp/tmux,1,0", **NO_CREDENTIALS}
    with running(tmp_path, (80, 24), app=APP, **environ) as terminal:
        assert b"\x1b[?1000h" not in terminal.until(FIRST)
        assert b"\x1b[?1000h" in terminal.press(b"\x1b[20~"), "F9 gives it to the program"
        sent = terminal.press(b"x")
        assert b"\x1b]52;c;" in sent
        assert b"\x1bPtmux;" in sent
        assert (tmp_path / "state" / "out" / "commands.txt").exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_requirement_25_the_terminal_is_given_back_on_a_signal(
    tmp_path: Path, number: signal.Signals
) -> None:
    make_store(tmp_path)
    with running(tmp_path, (80, 24), app=APP, **NO_CREDENTIALS) as terminal:
        terminal.until(FIRST)
        terminal.process.send_signal(number)
        last = terminal.read(0.5, 5)
        assert terminal.process.wait(10) == 128 + number
        assert b"\x1b[?1049l" in last
        assert b"\x1b[?25h" in last
