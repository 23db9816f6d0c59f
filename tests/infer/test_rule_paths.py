"""Every path that a rule yields or reads is a field that kOps knows."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from types import ModuleType

import pytest

from kops_core.api.path import FieldPath, parse, render
from kops_core.api.schema import describe
from kops_core.infer.complete import COMPONENTS, infer, rule_book
from kops_core.infer.components import instance_groups
from tests.infer.corpus_cases import SUITES, completed_cases, inputs

_PATH = re.compile(r"(spec|metadata|instanceGroups\.\*)(\.[A-Za-z]+|\[(\*|\d+)\])*\Z")


def _resolve(parts: FieldPath) -> None:
    """Raises UsageError if no document has the path; facts, channel and settings have no schema."""
    if parts[0] == "instanceGroups":
        describe("InstanceGroup", parts[2:])
    elif parts[0] in ("spec", "metadata"):
        describe("Cluster", parts)


@pytest.mark.parametrize("each", rule_book().rules, ids=lambda each: each.name)
def test_a_rule_yields_a_known_field_and_says_why(each: object) -> None:
    rule = next(rule for rule in rule_book().rules if rule is each)
    for pattern in rule.patterns:
        _resolve(pattern)
    assert rule.because
    assert not rule.because.endswith(".")


def test_what_the_corpus_has_rules_read_are_known_fields() -> None:
    read: dict[FieldPath, None] = {}
    for suite in SUITES:
        for case in completed_cases(suite)[::5]:
            done = infer(inputs(case, suite))
            _ = done.cluster, done.instance_groups
            for cell in done.sheet.cells.values():
                read.update(dict.fromkeys(cell.asked))
    for address in read:
        plain = address[1:] if str(address[0]).startswith("@") else address
        if plain and len(plain) > 1:
            _resolve(plain)


def _paths_in(component: ModuleType) -> Iterator[str]:
    for node in ast.walk(ast.parse(inspect.getsource(component))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _PATH.match(node.value):
            yield node.value


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda each: each.__name__)
def test_every_path_written_in_a_component_is_a_known_field(component: ModuleType) -> None:
    for text in _paths_in(component):
        parts = parse(text)
        assert render(parts) == text
        if component is instance_groups and text == "spec.image":
            describe("InstanceGroup", parts)  # the place of an error in a group's own document
        else:
            _resolve(parts)


def test_names_of_rules_are_their_own() -> None:
    names = [rule.name for rule in rule_book().rules]
    repeated = {name for name in names if names.count(name) > 1}
    assert not repeated
