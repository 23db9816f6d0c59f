"""Drift: the cause of each difference, spec or account, field by field."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kops_core.api.path import parse, set_at
from kops_core.cloud.aws.resources.firewall import SecurityGroupRule
from kops_core.cloud.aws.resources.groups import AutoscalingGroup, LaunchTemplate
from kops_core.engine.operations.drift_report import drift_report, remember
from kops_core.engine.operations.planning import PlannedChange
from kops_core.model.build import DesiredState
from kops_core.model.resolve import resolve
from kops_core.model.resource import Resource
from kops_core.model.store_resources import Keypair
from kops_core.model.template import Key
from kops_core.plan.changes import Plan
from kops_core.plan.drift import Applied, Cause, Drift, drift_of, fingerprints, text, to_json
from kops_core.plan.planner import make_plan
from kops_core.plan.snapshot import Snapshot
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
