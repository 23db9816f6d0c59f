"""Compares the changes of two plans: which are new, which are gone, which are others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kops_core.plan.changes import Change


@dataclass(frozen=True)
class PlanComparison:
    """What differs between the changes of two plans; each in the order of its plan."""

    added: tuple[Change, ...]
    """Changes that only the second plan has."""
    removed: tuple[Change, ...]
    """Changes that only the first plan has."""
    changed: tuple[tuple[Change, Change], ...]
    """Changes of the same resources with another action or other values."""


def compare(one: Sequence[Change], other: Sequence[Change]) -> PlanComparison:
    """The difference between the changes of two plans."""
    before = {change.key: change for change in one}
    after = {change.key: change for change in other}
    pairs = [(before[key], after[key]) for key in before if key in after]
    return PlanComparison(
        added=tuple(change for key, change in after.items() if key not in before),
        removed=tuple(change for key, change in before.items() if key not in after),
        changed=tuple(pair for pair in pairs if _differ(*pair)),
    )


def differing_fields(one: Change, other: Change) -> list[str]:
    """The names of the fields that two changes of a resource set to other values, or only one of them."""
    mine = {each.name: each for each in one.fields}
    theirs = {each.name: each for each in other.fields}
    return sorted(name for name in {**mine, **theirs} if mine.get(name) != theirs.get(name))


def _differ(one: Change, other: Change) -> bool:
    return one.action is not other.action or one.fields != other.fields
