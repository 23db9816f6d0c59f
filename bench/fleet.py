"""Benchmarks of the fleet's screen: 2,000 clusters with 20,000 instance groups, kept from an earlier run.

Their store takes connections and never answers, so keys are measured while a store is asked.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import socket
import statistics
import struct
import sys
import tempfile
import termios
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyte

from bench.figures import Figure
from kops_core import ClusterStatus, ClusterSummary, FleetCache, Pending
from kops_core.engine.fleet.rows import GroupSummary

CLUSTERS = 2_000
_PROGRAM = Path(sys.executable).with_name("kops-tui")
_STORE = "s3://bench-fleet"


def run() -> list[Figure]:
    """Time until the rows are shown, and of keys that scroll and filter."""
    with tempfile.TemporaryDirectory() as home, socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        _keep_fleet(Path(home))
        shown, keys = _measure(home, endpoint)
    return [
        Figure("2,000 clusters from the cache, on screen", shown, "s", target="< 1 s"),
        Figure("a key in 2,000 clusters, median", statistics.median(keys) * 1000, "ms", target="< 50 ms"),
        Figure("a key in 2,000 clusters, slowest", max(keys) * 1000, "ms", target="< 50 ms"),
    ]


def _keep_fleet(home: Path) -> None:
    """Keep the fleet where the program looks for it."""
    now = datetime.now(UTC)
    groups = tuple(GroupSummary(f"nodes-{n}", "Node", "m5.large", 1, 2, ("a",)) for n in range(10))
    summaries, statuses = [], []
    for number in range(CLUSTERS):
        name = f"c{number:04}.example.com"
        changed = now - timedelta(minutes=number)
        summaries.append(
            ClusterSummary(
                _STORE, name, "1.35.2", "aws", "cilium", ("us-east-1a",), groups, 10, True, changed_at=changed
            )
        )
        roll = ("nodes-1",) if number % 3 == 0 else ()
        pending = Pending.ROLL if roll else Pending.UP_TO_DATE
        statuses.append(ClusterStatus(name, now, pending, 0, roll, (3, 3), (20, 20)))
    FleetCache(home / ".cache" / "kops-tui", [_STORE]).write(now, summaries, statuses)


def _measure(home: str, endpoint: str) -> tuple[float, list[float]]:
    """Seconds until all rows are shown, and until the answer to each of some keys begins."""
    begin = time.perf_counter()
    pid, terminal = pty.fork()
    if pid == 0:
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        around = {"S3_ENDPOINT": endpoint, "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
        around |= {"S3_ACCESS_KEY_ID": "a", "S3_SECRET_ACCESS_KEY": "b", "S3_REGION": "us-east-1"}
        kept = {"PATH": os.environ["PATH"], "HOME": home, "TERM": "xterm-256color", "LANG": "C.UTF-8"}
        os.execve(str(_PROGRAM), [str(_PROGRAM), "--state", _STORE], {**kept, **around})
    screen = pyte.Screen(120, 40)
    stream = pyte.ByteStream(screen)
    try:
        while f"{CLUSTERS} clusters" not in "\n".join(screen.display):
            stream.feed(_read(terminal, 20))
        shown = time.perf_counter() - begin
        _drain(terminal)
        keys = [_press(terminal, key) for key in (*b"jjjGgjj", b"\x1b[6~", b"\x1b[6~", b"/", *b"c19", b"\r")]
        return shown, keys
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(terminal)


def _press(terminal: int, key: int | bytes) -> float:
    """Seconds until a key is answered."""
    begin = time.perf_counter()
    os.write(terminal, bytes([key]) if isinstance(key, int) else key)
    _read(terminal, 5)
    taken = time.perf_counter() - begin
    _drain(terminal)
    return taken


def _read(terminal: int, seconds: float) -> bytes:
    ready, _, _ = select.select([terminal], [], [], seconds)
    if not ready:
        raise TimeoutError("nothing was painted")
    return os.read(terminal, 65536)


def _drain(terminal: int) -> None:
    while select.select([terminal], [], [], 0.3)[0]:
        os.read(terminal, 65536)
