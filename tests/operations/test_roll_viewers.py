"""A drained rolling update outlives its terminal and its own process: real processes, tmux, kill -9."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from kops_core.cloud.sandbox.process import Sandbox
from kops_core.operations import journal
from kops_tui.cli import demo
from tests.operations.test_kill import EVERY_CALL
from tests.operations.viewers import PROGRAM, Program, end_operations, ended, has_ended, until

pytestmark = pytest.mark.full

SLOW = pytest.mark.skipif(not EVERY_CALL, reason="KOPS_SWEEP=full: slow")

CLUSTER = "us1.example.com"
QUICK = ("--node-interval", "1s", "--post-drain-delay", "1s", "--validate-count", "1")


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A cluster whose machines have pods, in an AWS and a Kubernetes of its own."""
    home = tmp_path_factory.mktemp("home")
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    own = {"HOME": str(home), "XDG_STATE_HOME": str(home / "state")}
    with Sandbox.start(log=home / "sandbox.log") as sandbox, pytest.MonkeyPatch.context() as patch:
        for name, value in {**own, **sandbox.env}.items():
            patch.setenv(name, value)
        patch.setattr(demo, "DEMOS", [each for each in demo.DEMOS if each.name == CLUSTER])
        demo.seed_demo(sandbox, lambda _: None)
        made = Program({**kept, **sandbox.env, **own, "KOPS_CLUSTER_NAME": CLUSTER})
        made.run("validate", "cluster", "--wait", "60s", "--interval", "300ms")  # its API takes some seconds
        yield made
        end_operations(made.state)


def outdated(program: Program, size: str) -> str:
    """Give the nodes another machine type, and apply that; the instance to be replaced."""
    program.run("edit", "instancegroup", "nodes-us-east-1a", "--set", f"spec.machineType={size}")
    program.run("update", "cluster", "--yes")
    told, _ = program.run("rolling-update", "cluster", "-o", "json")
    (instance,) = [each["id"] for group in json.loads(told) for each in group["instances"] if each["reason"]]
    return str(instance)


def until_draining(program: Program) -> None:
    until(lambda: any("draining" in each.get("note", "") for each in program.events()))


def rolled_as_if_undisturbed(program: Program, instance: str) -> None:
    """Only the one instance was replaced, and nothing of the update is left on any node."""
    last = program.events()[-1]
    assert (last["event"], last.get("ok")) == ("Finished", True), last
    told, err = program.run("rolling-update", "cluster", "-o", "json", "--detailed-exitcode")
    assert "no rolling update is needed" in err
    left = [each for group in json.loads(told) for each in group["instances"]]
    assert instance not in {each["id"] for each in left}
    assert not [each for each in left if each["reason"]]
    program.run("validate", "cluster", "--wait", "60s")


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
@pytest.mark.sweep
def test_a_roll_in_tmux_goes_on_when_its_server_is_killed(program: Program, tmp_path: Path) -> None:
    instance = outdated(program, "m5.2xlarge")
    tmux = ["tmux", "-S", str(tmp_path / "tmux"), "-f", "/dev/null"]
    command = " ".join([str(PROGRAM), "--rolling-update", *QUICK])
    subprocess.run([*tmux, "new-session", "-d", command], env=program.environment, check=True)
    until(lambda: program.operation().order().request.kind == "rolling-update")
    until_draining(program)
    subprocess.run([*tmux, "kill-server"], env=program.environment, check=True)
    assert not has_ended(program.pid())
    out, _ = program.run("attach", "--events", "ndjson")
    assert out == program.operation().events.read_text()
    rolled_as_if_undisturbed(program, instance)


@SLOW
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_roll_whose_process_ends_in_the_middle_of_a_drain_is_resumed(
    program: Program, number: signal.Signals
) -> None:
    instance = outdated(program, "m5.4xlarge" if number == signal.SIGKILL else "m5.8xlarge")
    viewer = program.start("--rolling-update", *QUICK)
    until(lambda: program.operation().order().request.kind == "rolling-update")
    until_draining(program)
    os.kill(program.pid(), number)
    ended(viewer, 1)
    out, _ = program.run("attach", "--resume")
    assert "nothing is left to do" in out
    rolled_as_if_undisturbed(program, instance)
    unfinished = [
        each.operation
        for path in program.state.rglob("journal")
        for each in journal.read_all(path)
        if each.kind == "rolling-update" and not each.finished
    ]
    assert unfinished == []
