"""What a cluster is looked at with: cloud facts, the channel and settings."""

from __future__ import annotations

from dataclasses import dataclass

from kops_core.api.values import Tree


@dataclass(frozen=True)
class InferenceContext:
    """Facts are read when the first rule asks for one, the others when a cluster is opened."""

    facts: Tree | None
    """None before the cloud was asked."""
    channel: Tree
    settings: Tree
    warnings: tuple[str, ...] = ()
    """What the operator should know, e.g. that the channel is the shipped copy."""
