"""Permissions of Karpenter in the Kubernetes API."""

from __future__ import annotations

from kops_core.model.addons.objects import Object
from kops_core.model.addons.rbac import account, cluster_role, cluster_role_binding, role, role_binding, rule

NAME = "karpenter"
VERSION = "1.13.0"
"""As of kOps 1.37, July 2026."""
PODS = {"app.kubernetes.io/name": NAME, "app.kubernetes.io/instance": NAME}
LABELS = PODS | {"app.kubernetes.io/version": VERSION, "helm.sh/chart": f"{NAME}-{VERSION}"}
CORE = "karpenter.sh"
AWS = "karpenter.k8s.aws"
FOLLOW = "get list watch"


def permissions() -> list[Object]:
    """Roles, then their bindings."""
    leases = "coordination.k8s.io"
    return [
        role(
            NAME,
            rule(leases, "leases", "get watch"),
            rule(leases, "leases", "patch update", names="karpenter-leader-election"),
            rule(leases, "leases", "create"),
            labels=LABELS,
        ),
        role("karpenter-dns", rule("", "services", "get", names="kube-dns"), labels=LABELS),
        cluster_role(
            NAME,
            rule(AWS, "ec2nodeclasses", FOLLOW),
            rule(AWS, "ec2nodeclasses ec2nodeclasses/status", "patch update"),
            labels=LABELS,
        ),
        _admin(),
        _core(),
        role_binding(NAME, NAME, account(NAME), labels=LABELS),
        role_binding("karpenter-dns", "karpenter-dns", account(NAME), labels=LABELS),
        cluster_role_binding(NAME, NAME, account(NAME), labels=LABELS),
        cluster_role_binding("karpenter-core", "karpenter-core", account(NAME), labels=LABELS),
    ]


def _admin() -> Object:
    keep = f"{FOLLOW} create delete patch"
    return cluster_role(
        "karpenter-admin",
        rule(CORE, "nodepools nodepools/status nodeclaims nodeclaims/status", keep),
        rule(AWS, "ec2nodeclasses", keep),
        labels=LABELS | {"rbac.authorization.k8s.io/aggregate-to-admin": "true"},
    )


def _core() -> Object:
    claims, pools = "nodeclaims nodeclaims/status", "nodepools nodepools/status"
    volumes = "persistentvolumes persistentvolumeclaims"
    return cluster_role(
        "karpenter-core",
        rule(CORE, f"{pools} {claims} nodeoverlays nodeoverlays/status", FOLLOW),
        rule("", f"pods nodes {volumes} replicationcontrollers namespaces", FOLLOW),
        rule("storage.k8s.io", "storageclasses csinodes volumeattachments", "get watch list"),
        rule("apps", "daemonsets deployments replicasets statefulsets", "list watch"),
        rule("policy", "poddisruptionbudgets", FOLLOW),
        rule("", "events", FOLLOW),
        rule(CORE, claims, "create delete update patch"),
        rule(CORE, f"{pools} nodeoverlays/status", "update patch"),
        rule("", "events", "create patch"),
        rule("", "nodes", "patch delete update"),
        rule("", "pods/eviction", "create"),
        rule("", "pods", "delete"),
        labels=LABELS,
    )
