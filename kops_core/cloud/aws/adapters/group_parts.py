"""Adapters of parts of auto-scaling groups: lifecycle hooks, warm pools, obsolete target groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from kops_core.cloud.aws.adapter import (
    Adapter,
    CallContext,
    Created,
    drop_none,
    require_resolved,
    unsupported,
)
from kops_core.cloud.aws.errors import code_of
from kops_core.cloud.aws.observation import ObservationContext
from kops_core.cloud.aws.resources.groups import (
    WARM_POOL_HOOK,
    AutoscalingGroup,
    AutoscalingLifecycleHook,
    TargetGroupAttachment,
    WarmPool,
)
from kops_core.errors import NotReady
from kops_core.plan.snapshot import Observed

if TYPE_CHECKING:
    from mypy_boto3_autoscaling.type_defs import LifecycleHookTypeDef


def _there(reading: ObservationContext, name: str | None) -> bool:
    return any(each["AutoScalingGroupName"] == name for each in reading.scaling_groups())


def _observe_hook(reading: ObservationContext, desired: Sequence[AutoscalingLifecycleHook]) -> list[Observed]:
    client = reading.aws.autoscaling
    # By name, so that they need not wait until the groups were observed.
    names = {group.name for group in reading.of(AutoscalingGroup)}
    names |= {each for hook in desired if isinstance(each := hook.auto_scaling_group, str)}
    answers = reading.each(
        lambda name: client.describe_lifecycle_hooks(AutoScalingGroupName=name)["LifecycleHooks"],
        sorted(name for name in names if _there(reading, name)),
    )
    groups = {hook.name: reading.value(hook.auto_scaling_group) for hook in desired}
    there = {
        (item["AutoScalingGroupName"], item["LifecycleHookName"]): item for each in answers for item in each
    }
    found = []
    for wanted in desired:
        item = there.pop((groups[wanted.name] or "", wanted.hook_name), None)
        if item:
            found.append(_observed_hook(wanted, item))
    return found + list(_left_hooks(reading, there))


def _left_hooks(
    reading: ObservationContext, there: Mapping[tuple[str, str], LifecycleHookTypeDef]
) -> Iterator[Observed]:
    """Obsolete hooks of warm pools: new machines would wait in them for nothing."""
    for group in reading.of(AutoscalingGroup):
        item = there.get((group.name, WARM_POOL_HOOK))
        if item:
            left = AutoscalingLifecycleHook(
                name=f"{WARM_POOL_HOOK} of {group.name}",
                hook_name=WARM_POOL_HOOK,
                lifecycle=group.lifecycle,
            )
            yield _observed_hook(left, item)


def _observed_hook(desired: AutoscalingLifecycleHook, item: LifecycleHookTypeDef) -> Observed:
    seen = replace(
        desired,
        auto_scaling_group=item["AutoScalingGroupName"],
        lifecycle_transition=item["LifecycleTransition"],
        default_result=item["DefaultResult"],
        heartbeat_timeout=item["HeartbeatTimeout"],
    )
    return Observed(seen, f"{item['AutoScalingGroupName']}:{item['LifecycleHookName']}")


def _put_hook(work: CallContext, desired: AutoscalingLifecycleHook) -> Created:
    group = require_resolved(desired.auto_scaling_group)
    work.aws.autoscaling.put_lifecycle_hook(
        AutoScalingGroupName=group,
        LifecycleHookName=desired.hook_name,
        **drop_none(
            LifecycleTransition=desired.lifecycle_transition,
            DefaultResult=desired.default_result,
            HeartbeatTimeout=desired.heartbeat_timeout,
        ),
    )
    return Created(f"{group}:{desired.hook_name}")


def _update_hook(
    work: CallContext, desired: AutoscalingLifecycleHook, observed: Observed, changed: frozenset[str]
) -> None:
    _put_hook(work, desired)


def _delete_hook(work: CallContext, observed: Observed) -> None:
    group, hook = observed.id.split(":")
    work.aws.autoscaling.delete_lifecycle_hook(AutoScalingGroupName=group, LifecycleHookName=hook)


def _observe_attachment(
    reading: ObservationContext, desired: Sequence[TargetGroupAttachment]
) -> list[Observed]:
    groups = {group.name: group for group in reading.of(AutoscalingGroup)}
    found = []
    for item in reading.scaling_groups():
        group = groups.get(item["AutoScalingGroupName"])
        for arn in item.get("TargetGroupARNs", []) if group else []:
            if group and arn not in {reading.value(each) for each in group.target_groups or ()}:
                seen = TargetGroupAttachment(
                    name=f"{arn.split('/')[1]} of {group.name}",
                    lifecycle=group.lifecycle,
                    auto_scaling_group=group.name,
                    target_group=arn,
                )
                found.append(Observed(seen, f"{group.name}:{arn}"))
    return found


def _detach(work: CallContext, observed: Observed) -> None:
    group, _, arn = observed.id.partition(":")
    work.aws.autoscaling.detach_load_balancer_target_groups(AutoScalingGroupName=group, TargetGroupARNs=[arn])


def _observe_pool(reading: ObservationContext, desired: Sequence[WarmPool]) -> list[Observed]:
    wanted = {reading.value(pool.auto_scaling_group): pool for pool in desired}
    lifecycles = {group.name: group.lifecycle for group in reading.of(AutoscalingGroup)}
    found = []
    for item in reading.scaling_groups():
        name, pool = item["AutoScalingGroupName"], item.get("WarmPoolConfiguration")
        # A pool with a status is being deleted.
        if not pool or pool.get("Status") or name not in wanted.keys() | lifecycles.keys():
            continue
        seen = replace(
            wanted.get(name) or WarmPool(name=name, lifecycle=lifecycles[name]),
            auto_scaling_group=name,
            min_size=pool.get("MinSize", 0),
            max_group_prepared_capacity=pool.get("MaxGroupPreparedCapacity", -1),
        )
        found.append(Observed(seen, name))
    return found


def _put_pool(work: CallContext, desired: WarmPool) -> Created:
    group = require_resolved(desired.auto_scaling_group)
    try:
        work.aws.autoscaling.put_warm_pool(
            AutoScalingGroupName=group,
            **drop_none(
                MinSize=desired.min_size, MaxGroupPreparedCapacity=desired.max_group_prepared_capacity
            ),
        )
    except ClientError as error:
        if code_of(error) == "ValidationError" and _is_going(work, group):
            raise NotReady("its old warm pool is still being deleted", where=str(desired.key)) from error
        raise
    return Created(group)


def _is_going(work: CallContext, group: str) -> bool:
    answer = work.aws.autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[group])
    pools = [each.get("WarmPoolConfiguration", {}) for each in answer["AutoScalingGroups"]]
    return any(pool.get("Status") == "PendingDelete" for pool in pools)


def _update_pool(work: CallContext, desired: WarmPool, observed: Observed, changed: frozenset[str]) -> None:
    _put_pool(work, desired)


def _delete_pool(work: CallContext, observed: Observed) -> None:
    work.aws.autoscaling.delete_warm_pool(AutoScalingGroupName=observed.id, ForceDelete=True)


ADAPTERS = (
    Adapter(
        AutoscalingLifecycleHook,
        _observe_hook,
        _put_hook,
        _update_hook,
        _delete_hook,
        companion_of=AutoscalingGroup,
    ),
    Adapter(
        TargetGroupAttachment,
        _observe_attachment,
        unsupported("an attachment is made with its auto-scaling group"),
        unsupported("an attachment has nothing to change"),
        _detach,
        companion_of=AutoscalingGroup,
    ),
    Adapter(WarmPool, _observe_pool, _put_pool, _update_pool, _delete_pool, companion_of=AutoscalingGroup),
)
