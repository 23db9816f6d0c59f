"""The risk of a change for a running cluster: the highest that its kind, its fields and its action have."""

from __future__ import annotations

from typing import Any

import pytest

from kops_core.cloud.aws.resources.firewall import SecurityGroup, SecurityGroupRule
from kops_core.cloud.aws.resources.groups import LaunchTemplate
from kops_core.cloud.aws.resources.network import VPC
from kops_core.model.build import DesiredState
from kops_core.model.kind_spec import Risk
from kops_core.model.resource import Resource
from kops_core.model.store_resources import AddonManifest
from kops_core.plan.changes import Action, FieldChange
from kops_core.plan.planner import make_plan
from kops_core.plan.risk import risk_of, rolled_groups, severity
from kops_core.plan.snapshot import Observed, Snapshot
from tests.plan.fixtures import NOW

API = SecurityGroupRule(name="api", from_port=443, to_port=443)
SSH = SecurityGroupRule(name="ssh", from_port=22, to_port=22)
NODES = LaunchTemplate(name="nodes", instance_group="nodes")
NETWORK = VPC(name="c")
MANIFEST = AddonManifest(name="m", location="m")
TAGS, OTHER = FieldChange("tags", "a", "b"), FieldChange("x", "a", "b")


@pytest.mark.parametrize(
    ("action", "resource", "fields", "risk"),
    [
        (Action.NO_OP, API, (OTHER,), Risk.NONE),
        (Action.CREATE, API, (OTHER,), Risk.NONE),
        (Action.DELETE, API, (OTHER,), Risk.INTERRUPTS_API),
        (Action.REPLACE, API, (OTHER,), Risk.INTERRUPTS_API),
        (Action.UPDATE, API, (TAGS,), Risk.NONE),
        (Action.DELETE, SSH, (TAGS, OTHER), Risk.LIVE),
        (Action.CREATE, NETWORK, (OTHER,), Risk.NONE),
        (Action.UPDATE, NETWORK, (OTHER,), Risk.LIVE),
        (Action.UPDATE, NETWORK, (TAGS, OTHER), Risk.LIVE),
        (Action.UPDATE, NETWORK, (TAGS,), Risk.NONE),
        (Action.UPDATE, NETWORK, (), Risk.NONE),
        (Action.CREATE, MANIFEST, (OTHER,), Risk.LIVE),
        (Action.UPDATE, MANIFEST, (OTHER,), Risk.LIVE),
    ],
    ids=str,
)
def test_the_risk_of_an_action(
    action: Action, resource: Resource, fields: tuple[FieldChange, ...], risk: Risk
) -> None:
    assert risk_of(action, resource, fields) is risk
    expected = Risk.NONE if action is Action.NO_OP else Risk.ROLLS_NODES
    assert risk_of(action, resource, fields, rolls=("nodes",)) is expected


@pytest.mark.parametrize("action", Action)
def test_only_a_new_version_of_what_machines_are_made_from_rolls_a_group(action: Action) -> None:
    rolls = action in {Action.UPDATE, Action.REPLACE}
    assert rolled_groups(action, NODES) == (("nodes",) if rolls else ())
    assert rolled_groups(action, LaunchTemplate(name="x")) == ()
    assert rolled_groups(action, NETWORK) == ()


def test_risks_have_an_order() -> None:
    order = [Risk.NONE, Risk.LIVE, Risk.ROLLS_NODES, Risk.INTERRUPTS_API, Risk.DELETES_DATA]
    assert sorted(Risk, key=severity) == order


def test_the_plan_tells_the_risk_of_what_it_deletes() -> None:
    group = SecurityGroup(name="g", remove_extra_rules=("port=443", "port=22"))
    fields: dict[str, Any] = {"security_group": "sg-1"}
    left = [
        Observed(SecurityGroupRule(name=f"{port}", from_port=port, to_port=port, **fields), f"r-{port}")
        for port in (443, 22)
    ]
    desired = DesiredState("c", (group,))
    live = Snapshot(NOW, {group.key: Observed(group, "sg-1")}, tuple(left))
    plan = make_plan(desired, live, cluster="c", inputs_digest="x", now=NOW, prune=True)
    found = {change.key.name: change.risk for change in plan.pending}
    assert found == {"443": Risk.INTERRUPTS_API, "22": Risk.LIVE}
