"""The other CNI plug-ins. Facts: kOps' ``components/calico.go``, ``kindnet.go``, ``v1alpha2/defaults.go``.

Amazon VPC, kube-router, kopeio, kubenet and plug-ins of the operator's own have nothing to infer.
"""

from __future__ import annotations

from kops_core.api.values import Value
from kops_core.infer.common import is_ipv6
from kops_core.infer.reader import Reader
from kops_core.infer.rules import fixed, rule

KINDNET = "v1.0.1"
"""As of kOps 1.37 (2026-07)."""

_KINDNET = "spec.networking.kindnet"
_MASQUERADE = f"{_KINDNET}.masquerade"


def _uses_kindnet(c: Reader) -> bool:
    return c.has(_KINDNET)


def _infers_masquerade(c: Reader) -> bool:
    return _uses_kindnet(c) and c.user_value(_MASQUERADE) is None


@rule(
    "spec.networking.calico.encapsulationMode",
    because="the VPC does not know the addresses of pods, so their packets are wrapped in IP",
    when=lambda c: c.has("spec.networking.calico"),
)
def calico_encapsulation_mode(c: Reader) -> Value:
    if not is_ipv6(c):
        return "ipip"
    c.because("the VPC routes the IPv6 addresses of pods")
    return "none"


@rule(
    "spec.networking.flannel.backend",
    because="it is what clusters without this field always had; new clusters have vxlan written",
    when=lambda c: c.has("spec.networking.flannel"),
)
def flannel_backend(c: Reader) -> Value:
    return "udp"


@rule(
    f"{_MASQUERADE}.enabled",
    because="IPv4 addresses of pods are masqueraded, IPv6 addresses are routed",
    when=_infers_masquerade,
)
def kindnet_masquerade(c: Reader) -> Value:
    return not is_ipv6(c)


@rule(
    f"{_MASQUERADE}.nonMasqueradeCIDRs",
    because="pods reach the VPC, each other and services by their own addresses",
    when=lambda c: _infers_masquerade(c) and not is_ipv6(c),
)
def kindnet_non_masquerade_cidrs(c: Reader) -> Value:
    ranges = [c.string(f"spec.{field}") for field in ("networkCIDR", "podCIDR", "serviceClusterIPRange")]
    return [each for each in ranges if each] or None


KINDNET_FIXED = fixed(
    __name__,
    _KINDNET,
    {
        "version": (KINDNET, "it is the release that kOps 1.37 was tested with"),
        "fastPathThreshold": (0, "connections are not moved to the kernel's fast path"),
        "logLevel": (2, "it is kOps' log level for components of Kubernetes"),
    },
    when=_uses_kindnet,
)
