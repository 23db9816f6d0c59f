"""Validation of the pod network: exactly one, with consistent settings."""

from __future__ import annotations

import re
from collections.abc import Callable

from kops_core.api import semver
from kops_core.validate import spec_queries
from kops_core.validate.field import Field, Findings
from kops_core.validate.formats import address, network

_ALL = (
    "classic",
    "kubenet",
    "external",
    "cni",
    "kopeio",
    "weave",
    "flannel",
    "calico",
    "kuberouter",
    "romana",
    "amazonvpc",
    "cilium",
    "lyftvpc",
    "gce",
    "kindnet",
)
_GONE = {
    "external": "it is gone since Kubernetes 1.26: use cni and install a network yourself",
    "weave": "Weave is no longer supported: choose another network",
    "canal": "Canal is gone since Kubernetes 1.28: choose another network",
    "romana": "Romana is no longer supported: choose another network",
    "lyftvpc": "LyftVPC is no longer supported: choose another network",
    "gce": "it runs on GCE only: choose another network",
}
_WITHOUT_IPV6 = ("kubenet", "kopeio", "flannel", "kuberouter", "amazonvpc", "gce")


def check_pod_network(spec: Field) -> Findings:
    """``spec.networking``. Without any, users install their own."""
    networking = spec.at("networking")
    if networking.at("classic").is_set:
        yield networking.invalid("classic networking is no longer supported: choose another network")
    for name, reason in _GONE.items():
        if networking.at(name).is_set:
            yield networking.at(name).forbidden(reason)
    if spec_queries.is_ipv6(spec):
        for name in _WITHOUT_IPV6:
            if networking.at(name).is_set:
                yield networking.at(name).forbidden("it can't do IPv6: choose another network, e.g. cilium")
    for name, check in _CHECKS.items():
        if networking.at(name).is_set:
            yield from check(spec, networking.at(name))
    present = [name for name in _ALL if networking.at(name).is_set]
    if len(present) > 1:
        for name in present:
            yield networking.at(name).forbidden(
                f"a cluster has one pod network: keep one of {', '.join(present)}"
            )


def _flannel(_: Field, flannel: Field) -> Findings:
    yield from flannel.at("backend").if_given_in(("udp", "vxlan"))


def _kube_router(spec: Field, _: Field) -> Findings:
    if spec_queries.kube_proxy_runs(spec):
        yield spec.at("kubeProxy.enabled").forbidden("kube-router does kube-proxy's work: set it to false")


def _kindnet(_: Field, kindnet: Field) -> Findings:
    masquerade = kindnet.at("masquerade")
    if masquerade.at("enabled").on:
        for cidr in masquerade.at("nonMasqueradeCIDRs").items:
            if cidr.text and network(cidr.text) is None:
                yield kindnet.invalid(f"{cidr.text!r} in masquerade.nonMasqueradeCIDRs is not a range")


def _cilium(spec: Field, cilium: Field) -> Findings:
    version = cilium.at("version")
    if version.text and not version.text.startswith("v"):
        yield version.invalid(f"the version starts with a v: write v{version.text}")
        return
    if version.text:
        yield from _cilium_version(spec, cilium)
    if cilium.at("enableNodePort").on and spec_queries.kube_proxy_runs(spec):
        yield spec.at("kubeProxy.enabled").forbidden(
            "with enableNodePort, Cilium does its work: set it to false"
        )
    for name, allowed in _CILIUM_VALUES.items():
        yield from cilium.at(name).if_given_in(allowed)
    identities = cilium.at("identityAllocationMode")
    if identities.text == "kvstore" and not cilium.at("etcdManaged").on:
        yield identities.forbidden("kvstore needs an etcd cluster: set etcdManaged, or use crd")
    if cilium.at("bpfLBSockHostNSOnly").on and not cilium.at("bpfLBSock").on:
        yield cilium.at("bpfLBSockHostNSOnly").forbidden("it restricts bpfLBSock: set that too")
    yield from _cilium_encryption(spec, cilium)
    rules = cilium.at("IPTablesRulesNoinstall")
    if cilium.at("enableL7Proxy").on and rules.on:
        yield cilium.at("enableL7Proxy").forbidden(
            "the proxy needs iptables rules: drop IPTablesRulesNoinstall"
        )
    if cilium.at("ipam").text == "eni" and spec_queries.is_ipv6(spec):
        yield cilium.at("ipam").forbidden("eni can't do IPv6: leave ipam unset")
    names = [etcd.at("name").text for etcd in spec.at("etcdClusters").items]
    if cilium.at("etcdManaged").on and "cilium" not in names:
        yield spec.at("etcdClusters").required("Cilium's etcd cluster is missing: add one named cilium")
    ingress = cilium.at("ingress")
    if ingress.at("enabled").on:
        yield from ingress.at("defaultLoadBalancerMode").if_given_in(("shared", "dedicated"))


_CILIUM_VALUES: dict[str, tuple[str, ...]] = {
    "enablePolicy": ("default", "always", "never"),
    "tunnel": ("vxlan", "geneve", "disabled"),
    "monitorAggregation": ("low", "medium", "maximum"),
    "identityAllocationMode": ("crd", "kvstore"),
    "bpfLBAlgorithm": ("random", "maglev"),
    "encryptionType": ("ipsec", "wireguard"),
    "ipam": ("hostscope", "kubernetes", "crd", "eni"),
}


def _cilium_version(spec: Field, cilium: Field) -> Findings:
    version = cilium.at("version")
    found = semver.parse(version.text[1:])
    if found is None:
        yield version.invalid(f"{version.text!r} is not a version: write it like v1.18.0")
    elif found.minor != 18:
        yield version.invalid("only Cilium 1.18 is supported: leave the version unset")
    if cilium.at("hubble.enabled").on and not spec_queries.has_cert_manager(spec):
        yield cilium.at("hubble.enabled").forbidden("Hubble needs certificates: turn on spec.certManager")


def _cilium_encryption(spec: Field, cilium: Field) -> Findings:
    enabled, kind = cilium.at("enableEncryption"), cilium.at("encryptionType")
    if enabled.on and spec_queries.is_ipv6(spec):
        yield enabled.forbidden("it can't be had on IPv6 clusters: remove it")
    if kind.text and not enabled.on:
        yield kind.forbidden("it needs enableEncryption: set that, or remove this")


_CALICO_VALUES: dict[str, tuple[str, ...]] = {
    "bpfExternalServiceMode": ("Tunnel", "DSR"),
    "bpfLogLevel": ("Off", "Info", "Debug"),
    "chainInsertMode": ("insert", "append"),
    "encapsulationMode": ("ipip", "vxlan", "none"),
    "ipipMode": ("Always", "CrossSubnet", "Never"),
    "vxlanMode": ("Always", "CrossSubnet", "Never"),
    "iptablesBackend": ("Auto", "Legacy", "NFT"),
}


def _calico(spec: Field, calico: Field) -> Findings:
    ipv6 = spec_queries.is_ipv6(spec)
    check = calico.at("awsSrcDstCheck")
    if check.text and ipv6 and check.text != "DoNothing":
        yield check.forbidden("on IPv6 clusters it must be DoNothing")
    else:
        yield from check.if_given_in(("Enable", "Disable", "DoNothing"))
    if calico.at("bpfEnabled").on and spec_queries.kube_proxy_runs(spec):
        yield spec.at("kubeProxy.enabled").forbidden("with bpfEnabled, Calico does its work: set it to false")
    for name, allowed in _CALICO_VALUES.items():
        yield from calico.at(name).if_given_in(allowed)
    mode = calico.at("encapsulationMode")
    if mode.text and mode.text != "none" and ipv6:
        yield mode.forbidden("on IPv6 clusters it must be none")
    elif mode.text == "none" and not ipv6:
        yield mode.forbidden("none is for IPv6 clusters: use ipip or vxlan")
    for name, needed in (("ipipMode", "ipip"), ("vxlanMode", "vxlan")):
        if calico.at(name).text not in ("", "Never") and mode.text not in ("", needed):
            yield calico.at(name).forbidden(f"it needs encapsulationMode {needed}: set that, or Never here")
    for name, version in (("ipv4AutoDetectionMethod", 4), ("ipv6AutoDetectionMethod", 6)):
        yield from _detection(calico.at(name), version)
    replicas = calico.at("typhaReplicas")
    if (replicas.number or 0) < 0:
        yield replicas.invalid("it can't be negative")
    if calico.at("wireguardEnabled").on and ipv6:
        yield calico.at("wireguardEnabled").forbidden("it can't be had on IPv6 clusters: remove it")


def _detection(field: Field, version: int) -> Findings:
    """Checks Calico's method of address detection: first-found, can-reach=, interface=, skip-interface=."""
    if not field.text:
        return
    method, joined, value = field.text.partition("=")
    if method == "first-found" and "=" not in value:
        return
    if not joined or "=" in value or method not in ("can-reach", "interface", "skip-interface"):
        yield field.invalid(
            "it must be first-found, or one of can-reach=, interface=, skip-interface= and a value"
        )
    elif method == "can-reach":
        found = address(value)
        if found is None or found.version != version:
            yield field.invalid(f"can-reach= must be followed by an IPv{version} address")
    else:
        names = re.split(r"\s*,\s*", value)
        if not names[0]:
            yield field.invalid(f"{method}= must be followed by names of interfaces")
        for name in names:
            if not _is_expression(name):
                yield field.invalid(f"{name!r} is not a regular expression")


def _is_expression(text: str) -> bool:
    try:
        re.compile(text)
    except re.error:
        return False
    return True


_CHECKS: dict[str, Callable[[Field, Field], Findings]] = {
    "flannel": _flannel,
    "calico": _calico,
    "kuberouter": _kube_router,
    "cilium": _cilium,
    "kindnet": _kindnet,
}
