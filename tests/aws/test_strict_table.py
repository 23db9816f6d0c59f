"""The documentation lists all behaviours of the strict account, and each can be turned off."""

from __future__ import annotations

from pathlib import Path

import pytest

from kops_core.cloud.sandbox.strict import BEHAVIOURS, StrictAccount
from tests.aws.account import Account, FakeClock

DOCUMENT = Path(__file__).parents[2] / "docs" / "strict-account.md"


def test_the_documentation_lists_every_behaviour_with_its_source() -> None:
    rows = [line for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    assert rows == [f"| `{each.name}` | {each.does} | {each.source} |" for each in BEHAVIOURS]


def test_behaviours_are_switches(account: Account) -> None:
    ec2 = account.aws.ec2
    clock = FakeClock()
    with StrictAccount(clock.monotonic, BEHAVIOURS, only=["every-image-has-to-exist"]):
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        assert ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"]
    with StrictAccount(clock.monotonic, BEHAVIOURS, only=["not-found-at-first"]):
        hidden = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        assert ec2.describe_vpcs(VpcIds=[hidden])["Vpcs"] == []
        clock.sleep(60)
        assert ec2.describe_vpcs(VpcIds=[hidden])["Vpcs"]
    with (
        pytest.raises(ValueError, match="no-such"),
        StrictAccount(clock.monotonic, BEHAVIOURS, only=["no-such"]),
    ):
        pass
    another = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    assert ec2.describe_vpcs(VpcIds=[another])["Vpcs"], "it is lenient again afterwards"
