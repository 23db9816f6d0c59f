"""Benchmarks of the start: commands, and the UI's first paint on a pseudo-terminal."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

from bench.figures import Figure, median_seconds

_BARE = """
from textual.app import App
from textual.widgets import DataTable
class Bare(App):
    def compose(self):
        yield DataTable()
    def on_mount(self):
        table = self.query_one(DataTable)
        table.add_columns("NAME", "K8S")
        for i in range(20):
            table.add_row(f"cluster-{i} READY", "1.34")
Bare().run()
"""
_PROGRAM = Path(sys.executable).with_name("kops-tui")


def run() -> list[Figure]:
    """Start of commands and first paint, each with a baseline."""
    python = median_seconds(lambda: _call(sys.executable, "-c", "pass"))
    version = median_seconds(lambda: _call(str(_PROGRAM), "--version"))
    helped = median_seconds(lambda: _call(str(_PROGRAM), "--help"))
    bare = _first_paint([sys.executable, "-c", _BARE], b"READY")
    ours = _first_paint([str(_PROGRAM), "--state", "memfs://bench"], b"Fleet")
    return [
        Figure("kops-tui --version", version, "s", "bare Python", version / python, "< 0.1 s"),
        Figure("kops-tui --help", helped, "s", "bare Python", helped / python, "< 0.1 s"),
        Figure("bare Textual, first paint", bare, "s"),
        Figure("kops-tui, first paint", ours, "s", "bare Textual", ours / bare, "< 0.6 s"),
    ]


def _call(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _first_paint(command: list[str], marker: bytes, runs: int = 5) -> float:
    """Median seconds from the start of a process until a marker stands on its terminal."""
    return statistics.median(_paint(command, marker) for _ in range(runs))


def _paint(command: list[str], marker: bytes) -> float:
    begin = time.perf_counter()
    pid, terminal = pty.fork()
    if pid == 0:
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        os.environ["TERM"] = "xterm-256color"
        os.execvp(command[0], command)
    seen = b""
    try:
        while marker not in seen:
            ready, _, _ = select.select([terminal], [], [], 20)
            if not ready:
                raise TimeoutError(f"{marker!r} was not painted: {seen[-500:]!r}")
            seen += os.read(terminal, 65536)
        return time.perf_counter() - begin
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(terminal)
