"""What was observed, whole and at one moment. Never edited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from kops_core.model.resource import Key, Ref, Resource


@dataclass(frozen=True)
class Observed:
    """A resource as it is, with ids where the desired one has references."""

    resource: Resource
    id: str
    outputs: Mapping[str, str] = field(default_factory=dict)
    """Attributes that the cloud gave it, by the names that ``Ref.attribute`` uses, e.g. ``arn``."""
    unready: str = ""
    """Why nothing can be built on it yet, e.g. ``it is pending``; outputs may be missing. "" if it can."""


@dataclass(frozen=True)
class Snapshot:
    """Everything observed for one cluster."""

    taken_at: datetime
    resources: Mapping[Key, Observed]
    """By the key that the desired side would use."""
    foreign: tuple[Observed, ...] = ()
    """Carries the cluster's tag, but nothing of that key is desired: a candidate for deletion."""
    errors: tuple[str, ...] = ()
    """What could not be observed, and why. A plan with errors can be shown and not applied."""

    def lookup(self, ref: Ref) -> str | None:
        """The value behind a reference, or None where it is not known yet."""
        found = self.resources.get(ref.key)
        if found is None:
            return None
        return found.id if ref.attribute == "id" else found.outputs.get(ref.attribute)
