"""What was observed, whole and at one moment. Never edited."""

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
    """A resource as it is, with ids where the desired one has references."""

    resource: Resource
    id: str
    outputs: Mapping[str, str] = field(default_factory=dict)
    """Attributes that the cloud gave it, by the names that ``Ref.attribute`` uses, e.g. ``arn``."""
    unready: str = ""
    """Why nothing can be built on it yet, e.g. ``it is pending``; outputs may be missing. "" if it can."""


class Ownership(Enum):
    """Who owns something that has to do with a cluster."""

    OWNED = "the cluster"
    SHARED = "several, or the operator: it stays"
    FOREIGN = "somebody else, and it is in the way of a deletion"


@dataclass(frozen=True)
class DiscoveredResource:
    """Something in the account that has to do with a cluster, found by its tags and references."""

    kind: str
    """The kind of resource where we have one, else the cloud's name for it, e.g. ``Instance``."""
    id: str
    """By which others refer to it."""
    name: str = ""
    ownership: Ownership = Ownership.OWNED
    uses: frozenset[str] = frozenset()
    """Ids of what it refers to: those can only be deleted after it."""
    used_by: frozenset[str] = frozenset()
    """Ids of what refers to it: those have to be deleted before it."""
    note: str = ""
    """Why it stays, what to do about it, or what is lost with it."""
    details: Mapping[str, str] = field(default_factory=dict, compare=False)
    """What its deletion needs to know."""
    area: Area = Area.OTHER
    """The heading that it is shown under."""
    risk: Risk = Risk.NONE
    """What is lost with it."""

    @property
    def key(self) -> Key:
        """Its identity in plans, steps and journals: its id is its name there."""
        return Key(self.kind, self.id)


@dataclass(frozen=True)
class Snapshot:
    """Everything observed for one cluster."""

    taken_at: datetime
    resources: Mapping[Key, Observed] = field(default_factory=dict)
    """By the key that the desired side would use."""
    foreign: tuple[Observed, ...] = ()
    """Carries the cluster's tag, but nothing of that key is desired: a candidate for deletion."""
    errors: tuple[str, ...] = ()
    """What could not be observed, and why. A plan with errors can be shown and not applied."""
    discovered: tuple[DiscoveredResource, ...] = ()
    """What a search by tags and references has found, whether or not it is desired."""

    def lookup(self, ref: Ref) -> str | None:
        """The value behind a reference, or None where it is not known yet."""
        found = self.resources.get(ref.key)
        if found is None:
            return None
        return found.id if ref.attribute == "id" else found.outputs.get(ref.attribute)
