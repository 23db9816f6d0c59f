"""The input of inference beside a cluster's documents: cloud facts, the channel and settings."""

from __future__ import annotations

from dataclasses import dataclass

from kops_core.api.values import Tree


@dataclass(frozen=True)
class InferenceContext:
    """Cloud facts, channel and settings of a workspace; facts are only read when a rule needs one."""

    facts: Tree | None
    """None before they were read from the cloud."""
    channel: Tree
    settings: Tree
    warnings: tuple[str, ...] = ()
    """Warnings for the operator, e.g. that the channel is the shipped copy."""
