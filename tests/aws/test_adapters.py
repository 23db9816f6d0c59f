"""Every kind has an adapter, and what was applied is observed as it was desired."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from kops_core.cloud.aws.adapter_table import ADAPTERS
from kops_core.cloud.aws.resources import KINDS
from kops_core.model.store_resources import Secret
from kops_core.plan.changes import Action
from tests.aws.account import READING, Account, difference
from tests.aws.clusters import CASES, desired

pytestmark = pytest.mark.full

if TYPE_CHECKING:
    pass

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import FilterTypeDef

_OPEN = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]}
)


def test_each_kind_of_the_model_has_an_adapter_and_no_other() -> None:
    assert ADAPTERS.keys() == KINDS.keys()
    assert all(adapter.kind is KINDS[name] for name, adapter in ADAPTERS.items())


@pytest.mark.parametrize("case", CASES)
def test_the_plan_after_an_apply_is_empty(case: str, account: Account, tmp_path: Path) -> None:
    cluster = desired(case, account.zone)
    before, _ = account.plan(cluster)
    assert before.count(Action.CREATE) > 60
    assert account.apply(cluster, tmp_path).ok
    account.calls.clear()
    after, snapshot = account.plan(cluster)
    assert [str(change.key) for change in after.pending] == []
    assert (after.errors, after.warnings, after.deferred) == ((), (), ())
    assert not snapshot.foreign
    assert all(call.operation.startswith(READING) for call in account.calls)
    assert len(account.calls) <= 45


@pytest.mark.parametrize("case", ["private", "mixed", "warm", "discovery"])
def test_other_kinds_of_clusters_are_observed_as_desired_too(
    case: str, account: Account, tmp_path: Path
) -> None:
    cluster = desired(case, account.zone)
    outcome = account.apply(cluster, tmp_path)
    assert outcome.ok, outcome.failed
    plan, _ = account.plan(cluster)
    assert [str(change.key) for change in plan.pending] == []
    assert plan.errors == ()


def test_what_is_shared_is_used_and_tagged_and_otherwise_left_as_it_is(
    account: Account, tmp_path: Path
) -> None:
    ec2 = account.aws.ec2
    vpc = ec2.create_vpc(CidrBlock="172.20.0.0/16")["Vpc"]["VpcId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="172.20.32.0/19", AvailabilityZone="us-east-1a")
    subnet_id = subnet["Subnet"]["SubnetId"]
    cluster = desired("sharedsubnet", account.zone, vpc_12345678=vpc, subnet_12345678=subnet_id)
    plan, _ = account.plan(cluster)
    assert any("InternetGateway" in error for error in plan.errors), "it is not attached yet"
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    outcome = account.apply(cluster, tmp_path)
    assert outcome.ok, outcome.failed
    assert account.plan(cluster)[0].empty
    assert not any(call.operation in {"CreateVpc", "CreateSubnet"} for call in account.calls[3:])
    found = ec2.describe_subnets(SubnetIds=[subnet_id])["Subnets"][0]
    assert {"Key": f"kubernetes.io/cluster/{cluster.cluster}", "Value": "shared"} in found["Tags"]
    assert len(ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["false"]}])["Vpcs"]) == 1


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        (("machineType: t3.medium", "machineType: t3.large"), {"LaunchTemplate": {"instance_type"}}),
        (("maxSize: 2", "maxSize: 5"), {"AutoscalingGroup": {"max_size"}}),
    ],
)
def test_a_plan_names_exactly_what_an_edit_changes(
    text: tuple[str, str], changed: dict[str, set[str]], account: Account, tmp_path: Path
) -> None:
    assert account.apply(desired("minimal-aws", account.zone), tmp_path).ok
    edited = desired("minimal-aws", account.zone, text)
    plan, _ = account.plan(edited)
    found = {change.key.kind: {each.name for each in change.fields} for change in plan.pending}
    assert found == changed
    assert account.apply(edited, tmp_path).ok
    assert account.plan(edited)[0].empty


def test_what_others_changed_is_put_right_and_what_others_added_is_left_alone(
    account: Account, tmp_path: Path
) -> None:
    cluster = desired("minimal-aws", account.zone)
    assert account.apply(cluster, tmp_path).ok
    expected = account.inventory()
    ec2 = account.aws.ec2
    ours: Sequence[FilterTypeDef] = [{"Name": "tag-key", "Values": ["KubernetesCluster"]}]
    vpc = ec2.describe_vpcs(Filters=ours)["Vpcs"][0]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": False})
    table = ec2.describe_route_tables(Filters=ours)["RouteTables"][0]["RouteTableId"]
    ec2.delete_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0")
    role = f"nodes.{cluster.cluster}"
    account.aws.iam.put_role_policy(RoleName=role, PolicyName=role, PolicyDocument=_OPEN)
    groups = ec2.describe_security_groups(Filters=ours)["SecurityGroups"]
    nodes = next(each["GroupId"] for each in groups if each["GroupName"].startswith("nodes."))
    foreign = ec2.authorize_security_group_ingress(
        GroupId=nodes,
        IpPermissions=[
            {"IpProtocol": "tcp", "FromPort": 9100, "ToPort": 9100, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
        ],
    )["SecurityGroupRules"][0]["SecurityGroupRuleId"]
    plan, _ = account.plan(cluster)
    assert {change.key.kind for change in plan.pending} == {"VPC", "Route", "IAMRolePolicy"}
    assert account.apply(cluster, tmp_path).ok
    assert ec2.describe_security_group_rules(SecurityGroupRuleIds=[foreign])["SecurityGroupRules"]
    ec2.revoke_security_group_ingress(GroupId=nodes, SecurityGroupRuleIds=[foreign])
    assert difference(expected, account.inventory()) == []


def test_a_cluster_is_not_confused_by_another_in_the_account(account: Account, tmp_path: Path) -> None:
    one, other = desired("minimal-aws", account.zone), desired("minimal", account.zone)
    assert account.apply(one, tmp_path).ok
    assert account.apply(other, tmp_path).ok
    for cluster in (one, other):
        plan, snapshot = account.plan(cluster)
        assert plan.empty
        assert not snapshot.foreign


def test_keys_and_tokens_are_never_made_twice(account: Account, tmp_path: Path) -> None:
    cluster = desired("minimal-aws", account.zone)
    assert account.apply(cluster, tmp_path).ok
    stored = list(account.store.keys(cluster.cluster))
    keys = [key for key in stored if "/pki/" in key or "/secrets/" in key]
    before = {key: account.store.read(key).data for key in keys}
    cloud = account.cloud(cluster)
    for resource in cluster.resources:
        if resource.key.kind in {"Keypair", "Secret"}:
            cloud.create(resource, "token")
    assert {key: account.store.read(key).data for key in before} == before


def test_what_can_not_be_read_is_an_error_of_the_plan(account: Account) -> None:
    cluster = desired("minimal-aws", account.zone)

    def deny(moment: str, service: str, operation: str) -> None:
        if operation == "DescribeVolumes":
            answer = {"Error": {"Code": "UnauthorizedOperation", "Message": "not for you"}}
            raise ClientError(answer, operation)  # type: ignore[arg-type]

    account.fault = deny
    plan, _ = account.plan(cluster)
    assert len(plan.errors) == 1
    assert "EBSVolume" in plan.errors[0]
    assert "DescribeVolumes" in plan.errors[0]


def test_files_in_a_bucket_are_compared_without_being_read(account: Account, tmp_path: Path) -> None:
    account.use_s3()
    cluster = desired("ha", account.zone)
    assert account.apply(cluster, tmp_path).ok
    account.calls.clear()
    assert account.plan(cluster)[0].empty
    assert len(account.calls) <= 60
    key = next(iter(account.store.keys(f"{cluster.cluster}/igconfig/node")))
    account.store.put(key, b"kind: Other\n")
    (change,) = account.plan(cluster)[0].pending
    assert change.key.kind == "ManagedFile"
    assert [(each.name, each.before) for each in change.fields] == [("contents", "kind: Other\n")]


def test_two_of_one_name_are_an_error_that_names_both(account: Account, tmp_path: Path) -> None:
    cluster = desired("minimal-aws", account.zone)
    assert account.apply(cluster, tmp_path).ok
    twin = account.aws.ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    account.aws.ec2.create_tags(
        Resources=[twin],
        Tags=[
            {"Key": "Name", "Value": cluster.cluster},
            {"Key": f"kubernetes.io/cluster/{cluster.cluster}", "Value": "owned"},
        ],
    )
    plan, _ = account.plan(cluster)
    assert any(twin in error and "VPC" in error for error in plan.errors)


def test_a_secret_is_in_no_repr_of_what_was_observed(account: Account, tmp_path: Path) -> None:
    cluster = desired("minimal-aws", account.zone)
    assert account.apply(cluster, tmp_path).ok
    _, snapshot = account.plan(cluster)
    assert "PRIVATE KEY" not in repr(snapshot)
    assert "PRIVATE KEY" not in "".join(path.read_text() for path in tmp_path.iterdir())
    assert Secret(name="kube").key in snapshot.resources
