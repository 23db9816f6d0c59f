"""What really goes over the line: bytes a key costs, silence when idle, no colour under NO_COLOR."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyte
import pytest

from tests.tui.world import World

pytestmark = pytest.mark.full

REPO = Path(__file__).parents[2]
PTY_APP = ("-m", "tests.tui.pty_app")
_COLOUR = re.compile(rb"\x1b\[([\d;:]*)m")


class Terminal:
    """The far end of a pseudo-terminal: types, counts what comes, and shows it as a terminal would."""

    def __init__(self, fd: int, process: subprocess.Popen[bytes], size: tuple[int, int]) -> None:
        self.fd = fd
        self.process = process
        self._screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._screen)

    def resize(self, size: tuple[int, int]) -> None:
        """Give the terminal another size, of which its program is told."""
        self._screen.resize(size[1], size[0])
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self.process.send_signal(signal.SIGWINCH)  # it is not the controlling terminal

    @property
    def lines(self) -> list[str]:
        """What the terminal shows, line by line."""
        return [line.rstrip() for line in self._screen.display]

    @property
    def text(self) -> str:
        """What the terminal shows."""
        return "\n".join(self._screen.display)

    def places(self) -> list[list[pyte.screens.Char]]:
        """What the terminal shows, place by place."""
        return [[line[at] for at in range(self._screen.columns)] for line in self._screen.buffer.values()]

    def read(self, quiet: float = 0.4, limit: float = 15.0) -> bytes:
        """Everything that comes until it has been quiet for a while."""
        end = time.monotonic() + limit
        seen = b""
        while time.monotonic() < end:
            ready, _, _ = select.select([self.fd], [], [], quiet)
            if not ready:
                return seen
            try:
                came = os.read(self.fd, 65536)
            except OSError:
                return seen
            self._stream.feed(came)
            seen += came
        return seen

    def until(self, wanted: bytes, limit: float = 30.0) -> bytes:
        """Everything that comes until a text is on the screen, and then until it is quiet."""
        end = time.monotonic() + limit
        seen = b""
        while wanted.decode() not in self.text:
            assert time.monotonic() < end, f"{wanted!r} never came:\n{self.text}"
            seen += self.read(0.1, 1.0)
        return seen + self.read()

    @property
    def cells(self) -> list[list[tuple[object, ...]]]:
        """What is seen of each cell; a blank has no foreground unless it is reversed or has a line."""
        return seen_cells(self._screen)

    def press(self, keys: bytes, quiet: float = 0.4) -> bytes:
        """What a key brings."""
        os.write(self.fd, keys)
        return self.read(quiet)


def seen_cells(screen: pyte.Screen) -> list[list[tuple[object, ...]]]:
    """What is seen of each cell of an emulated terminal."""
    rows = []
    for y in range(screen.lines):
        row: list[tuple[object, ...]] = []
        for x in range(screen.columns):
            cell = screen.buffer[y][x]
            half = not cell.data and x and len(screen.buffer[y][x - 1].data.encode()) < 3
            lined = cell.reverse or cell.underscore or cell.strikethrough
            seen = cell.data.strip() or lined
            look = (cell.fg, cell.bold, cell.italics, cell.reverse, cell.underscore, cell.strikethrough)
            row.append((" " if half else cell.data, cell.bg, look if seen else ()))
        rows.append(row)
    return rows


def deaf_leader(code: Path) -> tuple[str, ...]:
    """A command that runs another in a session of its own, passes no hang-up on and writes the exit code."""
    return ("setsid", "--ctty", "--wait", "sh", "-c", 'trap "" HUP; "$@"; echo $? >"$0"', str(code))


@contextmanager
def running(
    folder: Path,
    size: tuple[int, int] = (80, 24),
    *,
    under: Sequence[str] = (),
    app: Sequence[str] = PTY_APP,
    **environ: str,
) -> Iterator[Terminal]:
    """The app on a pseudo-terminal of its own, as the leader of its session or under another program.

    app: what follows Python on the command line, before the folder.
    """
    if app == PTY_APP:
        World.prepare(folder)
    main, far = pty.openpty()
    fcntl.ioctl(far, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
    process = subprocess.Popen(
        [*under, sys.executable, *app, str(folder)],
        stdin=far,
        stdout=far,
        stderr=far,
        cwd=REPO,
        env=_environment(environ),
        start_new_session=True,
    )
    os.close(far)
    try:
        yield Terminal(main, process, size)
    finally:
        process.kill()
        process.wait()
        os.close(main)


def _environment(given: Mapping[str, str]) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "VIRTUAL_ENV") if name in os.environ}
    return {**kept, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", **given}


def test_bytes_stay_within_the_budget_of_a_slow_line(tmp_path: Path) -> None:
    with running(tmp_path) as terminal:
        first = terminal.until(b"us1.prod")
        assert len(first) <= 8_000, f"first paint: {len(first)} B"
        assert terminal.read(1.5) == b"", "an idle screen says nothing"
        down = terminal.press(b"j")
        assert 0 < len(down) <= 600, f"cursor down: {len(down)} B"
        opened = terminal.press(b":")
        assert 0 < len(opened) <= 600, f"the command line: {len(opened)} B"
        typed = terminal.press(b"p")
        assert 0 < len(typed) <= 300, f"a letter: {len(typed)} B"
        assert terminal.read(1.2) == b"", "the cursor does not blink"
        terminal.press(b"\x1b")
        spec = terminal.press(b"e")
        assert len(spec) <= 5_000, f"another screen: {len(spec)} B"
        moved = terminal.press(b"jj")
        assert len(moved) <= 2_000, f"two rows down in a spec: {len(moved)} B"
        assert terminal.read(1.2) == b""
        os.write(terminal.fd, b"q")
        assert terminal.process.wait(10) == 0


def test_a_smaller_and_a_larger_terminal_are_painted_whole(tmp_path: Path) -> None:
    """Terminals move what they show when they are resized: nothing of it may be relied on."""
    with running(tmp_path) as terminal:
        terminal.until(b"us1.prod")
        before = terminal.text
        terminal.resize((120, 40))
        terminal.until(b"c compare")
        terminal.resize((80, 24))
        terminal.read(1)
        assert terminal.text == before


def test_no_colour_means_none(tmp_path: Path) -> None:
    with running(tmp_path, NO_COLOR="1") as terminal:
        seen = (
            terminal.until(b"us1.prod") + terminal.press(b"j") + terminal.press(b"e") + terminal.press(b"?")
        )
        used: set[int] = set()
        for codes in _COLOUR.findall(seen):
            numbers = {int(code) for code in re.split(rb"[;:]", codes) if code}
            used |= numbers
            assert not numbers & {*range(30, 39), *range(40, 49), *range(90, 108)}, codes
        assert 7 in used, "the cursor's row is told apart by being reversed"


def test_sixteen_colours_use_the_terminals_own(tmp_path: Path) -> None:
    with running(tmp_path, TERM="xterm", COLORTERM="", LANG="C") as terminal:
        seen = terminal.until(b"us1.prod")
        assert b";2;" not in seen
        assert b"38;5" not in seen
        text = re.sub(rb"\x1b(\[[\d;?<>=]*[ -/]*[@-~]|[@-Z\\-_]|\][^\x07]*\x07)", b"", seen)
        assert text.isascii()


def test_over_ssh_the_mouse_stays_the_terminals_own(tmp_path: Path) -> None:
    with running(tmp_path, SSH_CONNECTION="a 1 b 2") as terminal:
        assert b"\x1b[?1000h" not in terminal.until(b"us1.prod")


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_dropped_line_never_cuts_a_step_in_two(number: signal.Signals, tmp_path: Path) -> None:
    steps = tmp_path / "steps"
    with running(tmp_path) as terminal:
        terminal.until(b"us1.prod")
        terminal.press(b":plan new.dev.example.com\r")
        terminal.until(b"+ 109")
        terminal.press(b"A")
        os.write(terminal.fd, b"y")
        end = time.monotonic() + 10
        while not steps.exists():
            assert time.monotonic() < end
            time.sleep(0.02)
        terminal.process.send_signal(number)
        terminal.read(0.2, 3)
        terminal.process.wait(10)
        done = Counter(steps.read_text().split())
        assert done["begin"] == done["end"]
        assert 1 <= done["end"] < 100, "it stops, and before the last step"


def test_a_lost_terminal_ends_the_program_also_under_another_one(tmp_path: Path) -> None:
    with running(tmp_path, under=deaf_leader(tmp_path / "code")) as terminal:
        terminal.until(b"us1.prod")
        near = os.dup2(os.open(os.devnull, os.O_RDWR), terminal.fd)
        assert near == terminal.fd, "the last hold on the near end is let go"
        terminal.process.wait(10)
        assert (tmp_path / "code").exists(), "it ended by itself, before its leader was killed"


def test_the_terminal_is_given_back(tmp_path: Path) -> None:
    with running(tmp_path) as terminal:
        terminal.until(b"us1.prod")
        os.write(terminal.fd, b"q")
        last = terminal.read()
        assert b"\x1b[?1049l" in last
        assert b"\x1b[?25h" in last
        assert terminal.process.wait(10) == 0
