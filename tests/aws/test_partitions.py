"""China and GovCloud: ARNs and service principals of their own, and what else a region decides."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from moto.core.responses import BaseResponse

from kops_core.cloud.aws.builders.policy import ec2_service
from kops_core.cloud.aws.fact_query import FactQuery
from kops_core.cloud.aws.facts import AwsFacts
from kops_core.cloud.aws.resources.events import SQS
from kops_core.cloud.aws.resources.iam import IAMRole, IAMRolePolicy
from kops_core.model.build import DesiredState
from kops_core.model.resolve import resolve
from kops_core.store.open import StoreOpener
from tests.aws.account import Account
from tests.aws.clusters import desired, modelled
from tests.clusters import inferred
from tests.conformance.suite import first_difference
from tests.corpus import corpus_dir

pytestmark = pytest.mark.full

PLACES = (("cn-north-1", "aws-cn", "amazonaws.com.cn"), ("us-gov-west-1", "aws-us-gov", "amazonaws.com"))
CASES = ("minimal-aws", "irsa", "privatecalico")


def _regions() -> list[str]:
    session = botocore.session.get_session()
    return [
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions("ec2", partition)
    ]


def test_ec2_is_called_by_its_host_without_the_region() -> None:
    """That is how kOps finds the service's name: it asks the SDK for EC2's host in the region."""
    assert {"cn-northwest-1", "us-gov-east-1", "us-iso-east-1", "eusc-de-east-1"} <= set(_regions())
    for region in _regions():
        client = botocore.session.get_session().create_client("ec2", region_name=region)
        host = client.meta.endpoint_url.removeprefix("https://")
        assert ec2_service(region) == host.replace(f"{region}.", ""), region


def _documents(state: DesiredState) -> dict[str, Any]:
    """IAM documents and policies of queues, as Terraform's files are called."""
    found: dict[str, Any] = {}
    for resource in state.resources:
        each = resolve(resource, lambda ref: ref.key.name)
        if isinstance(each, IAMRole):
            found[f"aws_iam_role_{each.name}_policy"] = each.assume_role_policy_document
        elif isinstance(each, IAMRolePolicy) and each.policy_document and not each.absent:
            found[f"aws_iam_role_policy_{each.name}_policy"] = each.policy_document
        elif isinstance(each, SQS):
            found[f"aws_sqs_queue_{each.name}_policy"] = each.policy
    return {name: json.loads(text) for name, text in found.items()}


def _of_corpus(case: str, region: str, partition: str) -> DesiredState:
    """The desired resources of a case of the corpus, moved to a region of another partition."""

    def moved(path: Path) -> str:
        return path.read_text().replace("us-test-1", region).replace("aws-test", partition)

    facts = moved(corpus_dir() / "facts" / "upstream-update.json")
    return modelled(inferred(moved(corpus_dir() / "upstream" / "update" / case / "cluster.yaml"), facts))


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(("region", "partition", "suffix"), PLACES)
def test_documents_are_those_that_kops_writes_moved_to_the_partition(
    region: str, partition: str, suffix: str, case: str
) -> None:
    """What kOps writes in the corpus' partition, but for its names of region, partition and EC2."""
    ours = _documents(_of_corpus(case, region, partition))
    folder = corpus_dir() / "upstream" / "update" / case / "terraform" / "data"
    kept = [path for path in folder.iterdir() if re.match("aws_(iam_role|sqs_queue)_", path.name)]
    assert len(kept) > 3
    for path in kept:
        text = path.read_text().replace("us-test-1", region).replace("aws-test", partition)
        text = text.replace('"Service": "ec2.amazonaws.com"', f'"Service": "ec2.{suffix}"')
        assert first_difference(json.loads(text), ours[path.name.replace("us-test-1", region)]) == "", (
            path.name
        )


@pytest.fixture
def govcloud(monkeypatch: pytest.MonkeyPatch) -> None:
    """``iam.us-gov.amazonaws.com`` is GovCloud's; the emulator finds no region in it."""
    original = BaseResponse.get_region_from_url

    def get_region_from_url(self: BaseResponse, request: Any, full_url: str) -> str:
        region = original(self, request, full_url)
        return "us-gov-west-1" if region == "us-gov" else region

    monkeypatch.setattr(BaseResponse, "get_region_from_url", get_region_from_url)


@pytest.mark.usefixtures("govcloud")
@pytest.mark.parametrize(("region", "partition", "suffix"), PLACES)
def test_a_cluster_is_planned_applied_and_settled(
    region: str, partition: str, suffix: str, account: Account, tmp_path: Path
) -> None:
    there = Account.open(account.reset, region)
    there.reset()
    assert (there.aws.partition, there.aws.region) == (partition, region)
    cluster = desired("minimal-aws", there.zone, region=region, partition=partition)
    outcome = there.apply(cluster, tmp_path)
    assert outcome.ok, outcome.failed
    plan, _ = there.plan(cluster)
    assert ([str(each.key) for each in plan.pending], plan.errors, plan.deferred) == ([], (), ())
    role = there.aws.iam.get_role(RoleName="nodes.minimal-aws.example.com")["Role"]
    assert role["Arn"].startswith(f"arn:{partition}:iam::")
    assert f"ec2.{suffix}" in json.dumps(role["AssumeRolePolicyDocument"])


@pytest.mark.parametrize(
    ("place", "region"), [("", "us-east-1"), ("eu-central-1", "eu-central-1"), ("EU", "eu-west-1")]
)
def test_the_region_of_a_bucket_is_a_fact(place: Any, region: str, account: Account) -> None:
    """Of a bucket in Ireland S3 may say ``EU``, of one in Virginia nothing (GetBucketLocation)."""
    where: Any = {"CreateBucketConfiguration": {"LocationConstraint": place}} if place else {}
    s3: Any = Account.open(account.reset, region).aws.s3 if place != "EU" else account.aws.s3
    s3.create_bucket(Bucket="discovery", **where)
    facts = AwsFacts(account.aws).read(FactQuery(buckets=("discovery",)))
    assert facts["buckets"] == {"discovery": {"region": region}}


def test_a_store_in_another_region_than_the_cluster(account: Account, tmp_path: Path) -> None:
    """What is written lies there; the cluster and what its nodes are told keep the cluster's own region."""
    far: Any = "eu-central-1"
    account.aws.s3.create_bucket(Bucket="far-away", CreateBucketConfiguration={"LocationConstraint": far})
    account.store = StoreOpener({}).open("s3://far-away")
    cluster = desired("minimal-aws", account.zone)
    outcome = account.apply(cluster, tmp_path)
    assert outcome.ok, outcome.failed
    assert account.plan(cluster)[0].empty
    assert f"{cluster.cluster}/cluster-completed.spec" in set(account.store.keys())
    assert account.aws.s3.get_bucket_location(Bucket="far-away")["LocationConstraint"] == far
    templates: Any = account.aws.ec2.describe_launch_template_versions(Versions=["$Latest"])
    for each in templates["LaunchTemplateVersions"]:
        script = base64.b64decode(each["LaunchTemplateData"]["UserData"]).decode()
        assert "AWS_REGION=us-east-1" in script
        assert far not in script
