"""The adapter of auto-scaling groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kops_core.cloud.aws.adapter import (
    Adapter,
    CallContext,
    Created,
    drop_none,
    require_resolved,
    tag_changes,
)
from kops_core.cloud.aws.observation import ObservationContext, tags_of
from kops_core.cloud.aws.resources.groups import (
    WARM_POOL_METRICS,
    AutoscalingGroup,
    InstanceRequirements,
    MixedInstancesPolicy,
)
from kops_core.plan.snapshot import Observed

if TYPE_CHECKING:
    from mypy_boto3_autoscaling.type_defs import (
        AutoScalingGroupTypeDef,
        MixedInstancesPolicyOutputTypeDef,
    )

_GRANULARITY = "1Minute"
_AT_ONCE = 10
"""The limit of target groups in one attaching call."""


def _observe_group(reading: ObservationContext, desired: Sequence[AutoscalingGroup]) -> list[Observed]:
    wanted = {group.name: group for group in desired}
    return [
        _observed_group(reading, wanted[item["AutoScalingGroupName"]], item)
        for item in reading.scaling_groups()
        if item["AutoScalingGroupName"] in wanted
    ]


def _observed_group(
    reading: ObservationContext, desired: AutoscalingGroup, item: AutoScalingGroupTypeDef
) -> Observed:
    asked_for = {reading.value(each) for each in desired.target_groups or ()}
    policy = item.get("MixedInstancesPolicy")
    template = item.get("LaunchTemplate", {})
    if policy and desired.mixed_instances_policy:
        # A desired group without a policy differs from one with the same template inside a policy.
        template = policy.get("LaunchTemplate", {}).get("LaunchTemplateSpecification", {})
    zones = item.get("VPCZoneIdentifier", "")
    seen = replace(
        desired,
        launch_template=template.get("LaunchTemplateId"),
        mixed_instances_policy=_policy_seen(policy) if policy else None,
        min_size=item["MinSize"],
        max_size=item["MaxSize"],
        subnets=tuple(each for each in zones.split(",") if each),
        target_groups=tuple(arn for arn in item.get("TargetGroupARNs", []) if arn in asked_for),
        load_balancers=tuple(item.get("LoadBalancerNames", [])),
        # Further metrics of the user stay on; those of a removed warm pool are turned off.
        enabled_metrics=tuple(
            each["Metric"]
            for each in item.get("EnabledMetrics", [])
            if each["Metric"] in {*(desired.enabled_metrics or ()), *WARM_POOL_METRICS}
        ),
        suspended_processes=tuple(each["ProcessName"] for each in item.get("SuspendedProcesses", [])),
        new_instances_protected_from_scale_in=item.get("NewInstancesProtectedFromScaleIn", False),
        max_instance_lifetime=item.get("MaxInstanceLifetime", 0),
        capacity_rebalance=item.get("CapacityRebalance", False),
        tags=tags_of(item),
    )
    return Observed(seen, item["AutoScalingGroupName"], {"arn": item["AutoScalingGroupARN"]})


def _policy_seen(policy: MixedInstancesPolicyOutputTypeDef) -> MixedInstancesPolicy:
    spread = policy.get("InstancesDistribution", {})
    overrides = policy.get("LaunchTemplate", {}).get("Overrides", [])
    required = next(
        (each["InstanceRequirements"] for each in overrides if "InstanceRequirements" in each), None
    )
    return MixedInstancesPolicy(
        instance_types=tuple(each["InstanceType"] for each in overrides if "InstanceType" in each),
        instance_requirements=_requirements_seen(required) if required else None,
        on_demand_allocation_strategy=spread.get("OnDemandAllocationStrategy"),
        on_demand_base_capacity=spread.get("OnDemandBaseCapacity"),
        on_demand_percentage_above_base_capacity=spread.get("OnDemandPercentageAboveBaseCapacity"),
        spot_allocation_strategy=spread.get("SpotAllocationStrategy"),
        spot_instance_pools=spread.get("SpotInstancePools"),
        # "" removes a limit; AWS then returns none.
        spot_max_price=spread.get("SpotMaxPrice") or "",
    )


def _requirements_seen(item: Mapping[str, Any]) -> InstanceRequirements:
    return InstanceRequirements(
        architecture=None,
        cpu_min=item.get("VCpuCount", {}).get("Min"),
        cpu_max=item.get("VCpuCount", {}).get("Max"),
        memory_min=item.get("MemoryMiB", {}).get("Min"),
        memory_max=item.get("MemoryMiB", {}).get("Max"),
        excluded_instance_types=tuple(item.get("ExcludedInstanceTypes", [])),
    )


def _policy(desired: AutoscalingGroup, policy: MixedInstancesPolicy) -> dict[str, Any]:
    overrides: list[dict[str, Any]] = [{"InstanceType": each} for each in policy.instance_types]
    required = policy.instance_requirements
    if required:
        overrides.append(
            {
                "InstanceRequirements": drop_none(
                    VCpuCount=drop_none(Min=required.cpu_min or 0, Max=required.cpu_max),
                    MemoryMiB=drop_none(Min=required.memory_min or 0, Max=required.memory_max),
                    BurstablePerformance="included",
                    ExcludedInstanceTypes=list(required.excluded_instance_types) or None,
                )
            }
        )
    return {
        "InstancesDistribution": drop_none(
            OnDemandAllocationStrategy=policy.on_demand_allocation_strategy,
            OnDemandBaseCapacity=policy.on_demand_base_capacity,
            OnDemandPercentageAboveBaseCapacity=policy.on_demand_percentage_above_base_capacity,
            SpotAllocationStrategy=policy.spot_allocation_strategy,
            SpotInstancePools=policy.spot_instance_pools,
            SpotMaxPrice=policy.spot_max_price,
        ),
        "LaunchTemplate": drop_none(
            LaunchTemplateSpecification=_template(desired)["LaunchTemplate"], Overrides=overrides or None
        ),
    }


def _template(desired: AutoscalingGroup) -> dict[str, Any]:
    return {
        "LaunchTemplate": {
            "LaunchTemplateId": require_resolved(desired.launch_template),
            "Version": "$Latest",
        }
    }


def _source(desired: AutoscalingGroup) -> dict[str, Any]:
    """The source of instances: the template alone, or a policy with it."""
    if desired.mixed_instances_policy:
        return {"MixedInstancesPolicy": _policy(desired, desired.mixed_instances_policy)}
    return _template(desired)


def _tags(name: str, tags: Mapping[str, str] | None) -> list[Any]:
    return [
        {
            "Key": key,
            "Value": value,
            "PropagateAtLaunch": True,
            "ResourceId": name,
            "ResourceType": "auto-scaling-group",
        }
        for key, value in (tags or {}).items()
    ]


def _create_group(work: CallContext, desired: AutoscalingGroup) -> Created:
    client, name = work.aws.autoscaling, desired.name
    client.create_auto_scaling_group(
        AutoScalingGroupName=name,
        MinSize=desired.min_size or 0,
        MaxSize=desired.max_size or 0,
        VPCZoneIdentifier=",".join(require_resolved(each) for each in desired.subnets or ()),
        Tags=_tags(name, desired.tags),
        **drop_none(
            NewInstancesProtectedFromScaleIn=desired.new_instances_protected_from_scale_in,
            CapacityRebalance=desired.capacity_rebalance,
            # Creation refuses 0, which is the default.
            MaxInstanceLifetime=desired.max_instance_lifetime or None,
            LoadBalancerNames=list(desired.load_balancers or ()) or None,
            TargetGroupARNs=[require_resolved(each) for each in desired.target_groups or ()] or None,
        ),
        **_source(desired),
    )
    _enable_metrics(work, desired)
    if desired.suspended_processes:
        client.suspend_processes(
            AutoScalingGroupName=name, ScalingProcesses=list(desired.suspended_processes)
        )
    there = client.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]
    return Created(name, {"arn": there[0]["AutoScalingGroupARN"]} if there else {})


def _enable_metrics(work: CallContext, desired: AutoscalingGroup) -> None:
    if desired.enabled_metrics:
        work.aws.autoscaling.enable_metrics_collection(
            AutoScalingGroupName=desired.name, Granularity=_GRANULARITY, Metrics=list(desired.enabled_metrics)
        )


def _update_group(
    work: CallContext, desired: AutoscalingGroup, observed: Observed, changed: frozenset[str]
) -> None:
    client, name, seen = work.aws.autoscaling, desired.name, observed.resource
    assert isinstance(seen, AutoscalingGroup)  # noqa: S101 - observed by this adapter
    request = _changed_settings(desired, changed)
    if request:
        client.update_auto_scaling_group(AutoScalingGroupName=name, **request)
    if "tags" in changed:
        put, remove = tag_changes(desired.tags, seen.tags, whole=True)
        if remove:
            gone: Any = [
                {"Key": key, "ResourceId": name, "ResourceType": "auto-scaling-group"} for key in remove
            ]
            client.delete_tags(Tags=gone)
        if put:
            client.create_or_update_tags(Tags=_tags(name, put))
    if "enabled_metrics" in changed:
        _enable_metrics(work, desired)
        left = set(seen.enabled_metrics or ()) - set(desired.enabled_metrics or ())
        if left:
            client.disable_metrics_collection(AutoScalingGroupName=name, Metrics=sorted(left))
    if "suspended_processes" in changed:
        _suspend(work, desired, seen)
    _attach(work, desired, seen, changed)


def _changed_settings(desired: AutoscalingGroup, changed: frozenset[str]) -> dict[str, Any]:
    request: dict[str, Any] = {}
    if changed & {"launch_template", "mixed_instances_policy"}:
        request |= _source(desired)
    if "subnets" in changed:
        request["VPCZoneIdentifier"] = ",".join(require_resolved(each) for each in desired.subnets or ())
    for field, parameter in (
        ("min_size", "MinSize"),
        ("max_size", "MaxSize"),
        ("max_instance_lifetime", "MaxInstanceLifetime"),
        ("new_instances_protected_from_scale_in", "NewInstancesProtectedFromScaleIn"),
        ("capacity_rebalance", "CapacityRebalance"),
    ):
        if field in changed:
            request[parameter] = getattr(desired, field)
    return request


def _suspend(work: CallContext, desired: AutoscalingGroup, seen: AutoscalingGroup) -> None:
    wanted, there = set(desired.suspended_processes or ()), set(seen.suspended_processes or ())
    if wanted - there:
        work.aws.autoscaling.suspend_processes(
            AutoScalingGroupName=desired.name, ScalingProcesses=sorted(wanted - there)
        )
    if there - wanted:
        work.aws.autoscaling.resume_processes(
            AutoScalingGroupName=desired.name, ScalingProcesses=sorted(there - wanted)
        )


def _attach(
    work: CallContext, desired: AutoscalingGroup, seen: AutoscalingGroup, changed: frozenset[str]
) -> None:
    client, name = work.aws.autoscaling, desired.name
    if "load_balancers" in changed:
        wanted, there = set(desired.load_balancers or ()), set(seen.load_balancers or ())
        if wanted - there:
            client.attach_load_balancers(AutoScalingGroupName=name, LoadBalancerNames=sorted(wanted - there))
        if there - wanted:
            client.detach_load_balancers(AutoScalingGroupName=name, LoadBalancerNames=sorted(there - wanted))
    if "target_groups" in changed:
        attached = set(seen.target_groups or ())
        missing = [require_resolved(each) for each in desired.target_groups or () if each not in attached]
        for start in range(0, len(missing), _AT_ONCE):
            client.attach_load_balancer_target_groups(
                AutoScalingGroupName=name, TargetGroupARNs=missing[start : start + _AT_ONCE]
            )


def _delete_group(work: CallContext, observed: Observed) -> None:
    work.aws.autoscaling.delete_auto_scaling_group(AutoScalingGroupName=observed.id, ForceDelete=True)


ADAPTERS = (Adapter(AutoscalingGroup, _observe_group, _create_group, _update_group, _delete_group),)
