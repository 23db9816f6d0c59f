"""Custom resource definitions carry kOps' facts, counted over the corpus."""

from __future__ import annotations

import pytest

from kops_core.api.path import unset_at
from kops_core.api.values import Tree
from tests.addons.crd.tables import definitions
from tests.addons.objects_of import at
from tests.conformance.definitions import (
    EXCEPTIONS,
    NOT_IN_CORPUS,
    check,
    check_fact,
    fact_cases,
    facts,
    facts_digest,
    pairs,
)
from tests.corpus import cases

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
def test_the_corpus_shows_every_definition_but_those_of_kindnet() -> None:
    ours = [(key.split(" ")[0], _name(each)) for key, each in definitions().items()]
    shown = sorted(name.rpartition(": ")[2] for name in pairs())
    assert shown == sorted(name for table, name in ours if table != "kindnet")


def test_definitions_that_the_corpus_does_not_show_have_the_facts_of_kops_own() -> None:
    kindnets = [each for key, each in definitions().items() if key.startswith("kindnet ")]
    assert {_name(each): facts_digest(each) for each in kindnets} == NOT_IN_CORPUS


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
