"""Instances of auto-scaling groups: why they are outdated, detached ones, and their load balancers."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from kops_core.cloud.aws.fleet import groups_of_all_clusters
from kops_core.cloud.aws.instances import DETACHED_TAG, AwsInstanceGroups
from kops_core.cloud.aws.template_changes import changed_fields
from kops_core.operations.group_status import InstanceGroup, Role, outdated_sources, status_of
from tests.aws.account import Account
from tests.aws.clusters import desired

pytestmark = pytest.mark.full

NODES = InstanceGroup("nodes", Role.NODE, "nodes.minimal-aws.example.com")


def _applied(account: Account, folder: Path) -> AwsInstanceGroups:
    """A cluster whose nodes are outdated by another machine type."""
    assert account.apply(desired("minimal-aws", account.zone), folder / "first").ok
    changed = desired("minimal-aws", account.zone, ("machineType: t3.medium", "machineType: t3.large"))
    assert account.apply(changed, folder / "second").ok
    return AwsInstanceGroups(account.aws, "minimal-aws.example.com")


def test_the_reason_names_the_fields_that_differ_in_one_call_for_a_template(
    account: Account, tmp_path: Path
) -> None:
    cloud = _applied(account, tmp_path)
    states = cloud.groups([NODES.cloud_name])
    account.calls.clear()
    changes = cloud.template_changes(outdated_sources(states.values()))
    assert [each.operation for each in account.calls] == ["DescribeLaunchTemplateVersions"]
    status = status_of(NODES, states[NODES.cloud_name], changes=changes)
    text = "launch template version 1 → 2: machine type t3.medium → t3.large"
    assert all(each.why.startswith(text) for each in status.instances)
    assert status.need_update == 2


def test_sources_that_are_gone_are_left_out(account: Account, tmp_path: Path) -> None:
    cloud = _applied(account, tmp_path)
    wanted = cloud.groups([NODES.cloud_name])[NODES.cloud_name].wanted
    pairs = {("lt-0123456789abcdef0:1", wanted), ("an-old-configuration", wanted)}
    assert cloud.template_changes(pairs) == {}


def _user_data(hash_: str, key: str) -> dict[str, Any]:
    script = f"""#!/bin/bash
NODEUP_URL_AMD64=https://example.com/nodeup
NODEUP_HASH_AMD64=abc
export S3_SECRET_ACCESS_KEY={key}
cat > conf/kube_env.yaml << '__EOF_KUBE_ENV'
ClusterName: minimal.example.com
NodeupConfigHash: {hash_}
__EOF_KUBE_ENV
"""
    return {"UserData": b64encode(script.encode()).decode(), "ImageId": "ami-1"}


def test_user_data_is_told_by_the_names_of_its_settings_alone() -> None:
    old, new = _user_data("aaaa", "hunter2"), _user_data("bbbb", "swordfish")
    assert changed_fields(old, new) == ("user data (NodeupConfigHash, S3_SECRET_ACCESS_KEY)",)
    assert changed_fields(old, {**old, "ImageId": "ami-2", "KeyName": "x", "New": 1}) == (
        "image ami-1 → ami-2",
        "SSH key",
        "New",
    )
    assert changed_fields(old, {**old, "UserData": b64encode(b"#!/bin/sh\n").decode()}) == ("user data",)


def test_a_detached_instance_is_marked_and_replaced_and_may_be_detached_again(
    account: Account, tmp_path: Path
) -> None:
    cloud = _applied(account, tmp_path)
    before = cloud.groups([NODES.cloud_name])[NODES.cloud_name]
    gone = before.instances[0].id
    account.calls.clear()
    cloud.detach(gone, NODES.cloud_name)
    changing = [each.operation for each in account.calls]
    assert changing == ["CreateTags", "DetachInstances"], "the mark comes first"
    cloud.detach(gone, NODES.cloud_name)
    after = cloud.groups([NODES.cloud_name])[NODES.cloud_name]
    assert after.desired == before.desired
    assert [each.id for each in after.instances if each.lifecycle == "Detached"] == [gone]
    assert sum(each.lifecycle == "InService" for each in after.instances) == before.desired
    tags = account.aws.ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [gone]}])["Tags"]
    assert {each["Key"]: each["Value"] for each in tags}[DETACHED_TAG] == NODES.cloud_name
    cloud.terminate(gone)
    assert gone not in {each.id for each in cloud.groups([NODES.cloud_name])[NODES.cloud_name].instances}


def test_an_instance_leaves_its_target_groups_and_comes_back(account: Account, tmp_path: Path) -> None:
    cloud = _applied(account, tmp_path)
    vpc = account.aws.ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    made = account.aws.elbv2.create_target_group(Name="web", Protocol="TCP", Port=443, VpcId=vpc)
    arn = made["TargetGroups"][0]["TargetGroupArn"]
    account.aws.autoscaling.attach_load_balancer_target_groups(
        AutoScalingGroupName=NODES.cloud_name, TargetGroupARNs=[arn]
    )
    state = cloud.groups([NODES.cloud_name])[NODES.cloud_name]
    assert state.balanced
    one = state.instances[0].id

    def targets() -> set[str]:
        health = account.aws.elbv2.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
        return {each["Target"]["Id"] for each in health}

    assert one in targets()
    assert cloud.deregister(one, NODES.cloud_name) == ("web",)
    assert one not in targets()
    cloud.register(one, NODES.cloud_name)
    assert one in targets()


def test_an_instance_leaves_a_classic_balancer_and_comes_back(account: Account, tmp_path: Path) -> None:
    cloud = _applied(account, tmp_path)
    account.aws.elb.create_load_balancer(
        LoadBalancerName="old",
        Listeners=[{"Protocol": "tcp", "LoadBalancerPort": 443, "InstancePort": 443}],
        AvailabilityZones=["us-east-1a"],
    )
    account.aws.autoscaling.attach_load_balancers(
        AutoScalingGroupName=NODES.cloud_name, LoadBalancerNames=["old"]
    )
    one = cloud.groups([NODES.cloud_name])[NODES.cloud_name].instances[0].id

    account.calls.clear()
    assert cloud.deregister(one, NODES.cloud_name) == ("old",)
    asked = ["DescribeAutoScalingGroups", "DescribeInstanceHealth", "DeregisterInstancesFromLoadBalancer"]
    assert [each.operation for each in account.calls] == asked
    account.calls.clear()
    cloud.register(one, NODES.cloud_name)
    assert account.calls[-1].operation == "RegisterInstancesWithLoadBalancer"


def test_a_group_without_balancers_is_left_at_once(account: Account, tmp_path: Path) -> None:
    cloud = _applied(account, tmp_path)
    state = cloud.groups([NODES.cloud_name])[NODES.cloud_name]
    assert not state.balanced
    assert cloud.deregister(state.instances[0].id, NODES.cloud_name) == ()
    assert cloud.deregister("i-00000000000000000", "no-such-group") == ()


def test_groups_of_all_clusters_are_read_at_once_and_as_those_of_one(
    account: Account, tmp_path: Path
) -> None:
    cloud = _applied(account, tmp_path)
    assert account.apply(desired("ha", account.zone), tmp_path / "other").ok
    account.calls.clear()
    found = groups_of_all_clusters(account.aws)
    assert sorted(each.operation for each in account.calls) == [
        "DescribeAutoScalingGroups",
        "DescribeLaunchTemplates",
    ]
    assert {name: len(groups) for name, groups in found.items()} == {
        "minimal-aws.example.com": 2,
        "ha.example.com": 4,
    }
    one, whole = found["minimal-aws.example.com"][NODES.cloud_name], cloud.groups([NODES.cloud_name])
    by_glance, by_cluster = status_of(NODES, one), status_of(NODES, whole[NODES.cloud_name])
    assert (by_glance.need_update, by_glance.target) == (by_cluster.need_update, by_cluster.target) == (2, 2)
    assert [each.why for each in by_glance.instances] == [each.why for each in by_cluster.instances]
