"""Drift: the cause of each difference, spec or account, field by field."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kops_core.api.path import parse, set_at
from kops_core.cloud.aws.resources.balancers import TargetGroup
from kops_core.cloud.aws.resources.firewall import SecurityGroup, SecurityGroupRule
from kops_core.cloud.aws.resources.groups import AutoscalingGroup, LaunchTemplate
from kops_core.cloud.aws.resources.iam import IAMRole
from kops_core.engine.operations.drift_report import drift_report, remember
from kops_core.engine.operations.planning import PlannedChange
from kops_core.model.build import DesiredState
from kops_core.model.kind_spec import Area
from kops_core.model.resolve import resolve
from kops_core.model.resource import Resource
from kops_core.model.store_resources import Keypair
from kops_core.model.template import Digest, Gzipped, Key, Ref, Template
from kops_core.plan.changes import Action, Change, FieldChange, Plan, Reason, Unknown
from kops_core.plan.drift import Applied, Cause, Drift, added_parts, drift_of, fingerprints, text, to_json
from kops_core.plan.planner import make_plan
from kops_core.plan.snapshot import Observed, Snapshot
from kops_core.store.layout import COMPLETED
from kops_core.store.memory import MemoryBackend
from tests.aws.clusters import modelled
from tests.plan.fixtures import NOW, applied, case, value_of

GROUP = Key("AutoscalingGroup", "nodes.minimal-aws.example.com")
TEMPLATE = Key("LaunchTemplate", "nodes.minimal-aws.example.com")


def _plan(desired: DesiredState, snapshot: Snapshot) -> Plan:
    return make_plan(desired, snapshot, cluster="c", inputs_digest="x", now=NOW, prune=True)


def _found(
    before: DesiredState, now: DesiredState, live: Snapshot, *, known: bool = True
) -> dict[Key, Drift]:
    record = Applied(NOW, "ann@laptop", fingerprints(before.resources)) if known else None
    found = drift_of(_plan(now, live), fingerprints(now.resources), record)
    return {each.change.key: each for each in found}


def _with(desired: DesiredState, key: Key, **fields: Any) -> DesiredState:
    return replace(
        desired,
        resources=tuple(replace(each, **fields) if each.key == key else each for each in desired.resources),
    )


def test_a_cluster_as_it_was_applied_has_no_drift() -> None:
    _, desired = case()
    assert _found(desired, desired, applied(desired)) == {}


@pytest.mark.parametrize(
    ("spec", "live", "cause"),
    [
        ((2, 3), (2, 3), None),
        ((2, 2), (2, 9), Cause.DRIFT),
        ((2, 3), (2, 2), Cause.PENDING),
        ((2, 3), (2, 9), Cause.BOTH),
        ((2, 9), (2, 9), None),
    ],
)
def test_each_of_three_sides_is_told_apart(
    spec: tuple[int, int], live: tuple[int, int], cause: Cause | None
) -> None:
    """spec: the largest size of the group when it was applied, and now; live: at apply, and now."""
    _, desired = case()
    before, now = (_with(desired, GROUP, max_size=size) for size in spec)
    account = applied(before, change={GROUP: lambda each: replace(each, max_size=live[1])})  # type: ignore[call-arg]
    found = _found(before, now, account)
    if cause is None:
        assert found == {}
        return
    assert {key: each.causes for key, each in found.items()} == {GROUP: {"max_size": cause}}
    assert found[GROUP].cause is cause


def test_fields_of_one_resource_are_told_apart() -> None:
    _, desired = case()
    now = _with(desired, GROUP, max_size=7)
    account = applied(desired, change={GROUP: lambda each: replace(each, min_size=1)})  # type: ignore[call-arg]
    (only,) = _found(desired, now, account).values()
    assert only.causes == {"min_size": Cause.DRIFT, "max_size": Cause.PENDING}
    assert only.cause is Cause.BOTH


def test_what_is_gone_new_or_too_many_is_told_by_who_made_it_so() -> None:
    _, desired = case()
    rule = next(
        each
        for each in desired.resources
        if isinstance(each, SecurityGroupRule) and each.from_port == 22 and each.cidr_ipv4
    )
    there = resolve(rule, value_of)
    new = Keypair(name="new", subject="cn=new", type="ca")
    now = replace(desired, resources=(*desired.resources, new))
    extra = replace(there, name="extra", cidr_ipv4="198.51.100.0/24")
    live = applied(desired, without=[TEMPLATE], foreign=[extra])
    causes = {key: each.cause for key, each in _found(desired, now, live).items()}
    assert causes[TEMPLATE] is Cause.DRIFT
    assert causes[new.key] is Cause.PENDING
    assert causes[extra.key] is Cause.DRIFT

    # Taken out of the spec, a rule is too many by the operator's own will.
    without = replace(desired, resources=tuple(each for each in desired.resources if each is not rule))
    (only,) = _found(desired, without, applied(without, foreign=[there])).values()
    assert (only.change.key, only.cause) == (rule.key, Cause.PENDING)


def test_what_follows_from_something_that_is_missing_is_no_drift_of_its_own() -> None:
    _, desired = case()
    found = _found(desired, desired, applied(desired, without=[TEMPLATE]))
    assert found.pop(TEMPLATE).cause is Cause.DRIFT
    assert {each.cause for each in found.values()} <= {Cause.PENDING}


def test_without_a_record_nothing_is_claimed() -> None:
    _, desired = case()
    account = applied(desired, change={GROUP: lambda each: replace(each, max_size=9)})  # type: ignore[call-arg]
    (only,) = _found(desired, desired, account, known=False).values()
    assert only.cause is Cause.UNKNOWN


def test_fingerprints_hold_no_value_and_depend_on_no_id() -> None:
    _, desired = case()
    found = fingerprints(desired.resources)
    assert all(len(each) == 64 for fields in found.values() for each in fields.values())
    template = next(each for each in desired.resources if each.key == TEMPLATE)
    assert isinstance(template, LaunchTemplate)
    secret = {name for name, info, _ in template.attributes() if info.secret or info.create_only}
    assert not secret & found[str(TEMPLATE)].keys()


def test_it_is_told_to_people_and_as_data() -> None:
    _, desired = case()
    now = _with(desired, GROUP, max_size=7)
    account = applied(desired, change={GROUP: _smaller, TEMPLATE: _other_type})
    plan = _plan(now, account)
    found = drift_of(
        plan, fingerprints(now.resources), Applied(NOW, "ann@laptop", fingerprints(desired.resources))
    )
    shown = text(found, plan)
    heads = [line for line in shown.splitlines() if line and not line.startswith(" ")]
    assert heads == ["Changed outside of the spec (1)", "Changed on both sides (1)"]
    assert "instance_type: m5.xlarge -> t3.medium" in shown
    told = {each["name"] + each["kind"]: each for each in to_json(found)}
    fields = told[GROUP.name + GROUP.kind]["fields"]
    assert [(each["name"], each["cause"]) for each in fields] == [
        ("min_size", "drift"),
        ("max_size", "pending"),
    ]
    assert all(each["live"] != each["wanted"] for each in fields)


def _smaller(each: Resource) -> Resource:
    assert isinstance(each, AutoscalingGroup)
    return replace(each, min_size=1)


def _other_type(each: Resource) -> Resource:
    assert isinstance(each, LaunchTemplate)
    return replace(each, instance_type="m5.xlarge")


def test_the_record_of_an_earlier_cluster_of_the_name_is_not_believed() -> None:
    _, desired = case()
    backend = MemoryBackend()

    def prepared(created: str) -> PlannedChange:
        text = f"metadata:\n  creationTimestamp: {created}\nspec: {{}}\n"
        state = _with(desired, Key("ManagedFile", COMPLETED), contents=text)
        live = applied(state)
        return PlannedChange(_plan(state, live), state, live, state)

    first, second = prepared("2026-01-01T00:00:00Z"), prepared("2026-02-02T00:00:00Z")
    remember(backend, "c", first, at=NOW, by="ann@laptop")
    assert drift_report(backend, "c", first).applied is not None
    assert drift_report(backend, "c", second).note.startswith("it was not applied by kops-tui")


def test_user_data_that_differs_because_of_a_file_of_its_nodes_is_no_drift() -> None:
    """It has the hash of a text that is only known as far as the keys in it are."""
    inference, before = case()
    inputs = inference.inputs
    cluster = set_at(inputs.cluster, parse("spec.kubelet.maxPods"), 80)
    now = modelled(inference.after(replace(inputs, cluster=cluster)))
    found = _found(before, now, applied(before))
    assert found[TEMPLATE].causes == {"user_data": Cause.PENDING}


@pytest.mark.parametrize(
    ("causes", "cause"),
    [
        ({"a": Cause.PENDING}, Cause.PENDING),
        ({"a": Cause.DRIFT, "b": Cause.DRIFT}, Cause.DRIFT),
        ({"": Cause.HELD}, Cause.HELD),
        ({"a": Cause.PENDING, "b": Cause.DRIFT}, Cause.BOTH),
        ({"a": Cause.PENDING, "b": Cause.BOTH}, Cause.BOTH),
        ({"a": Cause.DRIFT, "b": Cause.BOTH, "c": Cause.DRIFT}, Cause.BOTH),
        ({"a": Cause.DRIFT, "b": Cause.UNKNOWN}, Cause.UNKNOWN),
        ({"a": Cause.PENDING, "b": Cause.DRIFT, "c": Cause.UNKNOWN}, Cause.UNKNOWN),
    ],
    ids=str,
)
def test_a_resource_has_the_cause_of_all_its_fields(causes: dict[str, Cause], cause: Cause) -> None:
    change = Change(TEMPLATE, Action.UPDATE, Reason.DIFFERS)
    assert Drift(change, causes).cause is cause


_SIZES = st.integers(1, 4)


@given(applied_size=_SIZES, wanted=_SIZES, live=_SIZES, recorded=st.booleans())
def test_a_field_is_told_by_who_changed_it_whatever_its_three_values(
    applied_size: int, wanted: int, live: int, recorded: bool
) -> None:
    group = AutoscalingGroup(name="g", max_size=wanted)
    now = DesiredState("c", (group,))
    there = applied(DesiredState("c", (replace(group, max_size=live),)))
    before = DesiredState("c", (replace(group, max_size=applied_size),))
    found = _found(before, now, there, known=recorded)
    if wanted == live:
        assert found == {}
        return
    ((drift),) = found.values()
    if not recorded:
        assert drift.causes == {"max_size": Cause.UNKNOWN}
    elif wanted == applied_size:
        assert drift.causes == {"max_size": Cause.DRIFT}
    elif live == applied_size:
        assert drift.causes == {"max_size": Cause.PENDING}
    else:
        assert drift.causes == {"max_size": Cause.BOTH}


def test_a_field_that_was_not_managed_before_is_pending_and_one_that_is_not_known_is_not_guessed() -> None:
    group = AutoscalingGroup(name="g", max_size=3)
    live = applied(DesiredState("c", (replace(group, max_size=2),)))
    ((drift),) = _found(
        DesiredState("c", (AutoscalingGroup(name="g"),)), DesiredState("c", (group,)), live
    ).values()
    assert drift.causes == {"max_size": Cause.PENDING}
    plan = _plan(DesiredState("c", (group,)), live)
    (unknown,) = drift_of(plan, {}, Applied(NOW, "ann", {str(group.key): {"max_size": "0"}}))
    assert unknown.causes == {"max_size": Cause.UNKNOWN}


@pytest.mark.parametrize(
    ("tags", "cause"),
    [
        ({"kubernetes.io/cluster/c": "owned"}, Cause.HELD),
        ({"kubernetes.io/cluster/other": "owned"}, Cause.DRIFT),
        ({}, Cause.DRIFT),
        (None, Cause.HELD),
    ],
    ids=str,
)
def test_what_waits_to_be_pruned_is_held_if_it_may_be_ours_and_else_somebody_made_it(
    tags: dict[str, str] | None, cause: Cause
) -> None:
    pool = TargetGroup(name="old", tags=tags)
    there = Observed(pool, "tg-1")
    live = Snapshot(NOW, {}, (there,))
    plan = make_plan(DesiredState("c", ()), live, cluster="c", inputs_digest="x", now=NOW)
    assert [change.key for change in plan.deferred] == [pool.key]
    record = Applied(NOW, "ann", {})
    assert [each.causes for each in drift_of(plan, {}, record, live.foreign)] == [{"": cause}]
    # When pruning, what the last apply made is pending; of what it knew nothing, the owner decides.
    pruning = _plan(DesiredState("c", ()), live)
    known = replace(record, fingerprints={str(pool.key): {}})
    (ours,) = drift_of(pruning, {}, known, live.foreign)
    assert ours.cause is Cause.PENDING
    (maybe,) = drift_of(pruning, {}, record, live.foreign)
    assert maybe.cause is (Cause.PENDING if cause is Cause.HELD else Cause.DRIFT)


def test_parts_that_somebody_added_to_our_own_are_drift_and_those_of_others_are_not() -> None:
    ours = SecurityGroup(name="ours")
    theirs = SecurityGroup(name="theirs", shared=True)
    live = {each.key: Observed(each, f"sg-{each.name}") for each in (ours, theirs)}
    added = [
        SecurityGroupRule(name=f"of-{group}-{port}", security_group=f"sg-{group}", from_port=port)
        for group in ("ours", "theirs", "unknown")
        for port in (1, 2)
    ]
    whole = IAMRole(name="ours")
    snapshot = Snapshot(NOW, live, tuple(Observed(each, f"id-{each.name}") for each in (*added, whole)))
    desired = DesiredState("c", (ours, theirs)).by_key()
    planned = Change(added[0].key, Action.DELETE, Reason.NOT_DESIRED)
    plan = Plan("c", "1", NOW, (), deferred=(planned,))
    (found,) = added_parts(plan, desired, snapshot)
    assert found.causes == {"": Cause.DRIFT}
    assert found.change == Change(
        added[1].key,
        Action.NO_OP,
        Reason.ADDED,
        (FieldChange("security_group", "sg-ours", None), FieldChange("from_port", "2", None)),
        area=Area.FIREWALL,
    )
    assert len(added_parts(replace(plan, deferred=()), desired, snapshot)) == 2


def test_drift_as_data_has_both_sides_and_no_guess() -> None:
    fields = (
        FieldChange("a", "1", "2"),
        FieldChange("b", "1", None),
        FieldChange("c", None, Unknown.AFTER_APPLY),
    )
    one = Drift(
        Change(TEMPLATE, Action.UPDATE, Reason.DIFFERS, fields), {"a": Cause.DRIFT, "b": Cause.PENDING}
    )
    assert to_json([one]) == [
        {
            "kind": "LaunchTemplate",
            "name": TEMPLATE.name,
            "action": "update",
            "cause": "both",
            "fields": [
                {"name": "a", "cause": "drift", "live": "1", "wanted": "2"},
                {"name": "b", "cause": "pending", "live": "1", "wanted": None},
                {"name": "c", "cause": "both", "live": None, "wanted": "(known after apply)"},
            ],
        }
    ]
    shown = text([one], Plan("c", "1", NOW, ()))
    assert shown.startswith("Changed on both sides (1)\n")
    assert "        a: it was changed outside of the spec, after the last apply\n" in shown
    assert text([], Plan("c", "1", NOW, ())) == ""


def test_fingerprints_see_what_is_behind_a_hash_and_neither_secrets_nor_what_is_absent() -> None:
    def of(inner: str) -> dict[str, dict[str, str]]:
        ref = Ref(Key("Key", "k"))
        text = Template.of("hash: ", Digest(Template.of(inner, ref)), Gzipped(Template.of("x", ref)))
        return fingerprints((LaunchTemplate(name="n", user_data=text),))

    assert of("a") == of("a")
    assert of("a") != of("b")
    absent = AutoscalingGroup(name="g", max_size=1, absent=True)
    assert fingerprints((absent,)) == {}
