"""Auto-scaling groups and their instances, for rolling updates."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from kops_core.cloud.aws.discovery.machines import ALIVE
from kops_core.cloud.aws.errors import absent, if_there, translated
from kops_core.cloud.aws.observation import tags_of
from kops_core.cloud.aws.scaling import Versions, made_from, template_of, template_versions, without_leaving
from kops_core.cloud.aws.session import AwsSession
from kops_core.cloud.aws.template_changes import changed_fields
from kops_core.cloud.ports import GroupState, Instance
from kops_core.model.names import GROUP_TAG

if TYPE_CHECKING:
    from mypy_boto3_autoscaling.type_defs import AutoScalingGroupTypeDef
    from mypy_boto3_ec2.type_defs import InstanceTypeDef
    from mypy_boto3_elbv2.type_defs import TargetDescriptionTypeDef

DETACHED_TAG = "kops.k8s.io/detached-from-asg"
"""Tag of an instance that a rolling update detached: the name of its group (kOps)."""
_NOT_A_MEMBER = "is not part of Auto Scaling group"
"""In the message of AWS' ValidationError for an instance that has left its group."""
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
            templates = {id_ for group in found if (id_ := template_of(group).get("LaunchTemplateId"))}
            versions = template_versions(self._aws, LaunchTemplateIds=sorted(templates)) if templates else {}
            machines = self._machines() if found else {}
            states = [_state(group, versions, machines) for group in found]
            return {state.name: self._with_launch_failure(state) for state in states}

    def tagged(self, names: Sequence[str]) -> Mapping[str, tuple[Instance, ...]]:
        """As InstanceGroups says, in one call."""
        with translated("reading instances"):
            machines = [each for each in self._machines().values() if not _is_ending(each)]
        return {
            name: tuple(
                _instance(each, "InService", "") for each in machines if tags_of(each).get(GROUP_TAG) == name
            )
            for name in names
        }

    def template_changes(
        self, pairs: Collection[tuple[str, str]]
    ) -> Mapping[tuple[str, str], tuple[str, ...]]:
        """As InstanceGroups says, in one call for each launch template."""
        versions: dict[str, set[str]] = {}
        for source in {each for pair in pairs for each in pair}:
            template, separator, version = source.partition(":")
            if separator:
                versions.setdefault(template, set()).add(version)
        with translated("reading launch templates"):
            data = {
                f"{template}:{version}": content
                for template, wanted in sorted(versions.items())
                for version, content in self._template_data(template, wanted).items()
            }
        return {
            (old, new): changed_fields(data[old], data[new])
            for old, new in pairs
            if old in data and new in data
        }

    def _template_data(self, template: str, versions: Collection[str]) -> dict[str, Mapping[str, Any]]:
        """LaunchTemplateData by version; those that were deleted are missing."""
        pages = self._aws.ec2.get_paginator("describe_launch_template_versions")
        found = if_there(
            lambda: [
                each
                for page in pages.paginate(LaunchTemplateId=template, Versions=sorted(versions))
                for each in page["LaunchTemplateVersions"]
            ]
        )
        return {str(each["VersionNumber"]): each["LaunchTemplateData"] for each in found or []}

    def terminate(self, instance: str) -> None:
        """As InstanceGroups says."""
        with translated(instance):
            try:
                self._aws.ec2.terminate_instances(InstanceIds=[instance])
            except ClientError as error:
                if not absent(error):
                    raise

    def detach(self, instance: str, group: str) -> None:
        """As InstanceGroups says. The mark comes first, so that a detached instance always has it."""
        with translated(instance):
            self._aws.ec2.create_tags(Resources=[instance], Tags=[{"Key": DETACHED_TAG, "Value": group}])
            try:
                self._aws.autoscaling.detach_instances(
                    AutoScalingGroupName=group, InstanceIds=[instance], ShouldDecrementDesiredCapacity=False
                )
            except ClientError as error:
                if _NOT_A_MEMBER not in str(error):
                    raise

    def deregister(self, instance: str, group: str) -> tuple[str, ...]:
        """As InstanceGroups says: of classic load balancers and target groups."""
        with translated(instance):
            classic, targets = self._balancers(group)
            draining = [name for name in classic if self._leave_classic(name, instance)]
            draining += [_short(arn) for arn in targets if self._leave_targets(arn, instance)]
        return tuple(draining)

    def register(self, instance: str, group: str) -> None:
        """As InstanceGroups says."""
        with translated(instance):
            classic, targets = self._balancers(group)
            for name in classic:
                self._aws.elb.register_instances_with_load_balancer(
                    LoadBalancerName=name, Instances=[{"InstanceId": instance}]
                )
            for arn in targets:
                self._aws.elbv2.register_targets(TargetGroupArn=arn, Targets=[{"Id": instance}])

    def _balancers(self, group: str) -> tuple[list[str], list[str]]:
        found = next(iter(self._auto_scaling_groups([group])), None)
        if found is None:
            return [], []
        return found.get("LoadBalancerNames", []), found.get("TargetGroupARNs", [])

    def _leave_classic(self, name: str, instance: str) -> bool:
        """Whether the balancer still sends requests to the instance."""
        instances = [{"InstanceId": instance}]
        health = if_there(
            lambda: self._aws.elb.describe_instance_health(LoadBalancerName=name, Instances=instances)
        )
        if not any(each["State"] == "InService" for each in (health or {}).get("InstanceStates", [])):
            return False
        self._aws.elb.deregister_instances_from_load_balancer(LoadBalancerName=name, Instances=instances)
        return True

    def _leave_targets(self, arn: str, instance: str) -> bool:
        """Whether the target group still sends requests to the instance, or waits for some to end."""
        target: TargetDescriptionTypeDef = {"Id": instance}
        health = if_there(
            lambda: self._aws.elbv2.describe_target_health(TargetGroupArn=arn, Targets=[target])
        )
        described = health["TargetHealthDescriptions"] if health else []
        states = [each.get("TargetHealth", {}).get("State") for each in described]
        if all(state == "unused" for state in states):
            return False
        if any(state not in {"unused", "draining"} for state in states):
            self._aws.elbv2.deregister_targets(TargetGroupArn=arn, Targets=[target])
        return True

    def _auto_scaling_groups(self, names: Sequence[str]) -> Iterable[AutoScalingGroupTypeDef]:
        pages = self._aws.autoscaling.get_paginator("describe_auto_scaling_groups")
        for start in range(0, len(names), _AT_ONCE):
            chunk = list(names[start : start + _AT_ONCE])
            # Without a page size AWS accepts no more than 50 names.
            for page in pages.paginate(AutoScalingGroupNames=chunk, PaginationConfig={"PageSize": _AT_ONCE}):
                yield from without_leaving(page["AutoScalingGroups"])

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


def _short(arn: str) -> str:
    """The name of a target group in its ARN, ``...:targetgroup/NAME/ID``."""
    return arn.split("/")[1] if arn.count("/") > 1 else arn


def _state(
    group: AutoScalingGroupTypeDef,
    versions: Versions,
    machines: Mapping[str, InstanceTypeDef],
) -> GroupState:
    name = group["AutoScalingGroupName"]
    members = [
        _instance(
            machines[each["InstanceId"]],
            # The group notices later than EC2 that an instance is ending.
            "Terminating" if _is_ending(machines[each["InstanceId"]]) else each["LifecycleState"],
            made_from(each.get("LaunchTemplate", {}), each.get("LaunchConfigurationName", ""), versions),
        )
        for each in group.get("Instances", [])
        if each["InstanceId"] in machines
    ]
    known = {each.id for each in members}
    detached = [
        _instance(machine, "Detached", "")
        for id_, machine in machines.items()
        if id_ not in known and tags_of(machine).get(DETACHED_TAG) == name and not _is_ending(machine)
    ]
    return GroupState(
        name=name,
        wanted=made_from(template_of(group), group.get("LaunchConfigurationName", ""), versions),
        min_size=group["MinSize"],
        max_size=group["MaxSize"],
        desired=group["DesiredCapacity"],
        instances=(*members, *detached),
        balanced=bool(group.get("LoadBalancerNames") or group.get("TargetGroupARNs")),
    )


def _is_ending(machine: InstanceTypeDef) -> bool:
    return machine["State"].get("Name") == "shutting-down"


def _instance(machine: InstanceTypeDef, lifecycle: str, template: str) -> Instance:
    return Instance(
        id=machine["InstanceId"],
        lifecycle=lifecycle,
        running=machine["State"].get("Name") == "running",
        template=template,
        machine_type=machine.get("InstanceType", ""),
        zone=machine.get("Placement", {}).get("AvailabilityZone", ""),
        private_ip=machine.get("PrivateIpAddress", ""),
        public_ip=machine.get("PublicIpAddress", ""),
    )
