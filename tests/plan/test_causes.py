"""The reasons of a plan with unsaved edits: each change has exactly its own."""

from __future__ import annotations

from dataclasses import replace

from kops_core.api.path import FieldPath, parse, set_at
from kops_core.api.values import Value
from kops_core.cloud.aws.resources.groups import AutoscalingGroup
from kops_core.infer.inference import Inference
from kops_core.model.resource import Resource
from kops_core.plan.causes import with_causes
from kops_core.plan.changes import Change, Plan
from kops_core.plan.planner import make_plan
from kops_core.plan.snapshot import Snapshot
from tests.aws.clusters import modelled
from tests.plan.fixtures import NOW, applied, case

VERSION = parse("spec.kubernetesVersion")
MACHINE = parse("instanceGroups.nodes.spec.machineType")
SIZE = parse("instanceGroups.nodes.spec.maxSize")


def edited(inference: Inference, path: FieldPath, value: Value) -> Inference:
    inputs = inference.inputs
    if path[0] == "spec":
        return inference.after(replace(inputs, cluster=set_at(inputs.cluster, path, value)))
    name = str(path[1])
    groups = {**inputs.instance_groups, name: set_at(inputs.instance_groups[name], path[2:], value)}
    return inference.after(replace(inputs, instance_groups=groups))


def plan(inference: Inference, world: Snapshot, *edits: FieldPath) -> Plan:
    desired = modelled(inference)
    return make_plan(
        desired,
        world,
        cluster=desired.cluster,
        inputs_digest="digest",
        now=NOW,
        inference=inference,
        edited=edits,
    )


def _change(plan: Plan, kind: str, name: str) -> Change:
    return next(each for each in plan.pending if each.key.kind == kind and each.key.name.startswith(name))


def test_an_unsaved_edit_is_not_blamed_for_what_was_saved_before() -> None:
    inference, before = case()
    world = applied(before)
    saved = edited(inference, SIZE, 9)
    unsaved = edited(saved, VERSION, "v1.34.1")
    made = with_causes(plan(unsaved, world, VERSION), plan(saved, world))
    size = _change(made, "AutoscalingGroup", "nodes.")
    assert [each.name for each in size.fields] == ["max_size"]
    assert size.spec_paths == (SIZE,)
    template = _change(made, "LaunchTemplate", "nodes.")
    assert template.spec_paths == (VERSION,)


def test_a_change_with_two_reasons_names_both_once() -> None:
    inference, before = case()
    world = applied(before)
    saved = edited(inference, MACHINE, "t3.large")
    unsaved = edited(saved, VERSION, "v1.34.1")
    made = with_causes(plan(unsaved, world, VERSION, VERSION), plan(saved, world))
    template = _change(made, "LaunchTemplate", "nodes.")
    assert {"instance_type", "user_data"} <= {each.name for each in template.fields}
    assert set(template.spec_paths) >= {VERSION, MACHINE}
    assert len(template.spec_paths) == len(set(template.spec_paths))
    masters = _change(made, "LaunchTemplate", "master")
    assert masters.spec_paths == (VERSION,)


def test_what_nobody_wrote_has_no_reason() -> None:
    """Something that was changed in the account: no field of the spec is why."""
    inference, before = case()
    group = next(each for each in before.resources if isinstance(each, AutoscalingGroup))

    def changed(found: Resource) -> Resource:
        assert isinstance(found, AutoscalingGroup)
        return replace(found, max_instance_lifetime=3600)

    (change,) = plan(inference, applied(before, change={group.key: changed})).pending
    assert change.spec_paths == ()
