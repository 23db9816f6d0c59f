"""The queue that the node termination handler reads, and the rules that fill it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kops_core.model.resource import Content, Link, Resource, attr


@dataclass(frozen=True, kw_only=True)
class SQS(Resource):
    """An SQS queue. Outputs: ``id`` (its URL), ``arn``."""

    message_retention_period: int | None = attr()
    """Seconds."""
    policy: Content = attr(form="json")
    tags: Mapping[str, str] | None = attr(partial=True)


@dataclass(frozen=True, kw_only=True)
class EventBridgeRule(Resource):
    """Events that are passed on. Outputs: ``id`` (its name), ``arn``."""

    event_pattern: Content = attr(form="json")
    tags: Mapping[str, str] | None = attr()


@dataclass(frozen=True, kw_only=True)
class EventBridgeTarget(Resource):
    """Where a rule sends events. One target a rule; its ``Id`` in AWS is ``1``. No outputs."""

    rule: Link = attr(replace=True)
    """Name of the rule."""
    target: Link = attr()
    """ARN of the queue."""
