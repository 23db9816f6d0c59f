"""Semantic comparison of custom resource definitions."""

from __future__ import annotations

import pytest

from kops_core.api.path import Part, set_at, unset_at
from kops_core.api.values import Tree, Value
from kops_core.model.addons.crd.facts import KOPS_RULES, meaning, rules_digest, same_definition
from tests.addons.crd.tables import definitions

POOL = definitions()["karpenter/karpenter NodePool"]
ROOT: tuple[Part, ...] = ("spec", "versions", 0, "schema", "openAPIV3Schema")
SPEC: tuple[Part, ...] = (*ROOT, "properties", "spec")
BUDGETS: tuple[Part, ...] = (*SPEC, "properties", "disruption", "properties", "budgets")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ((*SPEC, "description"), "What is wanted."),
        ((*BUDGETS, "items", "properties", "nodes", "description"), "How many."),
        ((*ROOT, "title"), "Pool"),
        ((*ROOT, "properties", "metadata"), {"type": "object", "description": "Name and labels."}),
        (("spec", "versions", 0, "additionalPrinterColumns", 0, "description"), "A column."),
        (("spec", "versions", 0, "additionalPrinterColumns", 0, "priority"), 0),
        (("spec", "preserveUnknownFields"), False),
        (("spec", "conversion"), {"strategy": "None"}),
        (("status",), {"conditions": []}),
        ((*SPEC, "required"), ["template"]),
        ((*SPEC, "x-kubernetes-validations", 0, "message"), "In other words"),
    ],
)
def test_texts_and_what_goes_without_saying_do_not_count(path: tuple[Part, ...], value: Value) -> None:
    assert same_definition(POOL, set_at(POOL, path, value))
    assert same_definition(set_at(POOL, path, value), POOL)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ((*BUDGETS, "default"), [{"nodes": "20%"}]),
        ((*BUDGETS, "items", "required"), ["nodes", "duration"]),
        ((*BUDGETS, "maxItems"), 51),
        ((*BUDGETS, "x-kubernetes-list-type"), "set"),
        ((*SPEC, "properties", "weight", "type"), "number"),
        ((*SPEC, "properties", "weight", "minimum"), True),
        ((*SPEC, "properties", "description"), {"type": "string"}),
        ((*SPEC, "x-kubernetes-preserve-unknown-fields"), True),
        ((*SPEC, "x-kubernetes-validations", 0, "rule"), "true"),
        ((*SPEC, "x-kubernetes-validations", 0, "reason"), "FieldValueForbidden"),
        (("spec", "versions", 0, "served"), False),
        (("spec", "versions", 0, "deprecationWarning"), "old"),
        (("spec", "versions", 0, "additionalPrinterColumns", 0, "jsonPath"), ".spec"),
        (("spec", "names", "shortNames"), ["np"]),
        (("spec", "scope"), "Namespaced"),
        (("spec", "conversion"), {"strategy": "Webhook"}),
    ],
)
def test_every_fact_counts(path: tuple[Part, ...], value: Value) -> None:
    changed = set_at(POOL, path, value)
    assert not same_definition(POOL, changed)
    assert not same_definition(changed, POOL)


@pytest.mark.parametrize(
    "path",
    [
        (*BUDGETS, "default"),
        (*BUDGETS, "items", "properties", "nodes", "pattern"),
        (*SPEC, "x-kubernetes-validations"),
        (*SPEC, "x-kubernetes-validations", 1),
        (*ROOT, "properties", "status"),
        ("spec", "versions", 0, "subresources", "scale"),
    ],
)
def test_a_definition_that_lacks_a_fact_is_another(path: tuple[Part, ...]) -> None:
    assert not same_definition(POOL, unset_at(POOL, path))
    assert not same_definition(unset_at(POOL, path), POOL)


def test_a_field_may_have_the_name_of_a_keyword() -> None:
    """A field called description is a field, not a text about one."""
    schema: Tree = {"type": "object", "properties": {"description": {"type": "string"}}}
    found = meaning(set_at(POOL, SPEC, schema))
    assert meaning(set_at(POOL, (*SPEC, "properties"), {})) != found


def test_rules_at_other_places_are_other_rules() -> None:
    rules: list[Value] = [{"rule": "self == oldSelf"}]
    one = set_at({}, ("spec", "a", "x-kubernetes-validations"), rules)
    other = set_at({}, ("spec", "b", "x-kubernetes-validations"), rules)
    assert rules_digest(one) != rules_digest(other)
    assert rules_digest(one) not in KOPS_RULES
