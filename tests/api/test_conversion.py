"""Conversions of an object: v1alpha2, the legacy group, v1alpha3, internal names."""

from __future__ import annotations

from pathlib import Path

import pytest

from kops_core.api import schema as schemas
from kops_core.api.canonical import pruned, shaped
from kops_core.api.check import check
from kops_core.api.conversion.fields import internal_schema
from kops_core.api.conversion.trees import to_internal as internal_form
from kops_core.api.conversion.trees import to_v1alpha2 as back_to_v1alpha2
from kops_core.api.conversion.v1alpha3 import v1alpha3_schema
from kops_core.api.documents import read_documents
from kops_core.api.internal_names import to_internal, to_v1alpha2
from kops_core.api.path import FieldPath, get, parse, render
from kops_core.api.set_expression import set_field, unset_field, value_from_text
from kops_core.api.values import Tree, Value
from kops_core.api.yaml_reader import read
from kops_core.errors import InvalidSpec, UsageError
from tests.api.test_corpus import documents, files
from tests.corpus import cases

# Two paths of v1alpha2 stand for one internal field.
SHARED = {
    "spec.topology.dns": "spec.topology.dns.type",
    "spec.externalDns.disable": "spec.externalDns.provider",
}


def trees(text: bytes) -> list[Tree]:
    return [document.value for document in read(text) if isinstance(document.value, dict)]


@pytest.mark.parametrize("folder", cases("upstream/conversion"), ids=lambda case: case.name)
def test_the_corpus_converts_both_ways(folder: Path) -> None:
    new = trees((folder / "v1alpha3.yaml").read_bytes())
    for old_file in folder.glob("*v1alpha2.yaml"):
        old = read_documents(old_file.read_bytes())
        assert [
            pruned(
                {**internal_form(each.tree, each.kind), "apiVersion": "kops.k8s.io/v1alpha3"},
                each.kind,
                v1alpha3_schema(),
            )
            for each in old
        ] == new
        read_new = read_documents((folder / "v1alpha3.yaml").read_bytes())
        assert [shaped(document.tree, document.kind) for document in read_new] == [
            shaped(document.tree, document.kind) for document in old
        ]


@pytest.mark.parametrize("kind", ["Cluster", "InstanceGroup"])
def test_every_field_has_one_internal_name_and_comes_back(kind: str) -> None:
    lost: set[FieldPath] = set()
    count = 0
    for path, field in schemas.patterns(kind):
        if field.zero == "lost" or any(path[:end] in lost for end in range(1, len(path))):
            lost.add(path)
            continue
        count += 1
        back = to_v1alpha2(to_internal(path, kind), kind)
        assert render(back) == SHARED.get(render(path), render(path))
    assert count > 250


def test_what_kops_stored_is_what_it_reads() -> None:
    for path in files("generated/*/cluster.yaml"):
        for document in documents(path):
            assert shaped(document.tree, document.kind) == document.tree, path


CLUSTER: Tree = {
    "apiVersion": "kops.k8s.io/v1alpha2",
    "kind": "Cluster",
    "metadata": {"name": "a.example.com"},
    "spec": {"cloudProvider": "aws", "etcdClusters": [{"name": "main"}, {"name": "events"}]},
}


@pytest.mark.parametrize(
    ("path", "text", "where", "value"),
    [
        ("cluster.spec.api.loadBalancer.class", "Network", "spec.api.loadBalancer.class", "Network"),
        ("spec.networking.topology.dns", "None", "spec.topology.dns.type", "None"),
        ("spec.topology.dns.type", "None", "spec.topology.dns.type", "None"),
        ("spec.etcdClusters[*].cpuRequest", "200m", "spec.etcdClusters[1].cpuRequest", "200m"),
        ("spec.etcdClusters[2].name", "cilium", "spec.etcdClusters[2].name", "cilium"),
        ("spec.sshAccess", "10.0.0.0/8,::/0", "spec.sshAccess", ["10.0.0.0/8", "::/0"]),
        ("spec.networking.tagSubnets", "false", "spec.DisableSubnetTags", True),
        ("spec.networking.cilium.masquerade", "true", "spec.networking.cilium.disableMasquerade", False),
        ("spec.cloudProvider.aws.warmPool.minSize", "3", "spec.warmPool.minSize", 3),
        ("spec.networking.cilium", "", "spec.networking.cilium", {}),
        ("spec.cloudLabels", "team=a=b", "spec.cloudLabels", {"team": "a=b"}),
        ("spec.authentication.oidc.requiredClaims", "a=b", "spec.kubeAPIServer.oidcRequiredClaim", ["a=b"]),
        ("spec.controlPlaneKubelet.maxPods", "50", "spec.masterKubelet.maxPods", 50),
    ],
)
def test_set_speaks_internal_names(path: str, text: str, where: str, value: object) -> None:
    changed = set_field(CLUSTER, "Cluster", path, text)
    assert get(changed, parse(where)) == value
    if "[2]" not in path:
        internal = "spec.networking.topology.dns" if path == "spec.topology.dns.type" else path
        again = unset_field(changed, "Cluster", internal)
        assert get(again, parse(where)) != value


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("spec.serviceClusterIPRange", "10.0.0.0/16"),
        ("spec.etcdClusters[5].name", "x"),
        ("", "x"),
        ("cluster.", ""),
        ("spec.volumes[*].name", "x"),
        ("spec.kubelet.maxPods", "many"),
        ("spec.networking.cilium", "yes"),
        ("spec.etcdClusters[0].cpuRequest", "lots"),
        ("spec..", "x"),
        ("spec.cloudLabels.team", "x"),
        ("spec.cloudProvider.aws.ebsCSIDriver.enabled", "true"),
        ("spec.containerRuntime", "containerd"),
        ("spec.etcdClusters[main].version", "3.5"),
    ],
)
def test_set_refuses_what_kops_has_no_field_or_type_for(path: str, text: str) -> None:
    with pytest.raises(UsageError):
        set_field(CLUSTER, "Cluster", path, text)


def test_an_empty_text_makes_no_struct_anew_that_is_there_already() -> None:
    for path in ("spec", "spec.networking", "spec.etcdClusters[0]"):
        assert set_field(CLUSTER, "Cluster", path, "") == CLUSTER
    assert set_field(CLUSTER, "Cluster", "spec.etcdClusters[2]", "")["spec"] == {
        "cloudProvider": "aws",
        "etcdClusters": [{"name": "main"}, {"name": "events"}, {}],
    }


def test_a_groups_hooks_are_not_turned_round_as_a_clusters_are() -> None:
    for kind, internal in (("Cluster", False), ("InstanceGroup", True)):
        tree: Tree = {"kind": kind, "spec": {"hooks": [{"name": "a", "disabled": True}, {"name": "b"}]}}
        inside = internal_form(tree, kind)
        assert get(inside, parse("spec.hooks")) == [{"name": "a", "enabled": internal}, {"name": "b"}]
        assert get(back_to_v1alpha2(inside, kind), parse("spec.hooks")) == get(tree, parse("spec.hooks"))


def test_unset_needs_what_it_is_in() -> None:
    with pytest.raises(UsageError, match=r"spec\.kubelet is not set"):
        unset_field(CLUSTER, "Cluster", "spec.kubelet.maxPods")
    assert unset_field(CLUSTER, "Cluster", "spec.api.loadBalancer") == CLUSTER
    with pytest.raises(UsageError, match=r"spec\.api\.publicName"):
        unset_field(CLUSTER, "Cluster", "spec.masterPublicName")
    assert get(unset_field(CLUSTER, "Cluster", "spec.etcdClusters[*].name"), parse("spec.etcdClusters")) == [
        {},
        {},
    ]


@pytest.mark.parametrize(
    ("path", "text", "value"),
    [
        ("spec.sshAccess", "10.0.0.0/8, ::/0", ["10.0.0.0/8", "::/0"]),
        ("spec.sshAccess", "", []),
        ("spec.cloudLabels", "a=b, c=d", {"a": "b", "c": "d"}),
        ("spec.kubelet.maxPods", "50", 50),
        ("spec.useHostCertificates", "true", True),
        ("spec.rollingUpdate.maxSurge", "25%", "25%"),
        ("spec.rollingUpdate.maxSurge", "2", 2),
        ("spec.kubernetesVersion", "1.30", "1.30"),
        ("spec.etcdClusters[0].cpuRequest", "200m", "200m"),
    ],
)
def test_a_text_becomes_the_type_of_its_field(path: str, text: str, value: Value) -> None:
    assert value_from_text("Cluster", parse(path), text) == value


def test_all_objects_of_the_corpus_survive_the_internal_form() -> None:
    for path in files(
        "upstream/update/*/completed.yaml", "mutated/*/completed.yaml", "generated/*/cluster.yaml"
    ):
        for document in documents(path):
            if document.is_ours:
                there = internal_form(document.tree, document.kind)
                assert check(there, document.kind, known=internal_schema()) == []
                back = shaped(back_to_v1alpha2(there, document.kind), document.kind)
                assert back == document.tree, path


def test_fields_of_another_cloud_are_refused() -> None:
    text = """
apiVersion: kops.k8s.io/v1alpha2
kind: Cluster
metadata: {name: a.example.com}
spec:
  cloudProvider: gce
  warmPool: {minSize: 1}
"""
    with pytest.raises(InvalidSpec) as caught:
        read_documents(text)
    assert [(error.kind, error.path, error.line) for error in caught.value.errors] == [
        ("Forbidden", "spec.warmPool", 7)
    ]
