"""Varied clusters made, settled, changed and deleted in an account that behaves as AWS does."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from kops_core.cloud.aws.provider import untagged_subnets
from kops_core.cloud.sandbox.strict import BEHAVIOURS, StrictAccount
from kops_core.model.template import Key
from tests.aws.account import READING, Account, FakeClock, Killed, inventory
from tests.aws.clusters import desired
from tests.aws.generated import Cluster, applicable, furnish
from tests.operations.deleting import delete, listing, without_hints

pytestmark = pytest.mark.sweep

SMALL = ("case001", "case002", "case006", "case036", "case037", "case055")
"""006: shared subnets; 036, 055: subnets without tags, in a shared VPC and in one of its own."""
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
        assert without_hints(listing(account)) == before


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
        untagged_subnets=frozenset(untagged_subnets(cluster.documents()[0])),
        clock=clock,
    )
    assert outcome.ok, outcome.failed
    clock.sleep(600)


KILLS = range(3, 115, 9 if os.environ.get("KOPS_SWEEP") == "full" else 37)


@pytest.mark.parametrize("at", KILLS)
def test_an_apply_that_is_killed_goes_on_under_the_strict_account(
    at: int, account: Account, tmp_path: Path
) -> None:
    """Nothing is made twice, and machines are told every address of the balancer."""
    cluster = desired("dnsless", account.zone)
    account.aws_clock = FakeClock()
    left = iter(range(at))

    def fault(moment: str, service: str, operation: str) -> None:
        if moment == "after" and not operation.startswith(READING) and next(left, None) is None:
            raise Killed

    with StrictAccount(account.aws_clock.monotonic, BEHAVIOURS):
        account.fault = fault
        with pytest.raises(Killed):
            account.apply(cluster, tmp_path)
        account.fault = lambda *_: None
        outcome = account.apply(cluster, tmp_path)
        assert outcome.ok, outcome.failed
        account.aws_clock.sleep(600)
        plan, snapshot = account.plan(cluster)
        assert ([str(each.key) for each in plan.pending], plan.deferred, plan.errors) == ([], (), ())
        made = inventory(account)
        balancer = snapshot.resources[Key("NetworkLoadBalancer", f"api.{cluster.cluster}")]
        assert balancer.outputs["addresses"]
    named = [each for each in cluster.resources if type(each).__name__ in {"VPC", "Subnet", "EBSVolume"}]
    ours = [each for area in ("Vpcs", "Subnets") for each in made[area] if cluster.cluster in each]
    assert len(ours) == sum(type(each).__name__ != "EBSVolume" for each in named), "nothing twice"
