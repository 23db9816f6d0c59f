"""Conformance of create cluster: the stored objects, byte for byte."""

from __future__ import annotations

from functools import partial

from tests.conformance.suite import Suite
from tests.create.create_cases import created, generated, stored, upstream


def suites() -> list[Suite]:
    """The upstream options and the generated flags."""
    return [
        Suite("create upstream/create", upstream, partial(check, "upstream/create")),
        Suite("create generated", generated, partial(check, "generated")),
    ]


def check(suite: str, name: str) -> str:
    """The first line that differs from what kOps stored."""
    theirs, ours = stored(suite, name).splitlines(), created(suite, name).splitlines()
    for number, (one, other) in enumerate(zip(theirs, ours, strict=False), start=1):
        if one != other:
            return f"line {number}: expected {one!r}, is {other!r}"
    return "" if len(ours) == len(theirs) else f"expected {len(theirs)} lines, are {len(ours)}"
