"""Arguments of the termination handler's queue and its rules."""

from __future__ import annotations

from collections.abc import Mapping

from kops_core.cloud.aws.resources.events import SQS, EventBridgeRule, EventBridgeTarget
from kops_core.cloud.aws.terraform.scope import Arguments, Scope
from kops_core.cloud.terraform.hcl import Body, arguments
from kops_core.model.resource import Resource


def queue(s: Scope, r: SQS) -> Body:
    """aws_sqs_queue."""
    return arguments(
        message_retention_seconds=r.message_retention_period,
        name=r.name,
        policy=s.file(r, "policy", r.policy),
        tags=r.tags,
    )


def event_rule(s: Scope, r: EventBridgeRule) -> Body:
    """aws_cloudwatch_event_rule."""
    return arguments(event_pattern=s.file(r, "event_pattern", r.event_pattern), name=r.name, tags=r.tags)


def event_target(s: Scope, r: EventBridgeTarget) -> Body:
    """aws_cloudwatch_event_target."""
    return arguments(arn=s.link(r.target), rule=s.link(r.rule))


ARGUMENTS: Mapping[type[Resource], Arguments] = {
    SQS: queue,
    EventBridgeRule: event_rule,
    EventBridgeTarget: event_target,
}
