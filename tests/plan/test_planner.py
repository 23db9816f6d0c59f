"""Plans: empty for the desired state, else exactly the differences."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from kops_core.api.path import FieldPath, parse, set_at
from kops_core.api.values import Value
from kops_core.cloud.aws.resources.events import EventBridgeRule
from kops_core.cloud.aws.resources.firewall import SecurityGroupRule
from kops_core.cloud.aws.resources.groups import AutoscalingGroup, AutoscalingLifecycleHook, LaunchTemplate
from kops_core.cloud.aws.resources.iam import IAMRole
from kops_core.cloud.aws.resources.network import DHCPOptions, Subnet
from kops_core.cloud.aws.resources.storage import EBSVolume
from kops_core.errors import KopsError
from kops_core.model.build import DesiredState
from kops_core.model.kind_spec import Risk
from kops_core.model.resource import Lifecycle, Resource
from kops_core.model.template import Key, Ref
from kops_core.plan.changes import Action, Plan, Reason
from kops_core.plan.order import PlanFault, in_order
from kops_core.plan.planner import make_plan
from kops_core.plan.snapshot import Snapshot
from tests.aws.clusters import modelled
from tests.clusters import CLUSTERS
from tests.plan.fixtures import EMPTY, NOW, applied, case, value_of

CASES = tuple(CLUSTERS)
NODES = Key("LaunchTemplate", "nodes.minimal-aws.example.com")
MASTERS = "masters.minimal-aws.example.com"


def plan(desired: DesiredState, snapshot: Snapshot, *, prune: bool = False) -> Plan:
    return make_plan(desired, snapshot, cluster=desired.cluster, inputs_digest="digest", now=NOW, prune=prune)


def with_resources(desired: DesiredState, *changed: Resource) -> DesiredState:
    by_key = {each.key: each for each in changed}
    return DesiredState(desired.cluster, tuple(by_key.get(each.key, each) for each in desired.resources))


@pytest.mark.parametrize("name", CASES)
def test_what_was_applied_needs_nothing(name: str) -> None:
    _, desired = case(name)
    made = plan(desired, applied(desired))
    assert made.empty
    assert made.errors == ()
    assert {change.key for change in made.changes} == {each.key for each in desired.resources}


@pytest.mark.parametrize("name", CASES)
def test_every_change_comes_after_what_it_needs(name: str) -> None:
    _, desired = case(name)
    made = plan(desired, EMPTY)
    place = {change.key: at for at, change in enumerate(made.changes)}
    assert all(place[need] < place[change.key] for change in made.changes for need in change.needs)
    by_key = desired.by_key()
    for change in made.pending:
        for ref in by_key[change.key].refs():
            if made.changes[place[ref.key]].action is not Action.NO_OP:
                assert ref.key in change.needs


def test_machines_start_after_what_they_read() -> None:
    _, desired = case()
    made = {change.key: change for change in plan(desired, EMPTY).changes}
    kinds = {key.kind for key in made[Key("AutoscalingGroup", f"master-us-east-1a.{MASTERS}")].needs}
    assert {"ManagedFile", "Keypair", "EBSVolume", "IAMInstanceProfileRole", "Route"} <= kinds


def test_an_account_of_any_part_is_completed() -> None:
    """Whatever was made already, the plan makes the rest and keeps what is there."""
    _, desired = case("ha")
    chance = random.Random(7)
    for _ in range(20):
        missing = {
            each.key
            for each in desired.resources
            if chance.random() < 0.4 and not (each.absent or each.shared)
        }
        made = plan(desired, applied(desired, without=missing))
        created = {change.key for change in made.changes if change.action is Action.CREATE}
        assert created == missing
        kept = {change.key for change in made.changes if change.action is Action.NO_OP}
        for change in made.pending:
            if change.key not in missing:
                assert any(ref.key in created for ref in desired.by_key()[change.key].refs()), change
        assert kept.isdisjoint(missing)


def test_a_changed_field_is_named_and_nothing_else() -> None:
    _, desired = case()
    key = Key("AutoscalingGroup", "nodes.minimal-aws.example.com")
    world = applied(desired, change={key: lambda it: replace(_group(it), max_size=9)})
    (change,) = plan(desired, world).pending
    assert (change.key, change.action, change.reason) == (key, Action.UPDATE, Reason.DIFFERS)
    (field,) = change.fields
    assert (field.name, field.before, field.after) == ("max_size", "9", "2")
    assert change.risk is Risk.LIVE


def test_a_launch_template_rolls_its_group() -> None:
    _, desired = case()
    world = applied(desired, change={NODES: lambda it: replace(_template(it), instance_type="t3.nano")})
    (change,) = plan(desired, world).pending
    assert (change.risk, change.rolls) == (Risk.ROLLS_NODES, ("nodes",))
    assert plan(desired, EMPTY).changes[-1].rolls == ()


def test_order_without_meaning_is_no_difference() -> None:
    _, desired = case("ha")
    key = Key("AutoscalingGroup", "nodes.ha.example.com")

    def turned(it: Resource) -> Resource:
        group = _group(it)
        assert group.subnets is not None
        assert group.enabled_metrics is not None
        return replace(group, subnets=group.subnets[::-1], enabled_metrics=group.enabled_metrics[::-1])

    assert plan(desired, applied(desired, change={key: turned})).empty


def test_policies_are_compared_as_json() -> None:
    _, desired = case()
    key = Key("IAMRole", MASTERS)

    def respaced(it: Resource) -> Resource:
        assert isinstance(it, IAMRole)
        return replace(it, assume_role_policy_document=str(it.assume_role_policy_document).replace("\n", " "))

    assert plan(desired, applied(desired, change={key: respaced})).empty


def test_tags_of_others_stay() -> None:
    _, desired = case()
    key = Key("Subnet", "us-east-1a.minimal-aws.example.com")
    world = applied(
        desired, change={key: lambda it: replace(_subnet(it), tags={**(_subnet(it).tags or {}), "team": "a"})}
    )
    assert plan(desired, world).empty


def test_what_nobody_can_change_is_an_error() -> None:
    _, desired = case()
    key = Key("Subnet", "us-east-1a.minimal-aws.example.com")
    world = applied(desired, change={key: lambda it: replace(_subnet(it), cidr_block="10.9.0.0/24")})
    made = plan(desired, world)
    assert made.errors == (
        "Subnet/us-east-1a.minimal-aws.example.com: cidr_block can't be changed"
        " from '10.9.0.0/24' to '172.20.32.0/19'",
    )


def test_a_rule_is_made_anew() -> None:
    _, desired = case()
    key = Key("SecurityGroupRule", f"from-0.0.0.0/0-ingress-tcp-443to443-{MASTERS}")
    world = applied(desired, change={key: lambda it: replace(_rule(it), to_port=444)})
    (change,) = plan(desired, world).pending
    assert (change.action, change.reason) == (Action.REPLACE, Reason.CANNOT_UPDATE)
    assert change.risk is Risk.INTERRUPTS_API


def test_what_is_made_anew_has_no_id_to_refer_to_yet() -> None:
    _, desired = case()
    key = Key("DHCPOptions", "minimal-aws.example.com")
    world = applied(desired, change={key: lambda it: replace(_dhcp(it), domain_name="old.internal")})
    made = {change.key: change for change in plan(desired, world).pending}
    association = made[Key("VPCDHCPOptionsAssociation", "minimal-aws.example.com")]
    assert made[key].action is Action.REPLACE
    assert association.action is Action.UPDATE
    assert association.needs == (key,)


def test_a_missing_shared_resource_is_an_error_and_never_made() -> None:
    _, desired = case("sharedvpc")
    made = plan(desired, EMPTY)
    (vpc,) = (change for change in made.changes if change.key.kind == "VPC")
    assert (vpc.action, vpc.reason) == (Action.NO_OP, Reason.SHARED_MISSING)
    assert "VPC/sharedvpc.example.com is shared, and vpc-12345678 does not exist" in made.errors


def test_lifecycles() -> None:
    _, desired = case()
    key = Key("Subnet", "us-east-1a.minimal-aws.example.com")
    subnet = desired.by_key()[key]
    for lifecycle, errors, warnings in (
        (Lifecycle.IGNORE, 0, 0),
        (Lifecycle.EXISTS_AND_VALIDATES, 1, 0),
        (Lifecycle.EXISTS_AND_WARN_IF_CHANGES, 0, 1),
    ):
        wanted = with_resources(desired, replace(subnet, lifecycle=lifecycle))
        for world in (
            applied(desired, change={key: lambda it: replace(_subnet(it), enable_dns64=True, tags={})}),
            EMPTY,
        ):
            made = plan(wanted, world)
            (change,) = (each for each in made.changes if each.key == key)
            assert change.action is Action.NO_OP
            about = [[note for note in notes if str(key) in note] for notes in (made.errors, made.warnings)]
            assert [len(notes) for notes in about] == [errors, warnings]


def test_leftovers_go_as_kops_lets_them() -> None:
    _, desired = case()
    group = value_of(_ref("SecurityGroup", MASTERS))
    ours = SecurityGroupRule(name="old", security_group=group, from_port=22, to_port=22, ip_protocol="tcp")
    theirs = replace(ours, name="theirs", from_port=9000, to_port=9000)
    role = IAMRole(name="old.minimal-aws.example.com")
    world = applied(desired, foreign=(ours, theirs, role))
    made = plan(desired, world)
    assert [(change.key.name, change.action) for change in made.pending] == [(role.name, Action.DELETE)]
    assert [change.key.name for change in made.deferred] == ["old"]
    pruned = plan(desired, world, prune=True)
    assert {change.key.name for change in pruned.pending} == {"old", role.name}
    assert pruned.deferred == ()


@pytest.mark.parametrize(
    ("leftover", "fate"),
    [
        (LaunchTemplate(name="nodes-2019", tags={"Name": "nodes.minimal-aws.example.com"}), Action.DELETE),
        (LaunchTemplate(name="others", tags={"Name": "others"}), None),
        (AutoscalingLifecycleHook(name="x", hook_name="kops-warmpool"), Action.DELETE),
        (AutoscalingLifecycleHook(name="x", hook_name="theirs"), None),
        (EventBridgeRule(name="minimal-aws.example.com-RebalanceRecommendation"), Action.DELETE),
        (EventBridgeRule(name="minimal-aws.example.com-Theirs"), None),
        (AutoscalingGroup(name="gone.minimal-aws.example.com"), None),
        (EBSVolume(name="us-east-1a.etcd-main.minimal-aws.example.com (vol-1)"), None),
        (
            DHCPOptions(
                name="minimal-aws.example.com (dopt-1)",
                tags={"kubernetes.io/cluster/minimal-aws.example.com": "owned"},
            ),
            Action.DELETE,
        ),
        (DHCPOptions(name="minimal-aws.example.com (dopt-1)", tags={"team": "other"}), None),
    ],
    ids=lambda each: str(each.key) if isinstance(each, Resource) else "",
)
def test_only_leftovers_that_are_surely_ours_are_deleted(leftover: Resource, fate: Action | None) -> None:
    _, desired = case()
    made = plan(desired, applied(desired, foreign=(leftover,)), prune=True)
    assert {change.key: change.action for change in made.pending} == ({leftover.key: fate} if fate else {})


def test_user_data_that_aws_would_refuse_is_an_error_of_the_plan() -> None:
    _, desired = case()
    long = replace(_template(desired.by_key()[NODES]), user_data="x" * 16385)
    made = plan(with_resources(desired, long), EMPTY)
    assert f"{NODES}: user_data has 16385 bytes, and the limit is 16384" in made.errors


def test_ids_of_plans_follow_what_they_say() -> None:
    _, desired = case()
    world = applied(desired)
    later = Snapshot(NOW.replace(year=2030), world.resources)
    assert plan(desired, world).id == plan(desired, later).id
    assert plan(desired, world).id != plan(desired, EMPTY).id
    other = make_plan(desired, world, cluster=desired.cluster, inputs_digest="another", now=NOW)
    assert other.id != plan(desired, world).id


def test_a_change_names_the_fields_of_the_spec_behind_it() -> None:
    inference, before = case()
    edit: FieldPath = parse("spec.kubernetesVersion")
    changed = inference.after(
        replace(inference.inputs, cluster=set_at(inference.inputs.cluster, edit, _version("v1.34.1")))
    )
    after = modelled(changed)
    made = make_plan(
        after,
        applied(before),
        cluster=after.cluster,
        inputs_digest="digest",
        now=NOW,
        inference=changed,
        edited=[edit],
    )
    templates = [change for change in made.pending if change.key.kind == "LaunchTemplate"]
    assert [change.spec_paths for change in templates] == [(edit,), (edit,)]
    assert {each.name for change in templates for each in change.fields} == {"user_data"}
    assert {change.key.kind for change in made.pending} <= {
        "LaunchTemplate",
        "ManagedFile",
        "AddonManifest",
        "BootstrapChannel",
    }
    assert sorted(name for change in made.changes for name in change.rolls) == ["master-us-east-1a", "nodes"]


def test_a_circle_is_a_fault_that_names_its_members() -> None:
    one, two, three = (Key("X", name) for name in "abc")
    assert in_order({one: [two], two: [three], three: []}) == (three, two, one)
    with pytest.raises(PlanFault, match=r"X/a -> X/b -> X/a"):
        in_order({one: [two], two: [one], three: []})
    assert issubclass(PlanFault, KopsError)


def _ref(kind: str, name: str) -> Ref:
    return Ref(Key(kind, name))


def _version(text: str) -> Value:
    return text


def _group(it: Resource) -> AutoscalingGroup:
    assert isinstance(it, AutoscalingGroup)
    return it


def _template(it: Resource) -> LaunchTemplate:
    assert isinstance(it, LaunchTemplate)
    return it


def _dhcp(it: Resource) -> DHCPOptions:
    assert isinstance(it, DHCPOptions)
    return it


def _subnet(it: Resource) -> Subnet:
    assert isinstance(it, Subnet)
    return it


def _rule(it: Resource) -> SecurityGroupRule:
    assert isinstance(it, SecurityGroupRule)
    return it


def test_what_is_being_made_is_waited_for_and_what_is_ready_is_not() -> None:
    _, desired = case()
    world = applied(desired)
    key = Key("VPC", "minimal-aws.example.com")
    pending = replace(world.resources[key], unready="it is pending")
    live = replace(world, resources={**world.resources, key: pending})
    (change,) = plan(desired, live).pending
    assert (change.key, change.action, change.reason) == (key, Action.UPDATE, Reason.NOT_READY)
    assert (change.fields, change.risk) == ((), Risk.NONE)


def test_of_a_shared_resource_only_tags_are_changed() -> None:
    _, desired = case("sharedsubnet")
    key = Key("Subnet", "us-east-1a.sharedsubnet.example.com")
    shared = desired.by_key()[key]
    assert shared.shared
    there = replace(_subnet(shared), cidr_block="10.0.0.0/8", enable_dns64=True, tags={"a": "b"})
    (change,) = plan(desired, applied(desired, change={key: lambda _: there})).pending
    assert (change.key, [each.name for each in change.fields]) == (key, ["tags"])
