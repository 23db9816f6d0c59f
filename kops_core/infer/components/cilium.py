"""Cilium. Facts: kOps' ``components/cilium.go``."""

from __future__ import annotations

from kops_core.api.values import Value
from kops_core.infer.common import is_ipv6
from kops_core.infer.reader import Reader
from kops_core.infer.rules import fixed, rule

VERSION = "v1.18.12"
"""As of kOps 1.37 (2026-07)."""

_CILIUM = "spec.networking.cilium"


def uses_cilium(c: Reader) -> bool:
    return c.has(_CILIUM)


@rule(
    f"{_CILIUM}.disableMasquerade",
    because="IPv6 addresses of pods are routed as they are; IPv4 addresses are masqueraded",
    when=uses_cilium,
)
def disable_masquerade(c: Reader) -> Value:
    return is_ipv6(c)


@rule(
    f"{_CILIUM}.tunnel",
    because="the VPC does not know the addresses of pods, so their packets are wrapped",
    when=uses_cilium,
)
def tunnel(c: Reader) -> Value:
    if c.string(f"{_CILIUM}.ipam") != "eni" and not is_ipv6(c):
        return "vxlan"
    c.because("the VPC routes the addresses of pods, be they of network interfaces or IPv6")
    return "disabled"


@rule(
    f"{_CILIUM}.enableBPFMasquerade",
    because="masquerading in eBPF is needed with ENI addresses",
    when=uses_cilium,
)
def enable_bpf_masquerade(c: Reader) -> Value:
    return c.string(f"{_CILIUM}.ipam") == "eni"


@rule(
    f"{_CILIUM}.encryptionType",
    because="IPsec is the encryption that works with every kernel that kOps supports",
    when=lambda c: uses_cilium(c) and c.boolean(f"{_CILIUM}.enableEncryption") is True,
)
def encryption_type(c: Reader) -> Value:
    return "ipsec"


@rule(
    f"{_CILIUM}.hubble.enabled",
    f"{_CILIUM}.ingress.enabled",
    f"{_CILIUM}.gatewayAPI.enabled",
    because="the feature is on where its settings are written, else off",
    when=uses_cilium,
)
def feature_enabled(c: Reader) -> Value:
    return c.user_value(f"{_CILIUM}.{c.at[3]}") is not None


FIXED = fixed(
    __name__,
    _CILIUM,
    {
        "version": (VERSION, "it is the release that kOps 1.37 was tested with"),
        "enableEndpointHealthChecking": (True, "Cilium checks that pods are reachable"),
        "enableHostFirewall": (False, "policies for nodes are optional"),
        "identityAllocationMode": ("crd", "identities are kept as Kubernetes objects"),
        "identityChangeGracePeriod": ("5s", "it is Cilium's default"),
        "bpfCTGlobalAnyMax": (262144, "it is Cilium's default size of the table"),
        "bpfCTGlobalTCPMax": (524288, "it is Cilium's default size of the table"),
        "bpfLBAlgorithm": ("random", "it is Cilium's default"),
        "bpfLBMaglevTableSize": ("16381", "it is Cilium's default"),
        "bpfNATGlobalMax": (524288, "it is Cilium's default size of the table"),
        "bpfNeighGlobalMax": (524288, "it is Cilium's default size of the table"),
        "bpfPolicyMapMax": (16384, "it is Cilium's default size of the table"),
        "bpfLBMapMax": (65536, "it is Cilium's default size of the table"),
        "clusterName": ("default", "it is Cilium's name for a cluster without a mesh"),
        "monitorAggregation": ("medium", "it is Cilium's default"),
        "sidecarIstioProxyImage": ("cilium/istio_proxy", "it is Cilium's default"),
        "toFqdnsDnsRejectResponseCode": ("refused", "it is Cilium's default"),
        "agentPrometheusPort": (9090, "it is Cilium's default"),
        "ipam": ("kubernetes", "pods get addresses of the range that Kubernetes gives their node"),
        "enableRemoteNodeIdentity": (True, "it is Cilium's default"),
        "enableUnreachableRoutes": (False, "it is Cilium's default"),
        "enableL7Proxy": (True, "policies may look at HTTP and DNS"),
        "enableLocalRedirectPolicy": (False, "it is Cilium's default"),
        "disableCNPStatusUpdates": (True, "status updates of policies load the API server"),
        "cpuRequest": ("25m", "it is the usual need of the agent"),
        "memoryRequest": ("128Mi", "it is the usual need of the agent"),
        "cniExclusive": (True, "Cilium is the node's only CNI plug-in"),
    },
    when=uses_cilium,
)
