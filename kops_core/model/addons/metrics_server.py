"""metrics-server: CPU and memory usage of pods and nodes, for autoscaling and ``kubectl top``."""

from __future__ import annotations

from kops_core.model.addons.context import CLUSTER_CRITICAL, AddonContext
from kops_core.model.addons.objects import (
    KUBE_SYSTEM,
    Object,
    container,
    deployment,
    disruption_budget,
    each_object,
    empty_dir,
    fields,
    http_probe,
    mount,
    only,
    pod,
    port,
    requests,
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
    role_binding,
    rule,
    service_account,
)

NAME = "metrics-server"
IMAGE = "registry.k8s.io/metrics-server/metrics-server:v0.8.0"
"""As of kOps 1.37, July 2026."""
AT = "spec.metricsServer"
PODS = {"k8s-app": NAME}
ACCOUNT = account(NAME)
TMP = "/tmp"  # noqa: S108 - in the pod


def objects(c: AddonContext) -> list[Object]:
    """The manifest's objects; without ``insecure`` it serves with a certificate of its own authority."""
    secure = c.read.boolean(f"{AT}.insecure") is False
    metrics = "metrics.k8s.io"
    aggregated = {
        f"rbac.authorization.k8s.io/aggregate-to-{role}": "true" for role in ("admin", "edit", "view")
    }
    return each_object(
        service_account(NAME, labels=PODS),
        cluster_role(
            "system:aggregated-metrics-reader",
            rule(metrics, "pods nodes", "get list watch"),
            labels=PODS | aggregated,
        ),
        cluster_role(
            "system:metrics-server",
            rule("", "nodes/metrics", "get"),
            rule("", "pods nodes", "get list watch"),
            labels=PODS,
        ),
        role_binding(
            "metrics-server-auth-reader", "extension-apiserver-authentication-reader", ACCOUNT, labels=PODS
        ),
        cluster_role_binding(
            "metrics-server:system:auth-delegator", "system:auth-delegator", ACCOUNT, labels=PODS
        ),
        cluster_role_binding("system:metrics-server", "system:metrics-server", ACCOUNT, labels=PODS),
        service(NAME, PODS, service_port(443, "https", "https", "TCP", appProtocol="https"), labels=PODS),
        _deployment(c, secure),
        thing(
            "apiregistration.k8s.io/v1",
            "APIService",
            f"v1beta1.{metrics}",
            None,
            labels=PODS,
            annotations={"cert-manager.io/inject-ca-from": f"{KUBE_SYSTEM}/{NAME}"} if secure else None,
            spec=fields(
                group=metrics,
                groupPriorityMinimum=100,
                insecureSkipTLSVerify=None if secure else True,
                service={"name": NAME, "namespace": KUBE_SYSTEM},
                version="v1beta1",
                versionPriority=100,
            ),
        ),
        disruption_budget(NAME, PODS, labels=PODS, maxUnavailable=None, minAvailable=1),
        only(secure, _certificate()),
    )


def _deployment(c: AddonContext, secure: bool) -> Object:
    by_address = c.ipv6_only
    own_certificate = ["--tls-cert-file=/srv/tls.crt", "--tls-private-key-file=/srv/tls.key"]
    made_up = [f"--cert-dir={TMP}", "--kubelet-insecure-tls"]
    return deployment(
        NAME,
        PODS,
        pod(
            PODS,
            container(
                NAME,
                c.text(f"{AT}.image", IMAGE),
                args=[
                    "--secure-port=10250",
                    "--kubelet-use-node-status-port",
                    "--metric-resolution=15s",
                    f"--kubelet-preferred-address-types={'InternalIP' if by_address else 'Hostname'}",
                    *(own_certificate if secure else made_up),
                ],
                ports=[port(10250, "https", "TCP")],
                mounts=[*only(secure, mount("certs", "/srv")), mount("tmp-dir", TMP)],
                livenessProbe=http_probe(
                    "/livez", "https", scheme="HTTPS", failureThreshold=3, periodSeconds=10
                ),
                readinessProbe=http_probe(
                    "/readyz",
                    "https",
                    scheme="HTTPS",
                    failureThreshold=3,
                    initialDelaySeconds=20,
                    periodSeconds=10,
                ),
                resources=requests("100m", "200Mi"),
                imagePullPolicy="IfNotPresent",
                securityContext={
                    "allowPrivilegeEscalation": False,
                    "capabilities": {"drop": ["ALL"]},
                    "readOnlyRootFilesystem": True,
                    "runAsNonRoot": True,
                    "runAsUser": 1000,
                    "seccompProfile": {"type": "RuntimeDefault"},
                },
            ),
            nodeSelector={"kubernetes.io/os": "linux"},
            priorityClassName=CLUSTER_CRITICAL,
            serviceAccountName=NAME,
            topologySpreadConstraints=spread_zones_and_hosts(PODS),
            volumes=[*only(secure, secret_volume("certs", "metrics-server-tls")), empty_dir("tmp-dir")],
        ),
        labels=PODS,
        replicas=2,
    )


def _certificate() -> Object:
    return thing(
        "cert-manager.io/v1",
        "Certificate",
        NAME,
        spec={
            "secretName": "metrics-server-tls",
            "duration": "2160h",
            "renewBefore": "360h",
            "usages": ["server auth"],
            "dnsNames": [f"{NAME}.{KUBE_SYSTEM}.svc"],
            "issuerRef": {"kind": "Issuer", "name": "metrics-server.addons.k8s.io"},
        },
    )
