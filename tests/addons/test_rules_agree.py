"""Rules of definitions refuse the same random data as kOps' own rules.

Both are evaluated on the same values of the field that they stand at: of its type, made of the words
that the rules speak of. All rules of a place count together, as they do for the API server.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

import pytest

from kops_core.api.path import render
from kops_core.api.values import Tree, Value
from tests.addons.crd.cel import holds
from tests.addons.objects_of import at, items, table
from tests.conformance.definitions import pairs
from tests.corpus import cases

SAMPLES = 150
RULES = "x-kubernetes-validations"
WORDS = (
    *("", "a", "x", "-1", "5", "3", "nodes", "cpu", "@x", "al2@v1", "al2023@latest", "bottlerocket@"),
    *("windows2019@latest", "windows2019@x", "windows2022@latest@y", "windows2025", "karpenter.sh/other"),
    *("x.karpenter.sh/y", "x.karpenter.k8s.aws/y", "kubernetes.io/cluster", "kubernetes.io/cluster/x"),
    *("10.0.0.0/8", "::/0", "::ffff:1.2.3.4/96", "default"),
)
NUMBERS = (0, 1, 2, 3, 99, 100, 199, 200, 250, 299, 300, 399, 400, 404, 499, 500, 599, 600, -250)
KEYS = ("name", "nodes")
"""Fields of structures whose fields are not declared, such as metadata."""


def _places() -> Iterator[tuple[str, Tree, Tree]]:
    """Each place with rules: its name, kOps' schema and ours."""
    for name, pair in pairs().items():
        versions = zip(
            items(pair.theirs, "spec", "versions"), items(pair.ours, "spec", "versions"), strict=True
        )
        for theirs, ours in versions:
            root = ("schema", "openAPIV3Schema")
            yield from _below(table(theirs, *root), table(ours, *root), f"{name} {at(theirs, 'name')}")


def _below(theirs: Tree, ours: Tree, place: str) -> Iterator[tuple[str, Tree, Tree]]:
    if RULES in theirs or RULES in ours:
        yield place, theirs, ours
    for name in table(theirs, "properties"):
        yield from _below(
            table(theirs, "properties", name), table(ours, "properties", name), f"{place}{render((name,))}"
        )
    for inner in ("items", "additionalProperties"):
        if inner in theirs:
            yield from _below(table(theirs, inner), table(ours, inner), f"{place}[]")


@pytest.mark.full
def test_rules_agree_with_kops_own() -> None:
    cases("upstream/update")
    chance = random.Random(7)
    places = list(_places())
    assert len(places) > 50
    both: set[str] = set()
    for place, theirs, ours in places:
        their_rules, our_rules = _expressions(theirs), _expressions(ours)
        words = [*WORDS, *(word for rule in their_rules for word in _literals(rule))]
        answers = set()
        for _ in range(SAMPLES):
            value = _value(theirs, words, chance)
            old = value if chance.random() < 0.4 else _value(theirs, words, chance)
            expected = all(holds(rule, value, old) for rule in their_rules)
            assert all(holds(rule, value, old) for rule in our_rules) is expected, (place, value, old)
            answers.add(expected)
        if len(answers) == 2:
            both.add(place)
    assert {place for place, _, _ in places} - both == set(), "chance never made data that both do"


@pytest.mark.parametrize("change", [("self.all(", "self.exists("), ("has(x.tags)", "has(x.name)")])
def test_another_rule_would_be_seen(change: tuple[str, str]) -> None:
    rule = "self.all(x, has(x.tags) || has(x.id))"
    item: Tree = {
        "type": "object",
        "properties": {name: {"type": "string"} for name in ("tags", "id", "name")},
    }
    chance = random.Random(7)
    values = [_value({"type": "array", "items": item}, ["a"], chance) for _ in range(SAMPLES)]
    assert any(holds(rule, each) is not holds(rule.replace(*change), each) for each in values)


def _expressions(schema: Tree) -> list[str]:
    return [str(at(rule, "rule")) for rule in items(schema, RULES)]


def _literals(rule: str) -> list[str]:
    """The texts that a rule speaks of, patterns aside."""
    return [one or other for one, other in re.findall(r"'([^'^]*)'|\"([^\"^]*)\"", rule)]


def _value(schema: Tree, words: list[str], chance: random.Random) -> Value:
    """A value of a type, which may not keep to the schema's bounds."""
    kind = schema.get("type")
    allowed = items(schema, "enum")
    if allowed and chance.random() < 0.9:
        return chance.choice(allowed)
    if kind == "string" or kind is None:
        return chance.choice(words)
    if kind == "boolean":
        return chance.random() < 0.5
    if kind == "array":
        item = table(schema, "items")
        return [_value(item, words, chance) for _ in range(chance.choice((0, 1, 1, 2, 2, 3)))]
    if kind == "object":
        return _object(schema, words, chance)
    return chance.choice(NUMBERS)


def _object(schema: Tree, words: list[str], chance: random.Random) -> Tree:
    if "additionalProperties" in schema:
        others = table(schema, "additionalProperties")
        return {
            chance.choice(words): _value(others, words, chance) for _ in range(chance.choice((0, 1, 2, 3)))
        }
    properties = table(schema, "properties")
    if not properties:
        return {chance.choice(KEYS): chance.choice(("default", "other"))}
    required, share = items(schema, "required"), chance.choice((0.15, 0.35, 0.6))
    return {
        name: _value(item, words, chance)
        for name, item in properties.items()
        if isinstance(item, dict) and (name in required or chance.random() < share)
    }
