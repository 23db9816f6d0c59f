"""The policies of docs/iam.md suffice, each for its task, where all that they leave out is refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from moto import settings
from moto.core.authorization import ActionAuthenticatorMixin
from moto.iam.access_control import IAMRequestBase

from kops_core.errors import AccessDenied
from kops_core.store.s3 import S3Backend
from tests.aws.account import Account, difference
from tests.aws.clusters import desired
from tests.aws.policies import policy
from tests.operations.deleting import delete, planned

pytestmark = pytest.mark.full

READ = ("Store: read", "Plan")
APPLY = (*READ, "Store: write", "Apply")


class EnforcingAccount:
    """An account that refuses what the policies of the caller leave out."""

    def __init__(self, account: Account, patch: pytest.MonkeyPatch) -> None:
        self.account = account
        self._patch = patch
        # The emulator computes other signatures than the SDK for some services; who calls is known here.
        patch.setattr(IAMRequestBase, "check_signature", lambda _: None)
        patch.setattr(ActionAuthenticatorMixin, "request_count", 0)

    @contextmanager
    def login(self, *sections: str) -> Iterator[Account]:
        """The account as a user with the policies of these sections sees it, and nobody else meanwhile."""
        iam: Any = self.account.aws.iam
        iam.create_user(UserName="operator")
        for number, section in enumerate(sections):
            iam.put_user_policy(UserName="operator", PolicyName=f"p{number}", PolicyDocument=policy(section))
        key = iam.create_access_key(UserName="operator")["AccessKey"]
        with self._patch.context() as patch:
            patch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
            patch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
            user = Account.open(lambda: None)
            user.zone = self.account.zone
            user.other = self.account.other
            user.store = S3Backend(user.aws.s3, "kops-state", "")
            patch.setattr(settings, "INITIAL_NO_AUTH_ACTION_COUNT", 0.0)
            yield user
        for number in range(len(sections)):
            iam.delete_user_policy(UserName="operator", PolicyName=f"p{number}")
        iam.delete_access_key(UserName="operator", AccessKeyId=key["AccessKeyId"])
        iam.delete_user(UserName="operator")


@pytest.fixture
def enforcing(account: Account, monkeypatch: pytest.MonkeyPatch) -> EnforcingAccount:
    """An empty account with a bucket for the state."""
    account.use_s3()
    return EnforcingAccount(account, monkeypatch)


def test_who_may_read_can_plan_and_change_nothing(enforcing: EnforcingAccount, tmp_path: Path) -> None:
    before = enforcing.account.inventory()
    with enforcing.login(*READ) as reader:
        cluster = desired("private", reader.zone)
        plan, _ = reader.plan(cluster)
        assert plan.pending
        assert not plan.errors
        outcome = reader.apply(cluster, tmp_path)
    refused = outcome.failed["VPC/private.example.com"]
    assert isinstance(refused, AccessDenied)
    assert "ec2:CreateVpc" in refused.what
    assert difference(before, enforcing.account.inventory()) == []


def test_who_may_apply_can_apply_all_of_it(enforcing: EnforcingAccount, tmp_path: Path) -> None:
    with enforcing.login(*APPLY) as operator:
        cluster = desired("private", operator.zone)
        outcome = operator.apply(cluster, tmp_path)
        assert outcome.ok, outcome.failed
        assert operator.plan(cluster)[0].pending == ()


def test_deleting_a_cluster_needs_the_sections_for_it(enforcing: EnforcingAccount, tmp_path: Path) -> None:
    cluster = desired("private", enforcing.account.zone)
    assert enforcing.account.apply(cluster, tmp_path / "apply").ok
    with enforcing.login(*APPLY) as operator, pytest.raises(AccessDenied, match="not authorized"):
        delete(operator, cluster.cluster, tmp_path / "refused")
    with enforcing.login(*APPLY, "Roll", "Delete") as operator:
        outcome = delete(operator, cluster.cluster, tmp_path / "delete")
        assert outcome.ok, outcome.failed
        assert planned(operator, cluster.cluster).pending == ()
