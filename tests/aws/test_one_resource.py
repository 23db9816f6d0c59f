"""One resource at a time: how it is found, tagged, and created again after a lost response."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest

from kops_core.cloud.aws.cloud import AwsCloud
from kops_core.cloud.aws.observation import tags_of
from kops_core.cloud.aws.resources.firewall import SecurityGroupRule
from kops_core.cloud.aws.resources.groups import SSHKey
from kops_core.cloud.aws.resources.iam import IAMRole
from kops_core.cloud.aws.resources.network import EgressOnlyInternetGateway, InternetGateway
from kops_core.errors import KopsError
from kops_core.model.resource import Resource
from kops_core.plan.snapshot import Observed
from tests.aws.account import READING, Account

CLUSTER = "one.example.com"
OWNED = f"kubernetes.io/cluster/{CLUSTER}"
_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl judge"
_TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)


def _tagged(tags: Mapping[str, str]) -> list[Resource]:
    return [
        IAMRole(name=f"nodes.{CLUSTER}", assume_role_policy_document=_TRUST, tags=tags),
        SSHKey(name=f"kubernetes.{CLUSTER}", public_key_material=_KEY, tags=tags),
    ]


def _found(cloud: AwsCloud, desired: Resource) -> Observed:
    snapshot = cloud.observe([desired])
    assert not snapshot.errors
    return snapshot.resources[desired.key]


def _names(resources: list[Resource]) -> list[str]:
    return [type(each).__name__ for each in resources]


@pytest.mark.parametrize("which", [0, 1], ids=_names(_tagged({})))
def test_tags_of_what_is_ours_alone_become_those_of_the_spec_and_no_others(
    which: int, account: Account
) -> None:
    cloud = account.cloud_of(CLUSTER)
    before, after = (
        _tagged({OWNED: "owned", **more})[which]
        for more in ({"team": "a", "cost": "1"}, {"team": "b", "new": ""})
    )
    cloud.create(before, "token")
    found = _found(cloud, before)
    assert vars(found.resource)["tags"] == vars(before)["tags"]
    cloud.update(after, found, frozenset({"tags"}))
    assert vars(_found(cloud, after).resource)["tags"] == vars(after)["tags"]


@pytest.mark.parametrize("which", [0, 1], ids=_names(_tagged({})))
def test_what_a_lost_call_created_is_taken_as_it_is_and_changed_only_where_it_differs(
    which: int, account: Account
) -> None:
    cloud = account.cloud_of(CLUSTER)
    one, other = (_tagged({OWNED: "owned", "team": team})[which] for team in "ab")
    made = cloud.create(one, "first")
    account.calls.clear()
    assert cloud.create(one, "again").id == made.id
    writes = [each.operation for each in account.calls if not each.operation.startswith(READING)]
    assert len(writes) == 1, "the call that was refused because it is there"
    assert cloud.create(other, "other").id == made.id
    assert vars(_found(cloud, other).resource)["tags"] == vars(other)["tags"]


def test_a_gateway_is_found_by_its_id_by_the_network_it_is_shared_with_or_by_its_tags(
    account: Account,
) -> None:
    ec2 = account.aws.ec2
    vpcs = [ec2.create_vpc(CidrBlock=f"10.{n}.0.0/16")["Vpc"]["VpcId"] for n in range(3)]
    name = f"gateway.{CLUSTER}"
    tags = [{"Key": OWNED, "Value": "owned"}, {"Key": "Name", "Value": name}]
    ids = []
    for vpc in vpcs:
        made = ec2.create_egress_only_internet_gateway(VpcId=vpc)["EgressOnlyInternetGateway"]
        ids.append(made["EgressOnlyInternetGatewayId"])
    ec2.create_tags(Resources=[ids[0]], Tags=tags)  # type: ignore[arg-type]  # a list of tags
    cloud = account.cloud_of(CLUSTER)
    tagged = EgressOnlyInternetGateway(name=name, vpc=vpcs[0])
    for desired, expected in (
        (tagged, 0),
        (EgressOnlyInternetGateway(name="x", shared=True, vpc=vpcs[1]), 1),
        (EgressOnlyInternetGateway(name="y", shared=True, existing_id=ids[2], vpc=vpcs[2]), 2),
    ):
        seen = _found(cloud, desired)
        assert (seen.id, vars(seen.resource)["vpc"]) == (ids[expected], vpcs[expected])
    assert not cloud.observe([replace(tagged, name="another")]).resources
    assert not cloud.observe([InternetGateway(name="z", shared=True, vpc=vpcs[0])]).resources


def test_tags_of_what_others_may_tag_are_put_and_theirs_stay(account: Account) -> None:
    ec2, cloud = account.aws.ec2, account.cloud_of(CLUSTER)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    name = f"gateway.{CLUSTER}"
    desired = EgressOnlyInternetGateway(name=name, vpc=vpc, tags={OWNED: "owned", "Name": name})
    made = cloud.create(desired, "token")
    ec2.create_tags(Resources=[made.id], Tags=[{"Key": "theirs", "Value": "1"}])
    labelled = replace(desired, tags={OWNED: "owned", "Name": name, "team": "a"})
    cloud.update(labelled, _found(cloud, desired), frozenset({"tags"}))
    seen = vars(_found(cloud, labelled).resource)["tags"]
    assert seen == {OWNED: "owned", "Name": name, "team": "a", "theirs": "1"}


def test_a_tag_may_have_no_value_and_those_of_aws_are_no_ones() -> None:
    """EC2 says ``Tags`` or ``TagSet``."""
    listed = [{"Key": "a"}, {"Key": "b", "Value": "1"}, {"Key": "aws:autoscaling:groupName", "Value": "x"}]
    assert tags_of({"Tags": listed}) == tags_of({"TagSet": listed}) == {"a": "", "b": "1"}
    assert tags_of({}) == tags_of({"Tags": None}) == {}


def test_a_rule_that_somebody_made_meanwhile_is_taken_and_tagged(account: Account) -> None:
    ec2 = account.aws.ec2
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    group = ec2.create_security_group(GroupName="g", Description="g", VpcId=vpc)["GroupId"]
    ssh = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
    made = ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[ssh])  # type: ignore[list-item]
    wanted = SecurityGroupRule(
        name="ssh",
        security_group=group,
        cidr_ipv4="10.0.0.0/8",
        ip_protocol="tcp",
        egress=False,
        from_port=22,
        to_port=22,
        tags={"Name": "ssh", OWNED: "owned"},
    )
    created = account.cloud_of(CLUSTER).create(wanted, "token")
    (rule,) = made["SecurityGroupRules"]
    assert created.id == rule["SecurityGroupRuleId"]
    (tagged,) = ec2.describe_security_group_rules(SecurityGroupRuleIds=[created.id])["SecurityGroupRules"]
    assert {each["Key"]: each["Value"] for each in tagged["Tags"]} == wanted.tags
    with pytest.raises(KopsError):
        account.cloud_of(CLUSTER).create(replace(wanted, security_group="sg-0123456789abcdef0"), "other")
