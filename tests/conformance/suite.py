"""A suite of the corpus, and the first difference of two values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kops_core.api.path import FieldPath, Part, render
from kops_core.api.values import UNSET, Maybe


@dataclass(frozen=True)
class Suite:
    """Cases with a common check."""

    name: str
    """The name in the table, e.g. ``completed upstream/update``."""
    cases: Callable[[], Sequence[str]]
    """The names of its cases."""
    check: Callable[[str], str]
    """Checks a case: "" if it passes, else its first difference. May raise, which is a failure."""


def first_difference(expected: Maybe, actual: Maybe, at: FieldPath = ()) -> str:
    """The first path at which two trees differ, with both values; "" if they are equal."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        keys: dict[Part, None] = dict.fromkeys([*expected, *actual])
        found = (
            first_difference(expected.get(str(key), UNSET), actual.get(str(key), UNSET), (*at, key))
            for key in keys
        )
        return next(filter(None, found), "")
    if isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        pairs = enumerate(zip(expected, actual, strict=True))
        found = (first_difference(one, other, (*at, position)) for position, (one, other) in pairs)
        return next(filter(None, found), "")
    if expected == actual and type(expected) is type(actual):
        return ""
    return f"{render(at)}: expected {expected!r}, is {actual!r}"
