"""Request rates: throttled as by each service, and an apply succeeds at a tenth of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from kops_core.cloud.aws.instances import AwsInstanceGroups
from kops_core.cloud.aws.meanings import THROTTLED
from kops_core.cloud.provider import ThrottleEpisode
from kops_core.cloud.sandbox.strict import BEHAVIOURS, StrictAccount
from kops_core.operations.group_status import InstanceGroup, Role
from tests.aws.account import Account, FakeClock
from tests.aws.clusters import desired
from tests.operations.deleting import delete
from tests.operations.rolls import roll_by_cloud, statuses

pytestmark = pytest.mark.full

RATES = ["request-rates"]


class Share(NamedTuple):
    """A call, and what AWS documents for it."""

    service: str
    call: str
    arguments: dict[str, Any]
    size: int
    refill: int
    code: str


SHARES = [
    Share("ec2", "describe_vpcs", {}, 100, 20, "RequestLimitExceeded"),
    Share("ec2", "describe_volumes", {}, 50, 10, "RequestLimitExceeded"),
    Share(
        "ec2",
        "describe_volumes",
        {"Filters": [{"Name": "status", "Values": ["error"]}]},
        100,
        20,
        "RequestLimitExceeded",
    ),
    Share("ec2", "create_internet_gateway", {}, 50, 5, "RequestLimitExceeded"),
    Share("elbv2", "describe_load_balancers", {}, 40, 10, "ThrottlingException"),
    Share("elb", "describe_load_balancers", {}, 40, 10, "Throttling"),
    Share("route53", "list_hosted_zones", {}, 5, 5, "Throttling"),
    Share("events", "list_rules", {}, 50, 50, "ThrottlingException"),
    Share("sqs", "list_queues", {}, 40, 20, "RequestThrottled"),
    Share("iam", "list_roles", {}, 40, 15, "Throttling"),
    Share("autoscaling", "describe_auto_scaling_groups", {}, 40, 10, "Throttling"),
]


def _client(service: str) -> Any:
    return boto3.client(service, config=Config(retries={"mode": "standard", "total_max_attempts": 1}))  # type: ignore[call-overload]


def _until_refused(client: Any, call: str, arguments: dict[str, Any]) -> tuple[int, str]:
    """How many calls went through, and with which code the next one was refused."""
    for number in range(200):
        try:
            getattr(client, call)(**arguments)
        except ClientError as error:
            return number, error.response["Error"]["Code"]
    return 200, ""


@pytest.mark.parametrize("share", SHARES, ids=lambda share: f"{share.service}-{share.call}-{share.size}")
def test_a_bucket_holds_and_gains_what_is_documented(share: Share, account: Account) -> None:
    service, call, arguments, size, refill, code = share
    clock, client = FakeClock(), _client(service)
    with StrictAccount(clock.monotonic, BEHAVIOURS, RATES):
        number, refused = _until_refused(client, call, arguments)
        assert number == size
        assert refused == code
        assert refused in THROTTLED
        clock.sleep(1)
        assert _until_refused(client, call, arguments)[0] == refill
        clock.sleep(3600)
        assert _until_refused(client, call, arguments)[0] == size
    with StrictAccount(clock.monotonic, BEHAVIOURS, RATES, rate_scale=0.1):
        assert _until_refused(client, call, arguments)[0] == max(1, size // 10)
    with StrictAccount(clock.monotonic, BEHAVIOURS, ["keys-by-arn"]):
        assert _until_refused(client, call, arguments)[0] == 200, "it is a switch"


def test_apis_of_ec2_have_buckets_of_their_own_and_those_of_elb_share_the_accounts(account: Account) -> None:
    clock, ec2, elb = FakeClock(), _client("ec2"), _client("elbv2")
    with StrictAccount(clock.monotonic, BEHAVIOURS, RATES):
        assert _until_refused(ec2, "describe_vpcs", {})[0] == 100
        assert _until_refused(ec2, "describe_subnets", {})[0] == 100
        for _ in range(30):
            elb.describe_target_groups()
        assert _until_refused(elb, "describe_load_balancers", {})[0] == 10


@pytest.mark.parametrize("share", SHARES, ids=lambda share: f"{share.service}-{share.call}-{share.size}")
def test_calls_are_slowed_down_to_half_of_what_is_documented_for_them(share: Share, account: Account) -> None:
    service, call, arguments, size, refill, _ = share
    account.aws_clock = FakeClock()
    told: list[ThrottleEpisode] = []
    with (
        StrictAccount(account.aws_clock.monotonic, BEHAVIOURS, RATES, rate_scale=0.1),
        account.aws.limiter.subscribed(told.append),
    ):
        for _ in range(size // 5 + 1):
            getattr(getattr(account.aws, service), call)(**arguments)
    undocumented = service in {"autoscaling", "iam", "sqs"}
    narrowed = 20 if call == "describe_volumes" else refill
    assert told[0].rate == (10 if undocumented else narrowed / 2)


@pytest.fixture
def tenth(account: Account) -> Iterator[StrictAccount]:
    """An account that behaves as AWS does, with a tenth of its rates."""
    account.aws_clock = FakeClock()
    with StrictAccount(account.aws_clock.monotonic, BEHAVIOURS, rate_scale=0.1) as strict:
        yield strict


def test_an_apply_a_roll_and_a_delete_pass_at_a_tenth_of_the_rates(
    account: Account, tenth: StrictAccount, tmp_path: Path
) -> None:
    clock, cluster = account.aws_clock, desired("dnsless", account.zone)
    assert clock is not None
    told: list[ThrottleEpisode] = []
    with account.aws.limiter.subscribed(told.append):
        outcome = account.apply(cluster, tmp_path / "apply")
    assert outcome.ok, outcome.failed
    assert tenth.throttled.total() > 10
    assert {each.service for each in told} >= {"ec2"}
    assert account.plan(cluster)[0].empty

    group = InstanceGroup("nodes", Role.NODE, f"nodes.{cluster.cluster}")
    cloud, ec2 = AwsInstanceGroups(account.aws, cluster.cluster), account.aws.ec2
    template = ec2.describe_launch_templates(LaunchTemplateNames=[group.cloud_name])["LaunchTemplates"][0]
    ec2.create_launch_template_version(
        LaunchTemplateId=template["LaunchTemplateId"],
        SourceVersion="1",
        LaunchTemplateData={"InstanceType": "t3.large"},
    )
    (status,) = statuses(cloud, [group])
    assert status.need_update
    rolled = roll_by_cloud(cloud, tmp_path, [group], clock=clock)
    assert rolled.ok, rolled.failed
    assert statuses(cloud, [group])[0].need_update == 0

    refused = tenth.throttled.total()
    outcome = delete(account, cluster.cluster, tmp_path / "delete", clock=clock)
    assert outcome.ok, outcome.failed
    assert tenth.throttled.total() > refused
    assert account.aws.autoscaling.describe_auto_scaling_groups()["AutoScalingGroups"] == []
