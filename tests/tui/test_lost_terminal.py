"""A terminal that is gone or takes nothing: the program ends, and leaves nothing behind."""

from __future__ import annotations

import os
import pty
import signal
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from kops_core.cloud.sandbox.process import Sandbox
from kops_tui.terminal_driver import TerminalWriter
from tests.tui.terminals import lose, marked
from tests.tui.test_terminal_output import deaf_leader, running


@pytest.mark.full
@pytest.mark.parametrize("keys", [b"jkjk" * 40, b"e" + b"jk" * 60])
def test_gone_while_drawing_under_a_program_that_passes_nothing_on(keys: bytes, tmp_path: Path) -> None:
    """The issue's hang: the thread that draws waited for a queue that nobody emptied any more."""
    with running(tmp_path, under=deaf_leader(tmp_path / "code")) as terminal:
        terminal.until(b"us1.prod")
        os.write(terminal.fd, keys)
        os.read(terminal.fd, 512)
        near = os.dup2(os.open(os.devnull, os.O_RDWR), terminal.fd)
        assert near == terminal.fd, "the last hold on the near end is let go"
        terminal.process.wait(20)
        assert (tmp_path / "code").read_text() == "129\n"


@pytest.mark.full
def test_a_terminal_that_takes_nothing_does_not_keep_a_signal_from_ending_it(tmp_path: Path) -> None:
    """Nobody reads the far end: the kernel's buffer is full, and the program still hears SIGTERM."""
    with running(tmp_path, (200, 50)) as terminal:
        terminal.until(b"us1.prod")
        for _ in range(60):
            os.write(terminal.fd, b"e\x1b")
            time.sleep(0.02)
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.process.wait(20) == 128 + signal.SIGTERM


def test_a_stalled_terminal_never_blocks_whoever_writes(tmp_path: Path) -> None:
    main, far = pty.openpty()
    behind: list[int] = []
    writer = TerminalWriter(far, lambda: None, lambda: behind.append(1))
    writer.start()
    for number in range(3000):
        writer.write(f"{number:>4}" + "x" * 996)
    writer.write("\x1b[?25h")
    seen = b""
    end = time.monotonic() + 20
    while not seen.endswith(b"\x1b[?25h") and time.monotonic() < end:
        seen += os.read(main, 65536)
    assert seen.endswith(b"\x1b[?25h"), "what sets a mode is never left out"
    assert len(seen) < 3_000_000, "frames were left out"
    while not behind and time.monotonic() < end:
        time.sleep(0.01)
    assert behind, "and it is said, so that the screen is painted again"
    writer.stop()
    os.close(main)
    os.close(far)


def test_frames_left_out_during_a_write_are_reported_once_the_rest_is_written() -> None:
    main, far = pty.openpty()
    behind = threading.Event()
    writer = TerminalWriter(far, lambda: None, behind.set)
    writer.start()
    writer.write("x" * 100_000)
    while writer._waiting:  # until the thread has taken it, and waits for the terminal
        time.sleep(0.001)
    for _ in range(1100):
        writer.write("y" * 1000)
    reader = threading.Thread(target=_read_all, args=(main,), daemon=True)
    reader.start()
    assert behind.wait(20)
    writer.stop()
    os.close(far)  # ends the reader
    reader.join(20)
    os.close(main)


def _read_all(terminal: int) -> None:
    with suppress(OSError):  # how the far end of a pseudo-terminal says that it was closed
        while os.read(terminal, 65536):
            pass


@pytest.mark.full
def test_nothing_is_left_behind_not_even_the_embedded_aws(tmp_path: Path) -> None:
    command = (sys.executable, "-m", "tests.tui.sandboxed_app")
    for seed in (1, 2):
        loss = lose(seed, tmp_path, command, latest=6.0)
        assert not loss.left, loss


@pytest.mark.full
def test_an_embedded_aws_ends_with_a_starter_that_was_killed(tmp_path: Path) -> None:
    mark = f"test-{os.getpid()}"
    start = "from kops_core.cloud.sandbox.process import Sandbox; Sandbox.start(wait=False)"
    program = f"{start}; import os; os._exit(9)"
    pid = os.spawnvpe(
        os.P_NOWAIT,
        sys.executable,
        [sys.executable, "-c", program],
        {**os.environ, "KOPS_TUI_TEST_RUN": mark, "XDG_STATE_HOME": str(tmp_path)},
    )
    os.waitpid(pid, 0)
    end = time.monotonic() + 20
    while marked(mark) and time.monotonic() < end:
        time.sleep(0.05)
    assert not marked(mark)


@pytest.mark.full
def test_stopping_a_server_that_does_not_end_kills_it(tmp_path: Path) -> None:
    sandbox = Sandbox.start(log=tmp_path / "log")
    os.kill(sandbox.pid, signal.SIGSTOP)  # takes no SIGTERM, and does not read that its stdin has ended
    sandbox.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(sandbox.pid, 0)
