"""Limits of requests and accounts: the maximum is accepted, one more is refused as by AWS."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from kops_core.cloud.aws.meanings import Meaning, meaning_of
from kops_core.cloud.sandbox.strict import BEHAVIOURS, StrictAccount
from tests.aws.account import Account, FakeClock
from tests.aws.clusters import desired

pytestmark = pytest.mark.full

TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
PATTERN = json.dumps({"source": ["aws.ec2"]})


def _policy(length: int) -> str:
    """An inline policy of so many characters."""
    empty = json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:", "Resource": "*"}]},
        separators=(",", ":"),
    )
    return empty.replace("s3:", "s3:" + "a" * (length - len(empty)))


def _tags(number: int, key: str = "k", value: str = "v") -> Any:
    return [{"Key": f"{key}{each:02}", "Value": value} for each in range(number)]


def _role_policy(size: int) -> None:
    iam = boto3.client("iam")
    if size == 10240:
        iam.create_role(RoleName="r", AssumeRolePolicyDocument=TRUST)
    iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=_policy(size))


def _targets(size: int) -> None:
    events: Any = boto3.client("events")
    events.put_rule(Name="r", EventPattern=PATTERN)
    queue = "arn:aws:sqs:us-east-1:123456789012:q"
    events.put_targets(Rule="r", Targets=[{"Id": str(each), "Arn": queue} for each in range(size)])


def _template(size: int, name: int = 10) -> None:
    data = b64encode(b"u" * size).decode()
    boto3.client("ec2").create_launch_template(
        LaunchTemplateName=f"{'t' * (name - 5)}{size:05}", LaunchTemplateData={"UserData": data}
    )


def _vpc() -> Any:
    return boto3.client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]


def _tag_vpc(**tags: Any) -> None:
    boto3.client("ec2").create_tags(Resources=[_vpc()], Tags=_tags(**tags))


def _filter(size: int) -> None:
    values = [f"vpc-{each:08x}" for each in range(size)]
    boto3.client("ec2").describe_vpcs(Filters=[{"Name": "vpc-id", "Values": values}])


def _role(size: int) -> None:
    boto3.client("iam").create_role(RoleName="r" * size, AssumeRolePolicyDocument=TRUST)


def _profile(size: int) -> None:
    boto3.client("iam").create_instance_profile(InstanceProfileName="p" * size)


def _rule(size: int) -> None:
    boto3.client("events").put_rule(Name="r" * size, EventPattern=PATTERN)


def _balancer(size: int) -> None:
    subnet = boto3.client("ec2").describe_subnets()["Subnets"][0]["SubnetId"]
    boto3.client("elbv2").create_load_balancer(Name="b" * size, Subnets=[subnet], Type="network")


def _security_group(size: int) -> None:
    boto3.client("ec2").create_security_group(GroupName="g" * size, Description="d", VpcId=_vpc())


def _page(size: int) -> None:
    boto3.client("autoscaling").describe_tags(MaxRecords=size)


def _results(size: int) -> None:
    boto3.client("ec2").describe_vpcs(MaxResults=size)


LIMITS: list[tuple[Callable[[int], None], int, str, str]] = [
    (_role, 64, "ValidationError", "sizes-of-the-model"),
    (_profile, 128, "ValidationError", "sizes-of-the-model"),
    (_rule, 64, "ValidationException", "sizes-of-the-model"),
    (
        lambda size: _template(1, size),
        128,
        "InvalidLaunchTemplateName.MalformedException",
        "names-and-tags-have-limits",
    ),
    (_results, 1000, "InvalidParameterValue", "sizes-of-the-model"),
    (_page, 100, "ValidationError", "batches-have-a-size"),
    (_targets, 5, "ValidationException", "batches-have-a-size"),
    (_filter, 200, "FilterLimitExceeded", "batches-have-a-size"),
    (lambda size: _tag_vpc(number=size), 50, "TagLimitExceeded", "names-and-tags-have-limits"),
    (
        lambda size: _tag_vpc(number=1, key="k" * (size - 2)),
        128,
        "InvalidParameterValue",
        "names-and-tags-have-limits",
    ),
    (
        lambda size: _tag_vpc(number=1, value="v" * size),
        256,
        "InvalidParameterValue",
        "names-and-tags-have-limits",
    ),
    (_balancer, 32, "ValidationError", "names-and-tags-have-limits"),
    (_security_group, 255, "InvalidParameterValue", "names-and-tags-have-limits"),
    (_template, 16384, "InvalidUserData.Malformed", "documents-have-a-size"),
    (_role_policy, 10240, "LimitExceeded", "documents-have-a-size"),
]


@pytest.mark.parametrize(("call", "size", "code", "behaviour"), LIMITS)
def test_the_largest_is_taken_and_one_more_refused(
    call: Callable[[int], None], size: int, code: str, behaviour: str, account: Account
) -> None:
    with StrictAccount(FakeClock().monotonic, BEHAVIOURS, [behaviour]):
        call(size)
        with pytest.raises(ClientError) as caught:
            call(size + 1)
    assert caught.value.response["Error"]["Code"] == code


def test_a_tag_of_aws_and_a_description_with_other_characters_are_refused(account: Account) -> None:
    ec2: Any = boto3.client("ec2")
    with StrictAccount(FakeClock().monotonic, BEHAVIOURS, ["names-and-tags-have-limits"]):
        with pytest.raises(ClientError, match="aws:mine"):
            ec2.create_tags(Resources=[_vpc()], Tags=[{"Key": "aws:mine", "Value": ""}])
        with pytest.raises(ClientError, match="Description"):
            ec2.create_security_group(GroupName="g", Description="a\nb", VpcId=_vpc())
    ec2.create_security_group(GroupName="g", Description="a\nb", VpcId=_vpc())


def test_quotas_are_the_default_ones_and_told_as_such(account: Account, tmp_path: Path) -> None:
    ec2: Any = account.aws.ec2
    cluster = desired("minimal-aws", account.zone)
    with StrictAccount(FakeClock().monotonic, BEHAVIOURS, ["quotas"]):
        for _ in range(4):
            ec2.create_vpc(CidrBlock="10.0.0.0/16")
        outcome = account.apply(cluster, tmp_path / "refused")
        (error,) = outcome.failed.values()
        assert "VpcLimitExceeded" in str(error)
        assert "quota" in error.remedy
        assert meaning_of("VpcLimitExceeded") is Meaning.QUOTA
        for _ in range(5):
            ec2.allocate_address(Domain="vpc")
        with pytest.raises(ClientError, match="AddressLimitExceeded"):
            ec2.allocate_address(Domain="vpc")
    assert account.apply(cluster, tmp_path / "lenient").ok
