"""Resources are used once they are ready, whether created, found, or left incomplete by an earlier run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from kops_core.cloud.sandbox.strict import StrictAccount
from kops_core.cloud.sandbox.strict.account import Failure
from kops_core.errors import CreationFailed
from kops_core.model.build import DesiredState
from kops_core.model.template import Key
from kops_core.operations.events import Event, Phase, StepChanged
from kops_core.plan.changes import Action, Reason
from tests.aws.account import Account, Killed
from tests.aws.clusters import desired

pytestmark = pytest.mark.full

NAT_FAILURE = Failure("NatGateway", "InsufficientFreeAddressesInSubnet", "Subnet has insufficient addresses")


def _killed_after(account: Account, operation: str, made: Callable[[], Sequence[object]]) -> None:
    """Kills the process once a call has got through, which AWS may have refused before."""

    def fault(moment: str, service: str, called: str) -> None:
        if (moment, called) == ("after", operation) and made():
            raise Killed

    account.fault = fault


def _waited_for(events: list[Event], key: str) -> set[str]:
    changes = [each for each in events if isinstance(each, StepChanged)]
    return {each.note for each in changes if each.step == key and each.phase is Phase.RETRYING}


def _addresses(account: Account) -> set[str]:
    found = account.aws.ec2.describe_network_interfaces()["NetworkInterfaces"]
    return {each["PrivateIpAddress"] for each in found if each["Description"].startswith("ELB net/")}


def _balancer(cluster: DesiredState) -> Key:
    return Key("NetworkLoadBalancer", f"api.{cluster.cluster}")


def test_machines_of_a_first_apply_are_told_every_address_of_the_balancer(
    account: Account, strict: StrictAccount, tmp_path: Path
) -> None:
    cluster, events = desired("dnsless", account.zone), list[Event]()
    assert account.apply(cluster, tmp_path, events=events).ok
    plan, snapshot = account.plan(cluster)
    assert plan.empty, [str(each.key) for each in plan.pending]
    told = snapshot.resources[_balancer(cluster)].outputs["addresses"].split()
    assert set(told) == _addresses(account)
    assert told
    notes = _waited_for(events, str(_balancer(cluster)))
    assert any("provisioning" in note for note in notes)
    assert any("no address yet in subnet-" in note for note in notes)


def test_a_balancer_that_a_killed_apply_left_is_waited_for(
    account: Account, strict: StrictAccount, tmp_path: Path
) -> None:
    cluster = desired("dnsless", account.zone)
    elb: Any = account.aws.elbv2
    _killed_after(account, "CreateLoadBalancer", lambda: elb.describe_load_balancers()["LoadBalancers"])
    with pytest.raises(Killed):
        account.apply(cluster, tmp_path)
    account.fault = lambda *_: None
    plan, snapshot = account.plan(cluster)
    assert "addresses" not in snapshot.resources[_balancer(cluster)].outputs
    (change,) = [each for each in plan.pending if each.key == _balancer(cluster)]
    assert change.action is Action.UPDATE
    assert account.apply(cluster, tmp_path).ok
    plan, snapshot = account.plan(cluster)
    assert plan.empty
    assert set(snapshot.resources[_balancer(cluster)].outputs["addresses"].split()) == _addresses(account)


def test_a_balancer_that_failed_is_made_anew(account: Account, strict: StrictAccount, tmp_path: Path) -> None:
    cluster = desired("dnsless", account.zone)
    strict.failures.append(Failure("LoadBalancer", "", "no free addresses in the subnet"))
    outcome = account.apply(cluster, tmp_path)
    (error,) = outcome.failed.values()
    assert isinstance(error, CreationFailed)
    assert "no free addresses in the subnet" in str(error)
    assert account.apply(cluster, tmp_path).ok
    states = [each["State"]["Code"] for each in account.aws.elbv2.describe_load_balancers()["LoadBalancers"]]
    assert sorted(states) == ["active", "failed"]


def test_subnets_are_carved_from_a_block_once_it_is_associated(
    account: Account, strict: StrictAccount, tmp_path: Path
) -> None:
    cluster, events = desired("ipv6", account.zone), list[Event]()
    outcome = account.apply(cluster, tmp_path, events=events)
    assert outcome.ok, outcome.failed
    assert account.plan(cluster)[0].empty
    block = next(each for each in cluster.resources if type(each).__name__ == "VPCAmazonIPv6CIDRBlock")
    assert any("associating" in note for note in _waited_for(events, str(block.key)))


def test_a_block_that_a_killed_apply_left_is_waited_for(
    account: Account, strict: StrictAccount, tmp_path: Path
) -> None:
    cluster = desired("ipv6", account.zone)
    ec2: Any = account.aws.ec2

    def blocks() -> list[object]:
        vpcs = ec2.describe_vpcs()["Vpcs"]
        return [each for vpc in vpcs for each in vpc.get("Ipv6CidrBlockAssociationSet", [])]

    _killed_after(account, "AssociateVpcCidrBlock", blocks)
    with pytest.raises(Killed):
        account.apply(cluster, tmp_path)
    account.fault = lambda *_: None
    plan, _ = account.plan(cluster)
    reasons = {each.key.kind: each.reason for each in plan.pending}
    assert reasons["VPCAmazonIPv6CIDRBlock"] is Reason.NOT_READY
    outcome = account.apply(cluster, tmp_path)
    assert outcome.ok, outcome.failed
    assert account.plan(cluster)[0].empty


def test_a_nat_gateway_that_failed_is_told_of_at_once_and_made_anew_by_the_next_apply(
    account: Account, strict: StrictAccount, tmp_path: Path
) -> None:
    assert account.aws_clock is not None
    cluster = desired("private", account.zone)
    strict.failures.append(NAT_FAILURE)
    outcome = account.apply(cluster, tmp_path)
    (error,) = [each for each in outcome.failed.values() if isinstance(each, CreationFailed)]
    assert NAT_FAILURE.message in str(error)
    assert NAT_FAILURE.code in str(error)
    assert account.aws_clock.seconds < 600, "there is nothing to wait for"
    outcome = account.apply(cluster, tmp_path)
    assert outcome.ok, outcome.failed
    ec2: Any = account.aws.ec2
    assert sorted(each["State"] for each in ec2.describe_nat_gateways()["NatGateways"]) == [
        "available",
        "failed",
    ]
    assert account.plan(cluster)[0].empty


def test_routes_wait_for_a_nat_gateway_that_a_killed_apply_left_pending(
    account: Account, strict: StrictAccount, tmp_path: Path
) -> None:
    cluster = desired("private", account.zone)
    from moto.ec2.models import ec2_backends

    # AWS does not list it yet, so the emulator itself has to be asked.
    backend = ec2_backends["123456789012"]["us-east-1"]
    _killed_after(account, "CreateNatGateway", lambda: list(backend.nat_gateways))
    with pytest.raises(Killed):
        account.apply(cluster, tmp_path)
    routed: list[str] = []

    def note(moment: str, service: str, called: str) -> None:
        if moment == "before" and called == "CreateRoute":
            gateways = account.aws.ec2.describe_nat_gateways()["NatGateways"]
            routed.extend(each["State"] for each in gateways)

    account.fault = note
    outcome = account.apply(cluster, tmp_path)
    assert outcome.ok, outcome.failed
    assert "available" in routed
    account.fault = lambda *_: None
    assert account.plan(cluster)[0].empty
    assert len(account.aws.ec2.describe_nat_gateways()["NatGateways"]) == 1
