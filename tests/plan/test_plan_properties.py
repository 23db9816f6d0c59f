"""What is true of every plan, whatever is in the account."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kops_core.model.resource import Resource
from kops_core.model.template import Key, refs_in
from kops_core.plan.changes import Action, Plan, Reason, Unknown
from kops_core.plan.saved import dumps, loads
from tests.plan.fixtures import case
from tests.plan.world import World, disturbances, whole

FULL = os.environ.get("KOPS_SWEEP") == "full"
CLUSTERS = ("private", "ha", "ipv6", "sharedsubnet", "warm", "addons") if FULL else ("private",)
few = settings(
    max_examples=150 if FULL else 20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.mark.parametrize("name", CLUSTERS)
@given(data=st.data())
@few
def test_a_plan_leads_to_an_empty_plan_from_any_state_of_the_account(name: str, data: st.DataObject) -> None:
    """Also one that ends in the middle, as that of a killed program does."""
    desired = case(name)[1]
    world = data.draw(disturbances(desired)).world(desired)
    plan = world.plan()
    assert plan.errors == ()
    for change in plan.pending[: data.draw(st.integers(0, len(plan.pending)))]:
        world.make(change)
    world.make_all(world.plan())
    assert [str(change.key) for change in world.plan().pending] == []


@pytest.mark.parametrize("name", CLUSTERS)
@given(data=st.data())
@few
def test_a_plan_names_what_differs_and_all_that_refers_to_what_is_new_and_nothing_else(
    name: str, data: st.DataObject
) -> None:
    desired = case(name)[1]
    found = data.draw(disturbances(desired))
    world, changed, missing = found.world(desired), found.changed, found.missing
    plan = world.plan()
    before = dict(world.there)
    by_key = world.desired.by_key()
    anew = {change.key for change in plan.pending if change.action in (Action.CREATE, Action.REPLACE)}
    assert {change.key for change in plan.pending if change.action is Action.CREATE} == missing
    for change in plan.changes:
        refers = _compared_refs(by_key[change.key]) & anew
        names = {each.name for each in change.fields}
        if change.action is Action.NO_OP:
            assert change.reason is Reason.SAME
            assert not change.fields
            assert not change.needs
            assert change.key not in changed
            assert not refers or by_key[change.key].absent
        elif change.action is not Action.CREATE:
            assert changed.get(change.key, set()) <= names
            assert refers or names == changed[change.key]
            assert names, "an update without a field changes nothing"
            forces = any(each.forces_replace for each in change.fields)
            assert forces == (change.action is Action.REPLACE)
        for each in change.fields:
            assert isinstance(each.after, Unknown) or each.before != each.after
    world.make_all(plan)
    for key, now in world.there.items():
        if key not in {change.key for change in plan.pending}:
            assert now is before[key]
        elif key in before and key not in anew:
            assert now.id == before[key].id


@pytest.mark.parametrize("name", CLUSTERS)
@given(data=st.data())
@few
def test_the_order_respects_every_reference(name: str, data: st.DataObject) -> None:
    desired = case(name)[1]
    world = data.draw(disturbances(desired)).world(desired)
    plan = world.plan()
    place = {change.key: at for at, change in enumerate(plan.changes)}
    pending = {change.key for change in plan.pending}
    by_key = world.desired.by_key()
    assert len(place) == len(plan.changes) == len(by_key), "every resource is there once"
    for change in plan.pending:
        resource = by_key[change.key]
        needed = {*(ref.key for ref in resource.refs()), *resource.depends_on} & pending
        assert set(change.needs) == needed
        assert len(change.needs) == len(needed)
        assert all(place[key] < place[change.key] for key in needed)


@given(data=st.data())
@few
def test_a_plan_depends_on_the_account_alone_and_comes_back_from_a_file(data: st.DataObject) -> None:
    desired = case("ipv6")[1]
    found = data.draw(disturbances(desired))
    world = found.world(desired)
    plan = world.plan()
    turned = World(world.desired, dict(reversed(world.there.items())))
    assert turned.plan() == plan, "not on the order in which it was observed"
    assert loads(dumps(plan)) == plan
    if found.fields or found.missing:
        assert plan.id != whole(world.desired).plan().id


def test_what_is_new_is_a_plan_of_everything_and_then_of_nothing() -> None:
    for name in ("minimal-aws", "ipv6"):
        desired = case(name)[1]
        first = World(desired).plan()
        kept = {each.key for each in desired.resources if each.absent or each.shared}
        assert _made(first) == {each.key for each in desired.resources} - kept
        assert whole(desired).plan().empty


def _compared_refs(resource: Resource) -> set[Key]:
    """What the fields refer to that are compared."""
    fields = (value for _, info, value in resource.attributes() if not info.create_only)
    return {ref.key for value in fields for ref in refs_in(value)}


def _made(plan: Plan) -> set[Key]:
    return {change.key for change in plan.pending if change.action is Action.CREATE}
