"""Permissions of Cilium's agent and operator in the Kubernetes API."""

from __future__ import annotations

from kops_core.model.addons.cilium.features import PART, Features
from kops_core.model.addons.objects import Object, only
from kops_core.model.addons.rbac import account, cluster_role, cluster_role_binding, role, role_binding, rule

CILIUM = "cilium.io"
GATEWAYS = "gateway.networking.k8s.io"
DEFINITIONS = """
    ciliumloadbalancerippools ciliumbgppeeringpolicies ciliumbgpclusterconfigs ciliumbgppeerconfigs
    ciliumbgpadvertisements ciliumbgpnodeconfigs ciliumbgpnodeconfigoverrides
    ciliumclusterwideenvoyconfigs ciliumclusterwidenetworkpolicies ciliumegressgatewaypolicies
    ciliumendpoints ciliumendpointslices ciliumenvoyconfigs ciliumidentities
    ciliumlocalredirectpolicies ciliumnetworkpolicies ciliumnodes ciliumnodeconfigs ciliumcidrgroups
    ciliuml2announcementpolicies ciliumpodippools ciliumgatewayclassconfigs
"""
"""Custom resources that the operator itself defines, and keeps up to date."""
WATCHED = """
    ciliumloadbalancerippools ciliumbgppeeringpolicies ciliumbgpnodeconfigs ciliumbgpadvertisements
    ciliumbgppeerconfigs ciliumclusterwideenvoyconfigs ciliumclusterwidenetworkpolicies
    ciliumegressgatewaypolicies ciliumendpoints ciliumendpointslices ciliumenvoyconfigs
    ciliumidentities ciliumlocalredirectpolicies ciliumnetworkpolicies ciliumnodes ciliumnodeconfigs
    ciliumcidrgroups ciliuml2announcementpolicies ciliumpodippools
"""
"""Custom resources that the agent watches."""


def cluster_roles(has: Features) -> list[Object]:
    """Cluster roles of agent and operator, and their bindings."""
    return [
        cluster_role("cilium", *_agent_rules(), labels=PART),
        cluster_role("cilium-operator", *_operator_rules(has), labels=PART),
        cluster_role_binding("cilium", "cilium", account("cilium"), labels=PART),
        cluster_role_binding("cilium-operator", "cilium-operator", account("cilium-operator"), labels=PART),
    ]


def _agent_rules() -> list[Object]:
    return [
        rule("networking.k8s.io", "networkpolicies", "get list watch"),
        rule("discovery.k8s.io", "endpointslices", "get list watch"),
        rule("", "namespaces services pods endpoints nodes secrets", "get list watch"),
        rule("apiextensions.k8s.io", "customresourcedefinitions", "list watch get"),
        rule(CILIUM, WATCHED, "list watch"),
        rule(CILIUM, "ciliumidentities ciliumendpoints ciliumnodes", "create"),
        rule(CILIUM, "ciliumidentities", "update"),
        rule(CILIUM, "ciliumendpoints", "delete get"),
        rule(CILIUM, "ciliumnodes ciliumnodes/status", "get update"),
        rule(
            CILIUM,
            "ciliumendpoints/status ciliumendpoints ciliuml2announcementpolicies/status "
            "ciliumbgpnodeconfigs/status",
            "patch",
        ),
    ]


def _operator_rules(has: Features) -> list[Object]:
    definitions = " ".join(f"{name}.{CILIUM}" for name in DEFINITIONS.split())
    return [
        rule("", "pods", "get list watch delete"),
        rule("", "configmaps", "patch", names="cilium-config"),
        rule("", "nodes", "list watch"),
        rule("", "nodes nodes/status", "patch"),
        rule("discovery.k8s.io", "endpointslices", "get list watch"),
        rule("", "services/status", "update patch"),
        rule("", "namespaces secrets", "get list watch"),
        rule("", "services endpoints", "get list watch create update delete patch"),
        rule(
            CILIUM,
            "ciliumnetworkpolicies ciliumclusterwidenetworkpolicies",
            "create update deletecollection patch get list watch",
        ),
        rule(CILIUM, "ciliumnetworkpolicies/status ciliumclusterwidenetworkpolicies/status", "patch update"),
        rule(CILIUM, "ciliumendpoints ciliumidentities", "delete list watch"),
        rule(CILIUM, "ciliumidentities", "update"),
        rule(CILIUM, "ciliumnodes", "create update get list watch delete"),
        rule(CILIUM, "ciliumnodes/status", "update"),
        rule(
            CILIUM,
            "ciliumendpointslices ciliumenvoyconfigs ciliumbgppeerconfigs ciliumbgpadvertisements "
            "ciliumbgpnodeconfigs",
            "create update get list watch delete patch",
        ),
        rule(CILIUM, "ciliumbgpclusterconfigs/status ciliumbgppeerconfigs/status", "update"),
        rule("apiextensions.k8s.io", "customresourcedefinitions", "create get list watch"),
        rule("apiextensions.k8s.io", "customresourcedefinitions", "update", names=definitions),
        rule(
            CILIUM,
            "ciliumloadbalancerippools ciliumpodippools ciliumbgppeeringpolicies ciliumbgpclusterconfigs "
            "ciliumbgpnodeconfigoverrides ciliumbgppeerconfigs",
            "get list watch",
        ),
        rule(CILIUM, "ciliumpodippools", "create"),
        rule(CILIUM, "ciliumloadbalancerippools/status", "patch"),
        rule("coordination.k8s.io", "leases", "create get update"),
        *only(
            has.ingress,
            rule("networking.k8s.io", "ingresses ingressclasses", "get list watch"),
            rule("networking.k8s.io", "ingresses/status ingresses/finalizers", "update"),
        ),
        *(_gateway_rules() if has.gateway else []),
    ]


def _gateway_rules() -> list[Object]:
    return [
        rule(
            GATEWAYS,
            "gatewayclasses gateways tlsroutes httproutes grpcroutes referencegrants referencepolicies",
            "get list watch",
        ),
        rule(GATEWAYS, "gatewayclasses", "patch"),
        rule(
            GATEWAYS,
            "gatewayclasses/status gateways/status httproutes/status grpcroutes/status tlsroutes/status",
            "update patch",
        ),
        rule(CILIUM, "ciliumgatewayclassconfigs", "get list watch"),
        rule(CILIUM, "ciliumgatewayclassconfigs/status", "update patch"),
        rule("multicluster.x-k8s.io", "serviceimports", "get list watch"),
    ]


def roles(has: Features) -> list[Object]:
    """Roles in the add-on's own namespace, and their bindings."""
    may_read = rule("", "secrets", "get list watch")
    may_write = rule("", "secrets", "create delete update patch")
    agent, operator = account("cilium"), account("cilium-operator")
    table = (
        (True, "cilium-config-agent", "", rule("", "configmaps", "get list watch"), agent),
        (has.ingress, "cilium-ingress-secrets", "cilium-secrets", may_read, agent),
        (has.gateway, "cilium-gateway-secrets", "", may_read, agent),
        (has.gateway or has.ingress, "cilium-envoy-config-secrets", "", may_read, agent),
        (has.ingress, "cilium-operator-ingress-secrets", "", may_write, operator),
        (has.gateway, "cilium-operator-gateway-secrets", "", may_write, operator),
    )
    wanted = [row for row in table if row[0]]
    return [
        *(role(name, what, labels=PART) for _, name, _, what, _ in wanted),
        *(role_binding(binding or name, name, who, labels=PART) for _, name, binding, _, who in wanted),
    ]
