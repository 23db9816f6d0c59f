"""Varied clusters made, settled, changed and deleted in an account that behaves as AWS does."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from kops_core.cloud.sandbox.strict import BEHAVIOURS, StrictAccount
from tests.aws.account import Account, FakeClock
from tests.aws.generated import Cluster, applicable, furnish
from tests.operations.deleting import delete, listing

SMALL = ("case002", "case020", "case037")
CASES = applicable() if os.environ.get("KOPS_SWEEP") == "full" else SMALL


@pytest.mark.parametrize("case", CASES)
def test_a_cluster_is_made_changed_and_deleted_under_the_strict_account(
    case: str, account: Account, tmp_path: Path
) -> None:
    cluster = furnish(account, case)
    before = listing(account)
    account.aws_clock = FakeClock()
    with StrictAccount(account.aws_clock.monotonic, BEHAVIOURS):
        _made_changed_and_deleted(account, account.aws_clock, cluster, tmp_path)
        assert listing(account) == before


def _made_changed_and_deleted(account: Account, clock: FakeClock, cluster: Cluster, tmp_path: Path) -> None:

    outcome = account.apply(cluster.desired(), tmp_path / "make")
    assert outcome.ok, outcome.failed
    clock.sleep(600)
    plan, _ = account.plan(cluster.desired())
    assert ([str(each.key) for each in plan.pending], plan.errors) == ([], ())

    def change(trees: list[Any]) -> None:
        trees[0]["spec"]["kubernetesApiAccess"] = ["198.51.100.0/24", "2001:DB8:0:0::/48"]
        for each in trees[0]["spec"]["etcdClusters"][0]["etcdMembers"]:
            each["volumeSize"] = 77

    outcome = account.apply(cluster.desired(change), tmp_path / "change")
    assert outcome.ok, outcome.failed
    clock.sleep(600)
    assert account.plan(cluster.desired(change))[0].empty

    outcome = delete(
        account,
        cluster.desired().cluster,
        tmp_path / "delete",
        named=frozenset(cluster.ids.values()),
        clock=clock,
    )
    assert outcome.ok, outcome.failed
    clock.sleep(600)
