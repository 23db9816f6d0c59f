"""Auto-scaling groups and their instances, for rolling updates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from kops_core.cloud.aws.discovery.machines import ALIVE
from kops_core.cloud.aws.errors import absent, translated
from kops_core.cloud.aws.observation import tags_of
from kops_core.cloud.aws.session import AwsSession
from kops_core.cloud.ports import GroupState, Instance
from kops_core.model.names import GROUP_TAG

if TYPE_CHECKING:
    from mypy_boto3_autoscaling.type_defs import AutoScalingGroupTypeDef
    from mypy_boto3_ec2.type_defs import InstanceTypeDef

DETACHED_TAG = "kops.k8s.io/detached-from-asg"
"""Tag of an instance that a rolling update detached: the name of its group (kOps)."""
_AT_ONCE = 100
"""The limit of names in DescribeAutoScalingGroups."""


class AwsInstanceGroups:
    """The instance groups of one cluster. Safe to use from several threads."""

    def __init__(self, aws: AwsSession, cluster: str) -> None:
        self._aws = aws
        self._cluster = cluster

    def groups(self, names: Sequence[str]) -> Mapping[str, GroupState]:
        """As InstanceGroups says, in three calls for all groups and one for each warm pool.

        A group that lacks instances takes one more.
        """
        with translated("reading instance groups"):
            found = [self._with_pool(each) for each in self._auto_scaling_groups(names)]
            versions = self._versions(
                {id_ for group in found if (id_ := _template(group).get("LaunchTemplateId"))}
            )
            machines = self._machines() if found else {}
            states = [_state(group, versions, machines) for group in found]
            return {state.name: self._with_launch_failure(state) for state in states}

    def tagged(self, names: Sequence[str]) -> Mapping[str, tuple[Instance, ...]]:
        """As InstanceGroups says, in one call."""
        with translated("reading instances"):
            machines = [
                each for each in self._machines().values() if each["State"].get("Name") != "shutting-down"
            ]
        return {
            name: tuple(
                _instance(each, "InService", "") for each in machines if tags_of(each).get(GROUP_TAG) == name
            )
            for name in names
        }

    def terminate(self, instance: str) -> None:
        """As InstanceGroups says."""
        with translated(instance):
            try:
                self._aws.ec2.terminate_instances(InstanceIds=[instance])
            except ClientError as error:
                if not absent(error):
                    raise

    def _auto_scaling_groups(self, names: Sequence[str]) -> Iterable[AutoScalingGroupTypeDef]:
        pages = self._aws.autoscaling.get_paginator("describe_auto_scaling_groups")
        for start in range(0, len(names), _AT_ONCE):
            chunk = list(names[start : start + _AT_ONCE])
            # Without a page size AWS accepts no more than 50 names.
            for page in pages.paginate(AutoScalingGroupNames=chunk, PaginationConfig={"PageSize": _AT_ONCE}):
                # A group with a status is being deleted.
                yield from (group for group in page["AutoScalingGroups"] if not group.get("Status"))

    def _with_pool(self, group: AutoScalingGroupTypeDef) -> AutoScalingGroupTypeDef:
        """A group with the instances of its warm pool, which AWS lists separately."""
        if not group.get("WarmPoolConfiguration"):
            return group
        pages = self._aws.autoscaling.get_paginator("describe_warm_pool").paginate(
            AutoScalingGroupName=group["AutoScalingGroupName"]
        )
        members = {each["InstanceId"]: each for each in group.get("Instances", [])}
        try:
            for page in pages:
                for each in page["Instances"]:
                    members.setdefault(each["InstanceId"], each)
        except ClientError as error:
            if not absent(error):
                raise
        return {**group, "Instances": list(members.values())}

    def _with_launch_failure(self, state: GroupState) -> GroupState:
        """A group that lacks instances, with the error of AWS' last attempt to launch one."""
        serving = sum(each.lifecycle == "InService" for each in state.instances)
        if serving >= state.desired:
            return state
        try:
            latest = self._aws.autoscaling.describe_scaling_activities(
                AutoScalingGroupName=state.name, MaxRecords=1
            )["Activities"]
        except ClientError as error:
            if absent(error):
                return state
            raise
        failed = [each for each in latest if each.get("StatusCode") == "Failed"]
        return replace(state, launch_failure=failed[0].get("StatusMessage", "")) if failed else state

    def _versions(self, templates: set[str]) -> dict[tuple[str, str], str]:
        """The versions ``$Latest`` and ``$Default`` of each launch template."""
        if not templates:
            return {}
        pages = self._aws.ec2.get_paginator("describe_launch_templates")
        found = {}
        for page in pages.paginate(LaunchTemplateIds=sorted(templates)):
            for each in page["LaunchTemplates"]:
                id_ = each["LaunchTemplateId"]
                found[id_, "$Latest"] = str(each["LatestVersionNumber"])
                found[id_, "$Default"] = str(each["DefaultVersionNumber"])
        return found

    def _machines(self) -> dict[str, InstanceTypeDef]:
        pages = self._aws.ec2.get_paginator("describe_instances").paginate(
            Filters=[
                {"Name": "tag:KubernetesCluster", "Values": [self._cluster]},
                {"Name": "instance-state-name", "Values": list(ALIVE)},
            ]
        )
        return {
            each["InstanceId"]: each
            for page in pages
            for reservation in page["Reservations"]
            for each in reservation["Instances"]
        }


def _template(group: AutoScalingGroupTypeDef) -> Mapping[str, Any]:
    policy = group.get("MixedInstancesPolicy", {}).get("LaunchTemplate", {})
    return group.get("LaunchTemplate") or policy.get("LaunchTemplateSpecification") or {}


def _made_from(
    template: Mapping[str, Any], configuration: str, versions: Mapping[tuple[str, str], str]
) -> str:
    if not template:
        return configuration
    id_, version = str(template.get("LaunchTemplateId")), str(template.get("Version", "$Default"))
    return f"{id_}:{versions.get((id_, version), version)}"


def _state(
    group: AutoScalingGroupTypeDef,
    versions: Mapping[tuple[str, str], str],
    machines: Mapping[str, InstanceTypeDef],
) -> GroupState:
    name = group["AutoScalingGroupName"]
    members = [
        _instance(
            machines[each["InstanceId"]],
            each["LifecycleState"],
            _made_from(each.get("LaunchTemplate", {}), each.get("LaunchConfigurationName", ""), versions),
        )
        for each in group.get("Instances", [])
        if each["InstanceId"] in machines
    ]
    known = {each.id for each in members}
    detached = [
        _instance(machine, "Detached", "")
        for id_, machine in machines.items()
        if id_ not in known and tags_of(machine).get(DETACHED_TAG) == name
    ]
    return GroupState(
        name=name,
        wanted=_made_from(_template(group), group.get("LaunchConfigurationName", ""), versions),
        min_size=group["MinSize"],
        max_size=group["MaxSize"],
        desired=group["DesiredCapacity"],
        instances=(*members, *detached),
    )


def _instance(machine: InstanceTypeDef, lifecycle: str, template: str) -> Instance:
    return Instance(
        id=machine["InstanceId"],
        lifecycle=lifecycle,
        running=machine["State"].get("Name") == "running",
        template=template,
        machine_type=machine.get("InstanceType", ""),
        zone=machine.get("Placement", {}).get("AvailabilityZone", ""),
        private_ip=machine.get("PrivateIpAddress", ""),
    )
