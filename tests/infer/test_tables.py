"""What rules read and yield, case by case, without a corpus."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kops_core.api.path import get, parse
from kops_core.api.values import UNSET, Maybe, Tree, mappings
from kops_core.infer.complete import infer, prepare
from kops_core.infer.facts import keyed, listed
from kops_core.infer.inference import Inference
from kops_core.infer.rules import RuleBook, rule

_SPEC: Tree = {
    "kubernetesVersion": "1.36.0",
    "nonMasqueradeCIDR": "100.64.0.0/10",
    "topology": {"dns": {"type": "None"}},
    "etcdClusters": [{"name": "main", "etcdMembers": [{"name": "a", "instanceGroup": "cp"}]}],
    "subnets": [{"name": "a", "type": "Public", "zone": "us-east-1a"}],
}


def _completed(spec: Tree, groups: dict[str, Tree] | None = None, facts: Tree | None = None) -> Inference:
    documents: list[Tree] = [
        {"kind": "Cluster", "metadata": {"name": "c.example.com"}, "spec": {**_SPEC, **spec}}
    ]
    documents += [
        {
            "kind": "InstanceGroup",
            "metadata": {"name": name},
            "spec": {"machineType": "m5.large", "image": "x", **group},
        }
        for name, group in (groups or {}).items()
    ]
    return infer(prepare(documents, facts=facts or {}, channel={}, settings={"kopsVersion": "1.37.0"}))


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        ("hostedZones", "id"),
        ("images", "id"),
        ("vpcs", "id"),
        ("routeTables", "id"),
        ("subnets", "id"),
        ("addresses", "id"),
        ("natGateways", "id"),
        ("securityGroups", "id"),
        ("targetGroups", "name"),
        ("instanceProfiles", "name"),
        ("buckets", "name"),
        ("instanceTypes", "name"),
    ],
)
def test_recorded_objects_are_found_by_the_key_of_their_kind_and_written_back(kind: str, key: str) -> None:
    document: Tree = {kind: [{key: "one", "region": "r"}, {key: "two"}], "region": "us-east-1"}
    found = keyed(document)
    assert found == {kind: {"one": {"region": "r"}, "two": {}}, "region": "us-east-1"}
    assert listed(found) == document
    assert keyed({kind: [{"other": "one"}]}) == {kind: {}}


def test_the_judges_facts_are_found_by_key_none_is_lost_and_they_are_written_back() -> None:
    document: Tree = json.loads((Path(__file__).parents[1] / "data" / "facts.json").read_text("utf-8"))
    facts = keyed(document)
    for kind, found in document.items():
        by_key = facts[kind]
        if mappings(found):
            assert isinstance(by_key, dict), kind
            assert len(by_key) == len(mappings(found)), kind
        else:
            assert by_key == found, kind
    assert keyed(listed(facts)) == facts
    assert listed(facts) == document


_BOTH: Tree = {
    "kubelet": {"maxPods": 80, "anonymousAuth": False, "nodeLabels": {"all": "1"}},
    "masterKubelet": {"maxPods": 60, "evictionMaxPodGracePeriod": 7},
}


@pytest.mark.parametrize(
    ("role", "own", "pods", "grace"),
    [
        ("Master", {}, 60, 7),
        ("Node", {}, 80, None),
        ("APIServer", {}, 80, None),
        ("Bastion", {}, 80, None),
        ("Master", {"maxPods": 5}, 5, 7),
        ("Node", {"maxPods": 5}, 5, None),
    ],
)
def test_a_groups_kubelet_starts_from_its_roles_and_its_own_settings_come_on_top(
    role: str, own: Tree, pods: int, grace: int | None
) -> None:
    group: Tree = {"role": role, "subnets": ["a"], **({"kubelet": own} if own else {})}
    found = _completed(_BOTH, {"one": group}).instance_groups["one"]
    assert get(found, parse("spec.kubelet.maxPods")) == pods
    assert get(found, parse("spec.kubelet.evictionMaxPodGracePeriod")) == (UNSET if grace is None else grace)


@pytest.mark.parametrize(
    ("spec", "path", "value"),
    [
        ({}, "channel", "stable"),
        ({}, "kubeProxy.image", "registry.k8s.io/kube-proxy:v1.36.0"),
        (
            {"kubernetesVersion": "https://builds/v1.36.1"},
            "kubeProxy.image",
            "registry.k8s.io/kube-proxy-amd64:t1",
        ),
    ],
)
def test_values_that_follow_from_the_spec_alone(spec: Tree, path: str, value: Maybe) -> None:
    tags: Tree = {f"kube-{each}": "t1" for each in ("proxy", "apiserver", "controller-manager", "scheduler")}
    facts: Tree = {"dockerTags": tags}
    assert get(_completed(spec, facts=facts).cluster, parse(f"spec.{path}")) == value


@pytest.mark.parametrize(
    ("authorization", "modes", "why"),
    [
        ({"rbac": {}}, "Node,RBAC", None),
        ({"alwaysAllow": {}}, "AlwaysAllow", "spec.authorization allows every request"),
    ],
)
def test_a_rule_with_several_reasons_gives_the_one_that_holds(
    authorization: Tree, modes: str, why: str | None
) -> None:
    done = _completed({"authorization": authorization})
    path = parse("spec.kubeAPIServer.authorizationMode")
    assert get(done.cluster, path) == modes
    assert why is None or done.origin(path).because == why


def test_below_a_path_are_the_keys_that_are_there_then_those_that_rules_add_once_each() -> None:
    @rule("spec.a", "spec.b.c", "spec.*.d", "spec.list[*].e", because="x")
    def one(_: object) -> Maybe:
        return UNSET

    book = RuleBook([one])
    spec, items = book.node(("spec",)), book.node(("spec", "list"))
    assert spec is not None
    assert items is not None
    assert list(spec.names(["z", "a"])) == ["z", "a", "b", "list"]
    assert list(items.names([0, 1])) == [0, 1]
    assert list(items.names([])) == []
