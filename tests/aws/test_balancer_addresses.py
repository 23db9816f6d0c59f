"""The addresses of a load balancer, from its network interfaces."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kops_core.cloud.aws.resources.groups import LaunchTemplate
from kops_core.model.template import Key
from tests.aws.account import Account
from tests.aws.clusters import desired


@pytest.mark.full
def test_machines_are_told_the_addresses_that_a_balancer_got(account: Account, tmp_path: Path) -> None:
    cluster = desired("dnsless", account.zone)
    assert account.apply(cluster, tmp_path).ok
    assert account.plan(cluster)[0].empty
    key = Key("NetworkLoadBalancer", f"api.{cluster.cluster}")
    balancer = account.aws.elbv2.describe_load_balancers()["LoadBalancers"][0]
    subnet = balancer["AvailabilityZones"][0]["SubnetId"]
    addresses = set(account.plan(cluster)[1].resources[key].outputs["addresses"].split())
    assert len(addresses) == len(balancer["AvailabilityZones"])
    for description in (f"ELB net/{balancer['LoadBalancerName']}/0a1b", "ELB net/another/0a1b"):
        made: Any = account.aws.ec2.create_network_interface(SubnetId=subnet, Description=description)
        if "another" not in description:
            addresses.add(made["NetworkInterface"]["PrivateIpAddress"])
    plan, snapshot = account.plan(cluster)
    assert snapshot.resources[key].outputs["addresses"].split() == sorted(addresses)
    changed = {change.key.kind for change in plan.changes}
    assert LaunchTemplate.__name__ in changed
    assert account.apply(cluster, tmp_path).ok
    assert account.plan(cluster)[0].empty
