"""The corpus' cases as inputs of inference, each file read once."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

from kops_core.api.values import Tree
from kops_core.infer.facts import keyed
from kops_core.infer.inference import Inputs
from tests.corpus import cases, corpus_dir
from tests.entry import inputs_of_case, settings_of

SUITES = ("upstream/update", "generated", "mutated")


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
    """The input of inference for a case, as a command builds it."""
    return inputs_of_case(case, suite)


def feature_flags(case: Path) -> tuple[str, ...]:
    """The feature flags that were on for a case."""
    return settings_of(case, "upstream/update").feature_flags


@cache
def expected(case: Path) -> Tree:
    """The completed cluster as kOps wrote it, parsed."""
    return _yaml(case / "completed.yaml")


def expected_text(case: Path) -> str:
    """The completed cluster as kOps wrote it."""
    return (case / "completed.yaml").read_text()


def _yaml(path: Path) -> Tree:
    tree: Tree = YAML(typ="safe").load(path)
    return tree
