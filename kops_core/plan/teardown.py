"""What deleting a cluster would do, as data: what goes, what stays because it is shared, what is in the way.

The order is not written down anywhere: a thing goes once everything that refers to it is gone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from kops_core.escaping import printable


class Ownership(Enum):
    """Whose a thing is."""

    OWNED = "delete"
    SHARED = "keep"
    FOREIGN = "in the way"


@dataclass(frozen=True)
class DiscoveredResource:
    """Something in the account that has to do with a cluster."""

    kind: str
    """Of our own kinds where there is one (``Subnet``), else AWS' name for it (``Instance``)."""
    id: str
    """By which others refer to it."""
    name: str = ""
    ownership: Ownership = Ownership.OWNED
    uses: frozenset[str] = frozenset()
    """Ids of what it refers to: those can only go after it."""
    used_by: frozenset[str] = frozenset()
    """Ids of what refers to it: those have to go before it."""
    note: str = ""
    """Why it stays, what to do about it, or what is lost with it."""
    details: Mapping[str, str] = field(default_factory=dict, compare=False)
    """What its removal needs to know."""

    @property
    def key(self) -> str:
        """Names it in steps, journals and events."""
        return f"{self.kind}/{self.id}"


@dataclass(frozen=True)
class StateLocation:
    """Objects of a cluster's state in one place of a store."""

    url: str
    keys: tuple[str, ...]
    """The objects that would be deleted, each by its key in the store."""
    holds_keys: bool = False
    """Private keys or secrets outside of the cluster's own folder: to be deleted only if it is named."""
    kept: tuple[str, ...] = ()
    """Objects that the spec points to and that stay; ``note`` says why."""
    note: str = ""


@dataclass(frozen=True)
class Teardown:
    """What was found of a cluster, whole and at one moment."""

    cluster: str
    things: tuple[DiscoveredResource, ...]
    """In the order in which they would go at the earliest; what stays comes last."""
    state: tuple[StateLocation, ...] = ()
    """What would be deleted of its state, after everything in the cloud."""

    def of(self, ownership: Ownership) -> tuple[DiscoveredResource, ...]:
        """The things of one ownership."""
        return tuple(thing for thing in self.things if thing.ownership is ownership)

    @property
    def going(self) -> tuple[DiscoveredResource, ...]:
        """What would be deleted."""
        return self.of(Ownership.OWNED)

    @property
    def blocking(self) -> tuple[DiscoveredResource, ...]:
        """What belongs to somebody else and would make deletions fail."""
        return self.of(Ownership.FOREIGN)


def teardown(cluster: str, found: Iterable[DiscoveredResource]) -> Teardown:
    """The things ordered by who refers to whom."""
    things = sorted(found, key=lambda each: (each.kind, each.name, each.id))
    going = [each for each in things if each.ownership is Ownership.OWNED]
    before = needs(going)
    ranks: dict[str, int] = {}

    def rank(key: str, above: tuple[str, ...] = ()) -> int:
        if key not in ranks:
            below = [each for each in before[key] if each not in above]
            ranks[key] = 1 + max((rank(each, (*above, key)) for each in below), default=-1)
        return ranks[key]

    ordered = sorted(going, key=lambda each: rank(each.key))
    stays = [each for each in things if each.ownership is not Ownership.OWNED]
    return Teardown(cluster, (*ordered, *stays))


def needs(things: Sequence[DiscoveredResource]) -> dict[str, tuple[str, ...]]:
    """Key -> keys of the things that have to be gone before."""
    by_id: dict[str, list[DiscoveredResource]] = {}
    for thing in things:
        by_id.setdefault(thing.id, []).append(thing)
    before: dict[str, set[str]] = {thing.key: set() for thing in things}
    for thing in things:
        for id_ in thing.uses:
            for other in by_id.get(id_, ()):
                before[other.key].add(thing.key)
        for id_ in thing.used_by:
            before[thing.key].update(other.key for other in by_id.get(id_, ()))
    return {key: tuple(sorted(keys - {key})) for key, keys in before.items()}


_TITLES = {
    Ownership.OWNED: "To be deleted",
    Ownership.SHARED: "Kept, because it is shared",
    Ownership.FOREIGN: "In the way: not the cluster's, and has to go first",
}


def text(found: Teardown) -> str:
    """For people: a table for each standing that there is."""
    parts = []
    for standing, title in _TITLES.items():
        things = found.of(standing)
        if things:
            rows = [
                ("KIND", "NAME", "ID"),
                *((each.kind, printable(each.name) or "-", printable(each.id)) for each in things),
            ]
            widths = [max(len(row[column]) for row in rows) for column in range(3)]
            notes = ["", *(printable(each.note) for each in things)]
            lines = [
                "  ".join(
                    [*(cell.ljust(width) for cell, width in zip(row, widths, strict=True)), note]
                ).rstrip()
                for row, note in zip(rows, notes, strict=True)
            ]
            parts.append("\n".join([f"{title} ({len(things)}):", *(f"  {each}" for each in lines)]))
    if not parts:
        parts.append(f"{found.cluster} has nothing in the cloud.")
    parts += [_location_text(each) for each in found.state]
    return "\n\n".join(parts) + "\n"


def _location_text(location: StateLocation) -> str:
    outside = ", outside of the cluster's own folder" if location.holds_keys else ""
    lines = (
        [f"State to be deleted in {location.url}{outside} ({len(location.keys)}):"] if location.keys else []
    )
    lines += [f"  {key}" for key in location.keys]
    if location.kept:
        lines += [f"State that stays in {location.url}, {location.note} ({len(location.kept)}):"]
        lines += [f"  {key}" for key in location.kept]
    return "\n".join(lines)


def dumps(found: Teardown) -> str:
    """For programs: the things by standing."""
    rows = {
        name: [
            {"kind": each.kind, "id": each.id, "name": each.name, "note": each.note}
            for each in found.of(standing)
        ]
        for name, standing in (
            ("delete", Ownership.OWNED),
            ("keep", Ownership.SHARED),
            ("blocking", Ownership.FOREIGN),
        )
    }
    state = [
        {
            "url": each.url,
            "delete": list(each.keys),
            "keep": list(each.kept),
            "note": each.note,
            "needs_confirmation": each.holds_keys,
        }
        for each in found.state
    ]
    return json.dumps({"cluster": found.cluster, **rows, "state": state}, indent=2)
