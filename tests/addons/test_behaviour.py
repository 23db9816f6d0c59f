"""Changes of add-ons after a change of the spec."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest

from kops_core.api.values import Tree, Value
from kops_core.infer.complete import infer
from kops_core.infer.inference import Inputs
from kops_core.model import addons as addon_resources
from kops_core.model.addons.addon import bootstrap_channel
from kops_core.model.addons.manifest import document_text, marked, plain
from kops_core.model.addons.objects import config_map
from kops_core.model.context import Context
from kops_core.model.store_resources import AddonManifest, BootstrapChannel
from kops_core.model.template import Key, Ref, Template
from tests.addons.objects_of import (
    SETTINGS,
    arguments,
    at,
    built,
    case_inputs,
    changed,
    containers,
    items,
    of_kind,
    one,
    table,
    trees,
)

MINE: Tree = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "mine", "namespace": "default"}}


def test_the_hash_in_the_channel_is_that_of_the_stored_text() -> None:
    found = built(case_inputs("minimal-aws"))
    channel = plain(bootstrap_channel([*found.values()]))
    for entry, addon in zip(items(channel, "spec", "addons"), found.values(), strict=True):
        text = addon.contents.resolve(lambda ref: None)
        assert text is not None
        assert at(entry, "manifestHash") == hashlib.sha256(text.encode()).hexdigest()
        assert text == text.rstrip()


def test_a_hash_over_references_is_known_when_they_are() -> None:
    found = built(case_inputs("karpenter"))
    text = document_text(bootstrap_channel([*found.values()]))
    manifest = found["karpenter.sh"].contents

    def lookup(ref: Ref) -> str:
        return f"<{ref.key}>"

    whole, known = text.resolve(lookup), manifest.resolve(lookup)
    assert text.resolve(lambda ref: None) is None
    assert whole is not None and known is not None
    assert hashlib.sha256(known.encode()).hexdigest() in whole


def test_every_manifest_and_the_channel_become_objects_of_the_store() -> None:
    c = Context(infer(case_inputs("minimal-aws")), SETTINGS)
    found = list(addon_resources.manifests(c))
    assert [type(each) for each in found] == [AddonManifest] * 9 + [BootstrapChannel]
    first = found[0]
    assert isinstance(first, AddonManifest)
    assert first.name == "minimal-aws.example.com-addons-kops-controller.addons.k8s.io-k8s-1.16"
    assert first.location == "addons/kops-controller.addons.k8s.io/k8s-1.16.yaml"
    assert ("spec", "configBase") in first.source_paths


def test_an_add_on_that_is_gone_leaves_a_manifest_that_prunes_it() -> None:
    addon = built(changed(case_inputs("minimal-aws"), topology={"dns": {"type": "None"}}))[
        "dns-controller.addons.k8s.io"
    ]
    assert addon.objects == ()
    assert addon.contents.resolve(lambda ref: None) == ""
    assert addon.prune is not None
    assert {rule.kind for rule in addon.prune} >= {"Deployment", "ServiceAccount", "ClusterRole"}
    assert all(rule.namespaces == () for rule in addon.prune)


def test_only_what_a_manifest_owns_is_pruned() -> None:
    addon = built(case_inputs("many-addons"))["certmanager.io"]
    assert addon.prune is not None
    kinds = {rule.kind: rule for rule in addon.prune}
    assert not {"Namespace", "CustomResourceDefinition", "Secret"} & set(kinds)
    assert kinds["Deployment"].namespaces == ("kube-system",)
    assert kinds["ClusterRole"].namespaces == ()
    assert all("addon.kops.k8s.io/name=certmanager.io" in rule.label_selector for rule in addon.prune)


@pytest.mark.parametrize(
    ("assets", "image"),
    [
        ({"containerRegistry": "mirror.example.com/k8s"}, "mirror.example.com/k8s/coredns-coredns"),
        ({"containerProxy": "proxy.example.com"}, "proxy.example.com/coredns/coredns"),
    ],
)
def test_images_come_from_the_clusters_own_registry(assets: Tree, image: str) -> None:
    found = built(changed(case_inputs("minimal-aws"), assets=assets))
    workload = one(found["coredns.addons.k8s.io"], "Deployment", "coredns")
    used = str(next(containers(workload))["image"]).rpartition(":")[0]
    assert used == image
    host = image.partition("/")[0]
    for addon in found.values():
        for each in of_kind(addon, "Deployment", "DaemonSet"):
            for container in containers(each):
                assert str(container["image"]).startswith(f"{host}/"), (addon.name, container["image"])


def test_pods_get_the_credentials_of_their_accounts_role() -> None:
    found = built(case_inputs("many-addons-ccm-irsa"))
    workload = one(found["aws-ebs-csi-driver.addons.k8s.io"], "Deployment", "ebs-csi-controller")
    volumes = {at(each, "name") for each in items(workload, "spec", "template", "spec", "volumes")}
    assert "token-amazonaws-com" in volumes
    for container in containers(workload):
        given = {at(each, "name"): at(each, "value") for each in items(container, "env")}
        assert str(given["AWS_ROLE_ARN"]).endswith(
            ":role/ebs-csi-controller-sa.kube-system.sa.minimal.example.com"
        )
        assert given["AWS_WEB_IDENTITY_TOKEN_FILE"] == "/var/run/secrets/amazonaws.com/token"
    node = one(found["aws-ebs-csi-driver.addons.k8s.io"], "DaemonSet", "ebs-csi-node")
    assert all("AWS_ROLE_ARN" not in str(items(each, "env")) for each in containers(node))


def test_the_users_objects_are_an_add_on_of_their_own() -> None:
    scheduler: Tree = {"apiVersion": "kubescheduler.config.k8s.io/v1", "kind": "KubeSchedulerConfiguration"}
    found = built(case_inputs("minimal-aws"), replace(SETTINGS, additional_objects=(MINE, scheduler)))
    addon = found["cluster-addons.kops.k8s.io"]
    assert trees(addon) == [MINE]
    assert addon.location == "addons/cluster-addons.kops.k8s.io/default.yaml"
    only_for_nodes = built(case_inputs("minimal-aws"), replace(SETTINGS, additional_objects=(scheduler,)))
    assert "cluster-addons.kops.k8s.io" not in only_for_nodes


def test_the_user_may_bring_their_own_cilium() -> None:
    given = changed(case_inputs("minimal-aws"), networking={"cilium": {}})
    assert "networking.cilium.io" in built(given)
    label: Tree = {"addon.kops.k8s.io/name": "networking.cilium.io"}
    mine: Tree = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "labels": label}}
    assert "networking.cilium.io" not in built(given, replace(SETTINGS, additional_objects=(mine,)))


def test_ciliums_keys_stay_references_until_they_are_applied() -> None:
    ipsec: Tree = {"cilium": {"enableEncryption": True, "encryptionType": "ipsec"}}
    key = Template.of(Ref(Key("Secret", "ciliumpassword"), "value"))
    settings = replace(SETTINGS, cilium_keys={"keys": key})
    addon = built(changed(case_inputs("minimal-aws"), networking=ipsec), settings)["networking.cilium.io"]
    assert addon.contents.resolve(lambda ref: None) is None
    assert isinstance(addon.manifest_hash, Template)
    resolved = addon.contents.resolve(lambda ref: "3 rfc4106(gcm(aes)) 0a0b 128")
    assert resolved is not None
    assert "\n  keys: 3 rfc4106(gcm(aes)) 0a0b 128\n" in resolved
    assert {each["kind"] for each in trees(addon)} >= {"Secret"}
    without = built(changed(case_inputs("minimal-aws"), networking=ipsec))["networking.cilium.io"]
    assert "Secret" not in {each["kind"] for each in trees(without)}


def test_the_autoscaler_scales_workers_that_the_user_did_not_take_from_it() -> None:
    given = changed(case_inputs("minimal-aws"), clusterAutoscaler={"enabled": True})
    command = arguments(built(given)["cluster-autoscaler.addons.k8s.io"], "Deployment", "cluster-autoscaler")
    assert [each for each in command if "--nodes=" in str(each)] == [
        "--nodes=2:2:nodes.minimal-aws.example.com"
    ]
    groups = {
        name: {**group, "spec": {**table(group, "spec"), "autoscale": False}}
        for name, group in given.instance_groups.items()
    }
    assert _scaled(replace(given, instance_groups=groups)) == []


def _scaled(given: Inputs) -> list[Value]:
    addon = built(given)["cluster-autoscaler.addons.k8s.io"]
    command = arguments(addon, "Deployment", "cluster-autoscaler")
    return [each for each in command if "--nodes=" in str(each)]


def test_kops_controller_knows_which_roles_may_join() -> None:
    addon = built(case_inputs("minimal-aws"))["kops-controller.addons.k8s.io"]
    configuration = json.loads(str(at(one(addon, "ConfigMap", "kops-controller"), "data", "config.yaml")))
    assert configuration["server"]["provider"]["aws"]["nodesRoles"] == ["nodes.minimal-aws.example.com"]


def test_the_proxy_reaches_the_controllers_that_call_the_cloud() -> None:
    proxy: Tree = {"httpProxy": {"host": "proxy.example.com", "port": 3128}, "excludes": "10.0.0.0/8"}
    found = built(changed(case_inputs("minimal-aws"), egressProxy=proxy))
    for name, kind in (("kops-controller", "DaemonSet"), ("dns-controller", "Deployment")):
        workload = one(found[f"{name}.addons.k8s.io"], kind, name)
        given = {at(each, "name"): at(each, "value") for each in items(next(containers(workload)), "env")}
        assert given["https_proxy"] == "http://proxy.example.com:3128"
        assert "10.0.0.0/8" in str(given["NO_PROXY"])


def test_an_object_may_not_contradict_its_add_ons_selector() -> None:
    with pytest.raises(ValueError, match="k8s-addon"):
        marked([config_map("x", {}, labels={"k8s-addon": "other"})], "mine", {"k8s-addon": "mine"})


def test_building_changes_no_input_and_gives_the_same_again() -> None:
    given = case_inputs("many-addons")
    before = json.dumps(given.tree(), sort_keys=True)
    once, again = built(given), built(given)
    assert json.dumps(given.tree(), sort_keys=True) == before
    assert [addon.contents for addon in once.values()] == [addon.contents for addon in again.values()]


def test_a_quantity_without_a_unit_is_a_number_except_where_pods_pass_through_types() -> None:
    given = changed(case_inputs("minimal-aws"), cloudControllerManager={"cpuRequest": "1"})
    name = "aws-cloud-controller.addons.k8s.io"
    (plain_pod,) = containers(one(built(given)[name], "DaemonSet", "aws-cloud-controller-manager"))
    assert at(plain_pod, "resources", "requests", "cpu") == 1

    given = changed(case_inputs("many-addons-ccm-irsa"), cloudControllerManager={"cpuRequest": "1"})
    daemons = one(built(given)[name], "DaemonSet", "aws-cloud-controller-manager")
    (typed_pod,) = containers(daemons)
    assert at(typed_pod, "resources", "requests", "cpu") == "1"
    assert "nodeSelector" not in table(daemons, "spec", "template", "spec")
