"""Questions about a spec that several validations ask. Paths are v1alpha2's."""

from __future__ import annotations

from kops_core.validate.field import Field
from kops_core.validate.formats import network

ROLES = {"Master": "ControlPlane", "ControlPlane": "ControlPlane"}


def is_ipv6(spec: Field) -> bool:
    """Whether pods have IPv6 addresses only."""
    found = network(spec.at("nonMasqueradeCIDR").text)
    return found is not None and found.version == 6


def dns_kind(spec: Field) -> str:
    """The type of DNS zone of the cluster's names: ``Public`` (kOps' default), ``Private`` or ``None``."""
    return spec.at("topology.dns.type").text or "Public"


def has_cert_manager(spec: Field) -> bool:
    """Whether cert-manager can issue certificates for webhooks."""
    return spec.at("certManager.enabled").on


def kube_proxy_runs(spec: Field) -> bool:
    """Whether kube-proxy is configured and not turned off."""
    proxy = spec.at("kubeProxy")
    return proxy.is_set and proxy.at("enabled").flag is not False


def role(group: Field) -> str:
    """The role of an instance group as kOps calls it, ``ControlPlane`` for ``Master``; "" if unset."""
    written = group.at("spec.role").text
    return ROLES.get(written, written)
