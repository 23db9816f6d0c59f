"""cert-manager's permissions in the Kubernetes API."""

from __future__ import annotations

from kops_core.model.addons.cert_manager.parts import ACME, CERTIFICATES, CONTROLLER, INJECTOR, WEBHOOK, Part
from kops_core.model.addons.objects import Object
from kops_core.model.addons.rbac import account, cluster_role, cluster_role_binding, role, role_binding, rule

GATEWAYS = "gateway.networking.k8s.io"
FOLLOW = "get list watch"
ANY_ISSUER = "issuers.cert-manager.io/* clusterissuers.cert-manager.io/*"
PARTLESS = CONTROLLER.labels | {"app.kubernetes.io/component": "cert-manager"}
"""Labels of the roles that belong to cert-manager as a whole."""


def cluster_roles() -> list[Object]:
    """Roles of the programs, and roles that add to those of Kubernetes' own users."""
    return [_injector(), *_controllers(), *_users(), *_approval()]


def _injector() -> Object:
    keep = f"{FOLLOW} update patch"
    return cluster_role(
        INJECTOR.name,
        rule(CERTIFICATES, "certificates", FOLLOW),
        rule("", "secrets", FOLLOW),
        rule("", "events", "get create update patch"),
        rule(
            "admissionregistration.k8s.io",
            "validatingwebhookconfigurations mutatingwebhookconfigurations",
            keep,
        ),
        rule("apiregistration.k8s.io", "apiservices", keep),
        rule("apiextensions.k8s.io", "customresourcedefinitions", keep),
        labels=INJECTOR.labels,
    )


def _controllers() -> list[Object]:
    """One role for each controller of the main program."""
    events = rule("", "events", "create patch")
    secrets = rule("", "secrets", FOLLOW)
    keep_secrets = rule("", "secrets", f"{FOLLOW} create update delete")
    keep = f"{FOLLOW} create delete update"
    rules = {
        "issuers": [
            rule(CERTIFICATES, "issuers issuers/status", "update patch"),
            rule(CERTIFICATES, "issuers", FOLLOW),
            keep_secrets,
            events,
        ],
        "clusterissuers": [
            rule(CERTIFICATES, "clusterissuers clusterissuers/status", "update patch"),
            rule(CERTIFICATES, "clusterissuers", FOLLOW),
            keep_secrets,
            events,
        ],
        "certificates": [
            rule(
                CERTIFICATES,
                "certificates certificates/status certificaterequests certificaterequests/status",
                "update patch",
            ),
            rule(CERTIFICATES, "certificates certificaterequests clusterissuers issuers", FOLLOW),
            rule(CERTIFICATES, "certificates/finalizers certificaterequests/finalizers", "update"),
            rule(ACME, "orders", f"create delete {FOLLOW}"),
            rule("", "secrets", f"{FOLLOW} create update delete patch"),
            events,
        ],
        "orders": [
            rule(ACME, "orders orders/status", "update patch"),
            rule(ACME, "orders challenges", FOLLOW),
            rule(CERTIFICATES, "clusterissuers issuers", FOLLOW),
            rule(ACME, "challenges", "create delete"),
            rule(ACME, "orders/finalizers", "update"),
            secrets,
            events,
        ],
        "challenges": [
            rule(ACME, "challenges challenges/status", "update patch"),
            rule(ACME, "challenges", FOLLOW),
            rule(CERTIFICATES, "issuers clusterissuers", FOLLOW),
            secrets,
            events,
            rule("", "pods services", f"{FOLLOW} create delete"),
            rule("networking.k8s.io", "ingresses", keep),
            rule(GATEWAYS, "httproutes", keep),
            rule("route.openshift.io", "routes/custom-host", "create"),
            rule(ACME, "challenges/finalizers", "update"),
            secrets,
        ],
        "ingress-shim": [
            rule(CERTIFICATES, "certificates certificaterequests", "create update delete"),
            rule(CERTIFICATES, "certificates certificaterequests issuers clusterissuers", FOLLOW),
            rule("networking.k8s.io", "ingresses", FOLLOW),
            rule("networking.k8s.io", "ingresses/finalizers", "update"),
            rule(GATEWAYS, "gateways httproutes", FOLLOW),
            rule(GATEWAYS, "gateways/finalizers httproutes/finalizers", "update"),
            events,
        ],
    }
    return [
        cluster_role(f"cert-manager-controller-{name}", *each, labels=CONTROLLER.labels)
        for name, each in rules.items()
    ]


def _users() -> list[Object]:
    """Permissions of Kubernetes' user roles for cert-manager's resources."""
    resources = "certificates certificaterequests issuers"
    change = "create delete deletecollection patch update"
    return [
        cluster_role(
            "cert-manager-cluster-view",
            rule(CERTIFICATES, "clusterissuers", FOLLOW),
            labels=_added_to("cluster-reader"),
        ),
        cluster_role(
            "cert-manager-view",
            rule(CERTIFICATES, resources, FOLLOW),
            rule(ACME, "challenges orders", FOLLOW),
            labels=_added_to("admin", "cluster-reader", "edit", "view"),
        ),
        cluster_role(
            "cert-manager-edit",
            rule(CERTIFICATES, resources, change),
            rule(CERTIFICATES, "certificates/status", "update"),
            rule(ACME, "challenges orders", change),
            labels=_added_to("admin", "edit"),
        ),
    ]


def _added_to(*names: str) -> dict[str, str]:
    added = {f"rbac.authorization.k8s.io/aggregate-to-{name}": "true" for name in names}
    return CONTROLLER.labels | added


def _approval() -> list[Object]:
    review = rule("authorization.k8s.io", "subjectaccessreviews", "create")
    requests, signers = "certificatesigningrequests", "signers"
    return [
        cluster_role(
            "cert-manager-controller-approve:cert-manager-io",
            rule(CERTIFICATES, signers, "approve", names=ANY_ISSUER),
            labels=PARTLESS,
        ),
        cluster_role(
            "cert-manager-controller-certificatesigningrequests",
            rule("certificates.k8s.io", requests, f"{FOLLOW} update"),
            rule("certificates.k8s.io", f"{requests}/status", "update patch"),
            rule("certificates.k8s.io", signers, "sign", names=ANY_ISSUER),
            review,
            labels=PARTLESS,
        ),
        cluster_role("cert-manager-webhook:subjectaccessreviews", review, labels=WEBHOOK.labels),
    ]


def bindings() -> list[Object]:
    """The bindings of the cluster roles."""
    controllers = ("issuers", "clusterissuers", "certificates", "orders", "challenges", "ingress-shim")
    rows: list[tuple[str, Part, dict[str, str]]] = [
        (INJECTOR.name, INJECTOR, INJECTOR.labels),
        *((f"cert-manager-controller-{name}", CONTROLLER, CONTROLLER.labels) for name in controllers),
        ("cert-manager-controller-approve:cert-manager-io", CONTROLLER, PARTLESS),
        ("cert-manager-controller-certificatesigningrequests", CONTROLLER, PARTLESS),
        ("cert-manager-webhook:subjectaccessreviews", WEBHOOK, WEBHOOK.labels),
    ]
    return [
        cluster_role_binding(name, name, account(part.name), labels=labels) for name, part, labels in rows
    ]


def roles() -> list[Object]:
    """Roles in the add-on's own namespace, then their bindings."""
    leases = "coordination.k8s.io"
    elections = f"{INJECTOR.name}-leader-election {INJECTOR.name}-leader-election-core"
    create_leases = rule(leases, "leases", "create")
    rows: list[tuple[str, Part, list[Object]]] = [
        (
            f"{INJECTOR.name}:leaderelection",
            INJECTOR,
            [rule(leases, "leases", "get update patch", names=elections), create_leases],
        ),
        (
            "cert-manager:leaderelection",
            CONTROLLER,
            [rule(leases, "leases", "get update patch", names="cert-manager-controller"), create_leases],
        ),
        (
            "cert-manager-tokenrequest",
            CONTROLLER,
            [rule("", "serviceaccounts/token", "create", names="cert-manager")],
        ),
        (
            "cert-manager-webhook:dynamic-serving",
            WEBHOOK,
            [
                rule("", "secrets", f"{FOLLOW} update", names="cert-manager-webhook-ca"),
                rule("", "secrets", "create"),
            ],
        ),
    ]
    return [
        *(role(name, *rules, labels=part.labels) for name, part, rules in rows),
        *(role_binding(name, name, account(part.name), labels=part.labels) for name, part, _ in rows),
    ]
