"""The auto-scaling groups of all clusters of an account, for the fleet: asked for at once, in pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from kops_core.cloud.aws.errors import translated
from kops_core.cloud.aws.observation import tags_of
from kops_core.cloud.aws.scaling import Versions, made_from, tagged_groups, template_of, template_versions
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
        ours: Any = [{"Name": "tag-key", "Values": [_CLUSTER_TAG]}]
        reading = beside.submit(template_versions, aws, Filters=ours, PaginationConfig={"PageSize": 200})
        groups = tagged_groups(aws, _CLUSTER_TAG)
        versions = reading.result()
    found: dict[str, dict[str, GroupState]] = defaultdict(dict)
    for group in groups:
        found[tags_of(group)[_CLUSTER_TAG]][group["AutoScalingGroupName"]] = _state(group, versions)
    return found


def _state(group: AutoScalingGroupTypeDef, versions: Versions) -> GroupState:
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
