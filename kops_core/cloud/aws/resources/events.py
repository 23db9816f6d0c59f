"""The queue that the node termination handler reads, and the rules that fill it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from kops_core.cloud.aws.policies import same_policy
from kops_core.model.kind_spec import Area, TerraformName
from kops_core.model.resource import Disposition, KindSpec, PruneContext, Resource, attr
from kops_core.model.template import Content, Link


@dataclass(frozen=True, kw_only=True)
class SQS(Resource):
    """An SQS queue. Outputs: ``id`` (its URL), ``arn``."""

    spec = KindSpec(
        area=Area.EVENTS,
        terraform=TerraformName("aws_sqs_queue", reference="arn"),
    )

    message_retention_period: int | None = attr()
    """Seconds."""
    policy: Content = attr(form="json", equivalent=same_policy)
    tags: Mapping[str, str] | None = attr(partial_map=True)


_OPTIONAL_RULE = re.compile(r"-RebalanceRecommendation(-Target)?\Z")
"""The event rule that only exists while rebalance recommendations are handled, and its target."""


def _prune_optional(resource: EventBridgeRule | EventBridgeTarget, context: PruneContext) -> Disposition:
    return Disposition.DELETE if _OPTIONAL_RULE.search(resource.name) else Disposition.RETAIN


@dataclass(frozen=True, kw_only=True)
class EventBridgeRule(Resource):
    """An EventBridge rule. Outputs: ``id`` (its name), ``arn``."""

    spec = KindSpec(
        area=Area.EVENTS,
        prune=_prune_optional,
        terraform=TerraformName("aws_cloudwatch_event_rule"),
    )

    event_pattern: Content = attr(form="json")
    tags: Mapping[str, str] | None = attr()


@dataclass(frozen=True, kw_only=True)
class EventBridgeTarget(Resource):
    """The target of a rule. One target a rule; its ``Id`` in AWS is ``1``. No outputs."""

    spec = KindSpec(
        area=Area.EVENTS,
        prune=_prune_optional,
        terraform=TerraformName("aws_cloudwatch_event_target"),
    )

    rule: Link = attr(replace=True)
    """Name of the rule."""
    target: Link = attr()
    """ARN of the queue."""


KINDS: tuple[type[Resource], ...] = (
    SQS,
    EventBridgeRule,
    EventBridgeTarget,
)
