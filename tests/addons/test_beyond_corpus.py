"""Add-ons of clusters that the corpus does not contain, compared with kOps' output."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from kops_core.api.path import set_at
from kops_core.api.values import Tree
from kops_core.errors import InvalidSpec
from tests.addons.crd.tables import definitions
from tests.addons.objects_of import at, built, case_inputs, changed, containers, of_kind, one, table, trees
from tests.conformance.definitions import facts_digest

DEFINITIONS = {
    "kindnet AdminNetworkPolicy": "c36340fdd5d1a084e81371ee580b945438d6bfca74d68edb97d7cd4237524458",
    "kindnet BaselineAdminNetworkPolicy": "3a155a1d5df3850bb72cfb8fdfa982690e4ba592ce69b5de3e0f949d89cf67b5",
}
"""Custom resource definitions that no manifest of the corpus has, by table and kind, with the digest of
the facts in kOps' manifest of August 2026. Calico's of these names are of an older release."""


@pytest.mark.parametrize("key", DEFINITIONS)
def test_a_definition_has_the_facts_of_kops_own(key: str) -> None:
    assert facts_digest(definitions()[key]) == DEFINITIONS[key]


def test_kops_controller_knows_how_nodes_are_named() -> None:
    def settings(**config: bool) -> object:
        given = changed(case_inputs("minimal-aws"), cloudConfig=dict(config))
        made = one(built(given)["kops-controller.addons.k8s.io"], "ConfigMap", "kops-controller")
        document = json.loads(str(at(made, "data", "config.yaml")))
        return document["server"]["provider"]["aws"].get("useIPBasedNodeNames")

    assert settings(useIPBasedNodeNames=True) is True
    assert settings() is None


def test_stub_domains_are_written_in_order_of_their_names() -> None:
    domains: Tree = {"foo.com": ["1.2.3.4", "1.2.3.5"], "bar.com": ["1.1.1.1"]}
    given = changed(case_inputs("minimal-aws"), kubeDNS={"provider": "KubeDNS", "stubDomains": domains})
    made = one(built(given)["kube-dns.addons.k8s.io"], "ConfigMap", "kube-dns")
    expected = '{"bar.com":["1.1.1.1"],"foo.com":["1.2.3.4","1.2.3.5"]}\n'
    assert at(made, "data", "stubDomains") == expected


def test_objects_of_an_authenticator_have_its_name_beside_the_shared_selector() -> None:
    addon = built(changed(case_inputs("minimal-aws"), authentication={"kopeio": {}}))[
        "authentication.kope.io"
    ]
    assert addon.selector == {"role.kubernetes.io/authentication": "1"}
    for each in trees(addon):
        assert at(each, "metadata", "labels", "k8s-addon") == "authentication.kope.io"
        assert at(each, "metadata", "labels", "role.kubernetes.io/authentication") == "1"


@pytest.mark.parametrize(
    ("case", "cpu", "memory"), [("minimal-aws", 0.1, 10**9), ("many-addons-ccm-irsa", "100m", "1G")]
)
def test_an_exponent_makes_a_number_that_types_write_as_a_decimal(
    case: str, cpu: object, memory: object
) -> None:
    asked: Tree = {"enabled": True, "cpuRequest": "1e-1", "memoryRequest": "1e9"}
    given = changed(case_inputs(case), clusterAutoscaler=asked)
    addon = built(given)["cluster-autoscaler.addons.k8s.io"]
    (container,) = containers(one(addon, "Deployment", "cluster-autoscaler"))
    assert at(container, "resources", "requests") == {"cpu": cpu, "memory": memory}


def test_gpus_of_a_group_alone_have_no_device_plugin() -> None:
    given = case_inputs("minimal-aws")
    group = set_at(given.instance_groups["nodes"], ("spec", "containerd"), {"nvidiaGPU": {"enabled": True}})
    given = replace(given, instance_groups={**given.instance_groups, "nodes": group})
    with pytest.raises(InvalidSpec) as refused:
        built(given)
    (error,) = refused.value.errors
    assert (error.kind, error.path) == ("Required value", "spec.containerd.nvidiaGPU")

    with_image = built(changed(given, containerd={"nvidiaGPU": {"enabled": True}}))["nvidia.addons.k8s.io"]
    (plugin,) = containers(one(with_image, "DaemonSet", "nvidia-device-plugin-daemonset"))
    assert at(plugin, "image")


def test_the_shared_service_of_ciliums_ingresses_has_a_name_only_from_the_user() -> None:
    def names(**more: str) -> set[object]:
        ingress: Tree = {"enabled": True, **more}
        given = changed(
            case_inputs("privatecilium"),
            networking__cilium={"enableNodePort": True, "ingress": ingress},
            kubeProxy={"enabled": False},
        )
        shared = [
            each
            for each in of_kind(built(given)["networking.cilium.io"], "Service", "Endpoints")
            if each["kind"] == "Endpoints" or "cilium.io/ingress" in table(each, "metadata", "labels")
        ]
        assert len(shared) == 2
        return {table(each, "metadata").get("name", "left out") for each in shared}

    assert names() == {"left out"}
    assert names(sharedLoadBalancerServiceName="mine") == {"mine"}
