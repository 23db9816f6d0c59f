"""Pruning: nothing that is not surely the cluster's own is ever deleted."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kops_core.cloud.aws.resources import KINDS
from kops_core.cloud.aws.resources.firewall import SecurityGroup, SecurityGroupRule, is_extra
from kops_core.model.resource import Disposition, Lifecycle, PruneContext, Resource, retain_unless_replaced
from kops_core.model.template import Key
from kops_core.plan.changes import Action
from kops_core.plan.planner import make_plan
from kops_core.plan.pruning import disposition
from kops_core.plan.snapshot import Observed, Snapshot
from tests.plan.fixtures import NOW, case
from tests.plan.world import World, whole

FULL = os.environ.get("KOPS_SWEEP") == "full"
CLUSTER = "private.example.com"
MARK = f"kubernetes.io/cluster/{CLUSTER}"
GROUP = Key("SecurityGroup", f"nodes.{CLUSTER}")

some_ports = st.sampled_from([None, 0, 3, 4, 22, 443, 65535])
scopes = st.lists(
    st.sampled_from(["port=22", "port=443", "port=3:4", "port=22:443", "port=443:443"]), max_size=3
).map(tuple)


@given(scopes, some_ports, some_ports)
def test_a_rule_is_on_a_managed_port_only_if_both_ends_of_its_range_are_the_same(
    managed: tuple[str, ...], first: int | None, last: int | None
) -> None:
    group = SecurityGroup(name=GROUP.name, remove_extra_rules=managed)
    rule = SecurityGroupRule(name="x", from_port=first, to_port=last)
    ranges = {(text.partition(":")[0], text.partition(":")[2]) for text in managed}
    ends = {
        (int(one.removeprefix("port=")), int(other or one.removeprefix("port="))) for one, other in ranges
    }
    assert is_extra(group, rule) == ((first, last) in ends)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: str(kind.__name__))
def test_what_is_shared_or_left_to_others_is_never_deleted_of_any_kind(kind: type[Resource]) -> None:
    context = PruneContext(CLUSTER, {}, lambda key: None)
    named: Any = {"tags": {MARK: "owned"}} if "tags" in kind.__dataclass_fields__ else {}
    for fields in (
        {"shared": True},
        {"lifecycle": Lifecycle.IGNORE},
        {"lifecycle": Lifecycle.EXISTS_AND_VALIDATES},
        {"lifecycle": Lifecycle.EXISTS_AND_WARN_IF_CHANGES},
    ):
        resource = kind(name="x", **named, **fields)
        assert disposition(resource, context) is Disposition.IGNORE
        plan = make_plan(
            replace(case("minimal-aws")[1], resources=()),
            Snapshot(NOW, {}, (Observed(resource, "id-1"),)),
            cluster=CLUSTER,
            inputs_digest="x",
            now=NOW,
            prune=True,
        )
        assert (plan.changes, plan.deferred, plan.warnings) == ((), (), ())


tags = st.dictionaries(
    st.sampled_from([MARK, "kubernetes.io/cluster/other.example.com", "Name", "team"]),
    st.sampled_from(["owned", "shared", "a"]),
    max_size=3,
)
BY_TAGS = [kind for kind in KINDS.values() if kind.spec.prune is retain_unless_replaced]
"""The kinds that are never pruned unless a replacement was interrupted."""


@given(st.sampled_from(BY_TAGS), st.sampled_from(["", " (id-1)", " (other)", " (a) (b)", "(id-1)"]), tags)
def test_the_old_one_of_a_replacement_goes_only_if_it_is_owned_and_named_for_the_desired_one(
    kind: type[Resource], suffix: str, found: dict[str, str]
) -> None:
    desired = kind(name="mine")
    context = PruneContext(CLUSTER, {desired.key: desired}, lambda key: None)
    named: Any = {"tags": found} if "tags" in kind.__dataclass_fields__ else {}
    fate = disposition(kind(name=f"mine{suffix}", **named), context)
    replaced = any(info.replace for _, info, _ in desired.attributes())
    ours = bool(named) and found.get(MARK) == "owned"
    expected = replaced and ours and suffix in {" (id-1)", " (other)"}
    assert fate is (Disposition.DELETE if expected else Disposition.RETAIN)
    stranger = PruneContext(CLUSTER, {}, lambda key: None)
    assert disposition(kind(name=f"mine{suffix}", **named), stranger) is Disposition.RETAIN


@pytest.mark.parametrize("shared", [True, False])
@given(st.sampled_from([22, 443, 8080]), tags, st.booleans())
def test_a_rule_goes_when_pruning_from_our_groups_and_from_those_of_others_only_if_it_is_ours(
    shared: bool, port: int, found: dict[str, str], elsewhere: bool
) -> None:
    group = SecurityGroup(name=GROUP.name, shared=shared, remove_extra_rules=("port=22", "port=443"))
    rule = SecurityGroupRule(
        name="x",
        security_group="sg-2" if elsewhere else "sg-1",
        from_port=port,
        to_port=port,
        tags=found,
    )
    live = {group.key: "sg-1"}
    context = PruneContext(CLUSTER, {group.key: group}, live.get)
    goes = not elsewhere and port != 8080 and (not shared or found.get(MARK) == "owned")
    assert disposition(rule, context) is (Disposition.DEFER if goes else Disposition.IGNORE)


def _leftovers(world: World) -> list[Observed]:
    """Resources that an older spec may have left: all of the cluster's own, under other names."""
    found = []
    for key, there in world.there.items():
        if not world.desired.by_key()[key].shared:
            found.append(
                replace(
                    there,
                    id=f"old-{there.id}",
                    resource=replace(there.resource, name=f"old-{there.resource.name}"),
                )
            )
    return found


@given(st.data())
@settings(max_examples=100 if FULL else 15, deadline=None)
def test_a_plan_deletes_nothing_that_is_desired_and_prunes_exactly_what_it_had_deferred(
    data: st.DataObject,
) -> None:
    world = whole(case("private")[1])
    left = data.draw(st.lists(st.sampled_from(range(len(world.there))), max_size=12, unique=True))
    old = _leftovers(world)
    world.foreign = {old[at].resource.key: old[at] for at in left if at < len(old)}
    plain, pruning = world.plan(), world.plan(prune=True)
    assert all(change.action is Action.DELETE for change in (*plain.pending, *plain.deferred))
    gone = {change.key for change in plain.pending}
    assert {change.key for change in pruning.pending} == gone | {change.key for change in plain.deferred}
    assert pruning.deferred == ()
    assert gone <= world.foreign.keys()
    warned = {text.partition(" is not in the spec")[0] for text in plain.warnings}
    assert warned == {
        str(each.resource.key)
        for each in world.foreign.values()
        if disposition(
            each.resource,
            PruneContext(CLUSTER, world.desired.by_key(), lambda key: world.there[key].id),
        )
        is Disposition.RETAIN
    }
    assert len(plain.warnings) == len(warned)
    desired = dict(world.there)
    world.make_all(pruning)
    assert world.there == desired
    assert world.plan(prune=True).empty


def test_a_leftover_goes_after_whatever_uses_it_was_deleted_or_changed() -> None:
    desired = case("private")[1]
    world = whole(desired)
    by_kind = {key.kind: there for key, there in world.there.items()}
    role, group = by_kind["IAMRole"], by_kind["AutoscalingGroup"]
    old = replace(role, id="old-role", resource=replace(role.resource, name="old-role"))
    pool = KINDS["WarmPool"](name="old-pool-of old-role")
    world.foreign = {old.resource.key: old, pool.key: Observed(pool, "pool")}
    key = group.resource.key
    fields: Any = {"max_size": 99, "tags": {"uses": "old-role"}}
    world.there[key] = replace(group, resource=replace(group.resource, **fields))
    changes = {change.key: change for change in world.plan().pending}
    assert changes[key].action is Action.UPDATE
    assert set(changes[old.resource.key].needs) == {key}
    assert changes[pool.key].needs == ()
    # A mention in a resource that stays as it is does not hold it up for good.
    world.there[key] = group
    (first, second) = world.plan().pending
    assert {first.needs, second.needs} == {()}
