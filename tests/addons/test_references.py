"""References of objects exist: pods of selectors; accounts, roles and configuration of pods."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kops_core.api.values import Tree, Value
from kops_core.model.addons.addon import Addon
from tests.addons.crd.structural import errors, schema_of
from tests.addons.objects_of import at, built, case_inputs, changed, containers, items, of_kind, table, trees

pytestmark = pytest.mark.full

WITHOUT_OBJECT = {
    "extension-apiserver-authentication-reader",
    "system:auth-delegator",
    "system:kubelet-api-admin",
    "system:node-problem-detector",
}
"""Roles that Kubernetes itself brings."""
MADE_LATER = {"kube-dns", "kubernetes-services-endpoint", "aws-meta"}
"""ConfigMaps that a user, or another program, may make; pods start without them."""
CASES = (
    "minimal-aws",
    "many-addons",
    "many-addons-ccm-irsa",
    "karpenter",
    "nth-imds-processor",
    "nvidia",
    "irsa",
)
NETWORKS: dict[str, Tree] = {
    "calico": {"typhaReplicas": 3, "bpfEnabled": True},
    "cilium": {"enableNodePort": True, "hubble": {"enabled": True, "metrics": ["drop"]}, "debug": True},
    "flannel": {"backend": "vxlan"},
    "kindnet": {"adminNetworkPolicies": True, "baselineAdminNetworkPolicies": True},
    "kopeio": {},
    "kuberouter": {},
}


def _clusters() -> Iterator[tuple[str, dict[str, Addon]]]:
    for name in CASES:
        yield name, built(case_inputs(name))
    for name, spec in NETWORKS.items():
        given = changed(case_inputs("minimal-aws"), networking={name: spec})
        yield name, built(given)
    cilium: Tree = {
        "gatewayAPI": {"enabled": True},
        "ingress": {"enabled": True},
        "enablePrometheusMetrics": True,
    }
    yield "gateways", built(changed(case_inputs("minimal-aws"), networking={"cilium": cilium}))


@pytest.fixture(scope="module")
def every_addon() -> list[Addon]:
    """Each add-on of several clusters that differ."""
    return [addon for _, found in _clusters() for addon in found.values()]


def _workloads(addon: Addon) -> list[Tree]:
    return of_kind(addon, "Deployment", "DaemonSet")


def test_selectors_match_the_pods_they_mean(every_addon: list[Addon]) -> None:
    for addon in every_addon:
        pods = [table(each, "spec", "template", "metadata", "labels") for each in _workloads(addon)]
        for each in trees(addon):
            if each["kind"] in ("Deployment", "DaemonSet"):
                labels = table(each, "spec", "template", "metadata", "labels")
                assert table(each, "spec", "selector", "matchLabels").items() <= labels.items()
            selector: Tree = {}
            if each["kind"] == "Service":
                selector = table(each, "spec", "selector")
            elif each["kind"] == "PodDisruptionBudget":
                selector = table(each, "spec", "selector", "matchLabels")
            if selector and selector != {"k8s-app": "kube-dns"}:
                assert any(selector.items() <= labels.items() for labels in pods), (addon.name, each)


def test_no_two_workloads_of_an_add_on_want_the_same_pods(every_addon: list[Addon]) -> None:
    for addon in every_addon:
        selectors = [
            str(sorted(table(each, "spec", "selector", "matchLabels").items())) for each in _workloads(addon)
        ]
        assert len(set(selectors)) == len(selectors), addon.name


def test_service_ports_by_name_are_ports_of_containers(every_addon: list[Addon]) -> None:
    for addon in every_addon:
        names = {
            at(port, "name")
            for each in _workloads(addon)
            for container in containers(each)
            for port in items(container, "ports")
        }
        for each in of_kind(addon, "Service"):
            for port in items(each, "spec", "ports"):
                target = at(port, "targetPort")
                assert not isinstance(target, str) or target in names or target == "envoy-metrics", addon.name


def test_pods_act_as_accounts_of_the_same_add_on(every_addon: list[Addon]) -> None:
    for addon in every_addon:
        accounts = {_place(each) for each in of_kind(addon, "ServiceAccount")}
        for each in _workloads(addon):
            spec = table(each, "spec", "template", "spec")
            name = spec.get("serviceAccountName") or spec.get("serviceAccount")
            assert name is None or (at(each, "metadata", "namespace"), name) in accounts, addon.name


def test_bindings_name_roles_and_accounts_that_exist(every_addon: list[Addon]) -> None:
    for addon in every_addon:
        roles = {_kind_and_name(each) for each in of_kind(addon, "Role", "ClusterRole")}
        accounts = {_place(each) for each in of_kind(addon, "ServiceAccount")}
        for each in of_kind(addon, "RoleBinding", "ClusterRoleBinding"):
            bound = (at(each, "roleRef", "kind"), at(each, "roleRef", "name"))
            assert bound in roles or bound[1] in WITHOUT_OBJECT, (addon.name, bound)
            for subject in items(each, "subjects"):
                if at(subject, "kind") == "ServiceAccount" and addon.name != "storage-aws.addons.k8s.io":
                    namespace = at(subject, "namespace") or at(each, "metadata", "namespace")
                    assert (namespace, at(subject, "name")) in accounts, (addon.name, subject)


def test_configuration_that_pods_read_is_part_of_the_manifest(every_addon: list[Addon]) -> None:
    for addon in every_addon:
        maps = {at(each, "metadata", "name") for each in of_kind(addon, "ConfigMap")}
        for each in _workloads(addon):
            read = [at(volume, "configMap", "name") for volume in _volumes(each)]
            for container in containers(each):
                sources = [at(one, "valueFrom", "configMapKeyRef") for one in items(container, "env")]
                sources += [at(one, "configMapRef") for one in items(container, "envFrom")]
                read += [at(source, "name") for source in sources]
            named = {name for name in read if name and name not in MADE_LATER}
            assert named <= maps | {"aws-iam-authenticator"}, (addon.name, named - maps)


def test_mounts_have_their_volumes(every_addon: list[Addon]) -> None:
    for addon in every_addon:
        for each in _workloads(addon):
            volumes = [at(volume, "name") for volume in _volumes(each)]
            mounts = [mount for container in containers(each) for mount in items(container, "volumeMounts")]
            missing = {at(mount, "name") for mount in mounts} - set(volumes)
            assert len(set(volumes)) == len(volumes)
            assert not missing, (addon.name, missing)


def test_variables_are_named_once(every_addon: list[Addon]) -> None:
    for addon in every_addon:
        for each in _workloads(addon):
            for container in containers(each):
                names = [at(variable, "name") for variable in items(container, "env")]
                assert len(set(names)) == len(names), (addon.name, container["name"])


def test_objects_are_named_once_and_marked(every_addon: list[Addon]) -> None:
    for addon in every_addon:
        places = [(each["kind"], *_place(each)) for each in trees(addon)]
        assert len(set(places)) == len(places), addon.name
        for each in trees(addon):
            labels = table(each, "metadata", "labels")
            assert labels["addon.kops.k8s.io/name"] == addon.name
            assert labels["app.kubernetes.io/managed-by"] == "kops"
            assert addon.selector.items() <= labels.items()


def test_certificates_are_signed_by_an_issuer_that_is_there(every_addon: list[Addon]) -> None:
    for addon in every_addon:
        for each in of_kind(addon, "Certificate"):
            issuer = at(each, "spec", "issuerRef", "name")
            own = {at(found, "metadata", "name") for found in of_kind(addon, "Issuer")}
            assert issuer in own or (issuer == addon.name and addon.needs_pki), addon.name


def test_resources_of_their_own_kinds_fit_the_definitions(every_addon: list[Addon]) -> None:
    definitions = {
        str(at(each, "spec", "names", "kind")): each
        for addon in every_addon
        for each in of_kind(addon, "CustomResourceDefinition")
    }
    seen = 0
    for addon in every_addon:
        for each in trees(addon):
            definition = definitions.get(str(each["kind"]))
            if definition is None or each["kind"] == "CustomResourceDefinition":
                continue
            group, _, version = str(each["apiVersion"]).partition("/")
            if group != at(definition, "spec", "group"):
                continue
            found = errors(each, schema_of(definition, version))
            assert found == [], (addon.name, each["kind"])
            seen += 1
    assert seen > 5


def _place(each: Tree) -> tuple[Value, Value]:
    return at(each, "metadata", "namespace"), at(each, "metadata", "name")


def _kind_and_name(each: Tree) -> tuple[Value, Value]:
    return each["kind"], at(each, "metadata", "name")


def _volumes(workload: Tree) -> list[Value]:
    return items(workload, "spec", "template", "spec", "volumes")
