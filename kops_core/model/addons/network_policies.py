"""Definitions of the cluster-wide network policies that several network plugins serve."""

from __future__ import annotations

from kops_core.model.addons.definitions import AGE, CLUSTER, definition, known, version
from kops_core.model.addons.objects import Object

GROUP = "policy.networking.k8s.io"
ANNOTATIONS = {
    "api-approved.kubernetes.io": "https://github.com/kubernetes-sigs/network-policy-api/pull/30",
    "policy.networking.k8s.io/bundle-version": "v0.1.1",
    "policy.networking.k8s.io/channel": "experimental",
}
"""The API server refuses definitions in a protected group without the approval."""


def admin_network_policy() -> Object:
    """Policies of administrators, which come before those of namespaces."""
    return definition(
        GROUP,
        "AdminNetworkPolicy",
        version(
            "v1alpha1",
            "Priority string .spec.priority",
            AGE,
            required="metadata spec",
            spec=known("priority:integer subject:object ingress:array egress:array"),
        ),
        scope=CLUSTER,
        plural="adminnetworkpolicies",
        short="anp",
        annotations=ANNOTATIONS,
    )


def baseline_admin_network_policy() -> Object:
    """The policy that holds where no other does."""
    return definition(
        GROUP,
        "BaselineAdminNetworkPolicy",
        version(
            "v1alpha1",
            AGE,
            required="metadata spec",
            spec=known("subject:object ingress:array egress:array"),
        ),
        scope=CLUSTER,
        plural="baselineadminnetworkpolicies",
        short="banp",
        annotations=ANNOTATIONS,
    )
