"""Conformance of errors: specs that kOps refuses are refused at the same field, and no others."""

from __future__ import annotations

from functools import partial

from tests.conformance.suite import Suite
from tests.corpus import corpus_dir
from tests.infer.corpus_cases import SUITES, completed_cases
from tests.validate.reject_cases import (
    generated,
    missing,
    mutated,
    of_documents,
    of_flags,
    refusals_of_accepted,
)


def suites() -> list[Suite]:
    """Refused flags, refused documents, and everything accepted."""
    return [
        Suite("rejected generated", lambda: list(generated()), _flags),
        Suite("rejected mutated", lambda: list(mutated()), _documents),
        *(Suite(f"accepted {suite}", partial(_names, suite), partial(_accepted, suite)) for suite in SUITES),
    ]


def _flags(name: str) -> str:
    refusal, flags = generated()[name]
    return missing(refusal, of_flags(refusal, flags))


def _documents(name: str) -> str:
    refusal, text, base = mutated()[name]
    return missing(refusal, of_documents(text, base))


def _names(suite: str) -> list[str]:
    return [case.name for case in completed_cases(suite)]


def _accepted(suite: str, name: str) -> str:
    return "; ".join(map(str, refusals_of_accepted(corpus_dir() / suite / name, suite)))
