"""What belongs to others in the account is neither pruned nor deleted, however alike it looks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kops_core.plan.changes import Action
from tests.aws.account import Account, inventory
from tests.aws.clusters import desired
from tests.operations.deleting import delete, planned

NAME = "minimal-aws.example.com"
OTHER = {"Key": "kubernetes.io/cluster/other.example.com", "Value": "owned"}


def _tagged(kind: str, *tags: dict[str, str]) -> Any:
    return [{"ResourceType": kind, "Tags": list(tags)}]


def _make_strangers(account: Account) -> set[str]:
    """Resources of others: without tags, with those of another cluster, and with names like the cluster's."""
    ec2: Any = account.aws.ec2
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16", TagSpecifications=_tagged("vpc", OTHER))["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(
        VpcId=vpc, CidrBlock="10.9.0.0/24", TagSpecifications=_tagged("subnet", OTHER)
    )["Subnet"]["SubnetId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    group = ec2.create_security_group(GroupName=f"nodes.{NAME}", Description="x", VpcId=vpc)["GroupId"]
    everyone = [{"CidrIp": "0.0.0.0/0"}]
    ssh = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": everyone}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[ssh])
    name = {"Key": "Name", "Value": f"us-east-1a.etcd-main.{NAME}"}
    volume = ec2.create_volume(
        Size=1, AvailabilityZone="us-east-1a", TagSpecifications=_tagged("volume", name, OTHER)
    )["VolumeId"]
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    template = ec2.create_launch_template(
        LaunchTemplateName=f"nodes.{NAME}.backup", LaunchTemplateData={"InstanceType": "t3.micro"}
    )["LaunchTemplate"]["LaunchTemplateId"]
    ec2.create_key_pair(KeyName=f"kubernetes.{NAME}-theirs")
    options = ec2.create_dhcp_options(DhcpConfigurations=[{"Key": "domain-name", "Values": ["ec2.internal"]}])
    account.aws.autoscaling.create_auto_scaling_group(
        AutoScalingGroupName=f"nodes.{NAME}unity",
        MinSize=0,
        MaxSize=0,
        LaunchTemplate={"LaunchTemplateId": template},
        VPCZoneIdentifier=subnet,
    )
    roles = [f"nodes.{NAME}-theirs", f"nodes.sub.{NAME}", f"my-nodes.{NAME}"]
    for role in roles:
        account.aws.iam.create_role(RoleName=role, AssumeRolePolicyDocument="{}")
        account.aws.iam.create_instance_profile(InstanceProfileName=role)
        account.aws.iam.add_role_to_instance_profile(InstanceProfileName=role, RoleName=role)
    account.aws.events.put_rule(Name=f"{NAME}-Theirs", EventPattern='{"source": ["aws.ec2"]}')
    account.aws.sqs.create_queue(QueueName=NAME.replace(".", "-") + "-theirs")
    return {
        *(vpc, subnet, gateway, group, volume, address, template, options["DhcpOptions"]["DhcpOptionsId"]),
        *(f"nodes.{NAME}unity", f"{NAME}-Theirs", f"kubernetes.{NAME}-theirs", *roles),
    }


@pytest.mark.full
def test_strangers_are_neither_pruned_nor_deleted(account: Account, tmp_path: Path) -> None:
    theirs = _make_strangers(account)
    alone = inventory(account)
    cluster = desired("minimal-aws", account.zone)
    assert account.apply(cluster, tmp_path / "make").ok
    plan, _ = account.plan(cluster, prune=True)
    assert ([str(change.key) for change in plan.pending], plan.deferred) == ([], ())
    deletion = planned(account, NAME)
    assert {change.key.name for change in deletion.pending}.isdisjoint(theirs)
    assert not [change for change in deletion.changes if change.action is Action.BLOCKED]
    outcome = delete(account, NAME, tmp_path / "delete")
    assert outcome.ok, outcome.failed
    left = inventory(account)
    assert {area: items for area, items in left.items() if area != "objects"} == {
        area: items for area, items in alone.items() if area != "objects"
    }


@pytest.mark.full
def test_two_clusters_in_one_account_see_nothing_of_each_other(account: Account, tmp_path: Path) -> None:
    """One has the other's name as the end of its own."""
    first, second = desired("minimal", account.zone), desired("minimal-aws", account.zone)
    longer = desired(
        "minimal-aws", account.zone, None, **{"minimal_aws.example.com": "sub.minimal.example.com"}
    )
    for number, cluster in enumerate((first, second, longer)):
        assert account.apply(cluster, tmp_path / str(number)).ok
    assert len({each.cluster for each in (first, second, longer)}) == 3
    for cluster in (first, second, longer):
        plan, _ = account.plan(cluster, prune=True)
        assert ([str(change.key) for change in plan.pending], plan.deferred, plan.errors) == ([], (), ())
    assert delete(account, first.cluster, tmp_path / "delete").ok
    for cluster in (second, longer):
        plan, _ = account.plan(cluster, prune=True)
        assert [str(change.key) for change in plan.pending] == []
