"""Custom resource definitions have kOps' facts, over the whole corpus."""

from __future__ import annotations

import pytest

from kops_core.api.path import unset_at
from kops_core.api.values import Tree
from tests.addons.crd.tables import definitions
from tests.addons.objects_of import at
from tests.addons.test_beyond_corpus import DEFINITIONS
from tests.conformance.definitions import (
    EXCEPTIONS,
    check,
    check_fact,
    fact_cases,
    facts,
    pairs,
)
from tests.corpus import cases

pytestmark = pytest.mark.full

LEAST = 0.98
"""Share of kOps' facts that ours have to have, and what is left out is named."""


@pytest.fixture(scope="module")
def corpus() -> None:
    """Skips, saying so, where the corpus is absent."""
    cases("upstream/update")


@pytest.mark.usefixtures("corpus")
def test_definitions_have_the_facts_of_kops_own() -> None:
    missing = {case for case in fact_cases() if check_fact(case)}
    assert missing <= EXCEPTIONS.keys()
    assert len(missing) <= (1 - LEAST) * len(fact_cases())
    assert all(EXCEPTIONS.values())


@pytest.mark.usefixtures("corpus")
def test_definitions_have_nothing_else() -> None:
    assert {name: text for name in pairs() if (text := check(name))} == {}


@pytest.mark.usefixtures("corpus")
def test_the_corpus_shows_every_other_definition() -> None:
    compared = sorted(_name(each) for key, each in definitions().items() if key not in DEFINITIONS)
    assert sorted(name.rpartition(": ")[2] for name in pairs()) == compared


def _name(definition: Tree) -> str:
    return str(at(definition, "metadata", "name"))


def test_a_fact_that_is_left_out_would_be_seen() -> None:
    whole = definitions()["karpenter/karpenter NodePool"]
    spec = ("spec", "versions", 0, "schema", "openAPIV3Schema", "properties", "spec")
    budgets = (*spec, "properties", "disruption", "properties", "budgets")
    for path, lost in {
        (*budgets, "default"): 'v1 .spec.disruption.budgets default=[{"nodes": "10%"}]',
        (*budgets, "items", "required"): "v1 .spec.disruption.budgets[] requires nodes",
        (*spec, "properties", "weight", "type"): 'v1 .spec.weight type="integer"',
        (*spec, "x-kubernetes-validations", 2): "v1 .spec rule 3 of 3",
        ("spec", "versions", 0, "additionalPrinterColumns", 6): (
            'v1 column 6 {"jsonPath": ".status.resources.memory", "name": "Memory", "priority": 1, '
            '"type": "string"}'
        ),
    }.items():
        assert lost in set(facts(whole)) - set(facts(unset_at(whole, path)))
