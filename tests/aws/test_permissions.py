"""docs/iam.md grants what the code can call, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.aws.account import READING, Account
from tests.aws.calls import DIFFERENT, action_of, possible_calls
from tests.aws.clusters import desired
from tests.aws.policies import actions_of_the_guide

ASKED_BY_AWS = {
    "ec2:RunInstances": "autoscaling:CreateAutoScalingGroup",
    "iam:CreateServiceLinkedRole": "autoscaling:CreateAutoScalingGroup",
    "iam:PassRole": "iam:AddRoleToInstanceProfile",
    "s3:GetObjectVersion": "s3:GetObject",
    "s3:PutObjectAcl": "s3:PutObject",
}
"""Actions that belong to another call -> that call. (Amazon EC2 Auto Scaling, "Control Amazon EC2 launch
template usage"; AWS IAM, "AddRoleToInstanceProfile"; Amazon S3, "PutObject", "GetObject".)"""

CALLED_BY_THE_SDK = {"sts:AssumeRole"}
"""Actions of calls that botocore makes by itself, to renew credentials (``store/aws_login``)."""


@pytest.fixture
def granted() -> dict[str, frozenset[str]]:
    """The actions of each section."""
    return actions_of_the_guide()


def _needed(calls: set[str]) -> set[str]:
    return {action for call in calls if (action := action_of(call))}


def test_each_call_that_the_code_can_make_is_granted_and_no_other(granted: dict[str, frozenset[str]]) -> None:
    calls = possible_calls()
    everything = set[str]().union(*granted.values())
    missing = {call: files for call, files in calls.items() if _needed({call}) - everything}
    assert missing == {}
    assert everything - _needed(set(calls)) == ASKED_BY_AWS.keys() | CALLED_BY_THE_SDK
    assert set(ASKED_BY_AWS.values()) | DIFFERENT.keys() <= calls.keys()
    assert sum(map(len, granted.values())) == len(everything), "each action stands in one section"


def test_a_plan_only_reads(granted: dict[str, frozenset[str]]) -> None:
    reading = granted["Plan"] | granted["Store: read"]
    assert all(action.partition(":")[2].startswith(READING) for action in reading)


@pytest.mark.full
def test_what_a_plan_and_an_apply_were_seen_to_call_is_granted_to_them(
    granted: dict[str, frozenset[str]], account: Account, tmp_path: Path
) -> None:
    account.use_s3()
    cluster = desired("private", account.zone)
    account.plan(cluster)
    planned = {f"{call.service}:{call.operation}" for call in account.calls}
    assert len(planned) > 20
    plan = granted["Plan"] | granted["Store: read"]
    assert _needed(planned) - plan == set()
    assert account.apply(cluster, tmp_path).ok
    applied = {f"{call.service}:{call.operation}" for call in account.calls}
    assert len(applied) > 50
    assert _needed(applied) - plan - granted["Apply"] - granted["Store: write"] == set()
    assert applied <= possible_calls().keys(), "what is read from the code is complete"
