"""Pruning: which resources that are not desired are deleted, always or when pruning."""

from __future__ import annotations

from kops_core.model.resource import Disposition, Lifecycle, PruneContext, Resource

_OURS_TO_CHANGE = frozenset({Lifecycle.SYNC, Lifecycle.WARN_IF_INSUFFICIENT_ACCESS})


def disposition(resource: Resource, context: PruneContext) -> Disposition:
    """The disposition of a resource that is not desired, by its kind's policy."""
    if resource.shared or resource.lifecycle not in _OURS_TO_CHANGE:
        return Disposition.IGNORE
    return resource.spec.prune(resource, context)
