"""Adapters of target groups of the API's load balancers, and of shared ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kops_core.cloud.aws.adapter import Adapter, CallContext, Created, drop_none, require_resolved, tag_list
from kops_core.cloud.aws.balancing import (
    LONGEST_NAME,
    REVISION_TAG,
    balancers,
    retag,
    revision_of,
    revision_tag,
    tags_by_arn,
)
from kops_core.cloud.aws.observation import ObservationContext, Tags
from kops_core.cloud.aws.resources.balancers import TargetGroup
from kops_core.model.names import hashed
from kops_core.model.template import Ref
from kops_core.plan.snapshot import Observed

if TYPE_CHECKING:
    from mypy_boto3_elbv2.type_defs import TargetGroupTypeDef


def _observe_target_group(reading: ObservationContext, desired: Sequence[TargetGroup]) -> list[Observed]:
    pages = reading.aws.elbv2.get_paginator("describe_target_groups").paginate()
    items = [item for page in pages for item in page["TargetGroups"]]
    vpcs = {reading.value(each.vpc) for each in desired if not each.shared}
    ids = {each.existing_id for each in desired if each.existing_id}
    near = [item for item in items if item.get("VpcId") in vpcs or item["TargetGroupArn"] in ids]
    tags = tags_by_arn(reading.aws, [item["TargetGroupArn"] for item in near])
    found: list[tuple[TargetGroup, TargetGroupTypeDef]] = []
    left: list[Observed] = []
    for wanted in desired:
        if wanted.existing_id:
            found += [(wanted, item) for item in near if item["TargetGroupArn"] == wanted.existing_id]
            continue
        # Old ones had no tags.
        named = [
            item
            for item in near
            if wanted.name in (item["TargetGroupName"], tags[item["TargetGroupArn"]].get("Name"))
        ]
        current = _current(reading, wanted, named, tags)
        found += [(wanted, item) for item in named if item is current]
        left += [_earlier(wanted, item, tags) for item in named if item is not current]
    seen = reading.each(
        lambda pair: _observed_target_group(reading, *pair, tags[pair[1]["TargetGroupArn"]]), found
    )
    return [*seen, *left]


def _current(
    reading: ObservationContext,
    wanted: TargetGroup,
    named: Sequence[TargetGroupTypeDef],
    tags: Mapping[str, Tags],
) -> TargetGroupTypeDef | None:
    """The newest of a name; if the balancer exists, only if it has the same revision."""
    newest = max(named, key=lambda item: revision_of(tags[item["TargetGroupArn"]]), default=None)
    if newest is None or wanted.load_balancer is None:
        return newest
    revision = revision_of(tags[newest["TargetGroupArn"]])
    arn = reading.value(wanted.load_balancer)
    if arn:
        serving = {item["LoadBalancerArn"]: found for item, found in balancers(reading)}
        of_balancer = serving.get(arn) or tags_by_arn(reading.aws, [arn])[arn]
        return newest if revision == revision_of(of_balancer) else None
    replaced = isinstance(wanted.load_balancer, Ref) and any(
        found.get("Name") == wanted.load_balancer.key.name for _, found in balancers(reading)
    )
    return None if replaced else newest


def _earlier(wanted: TargetGroup, item: TargetGroupTypeDef, tags: Mapping[str, Tags]) -> Observed:
    """A target group of a balancer that was replaced."""
    name, arn = item["TargetGroupName"], item["TargetGroupArn"]
    old = TargetGroup(
        name=name if name != wanted.name else f"{name} (earlier)",
        lifecycle=wanted.lifecycle,
        tags=tags[arn],
    )
    return Observed(old, arn)


def _observed_target_group(
    reading: ObservationContext, desired: TargetGroup, item: TargetGroupTypeDef, tags: Tags
) -> Observed:
    arn = item["TargetGroupArn"]
    answer = reading.aws.elbv2.describe_target_group_attributes(TargetGroupArn=arn)
    seen = replace(
        desired,
        vpc=item.get("VpcId"),
        port=item.get("Port"),
        protocol=item.get("Protocol"),
        health_check_protocol=item.get("HealthCheckProtocol"),
        health_check_path=item.get("HealthCheckPath"),
        health_check_interval_seconds=item.get("HealthCheckIntervalSeconds"),
        healthy_threshold_count=item.get("HealthyThresholdCount"),
        unhealthy_threshold_count=item.get("UnhealthyThresholdCount"),
        target_group_attributes={each["Key"]: each["Value"] for each in answer["Attributes"]},
        tags=tags,
    )
    return Observed(seen, arn, {"arn": arn})


def _health(desired: TargetGroup) -> dict[str, Any]:
    return drop_none(
        HealthCheckProtocol=desired.health_check_protocol,
        HealthCheckPath=desired.health_check_path,
        HealthyThresholdCount=desired.healthy_threshold_count,
        UnhealthyThresholdCount=desired.unhealthy_threshold_count,
    )


def _create_target_group(work: CallContext, desired: TargetGroup) -> Created:
    balancer = desired.load_balancer
    tags = tags_by_arn(work.aws, [require_resolved(balancer)])[require_resolved(balancer)] if balancer else {}
    revision = tags.get(REVISION_TAG, "")
    made = work.aws.elbv2.create_target_group(
        Name=hashed(desired.name + revision, LONGEST_NAME) if revision else desired.name,
        VpcId=require_resolved(desired.vpc),
        Tags=tag_list({**(desired.tags or {}), **revision_tag(revision)}),
        **drop_none(
            Port=desired.port,
            Protocol=desired.protocol,
            HealthCheckIntervalSeconds=desired.health_check_interval_seconds,
        ),
        **_health(desired),
    )["TargetGroups"][0]
    arn = made["TargetGroupArn"]
    _set_target_group_attributes(work, arn, desired)
    return Created(arn, {"arn": arn})


def _set_target_group_attributes(work: CallContext, arn: str, desired: TargetGroup) -> None:
    if desired.target_group_attributes:
        work.aws.elbv2.modify_target_group_attributes(
            TargetGroupArn=arn, Attributes=tag_list(desired.target_group_attributes)
        )


def _update_target_group(
    work: CallContext, desired: TargetGroup, observed: Observed, changed: frozenset[str]
) -> None:
    if any(field.startswith(("health", "unhealthy")) for field in changed):
        # Over HTTP the healthy status codes have to be repeated; these are AWS' defaults.
        http: Any = {"Matcher": {"HttpCode": "200-399"}}
        if "HTTP" not in (desired.health_check_protocol or ""):
            http = {}
        work.aws.elbv2.modify_target_group(TargetGroupArn=observed.id, **_health(desired), **http)
    if "target_group_attributes" in changed:
        _set_target_group_attributes(work, observed.id, desired)
    retag(work, desired.tags, observed)


def _delete_target_group(work: CallContext, observed: Observed) -> None:
    work.aws.elbv2.delete_target_group(TargetGroupArn=observed.id)


ADAPTERS = (
    Adapter(
        TargetGroup, _observe_target_group, _create_target_group, _update_target_group, _delete_target_group
    ),
)
