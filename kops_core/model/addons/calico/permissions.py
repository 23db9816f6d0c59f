"""Calico's permissions in the Kubernetes API."""

from __future__ import annotations

from kops_core.model.addons.calico.controllers import CONTROLLERS
from kops_core.model.addons.calico.names import CNI, GROUP, NODE
from kops_core.model.addons.objects import Object
from kops_core.model.addons.rbac import account, cluster_role, cluster_role_binding, rule, user

TIERS = "calico-tier-getter"
READ_BY_NODES = """
    globalfelixconfigs felixconfigurations bgppeers bgpfilters globalbgpconfigs bgpconfigurations ippools
    ipreservations ipamblocks globalnetworkpolicies stagedglobalnetworkpolicies networkpolicies
    stagednetworkpolicies stagedkubernetesnetworkpolicies globalnetworksets networksets
    clusterinformations hostendpoints blockaffinities caliconodestatuses tiers
"""
USED_BY_CNI = """
    blockaffinities ipamblocks ipamhandles clusterinformations ippools ipreservations ipamconfigs
"""


def permissions() -> list[Object]:
    """Cluster roles, then their bindings."""
    return [
        _controllers(),
        _node(),
        cluster_role(
            CNI,
            rule("", "pods nodes namespaces", "get"),
            rule("", "pods/status", "patch"),
            rule(GROUP, USED_BY_CNI, "get list create update delete"),
        ),
        cluster_role(TIERS, rule("projectcalico.org", "tiers", "get")),
        *(cluster_role_binding(name, name, account(name)) for name in (CONTROLLERS, NODE, CNI)),
        cluster_role_binding(TIERS, TIERS, user("system:kube-controller-manager")),
    ]


def _controllers() -> Object:
    keep = "get list create update delete watch"
    return cluster_role(
        CONTROLLERS,
        rule("", "nodes", "watch list get"),
        rule("", "pods", "get list watch"),
        rule("", "namespaces", "get list watch"),
        rule("", "services services/status", "get list update watch"),
        rule(GROUP, "ipreservations", "list"),
        rule(GROUP, "blockaffinities ipamblocks ipamhandles ipamconfigs tiers", keep),
        rule(GROUP, "ippools", "list watch"),
        rule(GROUP, "hostendpoints", keep),
        rule(GROUP, "clusterinformations", "get list create update watch"),
        rule(GROUP, "kubecontrollersconfigurations", "get list create update watch"),
    )


def _node() -> Object:
    policies = "policy.networking.k8s.io"
    return cluster_role(
        NODE,
        rule("", "serviceaccounts/token", "create", names=CNI),
        rule("", "pods nodes namespaces", "get"),
        rule("discovery.k8s.io", "endpointslices", "watch list"),
        rule("", "endpoints services", "watch list get"),
        rule("", "configmaps", "get"),
        rule("", "nodes/status", "patch update"),
        rule("networking.k8s.io", "networkpolicies", "watch list"),
        rule(policies, "adminnetworkpolicies baselineadminnetworkpolicies", "watch list"),
        rule("", "pods namespaces serviceaccounts", "list watch"),
        rule("", "pods/status", "patch"),
        rule(GROUP, READ_BY_NODES, "get list watch"),
        rule(GROUP, "tiers", "create"),
        rule(GROUP, "ippools felixconfigurations clusterinformations", "create update"),
        rule(GROUP, "caliconodestatuses", "update"),
        rule("", "nodes", "get list watch"),
        rule(GROUP, "bgpconfigurations bgppeers", "create update"),
        rule(GROUP, "blockaffinities ipamblocks ipamhandles", "get list create update delete"),
        rule(GROUP, "ipamconfigs", "get create"),
        rule(GROUP, "blockaffinities", "watch"),
        rule("apps", "daemonsets", "get"),
    )
