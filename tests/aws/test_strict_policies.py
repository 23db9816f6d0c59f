"""Policy documents that AWS returns in another form are no difference."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kops_core.cloud.sandbox.strict import BEHAVIOURS, StrictAccount
from tests.aws.account import Account, FakeClock
from tests.aws.clusters import desired

pytestmark = pytest.mark.full

REWRITTEN = ["policies-rewritten"]


def _documents(account: Account) -> list[str]:
    """Those of all roles, inline policies and queues, as texts."""
    iam: Any = account.aws.iam
    sqs: Any = account.aws.sqs
    found: list[Any] = []
    for role in iam.list_roles()["Roles"]:
        name = role["RoleName"]
        found.append(iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"])
        found += [
            iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
            for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]
        ]
    for url in sqs.list_queues()["QueueUrls"]:
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]
        found.append(json.loads(attributes["Policy"]))
    return [json.dumps(each) for each in found]


def test_a_plan_is_empty_whatever_form_aws_gives_to_policies(account: Account, tmp_path: Path) -> None:
    cluster = desired("minimal-aws", account.zone)
    assert account.apply(cluster, tmp_path / "plain").ok
    plain = _documents(account)
    account.reset()
    cluster = desired("minimal-aws", account.zone)
    with StrictAccount(FakeClock().monotonic, BEHAVIOURS, REWRITTEN):
        assert account.apply(cluster, tmp_path / "strict").ok
        assert account.plan(cluster)[0].empty
        rewritten = _documents(account)
    assert len(rewritten) == len(plain)
    assert set(rewritten) & set(plain) != set(plain), "some are in another form"


def test_what_a_policy_says_is_kept_and_its_form_is_not(account: Account) -> None:
    iam: Any = account.aws.iam
    given = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": ["123456789012"], "Service": ["a.amazonaws.com", "b.amazonaws.com"]},
                "Action": ["sts:AssumeRole"],
            }
        ],
    }

    def kept(name: str) -> Any:
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(given))
        return iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]["Statement"][0]

    with StrictAccount(FakeClock().monotonic, BEHAVIOURS, REWRITTEN):
        role = kept("rewritten")
    assert role["Action"] == "sts:AssumeRole"
    assert role["Principal"]["AWS"] == "arn:aws:iam::123456789012:root"
    assert role["Principal"]["Service"] == ["b.amazonaws.com", "a.amazonaws.com"]
    assert kept("as-given") == given["Statement"][0]
