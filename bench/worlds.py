"""Stores and accounts to measure commands on: one cluster that was applied, a fleet, many groups."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from botocore.config import Config

from bench.process import Line, Measured, measure
from kops_core.cloud.sandbox.process import Sandbox
from kops_core.cloud.sandbox.seed import STATE_BUCKET, seed
from tests.operations.fault_injection import FaultProxy
from tests.sandbox.clients import made_up_login

PROGRAM = str(Path(sys.executable).with_name("kops-tui"))
ONE = "ha.example.com"
_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl o@s\n"
_ZONES = "us-east-1a,us-east-1b,us-east-1c"
_HA = (
    *("--zones", _ZONES, "--control-plane-zones", _ZONES, "--topology", "private", "--bastion"),
    *("--networking", "cilium", "--node-count", "3"),
)
"""Three control planes, three groups of nodes, a bastion."""


@dataclass
class World:
    """A sandbox with a line in front of it, and commands on it."""

    sandbox: Sandbox
    front: FaultProxy
    line: Line
    environment: dict[str, str]
    zone: str

    def run(self, *words: str, delay: float = 0.0, program: str = PROGRAM) -> Measured:
        """A command of the program, with a delay of each call in seconds."""
        self.line.delay = delay
        return measure([program, *words], self.environment, self.line)

    def create(self, name: str, flags: Sequence[str] = _HA) -> None:
        """Store a new cluster."""
        key = Path(self.environment["HOME"]) / "key.pub"
        key.write_text(_KEY)
        self.run(
            *("create", "cluster", "--name", name, *flags),
            *("--dns-zone", self.zone, "--ssh-public-key", str(key)),
        )

    def client(self, service: str) -> Any:
        """A client of a service of the sandbox, past the line."""
        return made_up_login(self.sandbox.region).client(
            service, endpoint_url=self.sandbox.endpoint_url, config=Config(max_pool_connections=32)
        )

    def forget_cache(self) -> None:
        """Make the next command the first one of its user."""
        cache = Path(self.environment["XDG_CACHE_HOME"])
        for path in sorted(cache.rglob("*"), reverse=True):
            path.unlink() if path.is_file() else path.rmdir()


@contextmanager
def world() -> Iterator[World]:
    """An empty sandbox during a block."""
    with TemporaryDirectory() as name:
        home = Path(name)
        with Sandbox.start(log=home / "log") as sandbox, FaultProxy.of(sandbox.endpoint_url) as front:
            line = Line()
            front.fault = line
            own = {
                "HOME": name,
                "AWS_ENDPOINT_URL": front.url,
                "XDG_STATE_HOME": str(home / "state"),
                "XDG_CACHE_HOME": str(home / "cache"),
                "LANG": "C.UTF-8",
                "PATH": os.environ["PATH"],
            }
            yield World(sandbox, front, line, {**sandbox.env, **own}, seed(sandbox).public_zone)


def store_fleet(there: World, number: int, *, machines: bool = False) -> None:
    """Copy the one cluster in the store to many, as if they had been applied.

    machines: whether each has an auto-scaling group with a launch template in the account.
    """
    s3 = there.client("s3")
    listed = s3.list_objects_v2(Bucket=STATE_BUCKET, Prefix=f"{ONE}/")["Contents"]
    wanted = ("/config", "/cluster-completed.spec", "/control-plane-us-east-1a", "/nodes-us-east-1a")
    texts = {
        each["Key"].removeprefix(ONE): s3.get_object(Bucket=STATE_BUCKET, Key=each["Key"])["Body"].read()
        for each in listed
        if each["Key"].endswith(wanted) and "igconfig" not in each["Key"]
    }

    def store(place: int) -> None:
        name = f"c{place:04}.example.com"
        for key in sorted(texts, key=lambda key: key.endswith(".spec")):
            body = texts[key].replace(ONE.encode(), name.encode())
            s3.put_object(Bucket=STATE_BUCKET, Key=f"{name}{key}", Body=body)

    ec2, scaling = there.client("ec2"), there.client("autoscaling")
    image = ec2.describe_images()["Images"][0]["ImageId"]

    def start(place: int) -> None:
        _group_in_account(ec2, scaling, f"c{place:04}.example.com", image)

    _for_each(store, number)
    if machines:
        _for_each(start, number)


def _for_each(do: Callable[[int], None], number: int) -> None:
    with ThreadPoolExecutor(4) as pool:
        for _ in pool.map(do, range(number)):
            pass


def _group_in_account(ec2: Any, scaling: Any, cluster: str, image: str) -> None:
    name = f"nodes-us-east-1a.{cluster}"
    tags = [{"Key": "KubernetesCluster", "Value": cluster}]
    ec2.create_launch_template(
        LaunchTemplateName=name,
        LaunchTemplateData={"ImageId": image, "InstanceType": "t3.medium"},
        TagSpecifications=[{"ResourceType": "launch-template", "Tags": tags}],
    )
    scaling.create_auto_scaling_group(
        AutoScalingGroupName=name,
        MinSize=1,
        MaxSize=1,
        AvailabilityZones=["us-east-1a"],
        LaunchTemplate={"LaunchTemplateName": name, "Version": "$Latest"},
        Tags=[{**tags[0], "PropagateAtLaunch": True}],
    )


def add_groups(there: World, number: int) -> None:
    """Give the one cluster in the store more instance groups."""
    s3, key = there.client("s3"), f"{ONE}/instancegroup/nodes-us-east-1a"
    text = s3.get_object(Bucket=STATE_BUCKET, Key=key)["Body"].read()

    def add(place: int) -> None:
        name = f"more-{place:04}"
        body = text.replace(b"nodes-us-east-1a", name.encode())
        s3.put_object(Bucket=STATE_BUCKET, Key=f"{ONE}/instancegroup/{name}", Body=body)

    _for_each(add, number)


def add_subnets(there: World, number: int) -> None:
    """Give the one cluster in the store more subnets."""
    s3, key = there.client("s3"), f"{ONE}/config"
    text = s3.get_object(Bucket=STATE_BUCKET, Key=key)["Body"].read().decode()
    more = "".join(
        f"  - cidr: 172.20.{64 + place // 16}.{place % 16 * 16}/28\n"
        f"    name: more-{place:04}\n    type: Private\n    zone: us-east-1a\n"
        for place in range(number)
    )
    body = text.replace("  subnets:\n", f"  subnets:\n{more}", 1)
    s3.put_object(Bucket=STATE_BUCKET, Key=key, Body=body.encode())
