"""What is refused of a Cluster's components: each row changes a sound one, and names every error of kOps.

The expectations are facts of kOps' own validation (pkg/apis/kops/validation), with
v1alpha2's paths.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from kops_core.api.values import Tree, Value
from kops_core.validate.cluster import validate_cluster
from tests.validate.samples import cluster, expected, places


def _of(architecture: str, package: Mapping[str, Value]) -> Tree:
    """Fields of a package as they are called for an architecture."""
    return {f"{name}{architecture}": value for name, value in package.items()}


_DIGEST = "0" * 64
LOCAL: Tree = {
    "spec.networking": {"calico": {}},
    "spec.kubeDNS": {
        "serverIP": "100.64.0.10",
        "nodeLocalDNS": {"enabled": True, "localIP": "169.254.20.10"},
    },
}
"""Node-local DNS with a pod network that lets nodes ask the cluster's DNS at its usual address."""

_MASTERS: list[tuple[Tree, str]] = [
    ({"spec.kubeProxy": {"master": master}}, "spec.kubeProxy.master: Invalid value")
    for master in (
        *("//10.0.0.1", "https://", "https:10.0.0.1", "10.0.0.1:443", "https://10.0.0.1/%zz"),
        *("https://10.0.0.1/\x7f", "https://10.0.0.1:https", "https://[::1"),
    )
]
_ONLY_LOCAL: tuple[Tree, ...] = (
    {**LOCAL, "spec.kubeProxy": {"proxyMode": "ipvs"}},
    {**LOCAL, "spec.networking": {"cilium": {}}},
)
"""With these nodes ask node-local DNS alone."""


def _cluster_dns(kubelet: str) -> Iterator[tuple[Tree, str]]:
    """The addresses at which nodes may ask for names of the cluster."""
    refused = f"{kubelet}.clusterDNS: Forbidden"
    yield {**LOCAL, kubelet: {"clusterDNS": "169.254.20.10"}}, ""
    yield {**LOCAL, kubelet: {"clusterDNS": "100.64.0.10"}}, ""
    yield {**LOCAL, kubelet: {"clusterDNS": "100.64.0.11"}}, refused
    yield {kubelet: {"clusterDNS": "100.64.0.11"}}, ""
    yield {"spec.kubeDNS": {"serverIP": "100.64.0.10"}, kubelet: {"clusterDNS": "100.64.0.11"}}, ""
    for only_local in _ONLY_LOCAL:
        yield {**only_local, kubelet: {"clusterDNS": "169.254.20.10"}}, ""
        yield {**only_local, kubelet: {"clusterDNS": "100.64.0.10"}}, refused


_PACKAGES: list[tuple[Tree, str]] = [
    ({"spec.containerd": {"packages": _of(architecture, packages)}}, wrong.format(architecture))
    for architecture in ("Amd64", "Arm64")
    for packages, wrong in (
        ({"url": "https://example.com/x.tar.gz", "hash": _DIGEST}, ""),
        ({"url": "https://example.com/x.tar.gz"}, "spec.containerd.packages.url{}: Invalid value"),
        ({"hash": _DIGEST}, "spec.containerd.packages.hash{}: Invalid value"),
        ({"url": "https://x:y/", "hash": _DIGEST}, "spec.containerd.packages.url{}: Invalid value"),
        ({"url": "https://x/", "hash": _DIGEST + "0"}, "spec.containerd.packages.hash{}: Invalid value"),
    )
]

ROWS: list[tuple[Tree, str]] = [
    # components
    ({"spec.kubeAPIServer": {"proxyClientCertFile": "x"}}, "spec.kubeAPIServer: Forbidden"),
    (
        {"spec.kubeAPIServer": {"serviceNodePortRange": "x"}},
        "spec.kubeAPIServer.serviceNodePortRange: Invalid value",
    ),
    (
        {"spec.kubeAPIServer": {"authorizationMode": "RBAC,Node,Webhook"}},
        "spec.kubeAPIServer.authorizationWebhookConfigFile: Required value",
    ),
    (
        {"spec.kubeAPIServer": {"authorizationMode": "RBAC"}},
        "spec.kubeAPIServer.authorizationMode: Required value",
    ),
    (
        {"spec.kubeAPIServer": {"authorizationMode": "RBAC,Node,Bogus"}},
        "spec.kubeAPIServer.authorizationMode: Unsupported value",
    ),
    ({"spec.kubeAPIServer": {"logFormat": "xml"}}, "spec.kubeAPIServer.logFormat: Unsupported value"),
    (
        {"spec.kubeAPIServer": {"authenticationConfigFile": "/x", "oidcClientID": "y"}},
        "spec.kubeAPIServer.authenticationConfigFile: Forbidden",
    ),
    (
        {"spec.kubeAPIServer": {"enableBootstrapTokenAuth": True}},
        "spec.kubeAPIServer.enableBootstrapTokenAuth: Forbidden",
    ),
    ({"spec.kubeAPIServer": {"admissionControl": ["x"]}}, "spec.kubeAPIServer.admissionControl: Forbidden"),
    (
        {"spec.kubeAPIServer": {"enableAdmissionPlugins": ["PodSecurityPolicy"]}},
        "spec.kubeAPIServer.enableAdmissionPlugins: Forbidden",
    ),
    (
        {"spec.kubeAPIServer": {"auditWebhookConfigFile": "/a/b"}},
        "spec.kubeAPIServer.auditWebhookConfigFile: Invalid value",
    ),
    (
        {"spec.kubeAPIServer": {"auditPolicyFile": "/a/p", "auditWebhookConfigFile": "/b/w"}},
        "spec.kubeAPIServer.auditWebhookConfigFile: Invalid value",
    ),
    ({"spec.kubeAPIServer": {"auditPolicyFile": "/a/p", "auditWebhookConfigFile": "/a/./w"}}, ""),
    (
        {"spec.kubeAPIServer": {"serviceClusterIPRange": "100.64.0.0/13"}},
        "spec.kubeAPIServer.serviceClusterIPRange: Forbidden",
    ),
    ({"spec.kubeAPIServer": {"cloudProvider": "gce"}}, ""),
    (
        {"spec.kubeAPIServer": {"cloudProvider": "gce"}, "spec.kubernetesVersion": "1.32.0"},
        "spec.kubeAPIServer.cloudProvider: Forbidden",
    ),
    (
        {"spec.kubeAPIServer": {"cloudProvider": "gce"}, "spec.kubernetesVersion": "1.33.0-alpha.2"},
        "spec.kubeAPIServer.cloudProvider: Forbidden",
    ),
    ({"spec.kubeAPIServer": {"cloudProvider": "gce"}, "spec.kubernetesVersion": "1.33.0-alpha.3"}, ""),
    ({"spec.kubelet": {"cloudProvider": "gce"}}, "spec.kubelet.cloudProvider: Forbidden"),
    (
        {"spec.kubeControllerManager": {"experimentalClusterSigningDuration": "1h0m0s"}},
        "spec.kubeControllerManager.experimentalClusterSigningDuration: Forbidden",
    ),
    (
        {"spec.kubeControllerManager": {"clusterCIDR": "10.0.0.0/8"}},
        "spec.kubeControllerManager.clusterCIDR: Forbidden",
    ),
    (
        {"spec.kubeControllerManager": {"clusterCIDR": "x"}},
        "spec.kubeControllerManager.clusterCIDR: Invalid value",
    ),
    (
        {"spec.kubeScheduler": {"usePolicyConfigMap": False}},
        "spec.kubeScheduler.usePolicyConfigMap: Forbidden",
    ),
    ({"spec.kubeProxy": {"ipvsExcludeCidrs": ["10.0.0.0/16"]}}, ""),
    ({"spec.kubeProxy": {"ipvsExcludeCidrs": ["x"]}}, "spec.kubeProxy.ipvsExcludeCidrs[0]: Invalid value"),
    ({"spec.kubeProxy": {"master": "10.0.0.1"}}, "spec.kubeProxy.master: Invalid value"),
    ({"spec.kubelet": {"configureCbr0": False}}, "spec.kubelet.configureCbr0: Forbidden"),
    (
        {"spec.masterKubelet": {"podInfraContainerImage": "x"}},
        "spec.masterKubelet.podInfraContainerImage: Forbidden",
    ),
    (
        {"spec.kubelet": {"topologyManagerPolicy": "x"}},
        "spec.kubelet.topologyManagerPolicy: Unsupported value",
    ),
    ({"spec.kubelet": {"memorySwapBehavior": "x"}}, "spec.kubelet.memorySwapBehavior: Unsupported value"),
    (
        {"spec.kubelet": {"shutdownGracePeriodCriticalPods": "10s"}},
        "spec.kubelet.shutdownGracePeriodCriticalPods: Forbidden",
    ),
    (
        {"spec.kubelet": {"shutdownGracePeriod": "5s", "shutdownGracePeriodCriticalPods": "10s"}},
        "spec.kubelet.shutdownGracePeriodCriticalPods: Invalid value",
    ),
    (
        {"spec.kubelet": {"crashLoopBackOffMaxContainerRestartPeriod": "301s"}},
        "spec.kubelet.crashLoopBackOffMaxContainerRestartPeriod: Invalid value",
    ),
    ({"spec.kubeDNS": {"serverIP": "x"}}, "spec.kubeDNS.serverIP: Invalid value"),
    (
        {"spec.kubeDNS": {"serverIP": "1.1.1.1"}, "spec.serviceClusterIPRange": "100.64.0.0/13"},
        "spec.kubeDNS.serverIP: Forbidden",
    ),
    ({"spec.kubeDNS": {"upstreamNameservers": ["8.8.8.8"], "stubDomains": {"corp": ["fd00::53"]}}}, ""),
    ({"spec.kubeDNS": {"upstreamNameservers": ["x"]}}, "spec.kubeDNS.upstreamNameservers[0]: Invalid value"),
    (
        {"spec.kubeDNS": {"stubDomains": {"corp": ["x"], "a.b": []}}},
        'spec.kubeDNS.stubDomains.corp[0]: Invalid value; spec.kubeDNS.stubDomains["a.b"]: Invalid value',
    ),
    (
        {
            "spec.kubeAPIServer": {"authorizationMode": "AlwaysAllow"},
            "spec.authorization": {"alwaysAllow": {}},
        },
        "",
    ),
    ({"spec.kubeProxy": {"master": "https://10.0.0.1:443"}}, ""),
    ({"spec.kubeProxy": {"master": "http://[::1]:8080/"}}, ""),
    *_MASTERS,
    # node-local DNS
    (LOCAL, ""),
    ({**LOCAL, "spec.kubeDNS.provider": "CoreDNS"}, ""),
    ({**LOCAL, "spec.kubeDNS.provider": "KubeDNS"}, "spec.kubeDNS.provider: Forbidden"),
    ({**LOCAL, "spec.kubeDNS.provider": "KubeDNS", "spec.kubeDNS.nodeLocalDNS.enabled": False}, ""),
    ({**LOCAL, "spec.kubeDNS.nodeLocalDNS.localIP": "fd00::10"}, ""),
    ({**LOCAL, "spec.kubeDNS.nodeLocalDNS.localIP": None}, ""),
    (
        {**LOCAL, "spec.kubeDNS.nodeLocalDNS.localIP": "169.254.20"},
        "spec.kubeDNS.nodeLocalDNS.localIP: Invalid value",
    ),
    *_cluster_dns("spec.kubelet"),
    *_cluster_dns("spec.masterKubelet"),
    # containerd
    ({"spec.containerd": {"version": "v2.1.4"}}, ""),
    ({"spec.containerd": {"version": "new"}}, "spec.containerd.version: Invalid value"),
    ({"spec.containerd": {"version": "2.1"}}, ""),
    (
        {"spec.containerd": {"version": "2.1", "nri": {"enabled": True}}},
        "spec.containerd.version: Invalid value",
    ),
    ({"spec.containerd": {"version": "2.1", "nri": {"enabled": False}}}, ""),
    (
        {
            "spec.containerd": {
                "version": "2.1.0",
                "nri": {"enabled": True, "pluginRegistrationTimeout": "0s"},
            }
        },
        "spec.containerd.nri.pluginRegistrationTimeout: Invalid value",
    ),
    (
        {
            "spec.containerd": {
                "version": "2.1.0",
                "nri": {
                    "enabled": True,
                    "pluginRegistrationTimeout": "5s",
                    "pluginRequestTimeout": "2s",
                },
            }
        },
        "",
    ),
    *_PACKAGES,
    ({"spec.containerd": {"version": "2.0.5"}}, "spec.containerd.version: Invalid value"),
    ({"spec.containerd": {"version": "2.1.0"}}, ""),
    ({"spec.containerd": {"nri": {"enabled": True}}}, "spec.containerd.version: Required value"),
    (
        {"spec.containerd": {"version": "2.1.0", "nri": {"enabled": True, "pluginRequestTimeout": "-1s"}}},
        "spec.containerd.nri.pluginRequestTimeout: Invalid value",
    ),
    (
        {"spec.containerd": {"packages": {"urlAmd64": "https://x"}}},
        "spec.containerd.packages.urlAmd64: Invalid value",
    ),
    ({"spec.containerd": {"gvisor": {}}}, "spec.containerd.gvisor: Forbidden"),
]


@pytest.mark.parametrize(("changes", "errors"), ROWS, ids=str)
def test_what_is_refused(changes: Tree, errors: str) -> None:
    found = validate_cluster(cluster(changes))
    assert places(found) == expected(errors)
    assert all(error.message for error in found)


@pytest.mark.parametrize(
    ("ports", "accepted"),
    [
        ("30000-32767", True),
        (" 30000-32767 ", True),
        ("30000", True),
        ("30000-30000", True),
        ("30000+0", True),
        ("30000+2767", True),
        ("0+65535", True),
        ("0-65535", True),
        ("1+65535", False),
        ("32767-30000", False),
        ("30000-65536", False),
        ("65535", True),
        ("65536", False),
        ("65536+0", False),
        ("30000 - 32767", False),
        ("30000-+1", False),
        ("30000+-1", False),
        ("-30000", False),
        ("30000-", False),
        ("a-b", False),
    ],
)
def test_ranges_of_ports_for_services(ports: str, accepted: bool) -> None:
    """As Kubernetes reads them (apimachinery's PortRange)."""
    found = places(validate_cluster(cluster({"spec.kubeAPIServer": {"serviceNodePortRange": ports}})))
    assert found == expected("" if accepted else "spec.kubeAPIServer.serviceNodePortRange: Invalid value")


@pytest.mark.parametrize("kubelet", ["spec.kubelet", "spec.masterKubelet"])
def test_a_feature_flag_lets_nodes_ask_another_dns_server(kubelet: str) -> None:
    changed = cluster({**LOCAL, kubelet: {"clusterDNS": "100.64.0.11"}})
    assert validate_cluster(changed)
    assert not validate_cluster(changed, features=["ExperimentalClusterDNS"])


def test_both_that_admission_control_is_gone_and_that_it_excludes_another_field_are_told() -> None:
    plugins: Tree = {"admissionControl": ["x"], "disableAdmissionPlugins": ["y"]}
    found = validate_cluster(cluster({"spec.kubeAPIServer": plugins}))
    assert [(each.path, each.kind) for each in found] == [
        ("spec.kubeAPIServer.admissionControl", "Forbidden")
    ] * 2
    assert not validate_cluster(cluster({"spec.kubeAPIServer": {"disableAdmissionPlugins": ["y"]}}))
