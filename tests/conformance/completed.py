"""Conformance of the completed cluster spec: parsed, and byte for byte."""

from __future__ import annotations

from functools import partial

from kops_core.api import canonical
from kops_core.infer.complete import infer
from tests.conformance.suite import Suite, first_difference
from tests.corpus import corpus_dir
from tests.infer.corpus_cases import SUITES, completed_cases, expected, expected_text, inputs


def suites() -> list[Suite]:
    """Parsed and byte-for-byte suites of each part of the corpus."""
    return [
        Suite(f"{level} {suite}", partial(_names, suite), partial(check, suite))
        for level, check in (("completed", parsed), ("bytes", byte_for_byte))
        for suite in SUITES
    ]


def parsed(suite: str, name: str) -> str:
    """The first difference of a case's completed cluster."""
    case = corpus_dir() / suite / name
    return first_difference(expected(case), infer(inputs(case, suite)).cluster)


def byte_for_byte(suite: str, name: str) -> str:
    """The first line that differs from what kOps wrote."""
    case = corpus_dir() / suite / name
    ours = canonical.to_yaml(infer(inputs(case, suite)).cluster).splitlines()
    theirs = expected_text(case).splitlines()
    for number, (one, other) in enumerate(zip(theirs, ours, strict=False), start=1):
        if one != other:
            return f"line {number}: expected {one!r}, is {other!r}"
    return "" if len(ours) == len(theirs) else f"expected {len(theirs)} lines, are {len(ours)}"


def _names(suite: str) -> list[str]:
    return [case.name for case in completed_cases(suite)]
