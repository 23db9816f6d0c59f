"""What AWS says of a resource of any owner: all that it uses, so that nothing is deleted under it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from kops_core.cloud.aws.discovery.machines import instance, interface, scaling_group
from kops_core.cloud.aws.discovery.services import balancer, classic_balancer
from kops_core.plan.snapshot import DiscoveredResource

_ID = re.compile(r"\b(?:vpc|sg|subnet|vol|eni|i|eipalloc|lt|arn:tg)-\w+")

_ITEMS: list[tuple[Callable[[Any], DiscoveredResource], dict[str, Any]]] = [
    (
        instance,
        {
            "InstanceId": "the-instance",
            "SubnetId": "subnet-1",
            "VpcId": "vpc-1",
            "SecurityGroups": [{"GroupId": "sg-1"}, {"GroupId": "sg-2"}],
            "BlockDeviceMappings": [{"DeviceName": "/dev/sda1", "Ebs": {"VolumeId": "vol-1"}}],
            "NetworkInterfaces": [{"NetworkInterfaceId": "eni-1"}],
        },
    ),
    (
        interface,
        {
            "NetworkInterfaceId": "the-interface",
            "SubnetId": "subnet-1",
            "VpcId": "vpc-1",
            "Groups": [{"GroupId": "sg-1"}, {"GroupId": "sg-2"}],
            "Attachment": {"InstanceId": "i-1"},
        },
    ),
    (
        scaling_group,
        {
            "AutoScalingGroupName": "the-group",
            "VPCZoneIdentifier": "subnet-1,subnet-2",
            "LaunchTemplate": {"LaunchTemplateId": "lt-1", "Version": "1"},
            "TargetGroupARNs": ["arn:tg-1", "arn:tg-2"],
            "Instances": [{"InstanceId": "i-2"}, {"InstanceId": "i-3"}],
        },
    ),
    (
        scaling_group,
        {
            "AutoScalingGroupName": "the-group",
            "MixedInstancesPolicy": {
                "LaunchTemplate": {"LaunchTemplateSpecification": {"LaunchTemplateId": "lt-1"}}
            },
        },
    ),
    (
        balancer,
        {
            "LoadBalancerArn": "arn:1",
            "LoadBalancerName": "one",
            "Type": "network",
            "VpcId": "vpc-1",
            "SecurityGroups": ["sg-1", "sg-2"],
            "AvailabilityZones": [
                {"SubnetId": "subnet-1", "LoadBalancerAddresses": [{"AllocationId": "eipalloc-1"}]},
                {"SubnetId": "subnet-2"},
            ],
        },
    ),
    (
        classic_balancer,
        {
            "LoadBalancerName": "one",
            "VPCId": "vpc-1",
            "SecurityGroups": ["sg-1", "sg-2"],
            "Subnets": ["subnet-1", "subnet-2"],
        },
    ),
]


@pytest.mark.parametrize(("found", "item"), _ITEMS, ids=[found.__name__ for found, _ in _ITEMS])
def test_every_id_that_aws_names_is_used_by_it_or_uses_it(
    found: Callable[[Any], DiscoveredResource], item: dict[str, Any]
) -> None:
    seen = found(item)
    assert seen.uses | seen.used_by == set(_ID.findall(repr(item)))
    assert not seen.uses & seen.used_by
    assert seen.used_by <= {"i-1"}, "an interface is used by its instance; the others use what they name"
    assert seen.details.get("vpc") in (None, "vpc-1")


@pytest.mark.parametrize(("found", "item"), _ITEMS, ids=[found.__name__ for found, _ in _ITEMS])
def test_what_aws_leaves_out_is_not_used(
    found: Callable[[Any], DiscoveredResource], item: dict[str, Any]
) -> None:
    kept = {
        *("InstanceId", "NetworkInterfaceId", "LoadBalancerArn", "LoadBalancerName", "Type"),
        "AutoScalingGroupName",
    }
    seen = found({key: value for key, value in item.items() if key in kept})
    assert not seen.uses | seen.used_by
