"""The changes of a plan by cause: each in one group, and nothing is claimed that is not known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kops_core.api.path import parse, set_at, unset_at
from kops_core.api.values import UNSET, Tree
from kops_core.model.kind_spec import Risk
from kops_core.model.store_resources import Keypair
from kops_core.model.template import Key
from kops_core.plan.causes import (
    Desired,
    Evidence,
    SpecChange,
    by_cause,
    changed_since,
    consequences,
    with_causes,
)
from kops_core.plan.changes import Action, CauseGroup, CauseKind, Change, FieldChange, Plan, Reason
from kops_core.plan.drift import Cause
from kops_core.plan.render import text
from kops_core.plan.saved import dumps, loads
from tests.plan.fixtures import NOW, case

VERSION = SpecChange(CauseKind.UNSAVED, parse("spec.kubernetesVersion"), "1.35.7", "1.36.3")
SSH = SpecChange(CauseKind.SAVED, parse("spec.sshAccess"), ["0.0.0.0/0", "::/0"], ["10.0.0.0/8"])
TEMPLATE, FILE = Key("LaunchTemplate", "nodes.c"), Key("ManagedFile", "nodeupconfig-nodes")
NEW_RULE, OLD_RULE = Key("SecurityGroupRule", "from 10.0.0.0/8"), Key("SecurityGroupRule", "from 0.0.0.0/0")
GROUP = Key("AutoscalingGroup", "nodes.c")


def change(
    key: Key, action: Action, *paths: str, risk: Risk = Risk.NONE, **fields: tuple[str, str]
) -> Change:
    return Change(
        key,
        action,
        Reason.DIFFERS,
        tuple(FieldChange(name, *values) for name, values in fields.items()),
        spec_paths=tuple(map(parse, paths)),
        risk=risk,
    )


def plan(*changes: Change, deferred: tuple[Change, ...] = ()) -> Plan:
    return Plan("c", "1", NOW, changes, deferred=deferred)


UPGRADE = plan(
    change(NEW_RULE, Action.CREATE),
    change(TEMPLATE, Action.UPDATE, "spec.kubernetesVersion", risk=Risk.ROLLS_NODES),
    change(FILE, Action.UPDATE, "spec.kubernetesVersion", "spec.sshAccess"),
    deferred=(change(OLD_RULE, Action.DELETE),),
)


CONSEQUENCES = {TEMPLATE: [VERSION], FILE: [SSH, VERSION], NEW_RULE: [SSH], OLD_RULE: [SSH]}


def test_each_change_is_under_the_first_of_its_causes_and_the_worst_is_first() -> None:
    known = Evidence(spec=(SSH, VERSION), consequences=CONSEQUENCES)
    upgrade, access = by_cause(UPGRADE, known)
    assert upgrade == CauseGroup(CauseKind.UNSAVED, VERSION.path, "1.35.7", "1.36.3", changes=(TEMPLATE,)), (
        "what is the risk of an edit counts, not in which order they were made"
    )
    assert access == CauseGroup(
        CauseKind.SAVED,
        SSH.path,
        "[0.0.0.0/0, ::/0]",
        "10.0.0.0/8",
        changes=(NEW_RULE, FILE),
        deferred=(OLD_RULE,),
    )


def test_what_the_account_changed_is_not_blamed_on_an_edit() -> None:
    known = Evidence(spec=(VERSION,), drift={TEMPLATE: Cause.DRIFT, FILE: Cause.BOTH})
    groups = by_cause(UPGRADE, known)
    assert [(each.kind, each.changes) for each in groups] == [
        (CauseKind.UNSAVED, (FILE,)),
        (CauseKind.DRIFT, (TEMPLATE,)),
        (CauseKind.OTHER, (NEW_RULE,)),
    ]
    assert groups[2].deferred == (OLD_RULE,)


def test_another_version_of_this_program_is_a_cause_only_where_the_spec_is_none() -> None:
    changes = plan(change(TEMPLATE, Action.UPDATE), change(FILE, Action.UPDATE, "spec.kubernetesVersion"))
    sides = {TEMPLATE: Cause.PENDING, FILE: Cause.PENDING}
    known = Evidence(spec=(VERSION,), drift=sides, programs=("0.1.0", "0.2.0"))
    assert [(each.kind, each.before, each.after) for each in by_cause(changes, known)] == [
        (CauseKind.UNSAVED, "1.35.7", "1.36.3"),
        (CauseKind.VERSION, "0.1.0", "0.2.0"),
    ]
    assert by_cause(changes, replace(known, programs=None))[1].kind is CauseKind.OTHER
    assert by_cause(changes, replace(known, drift={}))[1].kind is CauseKind.OTHER


def test_a_saved_edit_of_a_group_is_found_by_its_value_and_only_claimed_after_our_own_apply() -> None:
    smallest, largest = "instanceGroups.nodes.spec.minSize", "instanceGroups.nodes.spec.maxSize"
    changes = plan(change(GROUP, Action.UPDATE, "spec.kubernetesVersion", max_size=("3", "9")))
    source = set_at(set_at({}, parse(smallest), 9), parse(largest), 9)
    desired = {GROUP: Keypair(name="a", source_paths=(parse(smallest), parse(largest)))}
    group = CauseGroup(CauseKind.SAVED, parse(largest), "3", "9", changes=(GROUP,))
    known = Evidence(source=source, drift={GROUP: Cause.PENDING}, desired=desired)
    assert by_cause(changes, known) == (group,)
    assert by_cause(changes, replace(known, drift={})) == (replace(group, kind=CauseKind.OTHER),)
    # Two fields have the value, and neither has the name: it is not known which.
    other = plan(change(GROUP, Action.UPDATE, "spec.kubernetesVersion", wanted=("3", "9")))
    assert by_cause(other, known) == (CauseGroup(CauseKind.OTHER, changes=(GROUP,)),)


def test_a_new_instance_group_is_one_cause() -> None:
    paths = "spec.kubernetesVersion", "instanceGroups.nodes.spec.image"
    changes = plan(*(change(key, Action.CREATE, *paths) for key in (TEMPLATE, GROUP)))
    sides = {TEMPLATE: Cause.PENDING, GROUP: Cause.PENDING}
    one = Keypair(name="a", instance_group="nodes")
    known = Evidence(desired={TEMPLATE: one, GROUP: one}, drift=sides)
    (group,) = by_cause(changes, known)
    assert (group.kind, group.path) == (CauseKind.SAVED, ("instanceGroups", "nodes"))
    assert group.changes == (TEMPLATE, GROUP)
    deleted = by_cause(changes, replace(known, drift={**sides, TEMPLATE: Cause.DRIFT}))
    assert [each.kind for each in deleted] == [CauseKind.DRIFT, CauseKind.OTHER]


def test_an_edit_without_consequences_is_listed_and_a_first_apply_has_one_cause() -> None:
    (idle,) = by_cause(plan(), Evidence(spec=(SSH,)))
    assert (idle.path, idle.changes, idle.deferred) == (SSH.path, (), ())
    (first,) = by_cause(UPGRADE, Evidence(never_applied=True))
    assert (first.kind, len(first.changes)) == (CauseKind.FIRST_APPLY, 3)


def test_a_change_of_the_spec_is_a_cause_if_something_else_would_be_desired_without_it() -> None:
    old, new = (Keypair(name="a", subject=subject) for subject in ("cn=a", "cn=b"))
    desired: Desired = {NEW_RULE: new, TEMPLATE: new, FILE: new}
    without: dict[str, Desired] = {
        "kubernetesVersion": {NEW_RULE: new, TEMPLATE: old, FILE: old},
        "sshAccess": {OLD_RULE: old, TEMPLATE: new, FILE: old},
    }
    found = consequences(UPGRADE, (VERSION, SSH), desired, lambda each: without.get(str(each.path[-1])))
    assert found == {NEW_RULE: [SSH], OLD_RULE: [SSH], TEMPLATE: [VERSION], FILE: [VERSION, SSH]}
    not_known = consequences(UPGRADE, (VERSION, SSH), desired, lambda _: None)
    assert not_known == {NEW_RULE: [], OLD_RULE: [], TEMPLATE: [VERSION], FILE: [VERSION, SSH]}


def test_nothing_is_built_where_the_fields_tell() -> None:
    def unexpected(each: SpecChange) -> Desired:
        raise AssertionError(each)

    only_updates = plan(change(TEMPLATE, Action.UPDATE, "spec.kubernetesVersion"))
    assert consequences(only_updates, (VERSION, SSH), {}, unexpected) is None


def test_a_change_that_no_edit_is_named_for_is_looked_for_in_what_would_be_desired_without_each() -> None:
    """A node's configuration depends on the kubelet's settings by way of others, which fields do not tell."""
    old, new = (Keypair(name="a", subject=subject) for subject in ("cn=a", "cn=b"))
    pods = SpecChange(CauseKind.SAVED, parse("spec.kubelet.maxPods"), 80, 90)
    completed = change(FILE, Action.UPDATE, "spec.kubelet.maxPods")
    edited = plan(completed, change(TEMPLATE, Action.UPDATE))
    found = consequences(edited, [pods], {FILE: new, TEMPLATE: new}, lambda _: {FILE: old, TEMPLATE: old})
    assert found == {FILE: [pods], TEMPLATE: [pods]}


def test_what_differs_from_the_applied_spec_are_the_operators_fields_and_those_that_are_gone() -> None:
    inference, _ = case()
    applied = inference.cluster
    assert changed_since(applied, inference) == []
    before = set_at(applied, parse("spec.sshAccess"), ["0.0.0.0/0", "10.0.0.0/8"])
    before = set_at(before, parse("spec.kubelet.maxPods"), 80)
    before = unset_at(before, parse("spec.kubernetesVersion"))
    found = {each.path: (each.before, each.after) for each in changed_since(before, inference)}
    assert found == {
        parse("spec.sshAccess"): (["0.0.0.0/0", "10.0.0.0/8"], ["0.0.0.0/0"]),
        parse("spec.kubelet.maxPods"): (80, UNSET),
        parse("spec.kubernetesVersion"): (UNSET, inference.value("spec.kubernetesVersion")),
    }


def test_an_item_of_a_list_that_is_gone_is_told_by_the_fields_that_no_rule_sets() -> None:
    inference, _ = case()
    subnets = inference.value("spec.subnets")
    assert isinstance(subnets, list)
    gone: Tree = {"name": "gone", "cidr": "172.20.96.0/19", "type": "Public", "zone": "us-east-1a"}
    before = set_at(inference.cluster, parse("spec.subnets"), [*subnets, gone])
    found = {each.path: (each.before, each.after) for each in changed_since(before, inference)}
    item = ("spec", "subnets", len(subnets))
    assert found[(*item, "name")] == ("gone", UNSET)
    assert all(path[:3] == item for path in found)
    assert (*item, "cidr") not in found


def test_a_saved_plan_keeps_the_causes_and_they_make_no_plan_stale() -> None:
    known = Evidence(spec=(VERSION, SSH), consequences=CONSEQUENCES)
    grouped = replace(UPGRADE, causes=by_cause(UPGRADE, known))
    assert loads(dumps(grouped)).causes == grouped.causes
    shown = " ".join(text(grouped).split())
    assert "By cause spec.kubernetesVersion 1.35.7 -> 1.36.3: 1 to change spec.sshAccess" in shown
    assert "10.0.0.0/8: 2 to change, 1 deleted only when pruning" in shown
    assert grouped == UPGRADE


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (True, "true"),
        (False, "false"),
        (None, "null"),
        (7, "7"),
        ("a b", "a b"),
        ([], "[]"),
        (["a"], "a"),
        (["a", 1, None], "[a, 1, null]"),
        ({}, "{}"),
        ({"a": 1, "b": ["x", "y"]}, "{a: 1, b: [x, y]}"),
        (UNSET, None),
    ],
    ids=str,
)
def test_a_value_is_told_on_one_line(value: Any, shown: str | None) -> None:
    path = parse("spec.x")
    group = SpecChange(CauseKind.SAVED, path, value, UNSET).group
    assert (group.kind, group.path, group.before, group.after) == (CauseKind.SAVED, path, shown, None)
    assert SpecChange(CauseKind.SAVED, path, UNSET, value).group.after == shown


def test_a_change_has_the_reasons_that_it_has_without_the_edits_and_those_of_the_edits() -> None:
    edited = change(FILE, Action.UPDATE, "spec.edit", a=("1", "2"), b=("1", "2"))
    of = {
        "the same without the edits": (
            change(FILE, Action.UPDATE, "spec.saved", a=("1", "2"), b=("1", "2")),
            ["spec.saved"],
        ),
        "one field of it without them": (
            change(FILE, Action.UPDATE, "spec.saved", "spec.edit", a=("1", "3")),
            ["spec.edit", "spec.saved"],
        ),
        "other fields": (change(FILE, Action.UPDATE, "spec.saved", c=("1", "3")), ["spec.edit"]),
        "the same fields by another action": (
            change(FILE, Action.REPLACE, "spec.saved", a=("1", "2"), b=("1", "2")),
            ["spec.edit", "spec.saved"],
        ),
        "nothing": (change(FILE, Action.NO_OP), ["spec.edit"]),
        "another resource": (change(GROUP, Action.UPDATE, "spec.saved", a=("1", "2")), ["spec.edit"]),
    }
    for saved, paths in of.values():
        ((found),) = with_causes(plan(edited), plan(saved)).changes
        assert found == replace(edited, spec_paths=tuple(map(parse, paths)))
    idle = change(FILE, Action.NO_OP, "spec.x")
    assert with_causes(plan(idle), plan(edited)).changes == (idle,)
