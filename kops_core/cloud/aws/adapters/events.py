"""Adapters of the termination handler's queue and of its event rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from kops_core.cloud.aws.adapter import Adapter, CallContext, Created, require_resolved, tag_changes, tag_list
from kops_core.cloud.aws.errors import absent
from kops_core.cloud.aws.observation import ObservationContext, tags_of
from kops_core.cloud.aws.resources.events import SQS, EventBridgeRule, EventBridgeTarget
from kops_core.model.template import Ref
from kops_core.plan.snapshot import Observed

if TYPE_CHECKING:
    from mypy_boto3_events.type_defs import (
        PutTargetsResponseTypeDef,
        RemoveTargetsResponseTypeDef,
        RuleTypeDef,
    )

_TARGET_ID = "1"
"""The id of the only target of each rule, as in kOps."""


def _observe_queue(reading: ObservationContext, desired: Sequence[SQS]) -> list[Observed]:
    return [found for queue in desired if (found := _observed_queue(reading, queue))]


def _observed_queue(reading: ObservationContext, queue: SQS) -> Observed | None:
    client = reading.aws.sqs
    try:
        url = client.get_queue_url(QueueName=queue.name)["QueueUrl"]
    except ClientError as error:
        if absent(error):
            return None
        raise
    tags = reading.begin(lambda: client.list_queue_tags(QueueUrl=url).get("Tags", {}))
    wanted: Any = ["MessageRetentionPeriod", "Policy", "QueueArn"]
    answer: Any = client.get_queue_attributes(QueueUrl=url, AttributeNames=wanted)
    attributes: dict[str, str] = answer.get("Attributes", {})
    seen = replace(
        queue,
        message_retention_period=int(attributes.get("MessageRetentionPeriod", "0")),
        policy=attributes.get("Policy", ""),
        tags=tags.result(),
    )
    return Observed(seen, url, {"arn": attributes.get("QueueArn", "")})


def _attributes(desired: SQS) -> Any:
    attributes = {}
    if desired.message_retention_period is not None:
        attributes["MessageRetentionPeriod"] = str(desired.message_retention_period)
    if desired.policy is not None:
        attributes["Policy"] = require_resolved(desired.policy)
    return attributes


def _create_queue(work: CallContext, desired: SQS) -> Created:
    url = work.aws.sqs.create_queue(
        QueueName=desired.name, Attributes=_attributes(desired), tags=dict(desired.tags or {})
    )["QueueUrl"]
    answer = work.aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return Created(url, {"arn": answer["Attributes"]["QueueArn"]})


def _update_queue(work: CallContext, desired: SQS, observed: Observed, changed: frozenset[str]) -> None:
    if changed & {"message_retention_period", "policy"}:
        work.aws.sqs.set_queue_attributes(QueueUrl=observed.id, Attributes=_attributes(desired))
    put, _ = tag_changes(desired.tags, getattr(observed.resource, "tags", None), whole=False)
    if put:
        work.aws.sqs.tag_queue(QueueUrl=observed.id, Tags=put)


def _delete_queue(work: CallContext, observed: Observed) -> None:
    work.aws.sqs.delete_queue(QueueUrl=observed.id)


def _rules(reading: ObservationContext) -> dict[str, RuleTypeDef]:
    def ask() -> dict[str, RuleTypeDef]:
        names = [rule.name for rule in reading.of(EventBridgeRule)]
        if not names:
            return {}
        pages = reading.aws.events.get_paginator("list_rules").paginate(
            NamePrefix=_shared_start([*names, f"{reading.cluster}-"])
        )
        return {rule["Name"]: rule for page in pages for rule in page["Rules"]}

    return reading.once("rules", ask)


def _shared_start(names: Sequence[str]) -> str:
    """The common prefix of all names: rules are listed by prefix, and kOps truncates long names."""
    first, last = min(names), max(names)
    return next((first[:at] for at, letter in enumerate(first) if last[at : at + 1] != letter), first)


def _observe_rule(reading: ObservationContext, desired: Sequence[EventBridgeRule]) -> list[Observed]:
    wanted = {rule.name: rule for rule in desired}
    # Another cluster's name may begin with ours, so rules that are not desired need the cluster's tag.
    items = reading.each(
        lambda item: (item, tags_of(reading.aws.events.list_tags_for_resource(ResourceARN=item["Arn"]))),
        _rules(reading).values(),
    )
    return [
        Observed(
            replace(
                wanted.get(item["Name"]) or EventBridgeRule(name=item["Name"]),
                event_pattern=item.get("EventPattern"),
                tags=tags,
            ),
            item["Name"],
            {"arn": item["Arn"]},
        )
        for item, tags in items
        if item["Name"] in wanted or tags.get(reading.ownership_tag) == "owned"
    ]


def _create_rule(work: CallContext, desired: EventBridgeRule) -> Created:
    made = work.aws.events.put_rule(
        Name=desired.name, EventPattern=require_resolved(desired.event_pattern), Tags=tag_list(desired.tags)
    )
    return Created(desired.name, {"arn": made["RuleArn"]})


def _update_rule(
    work: CallContext, desired: EventBridgeRule, observed: Observed, changed: frozenset[str]
) -> None:
    if "event_pattern" in changed:
        # PutRule sets tags only when it creates a rule.
        work.aws.events.put_rule(Name=desired.name, EventPattern=require_resolved(desired.event_pattern))
    put, remove = tag_changes(desired.tags, getattr(observed.resource, "tags", None), whole=True)
    if put:
        work.aws.events.tag_resource(ResourceARN=observed.outputs["arn"], Tags=tag_list(put))
    if remove:
        work.aws.events.untag_resource(ResourceARN=observed.outputs["arn"], TagKeys=remove)


def _delete_rule(work: CallContext, observed: Observed) -> None:
    events = work.aws.events
    targets = events.list_targets_by_rule(Rule=observed.id)["Targets"]
    if targets:
        _expect_all(
            "RemoveTargets", events.remove_targets(Rule=observed.id, Ids=[each["Id"] for each in targets])
        )
    events.delete_rule(Name=observed.id)


def _observe_target(reading: ObservationContext, desired: Sequence[EventBridgeTarget]) -> list[Observed]:
    def ask(wanted: EventBridgeTarget) -> list[Observed]:
        # By name, so that it need not wait until the rules were observed.
        rule = wanted.rule.key.name if isinstance(wanted.rule, Ref) else wanted.rule
        if not rule or rule not in _rules(reading):
            return []
        items = reading.aws.events.list_targets_by_rule(Rule=rule)["Targets"]
        return [
            Observed(replace(wanted, rule=rule, target=item["Arn"]), f"{rule}:{item['Id']}")
            for item in items
            if item["Id"] == _TARGET_ID
        ]

    return [each for found in reading.each(ask, desired) for each in found]


def _expect_all(call: str, answer: PutTargetsResponseTypeDef | RemoveTargetsResponseTypeDef) -> None:
    """Raises ClientError for the first target that failed, which EventBridge reports in its response."""
    for failed in answer.get("FailedEntries", []):
        said: Any = {"Code": failed.get("ErrorCode", ""), "Message": failed.get("ErrorMessage", "")}
        raise ClientError({"Error": said}, call)


def _put_target(work: CallContext, desired: EventBridgeTarget) -> Created:
    rule = require_resolved(desired.rule)
    answer = work.aws.events.put_targets(
        Rule=rule, Targets=[{"Id": _TARGET_ID, "Arn": require_resolved(desired.target)}]
    )
    _expect_all("PutTargets", answer)
    return Created(f"{rule}:{_TARGET_ID}")


def _update_target(
    work: CallContext, desired: EventBridgeTarget, observed: Observed, changed: frozenset[str]
) -> None:
    _put_target(work, desired)


def _delete_target(work: CallContext, observed: Observed) -> None:
    rule, _, id_ = observed.id.rpartition(":")
    _expect_all("RemoveTargets", work.aws.events.remove_targets(Rule=rule, Ids=[id_]))


ADAPTERS = (
    Adapter(SQS, _observe_queue, _create_queue, _update_queue, _delete_queue),
    Adapter(EventBridgeRule, _observe_rule, _create_rule, _update_rule, _delete_rule),
    Adapter(EventBridgeTarget, _observe_target, _put_target, _update_target, _delete_target),
)
