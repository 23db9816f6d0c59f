"""Resources removed from a spec are deleted: at once, or by pruning if traffic depends on them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kops_core.cloud.aws.adapter_table import ADAPTERS
from kops_core.cloud.aws.adapters.network import amazon_block
from kops_core.cloud.aws.call_context import CallContext
from kops_core.cloud.aws.resources.balancers import NetworkLoadBalancer, SubnetMapping
from kops_core.cloud.aws.resources.network import NatGateway
from kops_core.cloud.cluster_store import ClusterStore
from kops_core.errors import CloudError
from kops_core.model.build import DesiredState
from kops_core.model.kind_spec import Phase, Risk
from kops_core.model.lifecycles import with_lifecycles
from kops_core.plan.changes import Action, Plan
from kops_core.plan.snapshot import Observed
from tests.aws.account import Account
from tests.aws.clusters import desired
from tests.aws.generated import furnish

pytestmark = pytest.mark.full

GROUP = "nodes.warm.example.com"


def pending(plan: Plan) -> dict[str, str]:
    """What a plan does, by kind."""
    return {change.key.kind: change.action.value for change in plan.pending}


def test_a_warm_pool_that_nobody_asks_for_goes_with_its_hook(account: Account, tmp_path: Path) -> None:
    cluster = desired("warm", account.zone)
    assert account.apply(cluster, tmp_path).ok
    hooks = account.aws.autoscaling.describe_lifecycle_hooks(AutoScalingGroupName=GROUP)["LifecycleHooks"]
    # nodeup ends the wait by this name.
    assert "kops-warmpool" in {each["LifecycleHookName"] for each in hooks}
    assert account.plan(cluster)[0].empty

    pool = "  warmPool:\n    enableLifecycleHook: true\n    maxSize: 1\n"
    without = desired("warm", account.zone, (pool, ""))
    plan, _ = account.plan(without)
    assert pending(plan)["WarmPool"] == pending(plan)["AutoscalingLifecycleHook"] == "delete"
    elsewhere, _ = account.plan(with_lifecycles(without, Phase.NETWORK))
    assert not pending(elsewhere).keys() & {"WarmPool", "AutoscalingLifecycleHook"}
    assert account.apply(without, tmp_path).ok
    assert account.plan(without)[0].empty
    answer = account.aws.autoscaling.describe_warm_pool(AutoScalingGroupName=GROUP)
    assert not answer.get("WarmPoolConfiguration")


def _metrics(account: Account) -> set[str]:
    groups = account.aws.autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[GROUP])
    return {each["Metric"] for each in groups["AutoScalingGroups"][0]["EnabledMetrics"]}


def test_a_warm_pool_takes_its_metrics_along_and_leaves_those_of_the_user(
    account: Account, tmp_path: Path
) -> None:
    assert account.apply(desired("warm", account.zone), tmp_path).ok
    account.aws.autoscaling.enable_metrics_collection(
        AutoScalingGroupName=GROUP, Granularity="1Minute", Metrics=["GroupInServiceCapacity"]
    )
    before = _metrics(account)
    assert {"WarmPoolMinSize", "GroupAndWarmPoolTotalCapacity", "GroupInServiceCapacity"} < before
    pool = "  warmPool:\n    enableLifecycleHook: true\n    maxSize: 1\n"
    without = desired("warm", account.zone, (pool, ""))
    assert account.apply(without, tmp_path).ok
    assert _metrics(account) == {each for each in before if "WarmPool" not in each}
    assert account.plan(without)[0].empty


BOUNDARY = "arn:aws:iam::123456789012:policy/limit"


@pytest.mark.parametrize("label", ["", "  cloudLabels:\n    team: a\n"])
def test_a_permissions_boundary_goes_alone_and_with_other_changes(
    account: Account, tmp_path: Path, label: str
) -> None:
    bounded = (
        "spec:\n  kubernetesApiAccess",
        f"spec:\n  iam:\n    permissionsBoundary: {BOUNDARY}\n  kubernetesApiAccess",
    )
    assert account.apply(desired("minimal-aws", account.zone, bounded), tmp_path).ok
    roles = [each["RoleName"] for each in account.aws.iam.list_roles()["Roles"]]
    assert len(roles) == 2

    def boundaries() -> list[str]:
        found = [account.aws.iam.get_role(RoleName=name)["Role"] for name in roles]
        return [each.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", "") for each in found]

    assert boundaries() == [BOUNDARY, BOUNDARY]
    free = desired("minimal-aws", account.zone, (bounded[0], f"spec:\n{label}  kubernetesApiAccess"))
    changed = {
        change.key.name: change.fields
        for change in account.plan(free)[0].pending
        if change.key.kind == "IAMRole"
    }
    assert all("permissions_boundary" in {each.name for each in changed[name]} for name in roles)
    assert account.apply(free, tmp_path).ok
    assert boundaries() == ["", ""]
    assert account.plan(free)[0].empty


def test_a_cloud_label_that_is_taken_away_leaves_the_balancers_too(account: Account, tmp_path: Path) -> None:
    head = "  name: private.example.com\nspec:\n"

    def labelled(*labels: str) -> DesiredState:
        lines = "".join(f"    {each}\n" for each in labels)
        return desired("private", account.zone, (head, f"{head}  cloudLabels:\n{lines}"))

    assert account.apply(labelled("team: a", "cost: b"), tmp_path).ok
    elb: Any = account.aws.elbv2
    arns = [each["LoadBalancerArn"] for each in elb.describe_load_balancers()["LoadBalancers"]]
    others = {"kops.k8s.io/revision": "7", "aws:cloudformation:stack-name": "x"}
    elb.add_tags(ResourceArns=arns, Tags=[{"Key": key, "Value": value} for key, value in others.items()])

    def tags() -> list[set[str]]:
        answer = elb.describe_tags(ResourceArns=arns)["TagDescriptions"]
        return [{tag["Key"] for tag in each["Tags"]} for each in answer]

    assert all({"team", "cost"} < each for each in tags())
    one = labelled("cost: b")
    assert "NetworkLoadBalancer" in pending(account.plan(one)[0])
    assert account.apply(one, tmp_path).ok
    for each in tags():
        assert "team" not in each
        assert {"cost", *others} < each
    assert "NetworkLoadBalancer" not in pending(account.plan(one)[0])


_ONE_ZONE = "  - cidr: 172.20.4.0/22\n    name: utility-us-east-1a\n    type: Utility\n    zone: us-east-1a\n"
_TWO_ZONES = _ONE_ZONE + _ONE_ZONE.replace("172.20.4", "172.20.8").replace("1a", "1b")


def test_a_balancer_leaves_a_subnet_as_aws_lets_it_and_the_plan_says_what_that_means(
    account: Account, tmp_path: Path
) -> None:
    """AWS takes subnets from network load balancers since 2025; before, and in kOps still, it refused."""
    assert account.apply(desired("private", account.zone, (_ONE_ZONE, _TWO_ZONES)), tmp_path).ok
    elb: Any = account.aws.elbv2

    def zones() -> set[int]:
        return {len(each["AvailabilityZones"]) for each in elb.describe_load_balancers()["LoadBalancers"]}

    assert zones() == {2}
    one = desired("private", account.zone)
    changes = [each for each in account.plan(one)[0].pending if each.key.kind == "NetworkLoadBalancer"]
    assert changes
    assert {change.risk for change in changes} == {Risk.INTERRUPTS_API}
    assert account.apply(one, tmp_path).ok
    assert zones() == {1}
    back = desired("private", account.zone, (_ONE_ZONE, _TWO_ZONES))
    added = [each for each in account.plan(back)[0].pending if each.key.kind == "NetworkLoadBalancer"]
    assert {change.risk for change in added} == {Risk.LIVE}


def test_an_additional_block_of_our_vpc_goes_and_that_of_a_shared_one_stays(
    account: Account, tmp_path: Path
) -> None:
    plain = desired("minimal-aws", account.zone)
    more = (
        "networkCIDR: 172.20.0.0/16",
        "networkCIDR: 172.20.0.0/16\n  additionalNetworkCIDRs:\n  - 10.1.0.0/16",
    )
    assert account.apply(desired("minimal-aws", account.zone, more), tmp_path).ok
    plan, _ = account.plan(plain)
    assert [str(change.key) for change in plan.pending if change.action is Action.DELETE] == [
        "VPCCIDRBlock/10.1.0.0/16"
    ]
    assert account.apply(plain, tmp_path).ok
    assert account.plan(plain)[0].empty


def test_a_change_back_to_instances_on_demand_is_seen(account: Account, tmp_path: Path) -> None:
    extra = "  maxPrice: '0.1'\n  cpuCredits: unlimited\n"
    spot = ("  machineType: t3.medium\n", f"{extra}  machineType: t3.medium\n")
    assert account.apply(desired("minimal-aws", account.zone, spot), tmp_path).ok
    plan, _ = account.plan(desired("minimal-aws", account.zone))
    fields = {each.name for change in plan.pending for each in change.fields}
    assert fields == {"spot_max_price", "cpu_credits"}
    assert account.apply(desired("minimal-aws", account.zone), tmp_path).ok
    assert account.plan(desired("minimal-aws", account.zone))[0].empty


def test_a_target_group_of_the_users_is_left_by_a_prune_only(account: Account, tmp_path: Path) -> None:
    elb: Any = account.aws.elbv2
    vpc = account.aws.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    made = elb.create_target_group(Name="theirs", Port=80, Protocol="TCP", VpcId=vpc)
    arn = made["TargetGroups"][0]["TargetGroupArn"]
    external = (
        "  machineType: t3.medium",
        f"  externalLoadBalancers:\n  - targetGroupArn: {arn}\n  machineType: t3.medium",
    )
    assert account.apply(desired("minimal-aws", account.zone, external), tmp_path).ok
    plan, _ = account.plan(desired("minimal-aws", account.zone))
    assert plan.empty
    assert [change.key.kind for change in plan.deferred] == ["TargetGroupAttachment"]
    assert account.apply(desired("minimal-aws", account.zone), tmp_path, prune=True).ok
    assert account.plan(desired("minimal-aws", account.zone))[0].deferred == ()
    assert elb.describe_target_groups(TargetGroupArns=[arn])["TargetGroups"], "it is theirs"


@pytest.fixture
def balanced(account: Account) -> DesiredState:
    """A cluster behind a network load balancer, with bastions behind another."""
    return desired("private", account.zone)


def test_a_balancer_that_takes_no_security_groups_is_made_anew_with_its_target_groups(
    balanced: DesiredState, account: Account, tmp_path: Path
) -> None:
    assert account.apply(balanced, tmp_path).ok
    elb: Any = account.aws.elbv2
    old = [each["LoadBalancerArn"] for each in elb.describe_load_balancers()["LoadBalancers"]]
    for arn in old:
        elb.set_security_groups(LoadBalancerArn=arn, SecurityGroups=[])
    plan, _ = account.plan(balanced)
    made = {change.key.kind for change in plan.pending if change.action is Action.CREATE}
    assert made >= {"NetworkLoadBalancer", "TargetGroup"}
    assert account.apply(balanced, tmp_path).ok
    plan, _ = account.plan(balanced)
    assert plan.empty
    assert {change.key.kind for change in plan.deferred} == {
        "NetworkLoadBalancer",
        "NetworkLoadBalancerListener",
        "TargetGroup",
        "TargetGroupAttachment",
    }
    new = [
        each for each in elb.describe_load_balancers()["LoadBalancers"] if each["LoadBalancerArn"] not in old
    ]
    assert all(len(each["LoadBalancerName"]) <= 32 for each in new)
    for each in new:
        tags = elb.describe_tags(ResourceArns=[each["LoadBalancerArn"]])["TagDescriptions"][0]["Tags"]
        assert any(tag["Key"] == "kops.k8s.io/revision" and tag["Value"].isdigit() for tag in tags)
    assert account.apply(balanced, tmp_path, prune=True).ok
    plan, _ = account.plan(balanced)
    assert (plan.pending, plan.deferred) == ((), ())
    assert elb.describe_load_balancers()["LoadBalancers"] == new


def test_a_nat_gateway_of_the_users_is_marked_so_that_kops_spares_it(
    account: Account, tmp_path: Path
) -> None:
    ec2: Any = account.aws.ec2
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    gateway = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)["NatGateway"]["NatGatewayId"]
    cluster = desired(
        "private", account.zone, ("    type: Private\n", f"    egress: {gateway}\n    type: Private\n")
    )
    assert any(isinstance(each, NatGateway) and each.shared for each in cluster.resources)
    assert account.apply(cluster, tmp_path).ok
    assert account.plan(cluster)[0].empty
    tables = ec2.describe_route_tables(Filters=[{"Name": "tag:AssociatedNatgateway", "Values": [gateway]}])[
        "RouteTables"
    ]
    assert len(tables) == 1


def test_a_key_pair_of_the_users_is_left_as_it_is(account: Account, tmp_path: Path) -> None:
    account.aws.ec2.create_key_pair(KeyName="theirs")
    cluster = desired("minimal-aws", account.zone, ("  networkCIDR:", "  sshKeyName: theirs\n  networkCIDR:"))
    assert account.apply(cluster, tmp_path).ok
    assert account.plan(cluster)[0].empty
    (pair,) = account.aws.ec2.describe_key_pairs()["KeyPairs"]
    assert not pair.get("Tags")


def test_the_block_of_amazons_comes_before_the_users_own() -> None:
    def block(name: str, pool: str, state: str = "associated") -> Any:
        return {
            "AssociationId": name,
            "Ipv6CidrBlock": f"2001:db8:{name}::/56",
            "Ipv6Pool": pool,
            "Ipv6CidrBlockState": {"State": state},
        }

    own, gone, amazons = block("1", "ipv6pool-1"), block("2", "Amazon", "disassociated"), block("3", "Amazon")
    assert amazon_block({"Ipv6CidrBlockAssociationSet": [own, gone, amazons]}) == (
        "3",
        "2001:db8:3::/56",
        "associated",
    )
    assert amazon_block({"Ipv6CidrBlockAssociationSet": [own, gone]}) == (
        "1",
        "2001:db8:1::/56",
        "associated",
    )
    assert amazon_block({"Ipv6CidrBlockAssociationSet": [gone]}) is None


def test_instances_without_a_policy_any_more_are_launched_from_the_template_itself(
    account: Account, tmp_path: Path
) -> None:
    policy = "  mixedInstancesPolicy:\n    instances: [t2.medium, t3.medium]\n"
    mixed = ("  machineType: t3.medium\n", f"{policy}  machineType: t3.medium\n")
    plain = desired("minimal-aws", account.zone)
    assert account.apply(desired("minimal-aws", account.zone, mixed), tmp_path).ok
    assert account.plan(desired("minimal-aws", account.zone, mixed))[0].empty
    plan, _ = account.plan(plain)
    changes = {change.key.kind: [each.name for each in change.fields] for change in plan.pending}
    assert changes["AutoscalingGroup"] == ["launch_template"]
    assert account.apply(plain, tmp_path).ok
    groups = account.aws.autoscaling.describe_auto_scaling_groups()["AutoScalingGroups"]
    assert all("LaunchTemplate" in each and "MixedInstancesPolicy" not in each for each in groups)
    assert account.plan(plain)[0].empty


def test_a_prune_closes_what_we_opened_in_a_security_group_of_the_users(
    account: Account, tmp_path: Path
) -> None:
    ec2: Any = account.aws.ec2
    group = ec2.create_security_group(
        GroupName="theirs", Description="theirs", VpcId=ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    )["GroupId"]
    theirs = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "192.0.2.0/24"}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[theirs])
    override = ("      type: Public\n", f"      securityGroupOverride: {group}\n      type: Public\n")
    cluster = desired("private", account.zone, override)
    assert account.apply(cluster, tmp_path).ok
    opened = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.9.0.0/16"}]}
    mark = {"Key": f"kubernetes.io/cluster/{cluster.cluster}", "Value": "owned"}
    ec2.authorize_security_group_ingress(
        GroupId=group,
        IpPermissions=[opened],
        TagSpecifications=[{"ResourceType": "security-group-rule", "Tags": [mark]}],
    )
    plan, _ = account.plan(cluster)
    assert plan.empty
    assert [change.key.kind for change in plan.deferred] == ["SecurityGroupRule"]
    assert account.apply(cluster, tmp_path, prune=True).ok
    rules = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])
    cidrs = {each.get("CidrIpv4") for each in rules["SecurityGroupRules"] if each.get("FromPort") == 443}
    assert cidrs - {None} == {"192.0.2.0/24", "0.0.0.0/0"}


def test_labels_go_where_kops_takes_every_tag_for_its_own(account: Account, tmp_path: Path) -> None:
    cluster = furnish(account, "case002")

    def labelled(trees: list[Any]) -> None:
        trees[0]["spec"]["cloudLabels"] = {"team": "a"}

    assert account.apply(cluster.desired(labelled), tmp_path).ok
    plan, _ = account.plan(cluster.desired())
    assert {
        change.key.kind for change in plan.pending if [each.name for each in change.fields] == ["tags"]
    } == {
        "AutoscalingGroup",
        "EBSVolume",
        "EventBridgeRule",
        "IAMInstanceProfile",
        "IAMOIDCProvider",
        "IAMRole",
        "LaunchTemplate",
        "NetworkLoadBalancer",
        "SSHKey",
    }
    assert account.apply(cluster.desired(), tmp_path).ok
    assert account.plan(cluster.desired())[0].empty
    iam: Any = account.aws.iam
    profiles = [
        iam.get_instance_profile(InstanceProfileName=each["InstanceProfileName"])["InstanceProfile"]
        for each in iam.list_instance_profiles()["InstanceProfiles"]
    ]
    providers = [
        iam.get_open_id_connect_provider(OpenIDConnectProviderArn=each["Arn"])
        for each in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
    ]
    assert profiles
    assert providers
    keys = {tag["Key"] for each in (*profiles, *providers) for tag in each["Tags"]}
    assert "team" not in keys
    assert "Name" in keys


def test_a_subnet_is_exchanged_for_another_of_its_zone_in_two_goes(account: Account) -> None:
    """AWS wants the zone to be left before it is entered again; a balancer is never in no zone."""
    ec2, elb = account.aws.ec2, account.aws.elbv2
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]

    def subnet(number: int, zone: str) -> str:
        made = ec2.create_subnet(
            VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"us-east-1{zone}"
        )
        return made["Subnet"]["SubnetId"]

    a1, a2, b1, c1 = subnet(1, "a"), subnet(2, "a"), subnet(3, "b"), subnet(4, "c")
    made = elb.create_load_balancer(Name="x", Type="network", Subnets=[a1, b1])
    arn = made["LoadBalancers"][0]["LoadBalancerArn"]
    work = CallContext(account.aws, ClusterStore.of(account.store, {}, "c", account.open_other), "c")

    def exchange(before: list[str], after: list[str]) -> list[list[str]]:
        asked: list[list[str]] = []

        def note(params: Any, **_: object) -> None:
            asked.append([each["SubnetId"] for each in params["SubnetMappings"]])

        event = "provide-client-params.elastic-load-balancing-v2.SetSubnets"
        elb.meta.events.register(event, note)
        try:
            seen, wanted = (
                NetworkLoadBalancer(name="x", subnet_mappings=tuple(map(SubnetMapping, each)))
                for each in (before, after)
            )
            changed = frozenset({"subnet_mappings"})
            ADAPTERS["NetworkLoadBalancer"].update(work, wanted, Observed(seen, arn), changed)
        finally:
            elb.meta.events.unregister(event, note)
        return asked

    assert exchange([a1, b1], [a2, b1]) == [[b1], [a2, b1]]
    assert exchange([a2, b1], [a2, c1]) == [[a2, c1]]
    assert exchange([a2, c1], [a2]) == [[a2]]
    with pytest.raises(CloudError, match="would be in no zone"):
        exchange([a2], [a1])
