"""An embedded AWS with one stored cluster, and the engine's operations on it as separate processes."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from kops_core import Engine
from kops_core.cloud.sandbox.process import Sandbox
from kops_core.cloud.sandbox.seed import seed
from kops_tui.cli.settings import resolve

CLUSTER = "fence.example.com"
ROOT = Path(__file__).parents[2]
FLAGS = ("--zones", "us-east-1a", "--networking", "cilium", "--node-count", "2", "--node-size", "t3.large")
SSH_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl o@s\n"


@dataclass(frozen=True)
class World:
    """An AWS with one stored cluster, and processes that work on it."""

    sandbox: Sandbox
    folder: Path

    def start(
        self, operator: str, *words: str, endpoint: str = "", **environment: str
    ) -> subprocess.Popen[str]:
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
                **environment,
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
        """The resources with a Name tag of the cluster: kind of id, and name. No instances."""
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
    """An empty account with a stored cluster that was never applied."""
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


def engine(*, write: bool = True) -> Engine:
    """The engine of this process over the store."""
    return Engine(resolve({}, os.environ, write=write))
