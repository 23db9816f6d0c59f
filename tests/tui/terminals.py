"""Terminals that are lost under ``make run`` at random moments, and the processes that are left behind.

    python -m tests.tui.terminals --count 50

``make run`` is started as the leader of a session on a pseudo-terminal, keys keep it drawing, and the far end
is closed: while the embedded AWS starts, while its clusters are made, while a screen is drawn, while an apply
runs. Ten seconds later every process that has the run's mark in its environment is counted.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import pty
import random
import re
import select
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

REPO = Path(__file__).parents[2]
_FORKING = threading.Lock()
_MARK = "KOPS_TUI_TEST_RUN"
_AFTER = 10.0
"""Seconds after the loss at which what is left is counted."""
_KEYS = (b"j", b"k", b"j", b"\r", b"\x1b", b"P", b"e", b"jjjjj", b"/us\x1b", b"r", b"?", b"R", b"A", b"y")


@dataclass(frozen=True)
class Loss:
    """One lost terminal."""

    after: float
    """Seconds from the start."""
    shown: bool
    """Whether the app had painted by then."""
    gone_after: float
    """Seconds from the loss until nothing was left; infinite if something was after ten."""
    left: tuple[str, ...]
    """What was left, as command lines."""
    seen: str
    """What the terminal showed last."""


def lose(seed: int, folder: Path, command: Sequence[str], latest: float) -> Loss:
    """Start a command on a terminal, take the terminal away at a random moment, and count."""
    chance = random.Random(seed)
    mark = f"{os.getpid()}-{seed}"
    home = folder / mark
    home.mkdir()
    environ = {
        **os.environ,
        _MARK: mark,
        "HOME": str(home),
        "XDG_STATE_HOME": str(home / "state"),
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
    }
    with _FORKING:  # a terminal that another child has inherited is not lost when it is closed here
        pid, terminal = pty.fork()
        if pid == 0:
            os.chdir(REPO)
            os.execvpe(command[0], list(command), environ)
        os.set_inheritable(terminal, False)
    began = time.monotonic()
    after = chance.uniform(0.2, latest)
    seen = b""
    shown = False
    while time.monotonic() - began < after:
        ready, _, _ = select.select([terminal], [], [], 0.05)
        with contextlib.suppress(OSError):
            if ready:
                seen = (seen + os.read(terminal, 65536))[-4000:]
                shown = shown or b"\x1b[?1049h" in seen
            elif shown:
                os.write(terminal, chance.choice(_KEYS))
    os.close(terminal)
    lost = time.monotonic()
    gone_after = float("inf")
    while time.monotonic() - lost < _AFTER:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
        if not marked(mark):
            gone_after = time.monotonic() - lost
            break
        time.sleep(0.1)
    left = marked(mark)
    for each in left:
        with contextlib.suppress(ProcessLookupError):
            os.kill(each, signal.SIGKILL)
    shutil.rmtree(home, ignore_errors=True)
    words = re.sub(rb"\x1b(\[[\d;?<>=]*[ -/]*[@-~]|[@-Z\\-_]|\][^\x07]*\x07)", b" ", seen).decode(
        errors="replace"
    )
    return Loss(after, shown, gone_after, tuple(left.values()), " ".join(words.split())[-300:])


def marked(mark: str) -> dict[int, str]:
    """The command lines of the processes that were started with a mark, by process id."""
    wanted = f"{_MARK}={mark}".encode()
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError):
                if wanted in (entry / "environ").read_bytes().split(b"\0"):
                    found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    return found


def main() -> int:
    """Run it and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--at-once", type=int, default=2)
    parser.add_argument("--latest", type=float, default=40.0, help="seconds from the start to the last loss")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(options.at_once) as pool:
        losses = list(
            pool.map(
                lambda number: lose(options.seed + number, Path(folder), ("make", "run"), options.latest),
                range(options.count),
            )
        )
    left = [each for each in losses if each.left]
    slowest = max((each.gone_after for each in losses if not each.left), default=0.0)
    shown = sum(each.shown for each in losses)
    print(  # noqa: T201
        f"seed {options.seed}: {len(losses)} terminals lost, {shown} with a screen on it; "
        f"after 10 s processes were left in {len(left)}; the slowest end took {slowest:.1f} s"
    )
    for each in left:
        print(f"  lost after {each.after:.1f} s: {each.left}\n    {each.seen}")  # noqa: T201
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
