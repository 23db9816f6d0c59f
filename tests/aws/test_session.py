"""The AWS session: translated errors, one limiter, recorded calls without values."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, NoCredentialsError, NoRegionError

from kops_core.cloud.aws.errors import translated
from kops_core.cloud.aws.limiter import Limiter
from kops_core.cloud.aws.session import AwsSession, AwsSettings, Call
from kops_core.cloud.provider import ThrottleEpisode, ThrottlingTotals
from kops_core.errors import AccessDenied, CloudConflict, CloudError, CloudNotFound, NotReady, Throttled
from tests.aws.account import Account, FakeClock
from tests.sandbox.clients import made_up_login


def _error(code: str, message: str = "m", status: int = 400) -> ClientError:
    answer: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(answer, "SomeCall")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (_error("InvalidVpcID.NotFound"), CloudNotFound),
        (_error("NoSuchEntity"), CloudNotFound),
        (_error("InvalidNatGatewayID.NotFound"), NotReady),
        (_error("UnauthorizedOperation"), AccessDenied),
        (_error("ExpiredToken"), AccessDenied),
        (_error("RequestLimitExceeded", status=503), Throttled),
        (_error("Throttling"), Throttled),
        (_error("DependencyViolation"), CloudConflict),
        (_error("EntityAlreadyExists"), CloudConflict),
        (_error("Whatever", status=502), NotReady),
        (_error("ValidationError", "Invalid IAM Instance Profile name: x"), NotReady),
        (_error("ValidationError", "MinSize is negative"), CloudError),
        (_error("MalformedPolicyDocument", "Invalid principal in policy"), NotReady),
        (_error("MalformedPolicyDocument", "Syntax errors in policy"), CloudError),
        (_error("VpcLimitExceeded"), CloudError),
        (ConnectTimeoutError(endpoint_url="http://x"), NotReady),
        (NoCredentialsError(), AccessDenied),
        (NoRegionError(), CloudError),
    ],
)
def test_each_error_of_aws_is_one_of_ours(error: Exception, expected: type[CloudError]) -> None:
    with pytest.raises(CloudError) as caught, translated("VPC/c"):
        raise error
    assert type(caught.value) is expected
    assert caught.value.__cause__ is error
    assert caught.value.where == "VPC/c"
    assert isinstance(error, NoRegionError) or caught.value.code


def test_calls_that_share_an_empty_bucket_are_slowed_down_and_let_go_again() -> None:
    clock = FakeClock()
    told: list[ThrottleEpisode] = []
    limiter = Limiter(monotonic=clock.monotonic, sleep=clock.sleep)
    listening = ExitStack()
    listening.enter_context(limiter.subscribed(told.append))
    for _ in range(100):
        limiter.before("ec2", "CreateTags")
        limiter.succeeded("ec2", "CreateTags")
    assert clock.seconds == 0
    limiter.throttled("ec2", "CreateTags")
    for _ in range(10):
        limiter.before("ec2", "CreateTags")
        limiter.before("ec2", "DescribeVpcs")
        limiter.before("iam", "GetRole")
    assert clock.seconds == pytest.approx(9 / 5), "half of the documented ten a second, and others are free"
    assert told == [ThrottleEpisode("ec2", "CreateTags", 5.0, ThrottlingTotals(1))], "once a burst"
    limiter.throttled("ec2", "DescribeVpcs")
    assert limiter.totals().keys() == {"ec2"}
    assert limiter.totals()["ec2"].times == 2
    for _ in range(200):
        for call in ("CreateTags", "DescribeVpcs"):
            limiter.before("ec2", call)
            limiter.succeeded("ec2", call)
    before = clock.seconds
    for _ in range(100):
        limiter.before("ec2", "CreateTags")
        limiter.before("ec2", "DescribeVpcs")
    assert clock.seconds == before
    assert [(each.over, each.totals.times) for each in told] == [(False, 1), (True, 2)]


def test_a_rate_is_lowered_by_refusals_of_calls_that_were_made_at_it() -> None:
    clock = FakeClock()
    limiter = Limiter(monotonic=clock.monotonic, sleep=clock.sleep)

    def seconds_of_ten() -> float:
        before = clock.seconds
        for _ in range(11):
            limiter.before("ec2", "CreateTags")
        return clock.seconds - before

    for _ in range(8):
        limiter.throttled("ec2", "CreateTags")
    assert seconds_of_ten() == pytest.approx(10 / 5), "eight threads at once are one refusal"
    limiter.throttled("ec2", "CreateTags")
    clock.sleep(10)
    assert seconds_of_ten() == pytest.approx(10 / 2.5)
    for _ in range(20):
        clock.sleep(10)
        limiter.throttled("ec2", "CreateTags")
    clock.sleep(10)
    assert seconds_of_ten() == pytest.approx(10 / 0.25), "there is a lowest rate"


def test_a_burst_is_over_when_nothing_was_refused_for_a_while_and_who_comes_late_is_told_of_it() -> None:
    clock = FakeClock()
    limiter = Limiter(monotonic=clock.monotonic, sleep=clock.sleep)
    limiter.throttled("ec2", "DescribeVpcs")
    early: list[ThrottleEpisode] = []
    with limiter.subscribed(early.append):
        assert [each.call for each in early] == ["DescribeVpcs"]
        limiter.succeeded("ec2", "DescribeVpcs")
        clock.sleep(31)
        limiter.succeeded("ec2", "DescribeVpcs")
        limiter.succeeded("ec2", "DescribeVpcs")
        assert [each.over for each in early] == [False, True]
        limiter.throttled("ec2", "CreateTags")
        assert (early[-1].call, early[-1].totals.times) == ("CreateTags", 1)
    limiter.throttled("iam", "GetRole")
    assert {each.service for each in early} == {"ec2"}


def test_calls_are_recorded_by_names_and_never_by_values(account: Account) -> None:
    account.aws.ec2.describe_vpcs(Filters=[{"Name": "tag:secret", "Values": ["hidden"]}])
    (call,) = account.calls
    assert (call.service, call.operation, call.parameters) == ("ec2", "DescribeVpcs", ("Filters",))
    assert "hidden" not in repr(account.calls)


def test_without_a_region_it_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    with pytest.raises(CloudError, match="no AWS region") as caught:
        _ = AwsSession(made_up_login()).ec2
    assert "AWS_REGION" in caught.value.remedy


def test_who_calls_is_asked_once(account: Account) -> None:
    calls: list[Call] = []
    aws = AwsSession.open(AwsSettings(), recorder=calls.append)
    assert aws.account == "123456789012"
    assert aws.arn.startswith("arn:aws:")
    assert [call.operation for call in calls] == ["GetCallerIdentity"]
    assert (aws.region, aws.partition) == ("us-east-1", "aws")
