"""Auto-scaling groups and the versions of their launch templates, as AWS tells them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from kops_core.cloud.aws.session import AwsSession

if TYPE_CHECKING:
    from mypy_boto3_autoscaling.type_defs import AutoScalingGroupTypeDef

Versions = Mapping[tuple[str, str], str]
"""The versions that ``$Latest`` and ``$Default`` mean, by launch template and word."""


def tagged_groups(aws: AwsSession, tag: str) -> list[AutoScalingGroupTypeDef]:
    """I/O. The groups that have a tag, without those that are being deleted: 100 a call."""
    pages = aws.autoscaling.get_paginator("describe_auto_scaling_groups").paginate(
        Filters=[{"Name": "tag-key", "Values": [tag]}], PaginationConfig={"PageSize": 100}
    )
    return [each for page in pages for each in without_leaving(page["AutoScalingGroups"])]


def without_leaving(groups: Iterable[AutoScalingGroupTypeDef]) -> list[AutoScalingGroupTypeDef]:
    """The groups that are not being deleted: one with a status is."""
    return [each for each in groups if not each.get("Status")]


def template_versions(aws: AwsSession, **chosen: Any) -> Versions:
    """I/O. The latest and default versions of launch templates. chosen: parameters of the call."""
    pages = aws.ec2.get_paginator("describe_launch_templates").paginate(**chosen)
    found = {}
    for page in pages:
        for each in page["LaunchTemplates"]:
            found[each["LaunchTemplateId"], "$Latest"] = str(each["LatestVersionNumber"])
            found[each["LaunchTemplateId"], "$Default"] = str(each["DefaultVersionNumber"])
    return found


def template_of(group: AutoScalingGroupTypeDef) -> Mapping[str, Any]:
    """The launch template of a group: its id and version; {} without one."""
    policy = group.get("MixedInstancesPolicy", {}).get("LaunchTemplate", {})
    return group.get("LaunchTemplate") or policy.get("LaunchTemplateSpecification") or {}


def made_from(template: Mapping[str, Any], configuration: str, versions: Versions) -> str:
    """The source of an instance, or of new ones: see ``Instance.template``."""
    if not template:
        return configuration
    id_, version = str(template.get("LaunchTemplateId")), str(template.get("Version", "$Default"))
    return f"{id_}:{versions.get((id_, version), version)}"
