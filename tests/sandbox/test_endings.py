"""Deletions in EC2: each case fails on the emulator alone, and passes in the sandbox."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError

from kops_core.cloud.sandbox.process import Sandbox
from tests.sandbox.test_moto_patches import IMAGE, Account, Clients

pytestmark = pytest.mark.full


def a_terminated_instance_is_terminated_again(aws: Account) -> bool:
    made = aws.ec2.run_instances(
        ImageId=IMAGE,
        InstanceType="t3.medium",
        MinCount=1,
        MaxCount=1,
        NetworkInterfaces=[{"DeviceIndex": 0, "SubnetId": aws.subnets[0], "DeleteOnTermination": True}],
    )
    ids = [each["InstanceId"] for each in made["Instances"]]
    aws.ec2.terminate_instances(InstanceIds=ids)
    (again,) = aws.ec2.terminate_instances(InstanceIds=ids)["TerminatingInstances"]
    return again["PreviousState"].get("Name") == again["CurrentState"].get("Name") == "terminated"


def a_key_pair_is_deleted_by_its_id(aws: Account) -> bool:
    ids = [aws.ec2.create_key_pair(KeyName=f"{aws.name}-{which}")["KeyPairId"] for which in ("a", "b")]
    aws.ec2.delete_key_pair(KeyPairId=ids[0])
    left = aws.ec2.describe_key_pairs(Filters=[{"Name": "key-name", "Values": [f"{aws.name}-*"]}])
    return [pair["KeyPairId"] for pair in left["KeyPairs"]] == ids[1:]


CASES = [
    a_terminated_instance_is_terminated_again,
    a_key_pair_is_deleted_by_its_id,
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_the_sandbox_does_as_aws_does(case: Callable[[Account], bool], sandbox: Sandbox) -> None:
    assert case(Account(Clients(sandbox)))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_the_emulator_alone_does_not(case: Callable[[Account], bool], emulator: Sandbox) -> None:
    """When this fails the emulator has mended the gap: remove the patch."""
    try:
        like_aws = case(Account(Clients(emulator)))
    except ClientError:
        like_aws = False
    assert not like_aws
