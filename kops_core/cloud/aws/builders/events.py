"""The event queue of the node termination handler, with event rules and lifecycle hooks."""

from __future__ import annotations

import json
from collections.abc import Iterator

from kops_core.cloud.aws.builders.context import partition
from kops_core.cloud.aws.builders.node_policies import queue_mode
from kops_core.cloud.aws.builders.policy import VERSION, statement
from kops_core.cloud.aws.names import event_rule_prefix, queue_name
from kops_core.cloud.aws.resources.events import SQS, EventBridgeRule, EventBridgeTarget
from kops_core.cloud.aws.resources.groups import AutoscalingLifecycleHook
from kops_core.model.context import Context
from kops_core.model.documents import Document, json_document
from kops_core.model.resource import Resource
from kops_core.model.template import Key, Ref

RETENTION = 300
"""Seconds that a message waits, and that an instance waits for it to be handled."""

PATTERNS: dict[str, dict[str, Document]] = {
    "ASGLifecycle": {
        "source": ["aws.autoscaling"],
        "detail-type": ["EC2 Instance-terminate Lifecycle Action"],
    },
    "SpotInterruption": {
        "source": ["aws.ec2"],
        "detail-type": ["EC2 Spot Instance Interruption Warning"],
    },
    "InstanceStateChange": {
        "source": ["aws.ec2"],
        "detail-type": ["EC2 Instance State-change Notification"],
    },
    "InstanceScheduledChange": {
        "source": ["aws.health"],
        "detail-type": ["AWS Health Event"],
        "detail": {"service": ["EC2"], "eventTypeCategory": ["scheduledChange"]},
    },
    "RebalanceRecommendation": {
        "source": ["aws.ec2"],
        "detail-type": ["EC2 Instance Rebalance Recommendation"],
    },
}
"""Event patterns by the last part of their rule's name."""


def termination_events(c: Context) -> Iterator[Resource]:
    """The queue, its rules and hooks, if the handler reads a queue."""
    if not queue_mode(c):
        return
    for group in c.groups:
        if not group.karpenter:
            yield c.make(_hook, group.name)
    yield c.make(_queue)
    for event in PATTERNS:
        if event == "RebalanceRecommendation" and not c.read.boolean(
            "spec.nodeTerminationHandler.enableRebalanceDraining"
        ):
            continue
        yield c.make(_rule, event)
        yield c.make(_target, event)


def _hook(c: Context, group: str) -> AutoscalingLifecycleHook:
    return AutoscalingLifecycleHook(
        name=f"{group}-NTHLifecycleHook",
        hook_name=f"{group}-NTHLifecycleHook",
        auto_scaling_group=Ref(Key("AutoscalingGroup", c.group(group).cloud_name)),
        default_result="CONTINUE",
        heartbeat_timeout=RETENTION,
        lifecycle_transition="autoscaling:EC2_INSTANCE_TERMINATING",
    )


def _queue(c: Context) -> SQS:
    name = queue_name(c.name)
    senders: list[Document] = ["events.amazonaws.com", "sqs.amazonaws.com"]
    allowed = statement(
        "sqs:SendMessage",
        f"arn:{partition(c)}:sqs:{c.region}:{c.account}:{name}",
        principal={"Service": senders},
    )
    return SQS(
        name=name,
        message_retention_period=RETENTION,
        policy=json_document({"Statement": [allowed], "Version": VERSION}),
        tags=c.tags(name),
    )


def _rule(c: Context, event: str) -> EventBridgeRule:
    name = f"{event_rule_prefix(c.name)}-{event}"
    # kOps compares patterns as texts, so the spaces have to be the same.
    colon = ":" if event == "ASGLifecycle" else ": "
    pattern = json.dumps(PATTERNS[event], separators=(",", colon))
    return EventBridgeRule(name=name, event_pattern=pattern, tags=c.tags(name))


def _target(c: Context, event: str) -> EventBridgeTarget:
    rule = f"{event_rule_prefix(c.name)}-{event}"
    return EventBridgeTarget(
        name=f"{rule}-Target",
        rule=Ref(Key("EventBridgeRule", rule)),
        target=Ref(Key("SQS", queue_name(c.name)), "arn"),
    )
