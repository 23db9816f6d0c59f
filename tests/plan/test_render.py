"""The text of plans, and plans saved and read again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kops_core.api.path import FieldPath, get, set_at
from kops_core.api.values import Tree, Value
from kops_core.errors import Refused, UsageError
from kops_core.model.kind_spec import Area, Risk
from kops_core.model.template import Key
from kops_core.plan.changes import Action, Change, FieldChange, Plan, Reason, Unknown
from kops_core.plan.planner import make_plan
from kops_core.plan.render import WIDTH, text, tree
from kops_core.plan.saved import dumps, loads, staleness, to_json
from tests.plan.fixtures import EMPTY, NOW, case

TEMPLATE = Change(
    Key("LaunchTemplate", "nodes.prod.example.com"),
    Action.UPDATE,
    Reason.DIFFERS,
    (
        FieldChange("instance_type", "t3.medium", "m5.large"),
        FieldChange(
            "user_data",
            "#!/bin/bash\nset -e\none\ntwo\nthree\n",
            "#!/bin/bash\nset -e\none\n2\nthree\n",
            "script",
        ),
        FieldChange("key_name", "old", Unknown.AFTER_APPLY),
    ),
    (),
    Risk.ROLLS_NODES,
    ("nodes",),
    (("spec", "kubernetesVersion"), ("instanceGroups", "nodes", "spec", "machineType")),
    Area.INSTANCE_GROUPS,
)
RULE = Change(
    Key("SecurityGroupRule", "from-0.0.0.0/0-ingress-tcp-443to443-masters"),
    Action.REPLACE,
    Reason.CANNOT_UPDATE,
    (FieldChange("to_port", "444", "443", forces_replace=True),),
    (),
    Risk.INTERRUPTS_API,
    (),
    (("spec", "kubernetesApiAccess"),),
    Area.FIREWALL,
)
VPC = Change(
    Key("VPC", "prod.example.com"),
    Action.CREATE,
    Reason.MISSING,
    (
        FieldChange("cidr_block", None, "172.20.0.0/16"),
        FieldChange("tags", None, "KubernetesCluster: prod.example.com\nName: prod.example.com"),
    ),
    area=Area.NETWORK,
)
ROLE = Change(
    Key("IAMRole", "old.prod.example.com"),
    Action.DELETE,
    Reason.NOT_DESIRED,
    (FieldChange("tags", "Name: old", None),),
    area=Area.IAM,
)
KEPT = Change(Key("Subnet", "a.prod.example.com"), Action.NO_OP, Reason.SAME, area=Area.NETWORK)
PLAN = Plan(
    "prod.example.com",
    "0123456789abcdef",
    datetime(2026, 1, 2, tzinfo=UTC),
    (VPC, KEPT, RULE, TEMPLATE, ROLE),
    warnings=("Subnet/b.prod.example.com is not in the spec; it is left alone",),
    deferred=(replace(ROLE, key=Key("SecurityGroupRule", "old")),),
)

GOLDEN = """\
Network (1 create)
    + VPC/prod.example.com
        cidr_block: 172.20.0.0/16
        tags:
          KubernetesCluster: prod.example.com
          Name: prod.example.com

Firewall (1 replace)
  -/+ SecurityGroupRule/from-0.0.0.0/0-ingress-tcp-443to443-masters
        ! interrupts the API
        because of spec.kubernetesApiAccess
        to_port: 444 -> 443  (forces replacement)

IAM (1 delete)
    - IAMRole/old.prod.example.com

Instance groups (1 update)
    ~ LaunchTemplate/nodes.prod.example.com
        ! needs a rolling update: nodes
        because of spec.kubernetesVersion, instanceGroups.nodes.spec.machineType
        instance_type: t3.medium -> m5.large
        user_data:
          ...
            set -e
            one
          - two
          + 2
            three
        key_name: old -> (known after apply)

Warnings
  Subnet/b.prod.example.com is not in the spec; it is left alone

Deleted only when pruning
  - SecurityGroupRule/old

prod.example.com: 1 to create, 1 to update, 1 to replace, 1 to delete.
Needs a rolling update: nodes.
"""


def test_the_text_of_a_plan() -> None:
    assert text(PLAN) == GOLDEN


def test_nothing_to_do_is_one_line() -> None:
    assert text(replace(PLAN, changes=(KEPT,), warnings=(), deferred=())) == (
        "prod.example.com is up to date: nothing to do.\n"
    )


def test_a_plan_with_errors_says_that_it_cant_be_applied() -> None:
    lines = text(replace(PLAN, errors=("no credentials",))).splitlines()
    assert lines[lines.index("Errors") + 1] == "  no credentials"
    assert lines[-1] == "It can't be applied: see the errors above."


def test_values_fit_the_width() -> None:
    """Names of resources may be longer, for they are what one searches for."""
    _, desired = case("ha")
    made = make_plan(desired, EMPTY, cluster=desired.cluster, inputs_digest="", now=NOW)
    long = [line for line in text(made).splitlines() if len(line) > WIDTH and "/" not in line]
    assert long == []


def test_the_tree_holds_every_change_once() -> None:
    _, desired = case("privatecilium")
    made = make_plan(desired, EMPTY, cluster=desired.cluster, inputs_digest="", now=NOW)
    shown = [change for group in tree(made, kept=True) for change in group.changes]
    assert sorted(change.key for change in shown) == sorted(change.key for change in made.changes)
    assert {change.action for group in tree(made) for change in group.changes} == {Action.CREATE}


def test_a_saved_plan_is_the_same_plan() -> None:
    _, desired = case("ha")
    for made in (PLAN, make_plan(desired, EMPTY, cluster=desired.cluster, inputs_digest="", now=NOW)):
        assert loads(dumps(made)) == made


@pytest.mark.parametrize(
    "broken",
    [
        *(
            "",
            "[]",
            "{}",
            "nonsense",
            '{"format_version": "9.0"}',
            '{"format_version": "3.0", "cluster": "x"}',
        ),
        *(b"\xff\xfe{", b'{"format_version": "\xe4"}', "[" * 100_000, '{"a":' * 100_000),
        *("null", "7", '"x"', "[" + "9" * 5000 + "]", '{"format_version": null}'),
    ],
    ids=lambda broken: repr(broken[:40]),
)
def test_what_is_not_a_plan_is_refused(broken: bytes | str) -> None:
    with pytest.raises(UsageError) as refused:
        loads(broken)
    assert refused.value.remedy
    assert len(str(refused.value)) < 400


def _spoilt(data: Tree, at: FieldPath) -> Iterator[Value]:
    """The same with one value another, or one item or key less."""
    found = get(data, at)
    yield set_at(data, at, "other" if found != "other" else "another")
    if isinstance(found, list) and found:
        yield set_at(data, at, found[1:])
        yield set_at(data, at, [])
    if isinstance(found, dict) and found:
        yield set_at(data, at, {})


def _places(value: Value, at: FieldPath = ()) -> Iterator[FieldPath]:
    if at:
        yield at
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _places(item, (*at, key))
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from _places(item, (*at, position))


def test_a_saved_plan_with_any_difference_is_refused() -> None:
    """Whatever is changed, the id kept; with the digest made anew it is another plan than the fresh one."""
    data: Tree = json.loads(dumps(PLAN))
    count = 0
    for at in _places(data):
        for spoilt in _spoilt(data, at):
            with pytest.raises((UsageError, Refused)):
                loads(json.dumps(spoilt))
            count += 1
    assert count > 100
    fresh = loads(json.dumps(data))
    for other in (
        replace(fresh, changes=()),
        replace(fresh, changes=(replace(TEMPLATE, risk=Risk.NONE), *fresh.changes[1:])),
        replace(fresh, changes=(replace(TEMPLATE, rolls=()), *fresh.changes[1:])),
        replace(fresh, deferred=(ROLE,)),
        replace(fresh, errors=("x",)),
        replace(fresh, warnings=("x",)),
        replace(fresh, cluster="other.example.com"),
        replace(fresh, prune=True),
    ):
        assert loads(dumps(other)) == other
        assert staleness(other, fresh)


def test_the_same_plan_made_later_still_holds() -> None:
    assert staleness(PLAN, replace(PLAN, made_at=PLAN.made_at + timedelta(hours=1))) == ()


def test_a_plan_of_another_format_says_so() -> None:
    with pytest.raises(UsageError, match=r"has format 4\.0"):
        loads(json.dumps({**to_json(PLAN), "format_version": "4.0"}))


def test_a_stale_plan_says_what_is_different() -> None:
    assert staleness(PLAN, PLAN) == ()
    bigger = replace(TEMPLATE, fields=(FieldChange("instance_type", "t3.medium", "m5.xlarge"),))
    fresh = replace(PLAN, id="another", changes=(VPC, bigger, replace(ROLE, action=Action.UPDATE)))
    assert staleness(PLAN, fresh) == (
        f"{RULE.key}: replace is no longer needed",
        f"{TEMPLATE.key}: instance_type, key_name, user_data differ from when the plan was made",
        f"{ROLE.key}: update is needed now, instead of delete",
    )
