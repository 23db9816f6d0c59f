"""What is refused of an InstanceGroup: alone, in its cluster, and by what EC2 offers."""

from __future__ import annotations

import pytest

from kops_core.api.values import Tree
from kops_core.validate.aws import check_aws
from kops_core.validate.field import document
from kops_core.validate.instance_group import validate_instance_group, validate_with_cluster
from tests.validate.samples import cluster, expected, group, places

MASTER: Tree = {"metadata.name": "control-plane", "spec.role": "Master", "spec.maxSize": 1}
_TARGETS = "arn:aws:elasticloadbalancing:us-east-1:123456789012"

_NAMES: list[tuple[Tree, str]] = [
    ({"metadata.name": name}, "metadata.name: Invalid value")
    for name in ("no/slash", "-nodes", "nodes.", "no des", "n" * 64)
]
_FILESYSTEMS: list[tuple[Tree, str]] = [
    ({"spec.volumeMounts": [{"device": "/dev/xvdd", "filesystem": each, "path": "/x"}]}, "")
    for each in ("ext4", "xfs")
]
_TARGET_GROUPS: list[tuple[Tree, str]] = [
    (
        {"spec.externalLoadBalancers": [{"targetGroupArn": f"{_TARGETS}:{resource}"}]},
        "" if accepted else "spec.externalLoadBalancers[0].targetGroupArn: Invalid value",
    )
    for resource, accepted in (
        ("targetgroup/" + "x" * 32 + "/0123456789abcdef", True),
        ("targetgroup/" + "x" * 33 + "/0123456789abcdef", False),
        ("targetgroup/x", False),
        ("targetgroup/x/0123456789abcdef/y", False),
        ("loadbalancer/x/0123456789abcdef", False),
    )
]

ALONE: list[tuple[Tree, str]] = [
    ({}, ""),
    (MASTER, ""),
    ({"metadata.name": None}, "metadata.name: Required value"),
    ({"metadata.name": "Nodes_1.a"}, ""),
    *_NAMES,
    ({"spec.role": None}, "spec.role: Required value"),
    # A group's hooks are off where kOps is told that they are not disabled.
    ({"spec.hooks": [{"name": "x", "disabled": False}]}, ""),
    ({"spec.hooks": [{"name": "x", "disabled": True}]}, "spec.hooks[0]: Required value"),
    ({"spec.role": "Etcd"}, "spec.role: Unsupported value"),
    ({**MASTER, "spec.subnets": None}, "spec.subnets: Required value"),
    (
        {**MASTER, "spec.minSize": 2, "spec.maxSize": 2},
        "spec.minSize: Invalid value; spec.maxSize: Invalid value",
    ),
    ({"spec.maxSize": 0}, "spec.maxSize: Forbidden"),
    ({"spec.tenancy": "shared"}, "spec.tenancy: Unsupported value"),
    ({"spec.containerd": {"gvisor": {"enabled": True}}}, ""),
    ({**MASTER, "spec.containerd": {"gvisor": {"enabled": True}}}, "spec.containerd.gvisor: Forbidden"),
    ({"spec.rootVolumeIops": -1}, "spec.rootVolumeIops: Invalid value"),
    (
        {"spec.additionalUserData": [{"name": "x", "type": "text/html"}]},
        "spec.additionalUserData[0].content: Required value;"
        "spec.additionalUserData[0].type: Unsupported value",
    ),
    (
        {"spec.additionalUserData": [{"name": "x", "content": "y", "type": "text/x-shellscript"}]},
        "",
    ),
    ({"spec.volumes": [{"device": "/dev/xvdd", "size": 1}]}, ""),
    (
        {"spec.volumes": [{"device": "", "size": 0}]},
        "spec.volumes[0].device: Required value; spec.volumes[0].size: Invalid value",
    ),
    (
        {"spec.volumeMounts": [{"device": "/dev/xvdd", "filesystem": "ntfs", "path": "/x"}]},
        "spec.volumeMounts[0].filesystem: Unsupported value",
    ),
    (
        {"spec.volumeMounts": [{}]},
        "spec.volumeMounts[0].device: Required value; spec.volumeMounts[0].path: Required value;"
        "spec.volumeMounts[0].filesystem: Required value; spec.volumeMounts[0].filesystem: Unsupported value",
    ),
    *_FILESYSTEMS,
    ({"spec.iam": {"profile": "arn:aws:iam::1:role/x"}}, "spec.iam.profile: Invalid value"),
    ({"spec.iam": {"profile": "arn:aws-cn:iam::1:instance-profile/a/b"}}, ""),
    ({"spec.nodeLabels": {"a/b": "x"}, "spec.cloudLabels": {"team": "x"}}, ""),
    ({"spec.nodeLabels": {"a/b/c": "x"}}, "spec.nodeLabels: Invalid value"),
    ({"spec.cloudLabels": {"KubernetesCluster": "x"}}, "spec.cloudLabels.KubernetesCluster: Forbidden"),
    (
        {"spec.cloudLabels": {"kops.k8s.io/instancegroup": "x"}},
        'spec.cloudLabels["kops.k8s.io/instancegroup"]: Invalid value',
    ),
    ({"spec.cloudLabels": {"kops.k8s.io/instancegroup": "nodes"}}, ""),
    ({"spec.cloudLabels": {"k8s.io/role/x": "1"}}, 'spec.cloudLabels["k8s.io/role/x"]: Forbidden'),
    (
        {"spec.externalLoadBalancers": [{"loadBalancerName": "x" * 33}]},
        "spec.externalLoadBalancers[0].loadBalancerName: Invalid value",
    ),
    (
        {"spec.externalLoadBalancers": [{"loadBalancerName": "x", "targetGroupArn": "y"}]},
        "spec.externalLoadBalancers[0]: Too many;spec.externalLoadBalancers[0].targetGroupArn: Invalid value",
    ),
    ({"spec.externalLoadBalancers": [{"loadBalancerName": "x" * 32}]}, ""),
    *_TARGET_GROUPS,
    ({"spec.warmPool": {"maxSize": -1}}, ""),
    ({"spec.taints": ["a=b:NoSchedule", "a=b:NoSchedule"]}, "spec.taints[1]: Duplicate value"),
    ({"spec.taints": ["a:b:c"]}, "spec.taints[0]: Invalid value"),
    ({"spec.updatePolicy": ""}, "spec.updatePolicy: Unsupported value"),
    ({**MASTER, "spec.rollingUpdate": {"maxSurge": 1}}, "spec.rollingUpdate.maxSurge: Forbidden"),
    ({**MASTER, "spec.rollingUpdate": {"maxSurge": "0%"}}, ""),
]

_TENANCIES: list[tuple[Tree, Tree, str]] = [
    (
        {"spec.tenancy": tenancy, "spec.machineType": f"t2.{size}"},
        {},
        "" if tenancy == "default" else "spec.machineType: Invalid value",
    )
    for tenancy in ("default", "dedicated", "host")
    for size in ("nano", "micro", "small", "medium", "large", "xlarge")
]
_KARPENTER_IMAGES: list[tuple[Tree, Tree, str]] = [
    (
        {"spec.manager": "Karpenter", "spec.image": image},
        {},
        "" if accepted else "spec.image: Invalid value",
    )
    for image, accepted in (
        ("ami-0123", True),
        ("noble-*", True),
        ("099720109477/noble-*", True),
        ("owner/folder/noble", True),
        ("ssm:/aws/service/noble/ami-id", True),
        ("ssm:noble", True),
        ("ssm:", False),
        ("/noble", False),
        ("owner/", False),
        ("https://example.com/noble", False),
        ("ami-0123://noble", False),
    )
]
_STATIC_CAPACITY: list[tuple[Tree, Tree, str]] = [
    (
        {"spec.manager": "Karpenter"},
        {"spec.karpenter": {"featureGates": gates}},
        "" if allowed else "spec.minSize: Forbidden",
    )
    for gates, allowed in (
        ("", True),
        ("StaticCapacity=true", True),
        ("SpotToSpotConsolidation=true, StaticCapacity = TRUE", True),
        ("StaticCapacity=false", False),
        ("StaticCapacity=true,StaticCapacity=false", False),
        ("StaticCapacity", False),
    )
]

TOGETHER: list[tuple[Tree, Tree, str]] = [
    ({}, {}, ""),
    (MASTER, {}, ""),
    ({**MASTER, "metadata.name": "other"}, {}, "metadata.name: Forbidden"),
    ({"spec.subnets": ["a", "z"]}, {}, "spec.subnets[1]: Not found"),
    ({"spec.rootVolumeType": "st1"}, {}, "spec.rootVolumeType: Unsupported value"),
    *_TENANCIES,
    ({"spec.tenancy": "dedicated", "spec.machineType": "m5.large"}, {}, ""),
    ({"spec.warmPool": {}, "spec.maxPrice": "1"}, {}, "spec.warmPool: Forbidden"),
    ({"spec.maxPrice": "1"}, {"spec.warmPool": {}}, "spec.warmPool: Forbidden"),
    ({"spec.maxPrice": "1"}, {"spec.warmPool": {"maxSize": 0}}, ""),
    ({"spec.warmPool": {"maxSize": -1}}, {}, "spec.warmPool.maxSize: Invalid value"),
    ({"spec.warmPool": {"minSize": 3, "maxSize": 2}}, {}, "spec.warmPool.maxSize: Invalid value"),
    (
        {"spec.warmPool": {"minSize": 3}},
        {"spec.warmPool": {"maxSize": 2}},
        "spec.warmPool.maxSize: Invalid value",
    ),
    ({"spec.warmPool": {"minSize": 2}}, {"spec.warmPool": {"maxSize": 2}}, ""),
    (
        {"spec.warmPool": {"maxSize": 2}},
        {"spec.warmPool": {"minSize": 3}},
        "spec.warmPool.maxSize: Invalid value",
    ),
    ({"spec.warmPool": {"maxSize": 3}}, {"spec.warmPool": {"minSize": 3}}, ""),
    ({**MASTER, "spec.warmPool": {}}, {}, "spec.warmPool: Forbidden"),
    (MASTER, {"spec.warmPool": {}}, ""),
    ({"spec.role": "APIServer"}, {"spec.topology.dns.type": "None"}, "spec.role: Forbidden"),
    ({**MASTER, "spec.manager": "Karpenter"}, {}, "spec.role: Forbidden"),
    ({"spec.manager": "Karpenter", "spec.minSize": 0}, {}, "spec.minSize: Invalid value"),
    (
        {"spec.manager": "Karpenter", "spec.image": "s3://x"},
        {"spec.karpenter": {"featureGates": "SpotToSpot=true"}},
        "spec.image: Invalid value; spec.minSize: Forbidden",
    ),
    ({"spec.manager": "Karpenter"}, {"spec.karpenter": {"featureGates": "StaticCapacity=True"}}, ""),
    ({"spec.manager": "Karpenter", "spec.minSize": None, "spec.maxSize": 1}, {}, ""),
    ({"spec.manager": "Karpenter", "spec.minSize": None, "spec.maxSize": None}, {}, ""),
    (
        {"spec.manager": "Karpenter", "spec.minSize": None, "spec.maxSize": 0},
        {},
        "spec.maxSize: Invalid value",
    ),
    *_KARPENTER_IMAGES,
    *_STATIC_CAPACITY,
    ({"spec.containerd": {"version": "1.7.0"}}, {}, "spec.containerd.version: Invalid value"),
]

FACTS: Tree = {
    "images": {"ami-1": {"name": "noble", "ownerId": "1", "architecture": "x86_64"}},
    "instanceTypes": {
        "m5.large": {"architectures": ["x86_64"]},
        "t2.micro": {"architectures": ["i386", "x86_64"]},
        "a1.large": {"architectures": ["arm64"]},
        "g4dn.xlarge": {"architectures": ["x86_64"], "gpus": [{}]},
    },
}

_HOPS: list[tuple[Tree, str]] = [
    ({"spec.instanceMetadata": {"httpPutResponseHopLimit": hops}}, "") for hops in (1, 64)
]
_ON_DEMAND: list[tuple[Tree, str]] = [
    (
        {"spec.mixedInstancesPolicy": {"onDemandBase": base, "onDemandAboveBase": above}},
        ";".join(f"spec.mixedInstancesPolicy.{each}: Invalid value" for each in wrong),
    )
    for base, above, wrong in (
        (0, 0, ()),
        (2, 100, ()),
        (-1, 50, ("onDemandBase",)),
        (3, 50, ("onDemandBase",)),
        (1, 101, ("onDemandAboveBase",)),
        (1, -1, ("onDemandAboveBase",)),
    )
]

IN_THE_CLOUD: list[tuple[Tree, str]] = [
    ({}, ""),
    ({"spec.image": "1/noble", "spec.machineType": "t2.micro"}, ""),
    ({"spec.machineType": "t9.mega"}, "spec.machineType: Invalid value"),
    ({"spec.machineType": "a1.large"}, "spec.machineType: Invalid value"),
    ({"spec.image": "ami-2", "spec.machineType": "a1.large"}, ""),
    ({"spec.additionalSecurityGroups": ["sg-1", " "]}, "spec.additionalSecurityGroups[1]: Invalid value"),
    ({"spec.spotDurationInMinutes": 55}, "spec.spotDurationInMinutes: Unsupported value"),
    ({"spec.spotDurationInMinutes": 120}, ""),
    ({"spec.instanceInterruptionBehavior": "nap"}, "spec.instanceInterruptionBehavior: Unsupported value"),
    ({"spec.maxInstanceLifetime": "1m40s"}, "spec.maxInstanceLifetime: Invalid value"),
    ({"spec.maxInstanceLifetime": "24h0m0s"}, ""),
    ({"spec.maxInstanceLifetime": "0s"}, ""),
    ({"spec.instanceMetadata": {"httpTokens": "abc"}}, "spec.instanceMetadata.httpTokens: Unsupported value"),
    (
        {"spec.instanceMetadata": {"httpPutResponseHopLimit": 0}},
        "spec.instanceMetadata.httpPutResponseHopLimit: Invalid value",
    ),
    *_HOPS,
    (
        {"spec.instanceMetadata": {"httpPutResponseHopLimit": 65}},
        "spec.instanceMetadata.httpPutResponseHopLimit: Invalid value",
    ),
    ({"spec.maxInstanceLifetime": "23h59m59s"}, "spec.maxInstanceLifetime: Invalid value"),
    *_ON_DEMAND,
    ({"spec.cpuCredits": "endless"}, "spec.cpuCredits: Unsupported value"),
    (
        {"spec.mixedInstancesPolicy": {"instances": ["m5.large"]}, "spec.machineType": None},
        "spec.machineType: Invalid value",
    ),
    (
        {"spec.mixedInstancesPolicy": {"instances": ["m5.large", "a1.large", "g4dn.xlarge"]}},
        "spec.mixedInstancesPolicy.instances[1]: Invalid value;"
        "spec.mixedInstancesPolicy.instances[2]: Forbidden",
    ),
    (
        {
            "spec.mixedInstancesPolicy": {
                "onDemandBase": 3,
                "onDemandAboveBase": 231,
                "spotAllocationStrategy": "x",
            }
        },
        "spec.mixedInstancesPolicy.onDemandBase: Invalid value;"
        "spec.mixedInstancesPolicy.onDemandAboveBase: Invalid value;"
        "spec.mixedInstancesPolicy.spotAllocationStrategy: Unsupported value",
    ),
]


@pytest.mark.parametrize(("changes", "errors"), ALONE, ids=str)
def test_alone(changes: Tree, errors: str) -> None:
    assert places(validate_instance_group(group(changes))) == expected(errors)


@pytest.mark.parametrize(("changes", "of_cluster", "errors"), TOGETHER, ids=str)
def test_in_its_cluster(changes: Tree, of_cluster: Tree, errors: str) -> None:
    found = validate_with_cluster(group(changes), cluster(of_cluster), features=["APIServerNodes"])
    assert places(found) == expected(errors)
    assert all(error.source.startswith("InstanceGroup ") for error in found)


@pytest.mark.parametrize(("changes", "errors"), IN_THE_CLOUD, ids=str)
def test_in_the_cloud(changes: Tree, errors: str) -> None:
    assert places(check_aws(document(group(changes)), FACTS)) == expected(errors)


def test_without_facts_machine_types_are_not_judged() -> None:
    assert not list(check_aws(document(group({"spec.machineType": "t9.mega"})), {}))


def test_api_servers_need_their_feature_flag() -> None:
    assert places(validate_with_cluster(group({"spec.role": "APIServer"}), cluster())) == expected(
        "spec.role: Forbidden"
    )


def test_a_completed_group_has_sizes_and_an_image() -> None:
    bare = group(
        {"spec.manager": "CloudGroup", "spec.minSize": None, "spec.maxSize": None, "spec.image": None}
    )
    assert places(validate_instance_group(bare, strict=True)) == expected(
        "spec.minSize: Forbidden; spec.maxSize: Forbidden; spec.image: Forbidden"
    )
