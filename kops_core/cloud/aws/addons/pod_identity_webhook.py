"""The pod identity webhook, which gives pods the IAM role of their service account."""

from __future__ import annotations

import json

from kops_core.cloud.aws.builders.context import partition
from kops_core.cloud.aws.names import service_account_role_name
from kops_core.model.addons.context import CLUSTER_CRITICAL, AddonContext
from kops_core.model.addons.objects import (
    KUBE_SYSTEM,
    Object,
    admission_rule,
    container,
    deployment,
    disruption_budget,
    http_probe,
    matches,
    mount,
    pod,
    secret_volume,
    service,
    service_port,
    spread_zones_and_hosts,
    thing,
)
from kops_core.model.addons.rbac import (
    account,
    cluster_role,
    cluster_role_binding,
    role,
    role_binding,
    rule,
    service_account,
)
from kops_core.model.documents import Document

NAME = "pod-identity-webhook"
IMAGE = "amazon/amazon-eks-pod-identity-webhook:v0.5.7"
"""As of kOps 1.37, July 2026."""
PODS = {"app": NAME}
SECRET = "pod-identity-webhook-cert"  # noqa: S105 - a name
PROMETHEUS = {
    "prometheus.io/port": "9999",
    "prometheus.io/scheme": "http",
    "prometheus.io/scrape": "true",
}


def objects(c: AddonContext) -> list[Object]:
    """The manifest's objects."""
    return [
        service_account(NAME),
        role(NAME, rule("", "configmaps", "list get watch")),
        role_binding(NAME, NAME, account(NAME)),
        cluster_role(NAME, rule("", "serviceaccounts", "get watch list")),
        cluster_role_binding(NAME, NAME, account(NAME)),
        _deployment(c),
        thing(
            "cert-manager.io/v1",
            "Certificate",
            NAME,
            spec={
                "commonName": f"{NAME}.{KUBE_SYSTEM}.svc",
                "dnsNames": [
                    NAME,
                    f"{NAME}.{KUBE_SYSTEM}",
                    f"{NAME}.{KUBE_SYSTEM}.svc",
                    f"{NAME}.{KUBE_SYSTEM}.svc.local",
                ],
                "duration": "2160h",
                "issuerRef": {"kind": "Issuer", "name": "eks-pod-identity-webhook.addons.k8s.io"},
                "renewBefore": "360h",
                "secretName": SECRET,
            },
        ),
        _webhook(),
        service(
            NAME,
            PODS,
            service_port(443, "webhook", 443, "TCP"),
            service_port(9999, "metrics", 9999, "TCP"),
            annotations=PROMETHEUS,
        ),
        thing("v1", "ConfigMap", NAME, annotations=PROMETHEUS, data={"config": _mappings(c)}),
        disruption_budget(NAME, PODS, maxUnavailable="50%"),
    ]


def _mappings(c: AddonContext) -> str:
    """The role of each service account that the spec gives permissions, by namespace and name."""
    found: dict[str, Document] = {}
    for row in c.read.records("spec.iam.serviceAccountExternalPermissions"):
        if not isinstance(row.get("aws"), dict):
            continue
        name, namespace = str(row.get("name")), str(row.get("namespace"))
        iam_role = service_account_role_name(name, namespace, c.name)
        found[f"{namespace}/{name}"] = {
            "RoleARN": f"arn:{partition(c)}:iam::{c.account}:role/{iam_role}",
            "Audience": "amazonaws.com",
            "UseRegionalSTS": True,
            "TokenExpiration": 0,
        }
    return json.dumps(dict(sorted(found.items())), separators=(",", ":"))


def _deployment(c: AddonContext) -> Object:
    return deployment(
        NAME,
        PODS,
        pod(
            PODS,
            container(
                NAME,
                IMAGE,
                command=[
                    "/webhook",
                    "--in-cluster=false",
                    f"--namespace={KUBE_SYSTEM}",
                    f"--service-name={NAME}",
                    "--annotation-prefix=eks.amazonaws.com",
                    "--token-audience=amazonaws.com",
                    "--logtostderr",
                    "--watch-config-map",
                    "--sts-regional-endpoint",
                    f"--aws-default-region={c.region}",
                    "--v=5",
                ],
                mounts=[mount("cert", "/etc/webhook/certs", readOnly=True)],
                readinessProbe=http_probe(
                    "/healthz",
                    443,
                    scheme="HTTPS",
                    failureThreshold=3,
                    initialDelaySeconds=5,
                    periodSeconds=5,
                    successThreshold=1,
                    timeoutSeconds=1,
                ),
            ),
            priorityClassName=CLUSTER_CRITICAL,
            serviceAccountName=NAME,
            topologySpreadConstraints=spread_zones_and_hosts(PODS),
            volumes=[secret_volume("cert", SECRET)],
        ),
        replicas=c.read.integer("spec.podIdentityWebhook.replicas") or 2,
    )


def _webhook() -> Object:
    return thing(
        "admissionregistration.k8s.io/v1",
        "MutatingWebhookConfiguration",
        NAME,
        None,
        annotations={"cert-manager.io/inject-ca-from": f"{KUBE_SYSTEM}/{NAME}"},
        webhooks=[
            {
                "name": f"{NAME}.amazonaws.com",
                "admissionReviewVersions": ["v1beta1"],
                "clientConfig": {"service": {"name": NAME, "namespace": KUBE_SYSTEM, "path": "/mutate"}},
                "failurePolicy": "Fail",
                # The cluster's own pods must start while the webhook does not answer.
                "objectSelector": {
                    "matchExpressions": [
                        matches("kops.k8s.io/managed-by", "NotIn", "kops"),
                        matches("k8s-app", "NotIn", "kube-apiserver"),
                    ]
                },
                "rules": [admission_rule("", "v1", "CREATE", "pods")],
                "sideEffects": "None",
            }
        ],
    )
