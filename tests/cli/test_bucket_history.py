"""Tests of the history of specs in a versioned bucket, which other programs write, too."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kops_core.cloud.sandbox.process import Sandbox
from kops_core.store.s3 import S3Backend
from tests.cli.store import CLUSTER, FACTS, Done, FileStore
from tests.sandbox.clients import s3_client

pytestmark = pytest.mark.full

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import LifecycleRuleTypeDef

NODES = f"{CLUSTER}/instancegroup/nodes-us-east-1a"


class BucketStore(FileStore):
    """The program over a bucket instead of a folder."""

    sandbox: Sandbox
    bucket: str

    def environment(self, **more: str) -> dict[str, str]:
        store = {"KOPS_STATE_STORE": f"s3://{self.bucket}"}
        return {**super().environment(), **self.sandbox.env, **store, **more}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox.start(log=tmp_path_factory.mktemp("sandbox") / "log") as sandbox:
        yield sandbox


@pytest.fixture
def client(sandbox: Sandbox) -> S3Client:
    return s3_client(sandbox)


@pytest.fixture
def store(sandbox: Sandbox, client: S3Client, tmp_path: Path) -> BucketStore:
    name = f"store-{uuid.uuid4().hex[:12]}"
    client.create_bucket(Bucket=name)
    client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    made = BucketStore(tmp_path)
    object.__setattr__(made, "sandbox", sandbox)
    object.__setattr__(made, "bucket", name)
    made.home.mkdir()
    sizes = ("--node-size", "m5.large", "--control-plane-size", "m5.large", "--cloud", "aws")
    image = ("--image", "099720109477/ubuntu/images/hvm-ssd/ubuntu-xenial-16.04-amd64-server-20170721")
    made.run("create", "cluster", CLUSTER, "--zones", "us-east-1a", *FACTS, *sizes, *image, "--dns", "none")
    return made


def rows(done: Done) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(done.stdout)
    return found


def test_what_another_program_wrote_is_listed_and_can_be_undone(store: BucketStore, client: S3Client) -> None:
    """kOps writes no revision; the bucket's versions tell of it."""
    store.run("edit", "cluster", "--set", "spec.kubernetesVersion=1.34.1", *FACTS)
    mine = client.get_object(Bucket=store.bucket, Key=NODES)["Body"].read()
    wait_for_next_second(client, store.bucket)
    client.put_object(Bucket=store.bucket, Key=NODES, Body=mine.replace(b"maxSize: 1", b"maxSize: 9"))

    listed = rows(store.run("history", "-o", "json"))
    foreign = [each for each in listed if "another program" in each["what"]]
    assert [each["what"] for each in foreign] == ["another program wrote instance group nodes-us-east-1a"]
    assert not foreign[0]["by"]

    told = store.run("restore", "--before", foreign[0]["id"], "--yes").stdout
    assert told.splitlines() == ["~ instance group nodes-us-east-1a spec.maxSize: 9 -> 1"]
    assert b"maxSize: 1" in client.get_object(Bucket=store.bucket, Key=NODES)["Body"].read()
    config = client.get_object(Bucket=store.bucket, Key=f"{CLUSTER}/config")["Body"].read()
    assert b"1.34.1" in config, "what we wrote before it stays"


def test_a_group_that_another_program_deleted_comes_back(store: BucketStore, client: S3Client) -> None:
    wait_for_next_second(client, store.bucket)
    client.delete_object(Bucket=store.bucket, Key=NODES)
    (foreign,) = [each for each in rows(store.run("history", "-o", "json")) if "deleted" in each["what"]]
    told = store.run("restore", "--before", foreign["id"], "--yes").stdout
    assert told == "+ instance group nodes-us-east-1a\n"


def wait_for_next_second(client: S3Client, bucket: str) -> None:
    """Returns when S3 dates a new object later than all others: it tells times to the second."""
    newest = max(each["LastModified"] for each in client.list_objects_v2(Bucket=bucket)["Contents"])
    while True:
        client.put_object(Bucket=bucket, Key="clock", Body=b"")
        if client.head_object(Bucket=bucket, Key="clock")["LastModified"] > newest:
            return


def test_a_rule_that_would_delete_control_files_is_found(client: S3Client, store: BucketStore) -> None:
    backend = S3Backend(client, store.bucket, "team")
    assert backend.expiring(("backups", "other")) == {}
    rules: list[LifecycleRuleTypeDef] = [
        {"ID": "tidy", "Status": "Enabled", "Expiration": {"Days": 90}, "Filter": {"Prefix": "team/back"}}
    ]
    client.put_bucket_lifecycle_configuration(Bucket=store.bucket, LifecycleConfiguration={"Rules": rules})
    assert backend.expiring(("backups", "other")) == {"backups": "tidy"}


def test_a_bucket_tells_whether_it_keeps_versions(client: S3Client, store: BucketStore) -> None:
    backend = S3Backend(client, store.bucket)
    assert backend.keeps_versions()
    client.put_bucket_versioning(Bucket=store.bucket, VersioningConfiguration={"Status": "Suspended"})
    assert not backend.keeps_versions()
