"""The corpus' cases as inputs of inference, each file read once."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

from kops_core.api.documents import read_documents
from kops_core.api.values import Tree
from kops_core.infer.complete import prepare
from kops_core.infer.facts import keyed
from kops_core.infer.inference import Inputs
from tests.corpus import cases, corpus_dir

SUITES = ("upstream/update", "generated", "mutated")
FLAGS = {"apiservernodes": ("APIServerNodes",)}
"""The feature flags that were on for a case and all that were made from it."""


@cache
def facts(suite: str) -> Tree:
    """The facts of a suite, by key."""
    name = "generated" if suite == "generated" else "upstream-update"
    document: Tree = json.loads((corpus_dir() / "facts" / f"{name}.json").read_text())
    return keyed(document)


@cache
def channel() -> Tree:
    """The stable channel."""
    return _yaml(corpus_dir() / "channels" / "stable.yaml")


@cache
def completed_cases(suite: str) -> list[Path]:
    """The cases that have a completed spec."""
    return [case for case in cases(suite) if (case / "completed.yaml").is_file()]


@cache
def inputs(case: Path, suite: str) -> Inputs:
    """What inference gets for a case."""
    found = read_documents((case / "cluster.yaml").read_bytes(), str(case.name), keep_unknown=True)
    return prepare(
        [document.tree for document in found],
        facts=facts(suite),
        channel=channel(),
        settings={
            "kopsVersion": "1.37.0-alpha.1" if suite == "generated" else "1.34.0-beta.1",
            "featureFlags": list(feature_flags(case)),
        },
    )


def feature_flags(case: Path) -> tuple[str, ...]:
    """The feature flags that were on for a case."""
    return FLAGS.get(_origin(case), ())


@cache
def expected(case: Path) -> Tree:
    """The completed cluster as kOps wrote it, parsed."""
    return _yaml(case / "completed.yaml")


def expected_text(case: Path) -> str:
    """The completed cluster as kOps wrote it."""
    return (case / "completed.yaml").read_text()


def _origin(case: Path) -> str:
    """The name of the upstream case that a mutated case was made from; else the case's own."""
    description = case / "case.json"
    made = json.loads(description.read_text()) if description.is_file() else {}
    return str(made.get("base", case.name))


def _yaml(path: Path) -> Tree:
    tree: Tree = YAML(typ="safe").load(path)
    return tree
