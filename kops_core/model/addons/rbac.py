"""RBAC objects: service accounts, roles and bindings."""

from __future__ import annotations

from kops_core.model.addons.objects import KUBE_SYSTEM, Object, Words, fields, thing

RBAC = "rbac.authorization.k8s.io"


def service_account(
    name: str,
    namespace: str = KUBE_SYSTEM,
    *,
    labels: Words | None = None,
    automountServiceAccountToken: bool | None = None,
) -> Object:
    """The service account of an add-on's pods."""
    return thing(
        "v1",
        "ServiceAccount",
        name,
        namespace,
        labels=labels,
        automountServiceAccountToken=automountServiceAccountToken,
    )


def rule(group: str, resources: str, verbs: str, *, names: str = "") -> Object:
    """A rule of a role: API groups joined by ``|`` ("" is the core one); the others joined by blanks."""
    return fields(
        apiGroups=group.split("|"),
        resources=resources.split(),
        verbs=verbs.split(),
        resourceNames=names.split() or None,
    )


def url_rule(urls: str, verbs: str) -> Object:
    """A rule for paths of the API server that are not resources."""
    return {"nonResourceURLs": urls.split(), "verbs": verbs.split()}


def cluster_role(name: str, *rules: Object, labels: Words | None = None) -> Object:
    """Rules for the whole cluster."""
    return thing(f"{RBAC}/v1", "ClusterRole", name, None, labels=labels, rules=rules)


def role(name: str, *rules: Object, namespace: str = KUBE_SYSTEM, labels: Words | None = None) -> Object:
    """Rules for one namespace."""
    return thing(f"{RBAC}/v1", "Role", name, namespace, labels=labels, rules=rules)


def account(name: str, namespace: str = KUBE_SYSTEM) -> Object:
    """A service account as the subject of a binding."""
    return {"kind": "ServiceAccount", "name": name, "namespace": namespace}


def user(name: str) -> Object:
    """A user as the subject of a binding."""
    return {"apiGroup": RBAC, "kind": "User", "name": name}


def account_user(name: str, namespace: str = KUBE_SYSTEM) -> Object:
    """A service account as the subject of a binding, by its user name."""
    return user(f"system:serviceaccount:{namespace}:{name}")


def cluster_role_binding(
    name: str,
    cluster_role: str,
    *subjects: Object,
    labels: Words | None = None,
    annotations: Words | None = None,
) -> Object:
    """A binding of a cluster role in all namespaces."""
    return thing(
        f"{RBAC}/v1",
        "ClusterRoleBinding",
        name,
        None,
        labels=labels,
        annotations=annotations,
        roleRef={"apiGroup": RBAC, "kind": "ClusterRole", "name": cluster_role},
        subjects=subjects,
    )


def role_binding(
    name: str, role: str, *subjects: Object, namespace: str = KUBE_SYSTEM, labels: Words | None = None
) -> Object:
    """A binding of a role of the same namespace."""
    return thing(
        f"{RBAC}/v1",
        "RoleBinding",
        name,
        namespace,
        labels=labels,
        roleRef={"apiGroup": RBAC, "kind": "Role", "name": role},
        subjects=subjects,
    )
