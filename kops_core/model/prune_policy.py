"""Prune policies: whether an existing resource that is not desired is deleted (kOps' rules).

A kind's record names one of the policies here or a function of its own. A resource with the cluster's tag
that is not certainly ours is reported and retained: it may be the user's,
or a part of an instance group that was removed from the spec without deleting it.
"""

from __future__ import annotations

from kops_core.model.resource import Disposition, PruneContext, Resource


def delete_always(resource: Resource, context: PruneContext) -> Disposition:
    """Deleted with any update."""
    return Disposition.DELETE


def delete_when_pruning(resource: Resource, context: PruneContext) -> Disposition:
    """Deleted only when pruning: something may still use it, as older revisions of a load balancer."""
    return Disposition.DEFER
