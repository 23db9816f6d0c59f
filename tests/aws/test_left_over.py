"""What is taken out of a spec goes from the account: at once, or by a prune where traffic depends on it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kops_core.cloud.aws.kinds.network import amazon_block
from kops_core.model.build import DesiredState
from kops_core.model.kinds import NatGateway
from kops_core.model.lifecycles import Phase, with_lifecycles
from kops_core.plan.changes import Action, Plan
from tests.aws.account import Account
from tests.aws.clusters import desired
from tests.aws.generated import furnish

GROUP = "nodes.minimal-warmpool.example.com"


def pending(plan: Plan) -> dict[str, str]:
    """What a plan does, by kind."""
    return {change.key.kind: change.action.value for change in plan.pending}


def test_a_warm_pool_that_nobody_asks_for_goes_with_its_hook(account: Account, tmp_path: Path) -> None:
    cluster = desired("minimal-warmpool", account.zone)
    assert account.apply(cluster, tmp_path).ok
    hooks = account.aws.autoscaling.describe_lifecycle_hooks(AutoScalingGroupName=GROUP)["LifecycleHooks"]
    # nodeup ends the wait by this name.
    assert "kops-warmpool" in {each["LifecycleHookName"] for each in hooks}
    assert account.plan(cluster)[0].empty

    pool = "  warmPool:\n    enableLifecycleHook: true\n    maxSize: 1\n"
    without = desired("minimal-warmpool", account.zone, (pool, ""))
    plan, _ = account.plan(without)
    assert pending(plan)["WarmPool"] == pending(plan)["AutoscalingLifecycleHook"] == "delete"
    elsewhere, _ = account.plan(with_lifecycles(without, Phase.NETWORK))
    assert not pending(elsewhere).keys() & {"WarmPool", "AutoscalingLifecycleHook"}
    assert account.apply(without, tmp_path).ok
    assert account.plan(without)[0].empty
    answer = account.aws.autoscaling.describe_warm_pool(AutoScalingGroupName=GROUP)
    assert not answer.get("WarmPoolConfiguration")


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
    spot = ("  machineType: t2.medium\n", f"{extra}  machineType: t2.medium\n")
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
        "  machineType: t2.medium",
        f"  externalLoadBalancers:\n  - targetGroupArn: {arn}\n  machineType: t2.medium",
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
    return desired("privatecalico", account.zone)


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
        "privatecalico", account.zone, ("    type: Private\n", f"    egress: {gateway}\n    type: Private\n")
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
    assert amazon_block({"Ipv6CidrBlockAssociationSet": [own, gone, amazons]}) == ("3", "2001:db8:3::/56")
    assert amazon_block({"Ipv6CidrBlockAssociationSet": [own, gone]}) == ("1", "2001:db8:1::/56")
    assert amazon_block({"Ipv6CidrBlockAssociationSet": [gone]}) is None


def test_instances_without_a_policy_any_more_are_launched_from_the_template_itself(
    account: Account, tmp_path: Path
) -> None:
    policy = "  mixedInstancesPolicy:\n    instances: [t2.medium, t3.medium]\n"
    mixed = ("  machineType: t2.medium\n", f"{policy}  machineType: t2.medium\n")
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
    cluster = desired("privatecalico", account.zone, override)
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
