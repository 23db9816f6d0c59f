"""Desired resources against kOps' Terraform; ``python -m tests.conformance terraform`` runs all cases."""

from __future__ import annotations

import pytest

from kops_core.cloud.aws.resources import KINDS
from kops_core.model.template import Key
from tests.conformance.resources import desired
from tests.conformance.terraform import data_differences, differences
from tests.infer.corpus_cases import SUITES, completed_cases

FIRST = ("minimal-aws", "minimal-1.35", "ha")


def sample(step: int = 12) -> list[tuple[str, str]]:
    """The three cases that came first, and every so-many-th of each suite."""
    chosen = [("upstream/update", name) for name in FIRST]
    for suite in SUITES:
        chosen += [(suite, case.name) for case in completed_cases(suite)[::step]]
    return chosen


@pytest.mark.parametrize(("suite", "name"), sample())
def test_resources_have_the_arguments_that_kops_gives_them(suite: str, name: str) -> None:
    assert list(differences(suite, name)) == []
    assert list(data_differences(suite, name)) == []


def test_every_kind_is_registered_by_its_own_name() -> None:
    assert all(name == kind.__name__ for name, kind in KINDS.items())


def test_resources_know_what_they_were_built_from() -> None:
    built = desired("upstream/update", "minimal-aws").by_key()
    subnet = built[Key("Subnet", "us-test-1a.minimal-aws.example.com")]
    assert ("spec", "subnets", 0, "cidr") in subnet.source_paths
    template = built[Key("LaunchTemplate", "nodes.minimal-aws.example.com")]
    assert ("instanceGroups", "nodes", "spec", "machineType") in template.source_paths
    assert ("spec", "kubernetesVersion") in template.source_paths
    assert not any(path[:2] == ("instanceGroups", "master-us-test-1a") for path in template.source_paths)
    assert ("spec", "kubernetesVersion") not in subnet.source_paths


def test_the_same_specs_give_the_same_resources_in_the_same_order() -> None:
    one, other = desired("upstream/update", "ha"), desired("upstream/update", "ha")
    assert one.resources == other.resources
    assert [each.key for each in one.resources] == [each.key for each in other.resources]
