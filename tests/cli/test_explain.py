"""``explain``: the reference of a field, from the types and the rules."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from kops_core import field_reference
from kops_core.api.path import FieldPath
from kops_core.api.schema import patterns
from kops_core.errors import UsageError
from kops_core.infer.complete import rule_book
from kops_tui.cli.commands.explain import command


def explained(*words: str) -> str:
    """What the command prints."""
    result = CliRunner().invoke(command, list(words), catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_a_field_is_told_with_its_type_values_and_rule() -> None:
    told = explained("spec.kubelet.cgroupDriver")
    assert "Cluster spec.kubelet.cgroupDriver  <string>" in told
    assert "Inferred by the rule kubelet." in told
    assert "because" in told
    assert "Known values: Public, Internal" in explained("spec.api.loadBalancer.type")


def test_a_field_of_both_kinds_is_told_of_each_or_of_the_one_that_is_named() -> None:
    both, cluster, group = (explained(f"{kind}spec.kubelet.maxPods") for kind in ("", "cluster.", "ig."))
    assert both == f"{cluster}\n{group}"
    assert "Not inferred" in cluster
    assert "which sets spec.kubelet, because" in group


def test_a_rule_that_only_tidies_infers_nothing_below_its_structure() -> None:
    assert "Not inferred" in explained("spec.networking.cilium.registry")
    assert "may drop or rewrite a value of yours" in explained("cluster.spec.docker")


def test_an_unknown_field_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(UsageError, match="no such field") as refused:
        explained("spec.kubelt.maxPods")
    assert "kubelet" in refused.value.remedy


def test_what_is_printed_for_programs_says_the_same() -> None:
    (found,) = json.loads(explained("spec.minSize", "-o", "json"))
    assert found["kind"] == "InstanceGroup"
    assert found["rule"]["name"] == "instance_groups.size"


def test_every_rule_is_told_by_a_field() -> None:
    told: set[str] = set()

    def look(kind: str, path: FieldPath) -> None:
        found = field_reference(kind, path)
        if found.rule:
            told.add(found.rule.name)
        if found.type.startswith("map of") and "list" not in found.type:
            for key in found.children:
                below = field_reference(kind, key).rule
                told.update([below.name] if below else [])

    for kind in ("Cluster", "InstanceGroup"):
        for path, _ in patterns(kind):
            look(kind, path)
    assert {each.name for each in rule_book().rules} == told


@pytest.mark.parametrize("kind", ["Cluster", "InstanceGroup"])
def test_every_inferred_field_of_a_spec_is_described(kind: str) -> None:
    found = [field_reference(kind, path) for path, _ in patterns(kind)]
    assert not [each.path for each in found if each.path[:1] == ("spec",) and each.rule and not each.about]
