"""Prune policies: whether an existing resource that is not desired is deleted (kOps' rules).

A kind's record names one of the policies here or a function of its own. A resource with the cluster's tag
that is not certainly ours is reported and retained: it may be the user's,
or a part of an instance group that was removed from the spec without deleting it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeAlias

from kops_core.model.resource import Key, Resource

_OTHER_OF_NAME = re.compile(r"(?P<name>.*) \([^()]*\)\Z", re.DOTALL)
"""The name of a second resource with the name of a desired one, followed by its id."""


class Disposition(Enum):
    """The decision about a resource that is not desired."""

    DELETE = "deleted with any update"
    DEFER = "deleted only when pruning, for something may still use it"
    RETAIN = "left alone and reported"
    IGNORE = "somebody else's business"


@dataclass(frozen=True)
class PruneContext:
    """The input of a policy beside the resource."""

    cluster: str
    desired: Mapping[Key, Resource]
    live_id: Callable[[Key], str | None]
    """The id of a desired resource that exists."""

    def owned(self, resource: Resource) -> bool:
        """Whether a resource is tagged as the cluster's own."""
        tags: Mapping[str, str] = getattr(resource, "tags", None) or {}
        return tags.get(f"kubernetes.io/cluster/{self.cluster}") == "owned"

    def desires(self, kind: str, name: str) -> bool:
        """Whether a resource of a kind and name is desired."""
        return Key(kind, name) in self.desired


PrunePolicy: TypeAlias = Callable[[Any, PruneContext], Disposition]
"""Decides about one resource, which is of the kind that declares the policy."""


def retain_unless_replaced(resource: Resource, context: PruneContext) -> Disposition:
    """Deleted if it is the old one of an interrupted replacement: of the same name, and owned."""
    match = _OTHER_OF_NAME.match(resource.name)
    replaceable = any(info.replace for _, info, _ in resource.attributes())
    was_replaced = (
        match is not None
        and context.desires(resource.key.kind, match["name"])
        and replaceable
        and context.owned(resource)
    )
    return Disposition.DELETE if was_replaced else Disposition.RETAIN


def delete_always(resource: Resource, context: PruneContext) -> Disposition:
    """Deleted with any update."""
    return Disposition.DELETE


def delete_when_pruning(resource: Resource, context: PruneContext) -> Disposition:
    """Deleted only when pruning: something may still use it, as older revisions of a load balancer."""
    return Disposition.DEFER
