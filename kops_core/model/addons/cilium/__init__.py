"""Cilium: the agent on each node, its operator, and optionally Hubble, ingress and the Gateway API."""

from __future__ import annotations

from kops_core.model.addons.cilium import agent, gateways, hubble, permissions, settings
from kops_core.model.addons.cilium import operator as cilium_operator
from kops_core.model.addons.cilium.features import AT, CONFIG, Features
from kops_core.model.addons.context import AddonContext
from kops_core.model.addons.objects import (
    KUBE_SYSTEM,
    Object,
    config_map,
    disruption_budget,
    each_object,
    only,
    thing,
)
from kops_core.model.addons.rbac import service_account


def objects(c: AddonContext) -> list[Object]:
    """The manifest's objects."""
    has = Features.of(c)
    return each_object(
        only(has.password, _ipsec_keys(c)),
        disruption_budget(
            "cilium-operator",
            cilium_operator.PODS,
            labels=cilium_operator.PODS
            | {"app.kubernetes.io/name": "cilium-operator", "app.kubernetes.io/part-of": "cilium"},
        ),
        service_account("cilium"),
        service_account("cilium-operator"),
        only(has.hubble, service_account("hubble-relay", automountServiceAccountToken=False)),
        config_map(CONFIG, settings.settings(c, has) | c.strings_by_key(f"{AT}.extraConfig")),
        only(has.hubble, hubble.relay_configuration(c)),
        permissions.cluster_roles(has),
        permissions.roles(has),
        gateways.services(c, has),
        hubble.services(has),
        agent.daemon_set(c, has),
        cilium_operator.deployment(c, has),
        only(has.hubble, hubble.relay(c)),
        gateways.classes(has),
        hubble.certificates(c, has),
        gateways.shared_endpoints(c, has),
    )


def _ipsec_keys(c: AddonContext) -> Object:
    """The user's IPsec keys of the tunnels between nodes."""
    return thing("v1", "Secret", "cilium-ipsec-keys", KUBE_SYSTEM, stringData=c.settings.cilium_keys)
