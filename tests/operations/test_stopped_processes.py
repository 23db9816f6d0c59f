"""A real process stopped in the middle of its work (SIGSTOP, as a laptop's sleep), overtaken, and continued.

Both processes talk over sockets to one embedded AWS. The stopped one goes through a proxy that stops it
at a chosen changing request, and then sees every request that it sends after it was continued.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest

from kops_core import Engine, ObjectNotFound
from kops_core.cloud.sandbox.process import Sandbox
from kops_core.cloud.sandbox.seed import seed
from kops_tui.cli.settings import resolve
from tests.operations.weather import Answer, Fault, Front, Request, refusal

CLUSTER = "fence.example.com"
ROOT = Path(__file__).parents[2]
FLAGS = ("--zones", "us-east-1a", "--networking", "cilium", "--node-count", "2", "--node-size", "t3.large")
SSH_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl o@s\n"
TWENTY_MINUTES = "1200"


class Stopping(Fault):
    """Stops a process when its nth changing request arrives; then tells what it sends once it goes on."""

    def __init__(self, at: int) -> None:
        self._at = at
        self._count = 0
        self._mutex = threading.Lock()
        self.pid = 0
        self.stopped = threading.Event()
        self.stopped_at = ""
        self.late: list[str] = []
        """Changing requests that were signed after the stop."""
        self.expired: list[str] = []
        """Those signed before it: AWS refuses them, for they are older than five minutes."""

    def before(self, request: Request) -> Answer | None:
        if not request.changes or "/.kops-tui/" in request.operation:
            return None
        with self._mutex:
            if self.stopped.is_set():
                if request.signed_at <= self.stopped_at:
                    self.expired.append(request.operation)
                    return refusal(request.service, "RequestExpired", 400)
                self.late.append(request.operation)
                return None
            self._count += 1
            if self._count == self._at:
                os.kill(self.pid, signal.SIGSTOP)
                time.sleep(0.2)  # what was in its sockets by then arrives as if before
                self.stopped_at = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
                self.stopped.set()
        return None


@dataclass(frozen=True)
class World:
    """An AWS with one stored cluster, and programs that work on it."""

    sandbox: Sandbox
    folder: Path

    def start(self, operator: str, *words: str, endpoint: str = "") -> subprocess.Popen[str]:
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        home = self.folder / operator
        home.mkdir(exist_ok=True)
        return subprocess.Popen(
            [sys.executable, "-m", "tests.operations.engine_worker", operator, str(self.clock), *words],
            env={
                **kept,
                **self.sandbox.env,
                "KOPS_CLUSTER_NAME": CLUSTER,
                "HOME": str(home),
                "XDG_STATE_HOME": str(home / "state"),
                **({"AWS_ENDPOINT_URL": endpoint} if endpoint else {}),
            },
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, operator: str, *words: str) -> str:
        process = self.start(operator, *words)
        told, _ = process.communicate(timeout=180)
        assert process.returncode == 0, told
        return told

    @property
    def clock(self) -> Path:
        return self.folder / "clock"

    def overtaken(self, at: int, mine: tuple[str, ...], theirs: tuple[str, ...]) -> Stopping:
        """Ann's work stopped at a request for 20 minutes, in which Bob's runs to its end."""
        self.clock.write_text("0")
        with Front.of(self.sandbox.endpoint_url) as front:
            fault = Stopping(at)
            with front.weather(fault):
                ann = self.start("ann@laptop", *mine, endpoint=front.url)
                fault.pid = ann.pid
                assert fault.stopped.wait(120), ann.communicate(timeout=10)
                self.clock.write_text(TWENTY_MINUTES)
                self.run("bob@desk", *theirs)
                time.sleep(1.1)  # dates of signatures have seconds
                ann.send_signal(signal.SIGCONT)
                told, _ = ann.communicate(timeout=180)
        assert ann.returncode == 5, told
        assert "bob@desk took it over" in told
        assert "nothing is left to do" not in told
        assert fault.late == []
        return fault

    @property
    def ec2(self) -> Any:
        return boto3.client(
            "ec2",
            endpoint_url=self.sandbox.endpoint_url,
            region_name=self.sandbox.region,
            aws_access_key_id="x",
            aws_secret_access_key="x",
        )

    def named(self) -> Counter[str]:
        """What the account has with a Name tag of the cluster's: kind of id, and name. No instances."""
        tags = self.ec2.describe_tags(Filters=[{"Name": "key", "Values": ["Name"]}])["Tags"]
        of_nodes = f"nodes-us-east-1a.{CLUSTER}"
        return Counter(
            f"{tag['ResourceId'].partition('-')[0]} {tag['Value']}"
            for tag in tags
            if tag["Value"].endswith(CLUSTER)
            and tag["ResourceType"] != "instance"
            and tag["Value"] != of_nodes
        )


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox.start(log=tmp_path_factory.mktemp("sandbox") / "log") as sandbox:
        yield sandbox


@pytest.fixture
def world(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """An account with nothing in it but a stored cluster that was never applied."""
    reset = urllib.request.Request(f"{sandbox.endpoint_url}/moto-api/reset", method="POST")
    urllib.request.urlopen(reset).close()
    environment: Mapping[str, str] = {**sandbox.env, "HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)}
    for name in [each for each in os.environ if each.startswith(("AWS_", "KOPS_"))]:
        monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    account = seed(sandbox)
    engine = Engine(resolve({}, os.environ, write=True))
    words = (CLUSTER, *FLAGS, "--dns-zone", account.public_zone)
    engine.store_cluster(engine.make_cluster(engine.create_options(words)), ssh_public_key=SSH_KEY)
    made = World(sandbox, tmp_path)
    made.clock.write_text("0")
    return made


@pytest.mark.parametrize("at", [1, 40, 75])
def test_an_apply_that_was_overtaken_makes_nothing_twice(world: World, at: int) -> None:
    world.overtaken(at, ("apply",), ("apply",))
    found = world.named()
    assert found["vol a.etcd-main.fence.example.com"] == 1
    assert {name: number for name, number in found.items() if number > 1} == {}
    assert world.run("eve@tower", "apply") == "nothing to do\n"


def test_a_deletion_that_was_overtaken_says_so(world: World) -> None:
    world.run("eve@tower", "apply")
    world.overtaken(20, ("delete",), ("delete",))
    engine = Engine(resolve({}, os.environ))
    assert engine.deletion(CLUSTER, region=world.sandbox.region, external=True).find().going == ()
    with pytest.raises(ObjectNotFound):
        engine.open(CLUSTER)


def test_a_roll_that_was_overtaken_ends_no_instance_of_the_winner(world: World) -> None:
    world.run("eve@tower", "apply")
    workspace = Engine(resolve({}, os.environ, write=True)).open(CLUSTER)
    workspace.set_field("nodes-us-east-1a", "spec.machineType", "m5.xlarge")
    workspace.save()
    world.run("eve@tower", "apply")
    before = _instances(world)
    world.overtaken(1, ("roll",), ("roll",))
    after = _instances(world)
    ended = {id_ for id_, state in after.items() if state == "terminated"}
    assert len(ended) == 2, "two nodes were outdated"
    assert ended < before.keys()
    assert world.run("eve@tower", "roll") == "nothing to do\n"


def test_a_key_rotation_that_was_overtaken_stores_nothing_more(world: World) -> None:
    world.run("eve@tower", "apply")
    world.overtaken(2, ("create-keypair", "all"), ("create-keypair", "all"))
    keypairs = Engine(resolve({}, os.environ)).keypairs(CLUSTER).summaries()
    created = Counter(each.keyset for each in keypairs)
    # Ann had stored some when she was stopped, Bob one of each.
    assert set(created.values()) <= {2, 3}
    assert 2 in created.values()


def _instances(world: World) -> dict[str, str]:
    return {
        each["InstanceId"]: each["State"]["Name"]
        for reservation in world.ec2.describe_instances()["Reservations"]
        for each in reservation["Instances"]
        if CLUSTER in str(each.get("Tags"))
    }
