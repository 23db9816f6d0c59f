"""The program as viewers of operations: processes in front of an AWS that holds an apply at a chosen call."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kops_core.engine.background.folder import OperationFolder, folders
from tests.operations.engine_world import CLUSTER, World
from tests.operations.fault_injection import Answer, Fault, FaultProxy, Request

SECRET = "hunter2/in/no/file"
PROGRAM = Path(sys.executable).with_name("kops-tui")


class Gate(Fault):
    """Holds the nth changing request, and all after it, until it is opened."""

    def __init__(self, at: int) -> None:
        self._left = at
        self._lock = threading.Lock()
        self.reached = threading.Event()
        self.open = threading.Event()

    def before(self, request: Request) -> Answer | None:
        if request.changes and "/.kops-tui/" not in request.operation:
            with self._lock:
                self._left -= 1
                held = self._left < 0
            if held:
                self.reached.set()
                self.open.wait(60)
        return None


@dataclass
class Program:
    """The program with a home of its own, and the operations that it started."""

    environment: dict[str, str]

    def start(self, *words: str, **options: Any) -> subprocess.Popen[str]:
        """Start the program without a terminal."""
        return subprocess.Popen(
            [str(PROGRAM), *words],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=_heed_signals,  # noqa: PLW1509 - it takes no lock
            **options,
        )

    def run(self, *words: str, code: int = 0) -> tuple[str, str]:
        """Run the program to its end; its stdout and stderr."""
        return ended(self.start(*words), code)

    @property
    def state(self) -> Path:
        return Path(self.environment["XDG_STATE_HOME"])

    def operation(self) -> OperationFolder:
        """The operation that was started last."""
        found = [each for path in self.state.rglob("operations") for each in folders(path)]
        return max(found, key=lambda each: each.order().at)

    def events(self) -> list[dict[str, Any]]:
        """The event log of the operation that was started last."""
        return [json.loads(line) for line in self.operation().events.read_text().splitlines()]

    def pid(self) -> int:
        """The process of the operation that was started last."""
        process = self.operation().process()
        assert process is not None
        return process.pid


@dataclass
class Story(Program):
    """An AWS with a cluster that was never applied, behind a gate, and the program in front of both."""

    world: World
    front: FaultProxy

    @classmethod
    def of(cls, world: World, front: FaultProxy) -> Story:
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        folder = world.folder / "viewer"
        folder.mkdir()
        own = {"HOME": str(folder), "XDG_STATE_HOME": str(folder / "state"), "KOPS_CLUSTER_NAME": CLUSTER}
        points = {"AWS_ENDPOINT_URL": front.url, "AWS_SECRET_ACCESS_KEY": SECRET}
        return cls({**kept, **world.sandbox.env, **points, **own}, world, front)

    def hold(self, at: int) -> Gate:
        """From now on, hold the nth changing request."""
        gate = Gate(at)
        self.front.fault = gate
        return gate

    def to_apply(self) -> int:
        """The number of changes that are left."""
        plan = json.loads(self.run("update", "cluster", "-o", "json")[0])
        return sum(number for action, number in plan["summary"].items() if action not in ("no-op", "retain"))


def end_operations(state: Path) -> None:
    """End the operations below a state folder that still run: their cloud ends with the test."""
    for path in state.rglob("operations"):
        for each in folders(path):
            process = each.process()
            if process is not None and not has_ended(process.pid):
                os.kill(process.pid, signal.SIGKILL)


def _heed_signals() -> None:
    """Signals that whoever runs the tests ignores, as nohup and background jobs do, would stay ignored."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)


def ended(process: subprocess.Popen[str], code: int) -> tuple[str, str]:
    """Wait for a process, and expect an exit code; its stdout and stderr."""
    out, err = process.communicate(timeout=120)
    assert process.returncode == code, (process.returncode, out, err)
    assert "Traceback" not in err
    return out, err


def until(true: Callable[[], Any], what: str = "") -> None:
    """Wait until something is so."""
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end, what or "it never came"
        time.sleep(0.02)


def has_ended(pid: int) -> bool:
    """Whether no process of that number runs code any more."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except FileNotFoundError:
        return True


@pytest.fixture
def story(world: World) -> Iterator[Story]:
    """A cluster to apply, and viewers; what still runs at the end is ended."""
    with FaultProxy.of(world.sandbox.endpoint_url) as front:
        made = Story.of(world, front)
        yield made
        if isinstance(front.fault, Gate):
            front.fault.open.set()
        end_operations(made.state)
