"""Client tokens: a repeated request returns the first result."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import ClientError

from kops_core.cloud.sandbox.strict import BEHAVIOURS, StrictAccount
from kops_core.cloud.sandbox.strict.account import Failure
from tests.aws.account import Account, FakeClock


@pytest.fixture
def subnet(account: Account) -> str:
    return str(account.aws.ec2.describe_subnets()["Subnets"][0]["SubnetId"])


def _gateway(ec2: Any, subnet: str, token: str) -> str:
    made = ec2.create_nat_gateway(SubnetId=subnet, ConnectivityType="private", ClientToken=token)
    return str(made["NatGateway"]["NatGatewayId"])


def test_a_token_replays_what_has_failed_and_another_one_makes_anew(account: Account, subnet: str) -> None:
    ec2: Any = account.aws.ec2
    clock, one, other = FakeClock(), uuid4().hex, uuid4().hex
    with StrictAccount(clock.monotonic, BEHAVIOURS, ["nat-gateways-pend"]) as strict:
        strict.failures.append(Failure("NatGateway", "Gateway.NotAttached", "no gateway"))
        failed = _gateway(ec2, subnet, one)
        clock.sleep(3600)
        (state,) = [
            each["State"] for each in ec2.describe_nat_gateways(NatGatewayIds=[failed])["NatGateways"]
        ]
        assert state == "failed"
        clock.sleep(7 * 24 * 3600)
        assert _gateway(ec2, subnet, one) == failed
        assert _gateway(ec2, subnet, other) != failed


def test_a_refused_request_leaves_its_token_unused(account: Account, subnet: str) -> None:
    ec2: Any = account.aws.ec2
    token = uuid4().hex
    with pytest.raises(ClientError):
        _gateway(ec2, "subnet-00000000", token)
    assert _gateway(ec2, subnet, token)
    with pytest.raises(ClientError, match="IdempotentParameterMismatch"):
        ec2.create_nat_gateway(SubnetId=subnet, ConnectivityType="public", ClientToken=token)


def test_a_token_has_64_ascii_characters_at_most(account: Account, subnet: str) -> None:
    ec2: Any = boto3.client("ec2")
    with StrictAccount(FakeClock().monotonic, BEHAVIOURS, ["tokens-have-a-form"]):
        assert _gateway(ec2, subnet, "t" * 64)
        for token in ("t" * 65, "tökén"):
            with pytest.raises(ClientError, match="InvalidClientToken"):
                _gateway(ec2, subnet, token)


def test_the_same_request_from_several_threads_at_once_makes_one_thing(account: Account) -> None:
    """An attempt and its repetition by another process may arrive together."""

    def create(token: str) -> str:
        return account.aws.ec2.create_volume(AvailabilityZone="us-east-1a", Size=1, ClientToken=token)[
            "VolumeId"
        ]

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            made = [set(pool.map(create, [f"attempt-{number}"] * 8)) for number in range(30)]
    finally:
        sys.setswitchinterval(before)
    assert [len(ids) for ids in made] == [1] * 30
