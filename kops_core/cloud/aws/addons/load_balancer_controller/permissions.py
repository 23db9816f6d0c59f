"""Permissions of the AWS Load Balancer Controller in the Kubernetes API."""

from __future__ import annotations

from kops_core.cloud.aws.addons.load_balancer_controller.names import (
    ACCELERATORS,
    BALANCERS,
    CONFIGURATIONS,
    CONTROLLER,
    LABELS,
)
from kops_core.model.addons.objects import Object
from kops_core.model.addons.rbac import account, cluster_role, cluster_role_binding, role, role_binding, rule

GATEWAYS = "gateway.networking.k8s.io"
ELECTION = f"{CONTROLLER}-leader-election-role"
LEADER = f"{CONTROLLER}-leader"


def permissions() -> list[Object]:
    """Roles and bindings."""
    return [
        role(
            ELECTION,
            rule("", "configmaps", "create"),
            rule("", "configmaps", "get patch update", names=LEADER),
            rule("coordination.k8s.io", "leases", "create"),
            rule("coordination.k8s.io", "leases", "get update patch", names=LEADER),
            labels=LABELS,
        ),
        cluster_role(f"{CONTROLLER}-role", *_cluster_rules(), labels=LABELS),
        role_binding(
            f"{CONTROLLER}-leader-election-rolebinding", ELECTION, account(CONTROLLER), labels=LABELS
        ),
        cluster_role_binding(
            f"{CONTROLLER}-rolebinding", f"{CONTROLLER}-role", account(CONTROLLER), labels=LABELS
        ),
    ]


def _cluster_rules() -> list[Object]:
    configurations = "listenerruleconfigurations loadbalancerconfigurations targetgroupconfigurations"
    routes = "grpcroutes httproutes listenersets tcproutes tlsroutes udproutes"
    return [
        rule("", "configmaps", "create delete get update"),
        rule("", "endpoints namespaces nodes pods", "get list watch"),
        rule("", "events", "create patch"),
        rule("", "pods/status services/status", "patch update"),
        rule("", "services", "get list patch update watch"),
        rule(ACCELERATORS, "globalaccelerators", "get list patch watch"),
        rule(ACCELERATORS, "globalaccelerators/finalizers globalaccelerators/status", "patch update"),
        rule("discovery.k8s.io", "endpointslices", "get list watch"),
        rule(BALANCERS, "albtargetcontrolconfigs", "get"),
        rule(BALANCERS, "ingressclassparams", "get list watch"),
        rule(BALANCERS, "targetgroupbindings", "create delete get list patch update watch"),
        rule(BALANCERS, "targetgroupbindings/status", "patch update"),
        rule("extensions|networking.k8s.io", "ingresses", "get list patch update watch"),
        rule("extensions|networking.k8s.io", "ingresses/status", "patch update"),
        rule(CONFIGURATIONS, configurations, "get list patch watch"),
        rule(CONFIGURATIONS, _below(configurations, "finalizers"), "patch update"),
        rule(CONFIGURATIONS, _below(configurations, "status"), "get patch update"),
        rule(GATEWAYS, "gatewayclasses gateways referencegrants", "get list patch watch"),
        rule(GATEWAYS, _below("gatewayclasses gateways", "finalizers"), "patch update"),
        rule(GATEWAYS, _below(f"gatewayclasses gateways {routes}", "status"), "get patch update"),
        rule(GATEWAYS, routes, "get list watch"),
        rule(GATEWAYS, _below(routes, "finalizers"), "update"),
        rule("networking.k8s.io", "ingressclasses", "get list watch"),
    ]


def _below(resources: str, part: str) -> str:
    """The subresource of each resource."""
    return " ".join(f"{name}/{part}" for name in resources.split())
