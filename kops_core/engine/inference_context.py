"""What a cluster is looked at with: cloud facts, the channel and settings."""

from __future__ import annotations

from dataclasses import dataclass

from kops_core.api.values import Tree


@dataclass(frozen=True)
class InferenceContext:
    """Read once, when a cluster is opened."""

    facts: Tree
    channel: Tree
    settings: Tree
    warnings: tuple[str, ...] = ()
    """What the operator should know, e.g. that the channel is the shipped copy."""
