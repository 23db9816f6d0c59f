"""A cluster that was applied to an embedded AWS, and the program over it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest

from kops_core.cloud.sandbox.process import Sandbox
from kops_core.store.keysets import Keyset, read_keyset
from kops_tui.cli import demo
from tests.cli.store import FileStore

CLUSTER = "us1.example.com"
VERSION = "1.35.7"
CONTROL_PLANE, NODES = "control-plane-us-east-1a", "nodes-us-east-1a"


@dataclass(frozen=True)
class AppliedCluster(FileStore):
    """The program with a home of its own, over the state store of an embedded AWS."""

    variables: Mapping[str, str] = field(default_factory=dict)

    def environment(self, **more: str) -> dict[str, str]:
        return {**self.variables, "KOPS_CLUSTER_NAME": CLUSTER, **more}

    def client(self, service: str) -> Any:
        endpoint = self.variables["AWS_ENDPOINT_URL"]
        return boto3.client(service, region_name="us-east-1", endpoint_url=endpoint)  # type: ignore[call-overload]

    @property
    def bucket(self) -> str:
        return self.variables["KOPS_STATE_STORE"].removeprefix("s3://")

    def stored(self, key: str) -> str:
        """An object below the cluster's folder."""
        body = self.client("s3").get_object(Bucket=self.bucket, Key=f"{CLUSTER}/{key}")["Body"]
        return str(body.read().decode())

    def keys(self, prefix: str) -> list[str]:
        """The keys of objects below the cluster's folder."""
        found = self.client("s3").list_objects_v2(Bucket=self.bucket, Prefix=f"{CLUSTER}/{prefix}")
        return [each["Key"].removeprefix(f"{CLUSTER}/") for each in found.get("Contents", [])]

    @property
    def keyset(self) -> Keyset:
        """The cluster's authority."""
        key = "pki/private/kubernetes-ca/keyset.yaml"
        return read_keyset(self.stored(key).encode(), "kubernetes-ca", key)

    def instances(self) -> dict[str, list[str]]:
        """Ids of machines by instance group."""
        groups = self.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
        return {
            each["AutoScalingGroupName"].removesuffix(f".masters.{CLUSTER}").removesuffix(f".{CLUSTER}"): [
                one["InstanceId"] for one in each["Instances"]
            ]
            for each in groups
        }


@contextmanager
def applied_cluster(home: Path) -> Iterator[AppliedCluster]:
    """An embedded AWS with one cluster, without pending changes, during a block."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    with Sandbox.start(log=home / "sandbox.log") as sandbox, pytest.MonkeyPatch.context() as patch:
        own = {"HOME": str(home), "XDG_STATE_HOME": str(home / "state")}
        for name, value in {**own, **sandbox.env}.items():
            patch.setenv(name, value)
        seeded = [demo.DemoCluster(CLUSTER, ("--zones", "us-east-1a", "--kubernetes-version", VERSION))]
        patch.setattr(demo, "DEMOS", seeded)
        demo.seed_demo(sandbox, lambda _: None)
        variables = {**kept, **sandbox.env, **own, "AWS_ENDPOINT_URL": sandbox.endpoint_url}
        yield AppliedCluster(home, variables)
