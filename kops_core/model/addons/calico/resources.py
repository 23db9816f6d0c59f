"""The definitions of Calico's resources."""

from __future__ import annotations

from collections.abc import Mapping

from kops_core.model.addons.definitions import CLUSTER, NAMESPACED, definition, known, version
from kops_core.model.addons.network_policies import admin_network_policy, baseline_admin_network_policy
from kops_core.model.addons.objects import Object
from kops_core.model.documents import Document

GROUP = "crd.projectcalico.org"
PLURALS = {
    "BlockAffinity": "blockaffinities",
    "CalicoNodeStatus": "caliconodestatuses",
    "GlobalNetworkPolicy": "globalnetworkpolicies",
    "NetworkPolicy": "networkpolicies",
    "StagedGlobalNetworkPolicy": "stagedglobalnetworkpolicies",
    "StagedKubernetesNetworkPolicy": "stagedkubernetesnetworkpolicies",
    "StagedNetworkPolicy": "stagednetworkpolicies",
}
IN_NAMESPACES = ("NetworkPolicy", "NetworkSet", "StagedKubernetesNetworkPolicy", "StagedNetworkPolicy")
KINDS = """
    BGPConfiguration BGPFilter BGPPeer BlockAffinity CalicoNodeStatus ClusterInformation
    FelixConfiguration GlobalNetworkPolicy GlobalNetworkSet HostEndpoint IPAMBlock IPAMConfig
    IPAMHandle IPPool IPReservation KubeControllersConfiguration NetworkPolicy NetworkSet
    StagedGlobalNetworkPolicy StagedKubernetesNetworkPolicy StagedNetworkPolicy Tier
"""
DEFAULTS: Mapping[str, Mapping[str, Document]] = {
    "BGPConfiguration": {"serviceLoadBalancerAggregation": "Enabled"},
    "IPAMBlock": {"sequenceNumber": 0},
}
"""Fields that Calico expects to have a value."""


def definitions() -> list[Object]:
    """One definition a kind. Calico is the only writer of most, and checks what others write."""
    return [
        *(_definition(kind) for kind in KINDS.split()),
        admin_network_policy(),
        baseline_admin_network_policy(),
    ]


def _definition(kind: str) -> Object:
    return definition(
        GROUP,
        kind,
        version("v1", status=False, spec=known("", defaults=DEFAULTS.get(kind))),
        scope=NAMESPACED if kind in IN_NAMESPACES else CLUSTER,
        plural=PLURALS.get(kind, ""),
    )
