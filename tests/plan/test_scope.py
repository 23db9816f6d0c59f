"""A plan limited to some resources: what has to change with them is not left out, and the rest is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kops_core.api.path import parse
from kops_core.engine.background.requests import apply_request
from kops_core.engine.operations.planning import RECORDS, PlannedChange
from kops_core.errors import UsageError
from kops_core.model.build import DesiredState
from kops_core.model.template import Key
from kops_core.plan.changes import Action, CauseGroup, CauseKind, Change, Plan, Reason
from kops_core.plan.planner import make_plan
from kops_core.plan.scope import limited
from kops_core.plan.snapshot import Snapshot
from tests.aws.clusters import modelled
from tests.plan.fixtures import EMPTY, NOW, applied, case
from tests.plan.test_causes import VERSION, edited, plan

NODES, MASTERS = "nodes.minimal-aws.example.com", "master-us-east-1a.masters.minimal-aws.example.com"
NODE_TEMPLATE, MASTER_TEMPLATE = Key("LaunchTemplate", NODES), Key("LaunchTemplate", MASTERS)
NODE_FILE = Key("ManagedFile", "nodeupconfig-nodes")
CHANNEL = Key("BootstrapChannel", "minimal-aws.example.com-addons-bootstrap")


def upgrade() -> tuple[Plan, DesiredState, Snapshot]:
    inference, before = case()
    now = edited(inference, VERSION, "v1.34.1")
    return plan(now, applied(before), VERSION), modelled(now), applied(before)


def keys(plan: Plan) -> set[Key]:
    return {change.key for change in plan.pending}


def test_a_template_brings_the_files_that_its_nodes_check_and_a_file_its_template() -> None:
    whole, desired, _ = upgrade()
    assert {NODE_TEMPLATE, MASTER_TEMPLATE, NODE_FILE, *RECORDS} <= keys(whole) | RECORDS
    for marked in (NODE_TEMPLATE, NODE_FILE):
        made = limited(whole, [marked], desired.by_key(), RECORDS)
        assert keys(made) == {NODE_TEMPLATE, NODE_FILE}
        assert MASTER_TEMPLATE in made.left_out
        assert {change.key for change in made.changes} == {change.key for change in whole.changes}


def test_add_ons_change_with_the_list_that_has_their_hashes() -> None:
    inference, before = case()
    now = edited(edited(inference, VERSION, "v1.34.1"), parse("spec.clusterAutoscaler.enabled"), True)
    whole = plan(now, applied(before))
    made = limited(whole, [CHANNEL], modelled(now).by_key(), RECORDS)
    manifests = {key for key in keys(whole) if key.kind == "AddonManifest"}
    assert manifests
    assert keys(made) == {CHANNEL, *manifests}


def test_what_a_change_needs_is_done_too_and_what_needs_it_is_not() -> None:
    _, desired = case()
    whole = make_plan(desired, EMPTY, cluster=desired.cluster, inputs_digest="x", now=NOW)
    subnet = next(key for key in keys(whole) if key.kind == "Subnet")
    made = limited(whole, [subnet], desired.by_key(), RECORDS)
    assert {key.kind for key in keys(made)} == {"Subnet", "VPC"}
    left = next(change for change in made.changes if change.key == NODE_TEMPLATE)
    assert (left.action, left.reason, left.fields) == (Action.NO_OP, Reason.LEFT_OUT, ())


def test_nothing_goes_on_using_what_is_replaced() -> None:
    old = Change(Key("Subnet", "a"), Action.REPLACE, Reason.CANNOT_UPDATE)
    user = Change(Key("NatGateway", "a"), Action.UPDATE, Reason.DIFFERS, needs=(old.key,))
    other = Change(Key("VPC", "v"), Action.UPDATE, Reason.DIFFERS)
    made = limited(Plan("c", "1", NOW, (old, user, other)), [old.key], {}, RECORDS)
    assert keys(made) == {old.key, user.key}


def test_the_record_of_what_was_applied_is_written_with_the_last_change() -> None:
    whole, desired, _ = upgrade()
    some = limited(whole, [*RECORDS, NODE_TEMPLATE], desired.by_key(), RECORDS)
    assert not keys(some) & RECORDS
    everything = limited(whole, keys(whole) - RECORDS, desired.by_key(), RECORDS)
    assert everything is whole


def test_the_id_depends_on_what_is_kept_and_not_on_how_it_was_chosen() -> None:
    whole, desired, _ = upgrade()
    by_key = desired.by_key()
    one = limited(whole, [NODE_TEMPLATE], by_key, RECORDS)
    same = limited(whole, [NODE_FILE, NODE_TEMPLATE], by_key, RECORDS)
    other = limited(whole, [MASTER_TEMPLATE], by_key, RECORDS)
    assert one == same
    assert len({whole.id, one.id, other.id}) == 3
    grouped = replace(whole, causes=(CauseGroup(CauseKind.SAVED, VERSION, changes=tuple(keys(whole))),))
    assert set(limited(grouped, [NODE_FILE], by_key, RECORDS).causes[0].changes) == {NODE_FILE, NODE_TEMPLATE}


def test_a_request_names_all_that_is_kept_and_no_choice_is_not_everything() -> None:
    whole, desired, world = upgrade()
    planned = PlannedChange(whole, desired, world, desired)
    limited_plan = planned.limited_to([NODE_FILE])
    request = apply_request("c", limited_plan, None)
    assert set(request.resources) == {str(NODE_FILE), str(NODE_TEMPLATE)}
    assert planned.whole
    assert not limited_plan.whole, "it does not tell what the last apply wanted"
    assert planned.limited_to([Key("VPC", "gone")]).plan.empty
    with pytest.raises(UsageError, match="no change was chosen"):
        apply_request("c", planned.limited_to([Key("VPC", "gone")]), None)
