"""What is there and nobody desires: which of it is ours to delete, now or when pruning (kOps' rules).

Everything else with the cluster's tag is told of and left alone: it may be the user's, or a
part of an instance group that was taken out of the spec without deleting it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from kops_core.model.kinds.firewall import SecurityGroup, SecurityGroupRule
from kops_core.model.kinds.groups import WARM_POOL_HOOK, AutoscalingLifecycleHook, LaunchTemplate
from kops_core.model.resource import Key, Lifecycle, Resource
from kops_core.plan.snapshot import Snapshot


class Fate(Enum):
    """What happens to a leftover."""

    DELETE = "deleted with any update"
    DEFER = "deleted only when pruning, for something may still use it"
    LEAVE = "left alone, and told of"
    IGNORE = "somebody else's business"


DEFERRED = frozenset(
    {"NetworkLoadBalancer", "NetworkLoadBalancerListener", "TargetGroup", "TargetGroupAttachment"}
)
"""Kinds whose leftovers are deleted only when pruning: older revisions of a load balancer."""
IMMEDIATE = frozenset({"IAMRole", "VPCCIDRBlock", "WarmPool"})
"""Kinds whose leftovers are deleted with any update."""
_OURS_TO_CHANGE = frozenset({Lifecycle.SYNC, Lifecycle.WARN_IF_INSUFFICIENT_ACCESS})
_OPTIONAL_RULE = re.compile(r"-RebalanceRecommendation(-Target)?\Z")
"""The event rule that is only there while rebalancing is handled."""
_OTHER_OF_NAME = re.compile(r"(?P<name>.*) \([^()]*\)\Z", re.DOTALL)
"""How a second resource of a desired one's name is called: with its id."""


@dataclass(frozen=True)
class Leftovers:
    """Decides by what is desired and what was observed."""

    cluster: str
    desired: Mapping[Key, Resource]
    snapshot: Snapshot

    def fate(self, resource: Resource) -> Fate:
        """What happens to one leftover."""
        if resource.shared or resource.lifecycle not in _OURS_TO_CHANGE:
            return Fate.IGNORE
        if isinstance(resource, SecurityGroupRule):
            return Fate.DEFER if self._on_our_port(resource) else Fate.IGNORE
        if isinstance(resource, AutoscalingLifecycleHook):
            return Fate.DELETE if resource.hook_name == WARM_POOL_HOOK else Fate.IGNORE
        if resource.key.kind in DEFERRED:
            return Fate.DEFER
        return Fate.DELETE if self._surely_ours(resource) else Fate.LEAVE

    def _surely_ours(self, resource: Resource) -> bool:
        kind = resource.key.kind
        if isinstance(resource, LaunchTemplate):
            return Key(kind, str((resource.tags or {}).get("Name"))) in self.desired
        if kind in ("EventBridgeRule", "EventBridgeTarget"):
            return _OPTIONAL_RULE.search(resource.name) is not None
        return kind in IMMEDIATE or self._was_replaced(resource)

    def _on_our_port(self, rule: SecurityGroupRule) -> bool:
        """Whether a rule is on a port that is the cluster's alone; in a user's group, if it is ours too."""
        return any(
            is_extra(group, rule)
            for key, found in self.snapshot.resources.items()
            if isinstance(group := self.desired.get(key), SecurityGroup)
            and (
                not group.shared or (rule.tags or {}).get(f"kubernetes.io/cluster/{self.cluster}") == "owned"
            )
            and found.id == rule.security_group
        )

    def _was_replaced(self, resource: Resource) -> bool:
        """Whether it is the old one of a replacement that was broken off: of the same name, and ours."""
        match = _OTHER_OF_NAME.match(resource.name)
        attributes = {name: (info, value) for name, info, value in resource.attributes()}
        tags = attributes.get("tags", (None, None))[1] or {}
        return (
            match is not None
            and Key(resource.key.kind, match["name"]) in self.desired
            and any(info.replace for info, _ in attributes.values())
            and tags.get(f"kubernetes.io/cluster/{self.cluster}") == "owned"
        )


def is_extra(group: SecurityGroup, rule: SecurityGroupRule) -> bool:
    """Whether a rule's ports are among those that a group keeps clean: ``port=22``, ``port=3:4``."""
    for text in group.remove_extra_rules:
        first, _, last = text.removeprefix("port=").partition(":")
        if (rule.from_port, rule.to_port) == (int(first), int(last or first)):
            return True
    return False
