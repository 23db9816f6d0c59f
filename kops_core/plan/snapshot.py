"""Snapshots: all observed resources of a cluster at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from kops_core.model.kind_spec import Area, Risk
from kops_core.model.resource import Resource
from kops_core.model.template import Key, Ref


@dataclass(frozen=True)
class Observed:
    """An observed resource, with ids in place of references."""

    resource: Resource
    id: str
    outputs: Mapping[str, str] = field(default_factory=dict)
    """Attributes assigned by the cloud, by the names of ``Ref.attribute``, e.g. ``arn``."""
    unready: str = ""
    """Why it can't be used yet, e.g. ``it is pending``; outputs may be missing. "" if it is ready."""


def look_up(resources: Mapping[Key, Observed], ref: Ref) -> str | None:
    """The value of a reference, or None if it is unknown."""
    found = resources.get(ref.key)
    if found is None:
        return None
    return found.id if ref.attribute == "id" else found.outputs.get(ref.attribute)


class Ownership(Enum):
    """The owner of a discovered resource."""

    OWNED = "the cluster"
    SHARED = "several, or the operator: it stays"
    FOREIGN = "somebody else, and it is in the way of a deletion"


@dataclass(frozen=True)
class DiscoveredResource:
    """A resource in the account that is related to a cluster, found by its tags and references."""

    kind: str
    """The kind of resource if there is one, else the cloud's name for it, e.g. ``Instance``."""
    id: str
    """The id in references of others."""
    name: str = ""
    ownership: Ownership = Ownership.OWNED
    uses: frozenset[str] = frozenset()
    """Ids of what it refers to: those can only be deleted after it."""
    used_by: frozenset[str] = frozenset()
    """Ids of what refers to it: those have to be deleted before it."""
    note: str = ""
    """Why it is retained, what to do about it, or what is lost with it."""
    details: Mapping[str, str] = field(default_factory=dict, compare=False)
    """Details for its deletion."""
    area: Area = Area.OTHER
    """The heading that it is shown under."""
    risk: Risk = Risk.NONE
    """The risk of its deletion."""

    @property
    def key(self) -> Key:
        """Its key in plans, steps and journals, with its id as name."""
        return Key(self.kind, self.id)


@dataclass(frozen=True)
class Snapshot:
    """All observed resources of one cluster."""

    taken_at: datetime
    resources: Mapping[Key, Observed] = field(default_factory=dict)
    """By the keys of desired resources."""
    foreign: tuple[Observed, ...] = ()
    """Resources with the cluster's tag that are not desired: candidates for deletion."""
    errors: tuple[str, ...] = ()
    """Failed observations. A plan with errors can be shown, but not applied."""
    discovered: tuple[DiscoveredResource, ...] = ()
    """Resources found by tags and references, desired or not."""

    def lookup(self, ref: Ref) -> str | None:
        """The value of a reference, or None if it is unknown."""
        return look_up(self.resources, ref)
