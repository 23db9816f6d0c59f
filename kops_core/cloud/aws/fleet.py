"""The auto-scaling groups of all clusters of an account, for the fleet: asked for at once, in pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from kops_core.cloud.aws.errors import translated
from kops_core.cloud.aws.instances import made_from, template_of
from kops_core.cloud.aws.observation import tags_of
from kops_core.cloud.aws.session import AwsSession
from kops_core.cloud.ports import GroupState, Instance

if TYPE_CHECKING:
    from mypy_boto3_autoscaling.type_defs import AutoScalingGroupTypeDef

_CLUSTER_TAG = "KubernetesCluster"
"""kOps' tag of all resources of a cluster: the cluster's name."""


def groups_of_all_clusters(aws: AwsSession) -> Mapping[str, Mapping[str, GroupState]]:
    """I/O. The groups by the names of their cluster and their own: 100 groups and 200 templates a call.

    Raises CloudError.
    """
    with translated("reading the instance groups of all clusters"), ThreadPoolExecutor(1, "fleet") as beside:
        reading = beside.submit(_versions, aws)
        pages = aws.autoscaling.get_paginator("describe_auto_scaling_groups").paginate(
            Filters=[{"Name": "tag-key", "Values": [_CLUSTER_TAG]}], PaginationConfig={"PageSize": 100}
        )
        # A group with a status is being deleted.
        groups = [each for page in pages for each in page["AutoScalingGroups"] if not each.get("Status")]
        versions = reading.result()
    found: dict[str, dict[str, GroupState]] = defaultdict(dict)
    for group in groups:
        found[tags_of(group)[_CLUSTER_TAG]][group["AutoScalingGroupName"]] = _state(group, versions)
    return found


def _versions(aws: AwsSession) -> dict[tuple[str, str], str]:
    """The versions that ``$Latest`` and ``$Default`` are, by launch template and word."""
    pages = aws.ec2.get_paginator("describe_launch_templates").paginate(
        Filters=[{"Name": "tag-key", "Values": [_CLUSTER_TAG]}], PaginationConfig={"PageSize": 200}
    )
    found = {}
    for page in pages:
        for each in page["LaunchTemplates"]:
            found[each["LaunchTemplateId"], "$Latest"] = str(each["LatestVersionNumber"])
            found[each["LaunchTemplateId"], "$Default"] = str(each["DefaultVersionNumber"])
    return found


def _state(group: AutoScalingGroupTypeDef, versions: Mapping[tuple[str, str], str]) -> GroupState:
    """A group with its instances as it knows them itself: EC2 is not asked whether they run."""
    return GroupState(
        name=group["AutoScalingGroupName"],
        wanted=made_from(template_of(group), group.get("LaunchConfigurationName", ""), versions),
        min_size=group["MinSize"],
        max_size=group["MaxSize"],
        desired=group["DesiredCapacity"],
        instances=tuple(
            Instance(
                id=each["InstanceId"],
                lifecycle=each["LifecycleState"],
                running=each["LifecycleState"] == "InService",
                template=made_from(
                    each.get("LaunchTemplate", {}), each.get("LaunchConfigurationName", ""), versions
                ),
                machine_type=each.get("InstanceType", ""),
                zone=each["AvailabilityZone"],
            )
            for each in group.get("Instances", [])
        ),
    )
