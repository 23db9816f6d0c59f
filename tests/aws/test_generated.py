"""Varied clusters against an account: planned as kOps plans them, applied, settled, and changed a little.

A few small ones always; all of them in a sweep (``make sweep``), which takes minutes.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kops_core.cloud.aws.resources.groups import WarmPool
from kops_core.model.build import DesiredState
from kops_core.model.template import Key
from kops_core.plan.changes import Action, Plan
from tests.aws.account import Account
from tests.aws.generated import applicable, dry_run, furnish

pytestmark = pytest.mark.full

SMALL = ("case002", "case037")
"""One zone each: the API behind a balancer in a network of its own, and behind DNS."""
CASES = applicable() if os.environ.get("KOPS_SWEEP") == "full" else SMALL
NETWORK = "198.51.100.0/24"
OTHER_TYPE = {"m5.large": "m5.xlarge"}
Found = dict[str, str]
"""Resource -> what is done to it, an update with the fields that change."""
COMPLETED = "ManagedFile/cluster-completed.spec"
"""Every change of the Cluster changes what its nodes read of it."""


@pytest.mark.parametrize("case", CASES)
def test_a_cluster_is_planned_as_kops_does_settles_and_each_change_is_planned_exactly(
    case: str, account: Account, tmp_path: Path
) -> None:
    cluster = furnish(account, case)
    desired = cluster.desired()
    plan, _ = account.plan(desired)
    assert (plan.errors, plan.warnings, plan.deferred) == ((), (), ())
    made = {change.key for change in plan.changes if change.action is Action.CREATE}
    assert made == _made_by_kops(case, desired)

    outcome = account.apply(desired, tmp_path)
    assert outcome.ok, outcome.failed
    plan, _ = account.plan(desired)
    assert _pending(plan) == {}
    assert (plan.errors, plan.warnings, plan.deferred) == ((), (), ())

    for edit in (_machine_type, _cidr_of_the_api, _security_rule, _volume_of_etcd, _volume_of_nodes):
        expected: Found = {}

        def change(trees: list[Any], edit: Edit = edit, expected: Found = expected) -> None:
            expected.update(edit(desired.cluster, trees))

        plan, _ = account.plan(cluster.desired(change))
        assert plan.errors == ()
        assert expected
        assert _pending(plan) == expected, edit.__name__

    spec: Any = cluster.documents()[0]["spec"]
    # Without tags a subnet is told by its CIDR alone.
    own = [each["name"] for each in spec["subnets"] if "id" not in each and "cidr" in each]
    if own and not spec.get("DisableSubnetTags"):

        def move(trees: list[Any]) -> None:
            subnet = next(each for each in trees[0]["spec"]["subnets"] if each["name"] == own[0])
            subnet["cidr"] = subnet["cidr"].partition("/")[0] + "/28"

        plan, _ = account.plan(cluster.desired(move))
        assert [f"Subnet/{own[0]}.{desired.cluster}: cidr_block" in each for each in plan.errors] == [True]


def _made_by_kops(case: str, desired: DesiredState) -> set[Key]:
    """kOps also lists what it only deletes if it is there, and a warm pool of every group."""
    absent = {each.key for each in desired.resources if each.absent}
    pools = {each.key for each in desired.resources if isinstance(each, WarmPool)}
    return {key for key in dry_run(case) - absent if key.kind != "WarmPool" or key in pools}


def _pending(plan: Plan) -> Found:
    return {
        str(change.key): f"update {', '.join(each.name for each in change.fields)}"
        if change.action is Action.UPDATE
        else change.action.value
        for change in plan.pending
    }


Edit = Callable[[str, list[Any]], Found]
"""Edits the documents of a cluster in place; returns what has to be planned for it."""


def _nodes(trees: list[Any]) -> Any:
    return next(each for each in trees if each["spec"].get("role") == "Node")


def _machine_type(cluster: str, trees: list[Any]) -> Found:
    group = _nodes(trees)
    group["spec"]["machineType"] = OTHER_TYPE.get(group["spec"]["machineType"], "m5.large")
    name, networking = group["metadata"]["name"], trees[0]["spec"]["networking"]
    if "amazonvpc" in networking or (networking.get("cilium") or {}).get("ipam") == "eni":
        # Pods have addresses of the machine's interfaces, so its type says how many it takes.
        return {
            f"ManagedFile/nodeupconfig-{name}": "update contents",
            f"LaunchTemplate/{name}.{cluster}": "update instance_type, user_data",
        }
    return {f"LaunchTemplate/{name}.{cluster}": "update instance_type"}


def _cidr_of_the_api(cluster: str, trees: list[Any]) -> Found:
    spec = trees[0]["spec"]
    spec["kubernetesApiAccess"] = [NETWORK]
    found = {COMPLETED: "update contents"}
    if "loadBalancer" in spec["api"]:
        return found | {
            f"SecurityGroupRule/from-{NETWORK}-ingress-tcp-443to443-api-elb.{cluster}": "create",
            f"SecurityGroupRule/icmp-pmtu-api-elb-{NETWORK}": "create",
        }
    return found | {
        f"SecurityGroupRule/from-{NETWORK}-ingress-tcp-443to443-masters.{cluster}": "create",
    }


def _security_rule(cluster: str, trees: list[Any]) -> Found:
    trees[0]["spec"]["nodePortAccess"] = [NETWORK]
    return {
        COMPLETED: "update contents",
        f"SecurityGroupRule/nodeport-tcp-external-to-node-{NETWORK}": "create",
        f"SecurityGroupRule/nodeport-udp-external-to-node-{NETWORK}": "create",
    }


def _volume_of_etcd(cluster: str, trees: list[Any]) -> Found:
    member = trees[0]["spec"]["etcdClusters"][0]["etcdMembers"][0]
    member["volumeSize"] = 77
    name = member["name"]
    return {COMPLETED: "update contents", f"EBSVolume/{name}.etcd-main.{cluster}": "update size"}


def _volume_of_nodes(cluster: str, trees: list[Any]) -> Found:
    group = _nodes(trees)
    group["spec"]["rootVolumeSize"] = 77
    return {f"LaunchTemplate/{group['metadata']['name']}.{cluster}": "update block_device_mappings"}
