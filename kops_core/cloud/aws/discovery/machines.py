"""Discovery of instances, groups, templates, volumes, key pairs, and leftover network interfaces."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kops_core.cloud.aws.discovery.context import LEGACY, DiscoveryContext, claimed, ids, tagged
from kops_core.cloud.aws.observation import tags_of
from kops_core.plan.snapshot import DiscoveredResource

if TYPE_CHECKING:
    from mypy_boto3_autoscaling.type_defs import AutoScalingGroupTypeDef
    from mypy_boto3_ec2.type_defs import (
        InstanceTypeDef,
        KeyPairInfoTypeDef,
        NetworkInterfaceTypeDef,
        VolumeTypeDef,
    )

ALIVE = ("pending", "running", "stopping", "stopped", "shutting-down")
"""States of instances that still use other resources."""
_FINGERPRINT = r"(?:[0-9a-f]{2}:){15}[0-9a-f]{2}|[0-9A-Za-z+/=]{43,44}"
_CLAIM = "kubernetes.io/created-for/pvc/name"


def groups(context: DiscoveryContext) -> list[DiscoveredResource]:
    """Auto-scaling groups, also those that are being deleted."""
    pages = context.aws.autoscaling.get_paginator("describe_auto_scaling_groups")

    def ask(filter_: Any) -> list[AutoScalingGroupTypeDef]:
        return [each for page in pages.paginate(Filters=[filter_]) for each in page["AutoScalingGroups"]]

    filters = [
        {"Name": "tag-key", "Values": [context.mark]},
        {"Name": f"tag:{LEGACY}", "Values": [context.cluster]},
    ]
    found = {each["AutoScalingGroupName"]: each for answer in context.each(ask, filters) for each in answer}
    return tagged(context, found.values(), scaling_group)


def scaling_group(item: AutoScalingGroupTypeDef) -> DiscoveredResource:
    """An Auto Scaling group, with all that it uses."""
    policy: Mapping[str, Any] = item.get("MixedInstancesPolicy", {}).get("LaunchTemplate", {})
    template: Mapping[str, Any] = (
        item.get("LaunchTemplate") or policy.get("LaunchTemplateSpecification") or {}
    )
    return DiscoveredResource(
        "AutoscalingGroup",
        item["AutoScalingGroupName"],
        item["AutoScalingGroupName"],
        uses=ids(
            template.get("LaunchTemplateId"),
            *item.get("VPCZoneIdentifier", "").split(","),
            *item.get("TargetGroupARNs", []),
            *(each["InstanceId"] for each in item.get("Instances", [])),
        ),
    )


def instances(context: DiscoveryContext) -> list[DiscoveredResource]:
    """Instances that have not ended."""
    pages = context.aws.ec2.get_paginator("describe_instances")
    found = context.ec2(
        lambda filters: [
            each
            for page in pages.paginate(
                Filters=[*filters, {"Name": "instance-state-name", "Values": list(ALIVE)}]
            )
            for reservation in page["Reservations"]
            for each in reservation["Instances"]
        ],
        "InstanceId",
    )
    return tagged(context, found, instance)


def instance(item: InstanceTypeDef) -> DiscoveredResource:
    """An instance of any owner."""
    return DiscoveredResource(
        "Instance",
        item["InstanceId"],
        uses=ids(
            item.get("SubnetId"),
            item.get("VpcId"),
            *(each.get("GroupId") for each in item.get("SecurityGroups", [])),
            *(each.get("Ebs", {}).get("VolumeId") for each in item.get("BlockDeviceMappings", [])),
            *(each.get("NetworkInterfaceId") for each in item.get("NetworkInterfaces", [])),
        ),
        details={"vpc": item.get("VpcId", "")},
    )


def templates(context: DiscoveryContext) -> list[DiscoveredResource]:
    """Launch templates."""
    pages = context.aws.ec2.get_paginator("describe_launch_templates")
    found = context.ec2(
        lambda filters: [
            each for page in pages.paginate(Filters=filters) for each in page["LaunchTemplates"]
        ],
        "LaunchTemplateId",
    )
    return tagged(
        context,
        found,
        lambda item: DiscoveredResource(
            "LaunchTemplate", item["LaunchTemplateId"], item["LaunchTemplateName"]
        ),
    )


def volumes(context: DiscoveryContext) -> list[DiscoveredResource]:
    """Volumes of etcd and of claims, without those that are deleted with their instance."""
    pages = context.aws.ec2.get_paginator("describe_volumes")
    found = context.ec2(
        lambda filters: [each for page in pages.paginate(Filters=filters) for each in page["Volumes"]],
        "VolumeId",
    )
    return tagged(
        context,
        [
            item
            for item in found
            if item["State"] not in {"deleting", "deleted"}
            and not any(each.get("DeleteOnTermination") for each in item.get("Attachments", []))
        ],
        _volume,
    )


def _volume(item: VolumeTypeDef) -> DiscoveredResource:
    claim = tags_of(item).get(_CLAIM)
    return DiscoveredResource(
        "EBSVolume",
        item["VolumeId"],
        used_by=ids(*(each.get("InstanceId") for each in item.get("Attachments", []))),
        note=f"with the data of the claim {claim}" if claim else "",
    )


def key_pairs(context: DiscoveryContext) -> list[DiscoveredResource]:
    """Key pairs: by tags, or by kOps' name, because older ones are not tagged."""
    name = re.compile(rf"kubernetes\.{re.escape(context.cluster)}(-({_FINGERPRINT}))?\Z")
    found = []
    for item in context.aws.ec2.describe_key_pairs()["KeyPairs"]:
        resource, tags = _key_pair(item), tags_of(item)
        if context.marked(resource, tags) is None and not claimed(tags) and name.match(item["KeyName"]):
            tags = {**tags, LEGACY: context.cluster}
        found.append(context.marked(resource, tags))
    return [each for each in found if each is not None]


def _key_pair(item: KeyPairInfoTypeDef) -> DiscoveredResource:
    return DiscoveredResource("SSHKey", item["KeyName"], item["KeyName"])


def interfaces(context: DiscoveryContext) -> list[DiscoveredResource]:
    """Network interfaces that are not deleted with an instance: leftovers of a network plugin."""
    pages = context.aws.ec2.get_paginator("describe_network_interfaces")
    found = context.ec2(
        lambda filters: [
            each for page in pages.paginate(Filters=filters) for each in page["NetworkInterfaces"]
        ],
        "NetworkInterfaceId",
        "cluster.k8s.amazonaws.com/name",
    )
    left = [
        item
        for item in found
        if not item.get("RequesterManaged") and not item.get("Attachment", {}).get("DeleteOnTermination")
    ]
    return tagged(context, left, interface)


def interface(item: NetworkInterfaceTypeDef) -> DiscoveredResource:
    """A network interface of any owner."""
    return DiscoveredResource(
        "NetworkInterface",
        item["NetworkInterfaceId"],
        item.get("Description", ""),
        uses=ids(
            item.get("SubnetId"), item.get("VpcId"), *(each.get("GroupId") for each in item.get("Groups", []))
        ),
        used_by=ids(item.get("Attachment", {}).get("InstanceId")),
    )


FINDERS = (groups, instances, templates, volumes, key_pairs, interfaces)
