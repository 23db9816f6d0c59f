"""The plan that deletes a cluster, from discovered resources."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


_IDS = [f"id-{number}" for number in range(6)]
found_things = st.lists(
    st.builds(
        DiscoveredResource,
        st.sampled_from(["Instance", "VPC", "ENI"]),
        st.sampled_from(_IDS),
        st.sampled_from(["", "a"]),
        st.sampled_from(list(Ownership)),
        st.frozensets(st.sampled_from([*_IDS, "gone"]), max_size=3),
        st.frozensets(st.sampled_from([*_IDS, "gone"]), max_size=2),
        risk=st.sampled_from([Risk.NONE, Risk.DELETES_DATA]),
    ),
    max_size=8,
    unique_by=lambda each: each.key,
)
places = st.lists(
    st.builds(
        StateLocation,
        st.sampled_from(["s3://a", "s3://b"]),
        st.lists(st.sampled_from("xyz"), max_size=3, unique=True).map(tuple),
        st.booleans(),
        st.lists(st.sampled_from("kl"), max_size=1).map(tuple),
    ),
    max_size=4,
)


@given(found_things, places, st.booleans())
def test_nothing_shared_is_deleted_and_nothing_goes_before_what_refers_to_it(
    found: list[DiscoveredResource], state: list[StateLocation], kubeconfig: bool
) -> None:
    made = plan_deletion("c", Snapshot(NOW, discovered=tuple(found)), state=state, kubeconfig=kubeconfig)
    actions = {change.key: change.action for change in made.changes}
    assert len(actions) == len(made.changes), "each is there once"
    fate = {
        Ownership.OWNED: Action.DELETE,
        Ownership.SHARED: Action.RETAIN,
        Ownership.FOREIGN: Action.BLOCKED,
    }
    assert {each.key: fate[each.ownership] for each in found}.items() <= actions.items()
    place = {change.key: at for at, change in enumerate(made.changes)}
    changes = {change.key: change for change in made.changes}
    owned = [each for each in found if each.ownership is Ownership.OWNED]
    for change in made.pending:
        assert all(place[key] < place[change.key] for key in change.needs)
        assert all(actions[key] is Action.DELETE for key in change.needs), "what stays is not waited for"
    for one in owned:
        assert changes[one.key].risk is one.risk
        for other in owned:
            if (
                other.key != one.key
                and one.id in other.uses | other.used_by
                and other.id in one.uses | one.used_by
            ):
                continue  # in a circle one of both has to go first
            users = other.id in one.used_by or one.id in other.uses
            if users and other.key != one.key and not _reaches(owned, one, other):
                assert other.key in changes[one.key].needs
    for location in state:
        keys = {key for each in state if each.url == location.url for key in each.keys}
        change = changes[location.key]
        assert change.action is (Action.DELETE if keys else Action.RETAIN)
        held = any(each.holds_keys for each in state if each.url == location.url)
        assert change.confirm == (location.url if held and keys else "")
        if keys:
            assert set((change.fields[0].before or "").split("\n")) == keys
            assert {each.key for each in owned} <= set(change.needs)
    assert (KUBECONFIG in actions) == kubeconfig
    if kubeconfig:
        others = {key for key, action in actions.items() if action is Action.DELETE} - {KUBECONFIG}
        assert set(changes[KUBECONFIG].needs) == others


def _reaches(owned: list[DiscoveredResource], start: DiscoveredResource, end: DiscoveredResource) -> bool:
    """Whether the first has to go, directly or not, before the second, so that both are in a circle."""
    seen, ahead = {start.key}, [start]
    while ahead:
        each = ahead.pop()
        for other in owned:
            if other.key not in seen and (other.id in each.uses or each.id in other.used_by):
                seen.add(other.key)
                ahead.append(other)
    return end.key in seen - {start.key}


def test_the_id_of_a_deletion_follows_what_it_deletes_and_errors_stop_it() -> None:
    assert plan(VPC, SUBNET).id == plan(SUBNET, VPC).id
    assert plan(VPC, SUBNET).id != plan(VPC).id
    broken = plan_deletion("c", Snapshot(NOW, discovered=(VPC,), errors=("no access",)))
    assert broken.errors == ("no access",)
    with pytest.raises(Refused, match="the plan has 1 errors: no access"):
        expect_applicable(broken)


def test_all_that_is_in_the_way_is_named_with_what_to_do() -> None:
    others = [replace(FOREIGN, id=f"i-{number}", name="" if number else "theirs") for number in range(2)]
    with pytest.raises(Refused) as refused:
        expect_applicable(plan(VPC, *others))
    assert refused.value.what == (
        "what is not the cluster's is in the way: Instance i-1 (i-1); Instance theirs (i-0)"
    )
    assert refused.value.remedy == "i-1: move it\n  i-0: move it"
