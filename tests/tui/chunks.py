"""Random chunks of bytes on every screen, over a pseudo-terminal, and a store that counts what is written.

    python -m tests.tui.chunks --chunks 20000 --load 2

Each chunk of 1 to 40 bytes is one write. A question that one of them opened is answered with no, or now and
then with yes, on purpose and after it was painted. Everything that is written without such a yes is counted,
shown with the chunks that led to it, and makes the exit code 1.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import os
import pty
import random
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kops_tui.screens.registry import CLUSTER_SCREENS
from tests.tui.world import PROD, STAGE, World

REPO = Path(__file__).parents[2]
SCREENS = ("fleet", *CLUSTER_SCREENS, "runs", "help")
_MARK = b"\x1b[24~"
_WITHIN = 60.0
"""Seconds within which the app must have dealt with a chunk."""

_PIECES = (
    *(b"s", b"y", b"n", b"A", b"R", b"D", b"u", b"p", b"z", b"Z", b"e", b"P", b"E", b"H", b"x", b" "),
    *(b"\r", b"\r", b"\r", b"\x1b", b"\t", b"\x7f", b"\x1b[A", b"\x1b[B", b"\x1b[C", b"\x1b[D", b"/", b":"),
    *(b"jjj", b"sy", b"Ay", b"s\ry", b"yyy", b"j\r", b"/us1\r", b":set spec.channel=x\r", b"\x1b[F"),
    *(
        b":unset spec.channel\r",
        b":history us1\r",
        b":set spec.kubelet.maxPods=95\rsyy",
        b"\x1b[200~sy\ry\x1b[201~",
    ),
    *(
        PROD.encode(),
        STAGE.encode() + b"\r",
        b"\x1b[<0;20;12M\x1b[<0;20;12m",
        b"\x1bOP",
        b"\x03",
        b"\xc3\xa9",
    ),
)


@dataclass
class Tally:
    """What came of it."""

    chunks: int = 0
    bytes: int = 0
    confirmed: int = 0
    """Questions answered with yes on purpose."""
    written: int = 0
    unconfirmed: int = 0
    questions: int = 0
    restarts: int = 0
    faults: int = 0
    """Runs that ended on a fault of the program, by its reports."""
    screens: Counter[str] = field(default_factory=Counter)
    evidence: list[str] = field(default_factory=list)


def chunk(chance: random.Random) -> bytes:
    """1 to 40 bytes: keys that do something, whole words, and noise. No ctrl+z; q is rare."""
    size = chance.randint(1, 40)
    made = b""
    while len(made) < size:
        # What is begun is not cut: the end of a paste that never comes would swallow the mark.
        fitting = [each for each in _PIECES if len(made) + len(each) <= size]
        noise = bytes([chance.randint(0x20, 0x7E)])
        made += chance.choice(fitting) if fitting and chance.random() < 0.6 else noise
    return made if chance.random() < 0.01 else made.replace(b"q", b"w")


class Session:
    """One run of the app and the far end of its terminal."""

    def __init__(self, folder: Path) -> None:
        World.prepare(folder)
        near, far = socket.socketpair()
        self.main, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.tui.chunks_app", str(folder), str(far.fileno())],
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            cwd=REPO,
            env={**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"},
            pass_fds=(far.fileno(),),
            start_new_session=True,
        )
        os.close(terminal)
        far.close()
        near.settimeout(_WITHIN)
        self.control = near
        self.lines = near.makefile("rw")
        self.marks = 0
        self._ended = False
        threading.Thread(target=self._drain, daemon=True).start()

    def _drain(self) -> None:
        while not self._ended:
            ready, _, _ = select.select([self.main], [], [], 0.2)
            if ready:
                with contextlib.suppress(OSError):
                    if os.read(self.main, 65536):
                        continue
                return

    def send(self, data: bytes) -> None:
        """Write a chunk, then the mark."""
        os.write(self.main, data)
        self.marks += 1
        os.write(self.main, _MARK)

    def ask(self, **asked: object) -> dict[str, object] | None:
        """How things are once everything sent was dealt with; None if the app has ended."""
        try:
            self.lines.write(json.dumps({**asked, "mark": self.marks}) + "\n")
            self.lines.flush()
            line = self.lines.readline()
        except (BrokenPipeError, ConnectionResetError):
            return None
        found: dict[str, object] | None = json.loads(line) if line else None
        return found

    def close(self) -> None:
        """End it, however it is."""
        self._ended = True
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.lines.close()
        self.control.close()
        time.sleep(0.01)
        os.close(self.main)


def run(chunks: int, seed: int, folder: Path) -> Tally:
    """Send random chunks; restarts the app when one of them has ended it."""
    chance = random.Random(seed)
    tally = Tally()
    while tally.chunks < chunks:
        place = folder / f"run-{tally.restarts}"
        place.mkdir()
        session = Session(place)
        try:
            _drive(session, chance, tally, chunks)
        finally:
            session.close()
        for report in place.glob("reports/*"):
            tally.faults += 1
            tally.evidence.append(report.read_text())
        tally.restarts += 1
    return tally


def _drive(session: Session, chance: random.Random, tally: Tally, chunks: int) -> None:
    known = 0
    last: deque[bytes] = deque(maxlen=4)
    state = session.ask()
    while state is not None and tally.chunks < chunks:
        on_purpose = False
        if state["asks"]:
            tally.questions += 1
            on_purpose = state["title"] != "Quit?" and chance.random() < 0.15
            tally.confirmed += on_purpose
            if not on_purpose:
                session.send(b"\x1b")
            else:
                session.send(f"{state['typed']}\r".encode() if state["typed"] else b"y")
            state = session.ask(ended=on_purpose)
        elif chance.random() < 0.3 or int(str(state["size"])) > 12:
            state = session.ask(show=chance.choice(SCREENS))
        else:
            data = chunk(chance)
            last.append(data)
            tally.chunks += 1
            if tally.chunks % 500 == 0:
                print(f"{tally.chunks} chunks, {tally.unconfirmed} unconfirmed", file=sys.stderr)  # noqa: T201
            tally.bytes += len(data)
            tally.screens[str(state["screen"])] += 1
            session.send(data)
            state = session.ask()
        if state is not None:
            writes = state["writes"]
            assert isinstance(writes, list)
            tally.written += len(writes) - known
            if not on_purpose and len(writes) > known:
                tally.unconfirmed += len(writes) - known
                tally.evidence.append(f"{writes[known:]} after {list(last)} on {state['screen']}")
            known = len(writes)


@contextlib.contextmanager
def load(processes: int) -> Iterator[None]:
    """Some processes that keep a core busy each."""
    burners = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(processes)]
    try:
        yield
    finally:
        for each in burners:
            each.kill()
            each.wait()


def main() -> int:
    """Run it and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chunks", type=int, default=20_000)
    parser.add_argument("--load", type=int, default=2, help="processes that keep a core busy meanwhile")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, load(options.load):
        tally = run(options.chunks, options.seed, Path(folder))
    print(  # noqa: T201
        f"seed {options.seed}: {tally.chunks} chunks, {tally.bytes} bytes, load {options.load}, "
        f"{time.monotonic() - began:.0f} s\n"
        f"{tally.questions} questions, {tally.confirmed} confirmed on purpose, {tally.written} writes, "
        f"{tally.unconfirmed} unconfirmed; {tally.restarts} runs of the app, "
        f"{tally.faults} ended by a fault\n"
        + ", ".join(f"{name} {number}" for name, number in sorted(tally.screens.items()))
    )
    for each in tally.evidence:
        print("  " + each)  # noqa: T201
    return 1 if tally.unconfirmed or tally.faults else 0


if __name__ == "__main__":
    sys.exit(main())
