"""The plan that deletes a cluster, from discovered resources."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kops_core.errors import Refused
from kops_core.model.kind_spec import Risk
from kops_core.model.template import Key
from kops_core.operations.apply import expect_applicable
from kops_core.plan.changes import Action, Plan
from kops_core.plan.deletion import KUBECONFIG, StateLocation, plan_deletion
from kops_core.plan.render import summary, text
from kops_core.plan.saved import dumps, loads
from kops_core.plan.snapshot import DiscoveredResource, Ownership, Snapshot

NOW = datetime(2026, 1, 1, tzinfo=UTC)
VPC = DiscoveredResource("VPC", "vpc-1", "c")
SUBNET = DiscoveredResource("Subnet", "subnet-1", uses=frozenset({"vpc-1"}))
MACHINE = DiscoveredResource("Instance", "i-1", uses=frozenset({"subnet-1", "vpc-1", "gone"}))
VOLUME = DiscoveredResource("EBSVolume", "vol-1", used_by=frozenset({"i-1"}), risk=Risk.DELETES_DATA)
SHARED = DiscoveredResource("ElasticIP", "eipalloc-1", ownership=Ownership.SHARED, note="the spec names it")
FOREIGN = DiscoveredResource("Instance", "i-2", "theirs", Ownership.FOREIGN, note="move it")
OWN = StateLocation("s3://store/c", ("c/config", "c/pki/x"))
KEYS = StateLocation("s3://elsewhere", ("x.key",), holds_keys=True)
KEPT = StateLocation("s3://store/d", (), kept=("d/pki/y",), note="in the folder of cluster d")


def plan(*found: DiscoveredResource, state: tuple[StateLocation, ...] = ()) -> Plan:
    return plan_deletion("c", Snapshot(NOW, discovered=found), state=state, kubeconfig=True)


def test_each_goes_after_whatever_refers_to_it_and_the_state_and_kubeconfig_last() -> None:
    made = plan(VPC, SUBNET, MACHINE, VOLUME, SHARED, state=(KEYS, KEPT, OWN))
    order = [change.key for change in made.pending]
    cloud = [each.key for each in (VPC, SUBNET, MACHINE, VOLUME)]
    assert order[-3:] == [KEYS.key, OWN.key, KUBECONFIG]
    needs = {change.key: set(change.needs) for change in made.pending}
    assert needs[VPC.key] == {SUBNET.key, MACHINE.key}
    assert needs[VOLUME.key] == {MACHINE.key}
    assert needs[KEYS.key] == set(cloud)
    assert needs[OWN.key] == {*cloud, KEYS.key}
    assert needs[KUBECONFIG] == {*cloud, KEYS.key, OWN.key}
    for change in made.pending:
        assert all(order.index(key) < order.index(change.key) for key in change.needs)


def test_what_is_shared_is_retained_and_says_why() -> None:
    made = plan(VPC, SHARED, state=(KEPT, OWN))
    retained = {change.key: change.note for change in made.changes if change.action is Action.RETAIN}
    assert retained == {SHARED.key: "the spec names it", KEPT.key: "in the folder of cluster d"}
    assert "= ElasticIP/eipalloc-1\n        the spec names it\n" in text(made)
    assert summary(made) == "c: 3 to delete, 2 to retain."


def test_what_is_in_the_way_blocks_the_plan_and_says_what_to_do() -> None:
    made = plan(VPC, FOREIGN)
    assert made.changes[0].key == FOREIGN.key
    with pytest.raises(Refused, match=r"Instance theirs \(i-2\)") as refused:
        expect_applicable(made)
    assert "i-2: move it" in str(refused.value)
    assert "has to go first" in text(made)
    expect_applicable(plan(VPC))


def test_what_refers_to_each_other_in_a_circle_is_deleted_all_the_same() -> None:
    one = DiscoveredResource("SecurityGroup", "sg-1", uses=frozenset({"sg-2"}))
    other = DiscoveredResource("SecurityGroup", "sg-2", uses=frozenset({"sg-1"}))
    made = plan(one, other)
    assert {change.key for change in made.pending} == {one.key, other.key, KUBECONFIG}
    assert sorted(len(change.needs) for change in made.pending) == [0, 1, 2]


def test_one_place_named_twice_is_emptied_once() -> None:
    twice = (KEYS, StateLocation(KEYS.url, ("y.key", "x.key"), holds_keys=True))
    (change,) = (each for each in plan(state=twice).pending if each.key == KEYS.key)
    assert (change.fields[0].before, change.confirm) == ("x.key\ny.key", KEYS.url)


def test_keys_elsewhere_have_to_be_named() -> None:
    made = {change.key: change.confirm for change in plan(state=(KEYS, OWN)).pending}
    assert made == {KEYS.key: "s3://elsewhere", OWN.key: "", KUBECONFIG: ""}


def test_it_is_the_same_json_as_any_plan() -> None:
    made = plan(VPC, SUBNET, MACHINE, VOLUME, SHARED, FOREIGN, state=(KEYS, KEPT, OWN))
    assert loads(dumps(made)) == made
    assert Key("State", "s3://store/c") in {change.key for change in loads(dumps(made)).changes}
