"""Auto-scaling groups, their lifecycle hooks and warm pools."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kops_core.cloud.aws.adapter import Adapter, Made, Work, given, known, tag_changes
from kops_core.cloud.aws.reading import Reading, tags_of
from kops_core.model.kinds import (
    AutoscalingGroup,
    AutoscalingLifecycleHook,
    InstanceRequirements,
    MixedInstancesPolicy,
    WarmPool,
)
from kops_core.plan.snapshot import Observed

if TYPE_CHECKING:
    from mypy_boto3_autoscaling.type_defs import (
        AutoScalingGroupTypeDef,
        LifecycleHookTypeDef,
        MixedInstancesPolicyOutputTypeDef,
    )

_GRANULARITY = "1Minute"
_AT_ONCE = 10
"""Target groups that AWS attaches in one call."""


def _groups(reading: Reading) -> list[AutoScalingGroupTypeDef]:
    def ask() -> list[AutoScalingGroupTypeDef]:
        pages = reading.aws.autoscaling.get_paginator("describe_auto_scaling_groups").paginate(
            Filters=[{"Name": "tag-key", "Values": [reading.ownership_tag]}]
        )
        # A group with a status is being deleted.
        return [each for page in pages for each in page["AutoScalingGroups"] if not each.get("Status")]

    return reading.once("AutoScalingGroups", ask)


def _observe_group(reading: Reading, desired: Sequence[AutoscalingGroup]) -> list[Observed]:
    wanted = {group.name: group for group in desired}
    return [
        _observed_group(wanted[item["AutoScalingGroupName"]], item)
        for item in _groups(reading)
        if item["AutoScalingGroupName"] in wanted
    ]


def _observed_group(desired: AutoscalingGroup, item: AutoScalingGroupTypeDef) -> Observed:
    policy = item.get("MixedInstancesPolicy")
    template = item.get("LaunchTemplate") or (policy or {}).get("LaunchTemplate", {}).get(
        "LaunchTemplateSpecification", {}
    )
    zones = item.get("VPCZoneIdentifier", "")
    seen = replace(
        desired,
        launch_template=template.get("LaunchTemplateId"),
        mixed_instances_policy=_policy_seen(policy) if policy else None,
        min_size=item["MinSize"],
        max_size=item["MaxSize"],
        subnets=tuple(each for each in zones.split(",") if each),
        target_groups=tuple(item.get("TargetGroupARNs", [])),
        load_balancers=tuple(item.get("LoadBalancerNames", [])),
        enabled_metrics=tuple(each["Metric"] for each in item.get("EnabledMetrics", [])),
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
        spot_max_price=spread.get("SpotMaxPrice"),
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
                "InstanceRequirements": given(
                    VCpuCount=given(Min=required.cpu_min or 0, Max=required.cpu_max),
                    MemoryMiB=given(Min=required.memory_min or 0, Max=required.memory_max),
                    BurstablePerformance="included",
                    ExcludedInstanceTypes=list(required.excluded_instance_types) or None,
                )
            }
        )
    return {
        "InstancesDistribution": given(
            OnDemandAllocationStrategy=policy.on_demand_allocation_strategy,
            OnDemandBaseCapacity=policy.on_demand_base_capacity,
            OnDemandPercentageAboveBaseCapacity=policy.on_demand_percentage_above_base_capacity,
            SpotAllocationStrategy=policy.spot_allocation_strategy,
            SpotInstancePools=policy.spot_instance_pools,
            SpotMaxPrice=policy.spot_max_price,
        ),
        "LaunchTemplate": given(
            LaunchTemplateSpecification=_template(desired)["LaunchTemplate"], Overrides=overrides or None
        ),
    }


def _template(desired: AutoscalingGroup) -> dict[str, Any]:
    return {"LaunchTemplate": {"LaunchTemplateId": known(desired.launch_template), "Version": "$Latest"}}


def _source(desired: AutoscalingGroup) -> dict[str, Any]:
    """What instances are made from: the template alone, or a policy around it."""
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


def _create_group(work: Work, desired: AutoscalingGroup) -> Made:
    client, name = work.aws.autoscaling, desired.name
    client.create_auto_scaling_group(
        AutoScalingGroupName=name,
        MinSize=desired.min_size or 0,
        MaxSize=desired.max_size or 0,
        VPCZoneIdentifier=",".join(known(each) for each in desired.subnets or ()),
        Tags=_tags(name, desired.tags),
        **given(
            NewInstancesProtectedFromScaleIn=desired.new_instances_protected_from_scale_in,
            CapacityRebalance=desired.capacity_rebalance,
            # Creation refuses 0, which is the default.
            MaxInstanceLifetime=desired.max_instance_lifetime or None,
            LoadBalancerNames=list(desired.load_balancers or ()) or None,
            TargetGroupARNs=[known(each) for each in desired.target_groups or ()] or None,
        ),
        **_source(desired),
    )
    _enable_metrics(work, desired)
    if desired.suspended_processes:
        client.suspend_processes(
            AutoScalingGroupName=name, ScalingProcesses=list(desired.suspended_processes)
        )
    there = client.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]
    return Made(name, {"arn": there[0]["AutoScalingGroupARN"]} if there else {})


def _enable_metrics(work: Work, desired: AutoscalingGroup) -> None:
    if desired.enabled_metrics:
        work.aws.autoscaling.enable_metrics_collection(
            AutoScalingGroupName=desired.name, Granularity=_GRANULARITY, Metrics=list(desired.enabled_metrics)
        )


def _update_group(work: Work, desired: AutoscalingGroup, observed: Observed, changed: frozenset[str]) -> None:
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
    if "suspended_processes" in changed:
        _suspend(work, desired, seen)
    _attach(work, desired, seen, changed)


def _changed_settings(desired: AutoscalingGroup, changed: frozenset[str]) -> dict[str, Any]:
    request: dict[str, Any] = {}
    if changed & {"launch_template", "mixed_instances_policy"}:
        request |= _source(desired)
    if "subnets" in changed:
        request["VPCZoneIdentifier"] = ",".join(known(each) for each in desired.subnets or ())
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


def _suspend(work: Work, desired: AutoscalingGroup, seen: AutoscalingGroup) -> None:
    wanted, there = set(desired.suspended_processes or ()), set(seen.suspended_processes or ())
    if wanted - there:
        work.aws.autoscaling.suspend_processes(
            AutoScalingGroupName=desired.name, ScalingProcesses=sorted(wanted - there)
        )
    if there - wanted:
        work.aws.autoscaling.resume_processes(
            AutoScalingGroupName=desired.name, ScalingProcesses=sorted(there - wanted)
        )


def _attach(work: Work, desired: AutoscalingGroup, seen: AutoscalingGroup, changed: frozenset[str]) -> None:
    client, name = work.aws.autoscaling, desired.name
    if "load_balancers" in changed:
        wanted, there = set(desired.load_balancers or ()), set(seen.load_balancers or ())
        if wanted - there:
            client.attach_load_balancers(AutoScalingGroupName=name, LoadBalancerNames=sorted(wanted - there))
        if there - wanted:
            client.detach_load_balancers(AutoScalingGroupName=name, LoadBalancerNames=sorted(there - wanted))
    if "target_groups" in changed:
        attached = set(seen.target_groups or ())
        missing = [known(each) for each in desired.target_groups or () if each not in attached]
        for start in range(0, len(missing), _AT_ONCE):
            client.attach_load_balancer_target_groups(
                AutoScalingGroupName=name, TargetGroupARNs=missing[start : start + _AT_ONCE]
            )


def _delete_group(work: Work, observed: Observed) -> None:
    work.aws.autoscaling.delete_auto_scaling_group(AutoScalingGroupName=observed.id, ForceDelete=True)


def _there(reading: Reading, name: str | None) -> bool:
    return any(each["AutoScalingGroupName"] == name for each in _groups(reading))


def _observe_hook(reading: Reading, desired: Sequence[AutoscalingLifecycleHook]) -> list[Observed]:
    groups = {hook.name: reading.value(hook.auto_scaling_group) for hook in desired}
    names = sorted({name for name in groups.values() if name and _there(reading, name)})
    client = reading.aws.autoscaling
    answers = reading.each(
        lambda name: client.describe_lifecycle_hooks(AutoScalingGroupName=name)["LifecycleHooks"], names
    )
    there = {
        (item["AutoScalingGroupName"], item["LifecycleHookName"]): item for each in answers for item in each
    }
    found = []
    for wanted in desired:
        item = there.get((groups[wanted.name] or "", wanted.name))
        if item:
            found.append(_observed_hook(wanted, item))
    return found


def _observed_hook(desired: AutoscalingLifecycleHook, item: LifecycleHookTypeDef) -> Observed:
    seen = replace(
        desired,
        auto_scaling_group=item["AutoScalingGroupName"],
        lifecycle_transition=item["LifecycleTransition"],
        default_result=item["DefaultResult"],
        heartbeat_timeout=item["HeartbeatTimeout"],
    )
    return Observed(seen, f"{item['AutoScalingGroupName']}:{item['LifecycleHookName']}")


def _put_hook(work: Work, desired: AutoscalingLifecycleHook) -> Made:
    group = known(desired.auto_scaling_group)
    work.aws.autoscaling.put_lifecycle_hook(
        AutoScalingGroupName=group,
        LifecycleHookName=desired.name,
        **given(
            LifecycleTransition=desired.lifecycle_transition,
            DefaultResult=desired.default_result,
            HeartbeatTimeout=desired.heartbeat_timeout,
        ),
    )
    return Made(f"{group}:{desired.name}")


def _update_hook(
    work: Work, desired: AutoscalingLifecycleHook, observed: Observed, changed: frozenset[str]
) -> None:
    _put_hook(work, desired)


def _delete_hook(work: Work, observed: Observed) -> None:
    group, hook = observed.id.split(":")
    work.aws.autoscaling.delete_lifecycle_hook(AutoScalingGroupName=group, LifecycleHookName=hook)


def _observe_pool(reading: Reading, desired: Sequence[WarmPool]) -> list[Observed]:
    client, found = reading.aws.autoscaling, []
    for wanted in desired:
        group = reading.value(wanted.auto_scaling_group)
        if not group or not _there(reading, group):
            continue
        pool = client.describe_warm_pool(AutoScalingGroupName=group).get("WarmPoolConfiguration")
        if pool and not pool.get("Status"):
            seen = replace(
                wanted,
                auto_scaling_group=group,
                min_size=pool.get("MinSize", 0),
                max_group_prepared_capacity=pool.get("MaxGroupPreparedCapacity", -1),
            )
            found.append(Observed(seen, group))
    return found


def _put_pool(work: Work, desired: WarmPool) -> Made:
    group = known(desired.auto_scaling_group)
    work.aws.autoscaling.put_warm_pool(
        AutoScalingGroupName=group,
        **given(MinSize=desired.min_size, MaxGroupPreparedCapacity=desired.max_group_prepared_capacity),
    )
    return Made(group)


def _update_pool(work: Work, desired: WarmPool, observed: Observed, changed: frozenset[str]) -> None:
    _put_pool(work, desired)


def _delete_pool(work: Work, observed: Observed) -> None:
    work.aws.autoscaling.delete_warm_pool(AutoScalingGroupName=observed.id, ForceDelete=True)


ADAPTERS = (
    Adapter(AutoscalingGroup, _observe_group, _create_group, _update_group, _delete_group),
    Adapter(AutoscalingLifecycleHook, _observe_hook, _put_hook, _update_hook, _delete_hook),
    Adapter(WarmPool, _observe_pool, _put_pool, _update_pool, _delete_pool),
)
