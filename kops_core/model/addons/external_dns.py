"""external-dns: publishes the addresses of services and ingresses in Route 53."""

from __future__ import annotations

from kops_core.model.addons.context import (
    API_ON_THIS_NODE,
    CLUSTER_CRITICAL,
    CONTROL_PLANE,
    MASTER,
    NOT_READY,
    AddonContext,
)
from kops_core.model.addons.objects import (
    Object,
    container,
    deployment,
    exists,
    http_probe,
    merged,
    only,
    pod,
    port,
    requests,
    required_nodes,
    service,
    service_port,
)
from kops_core.model.addons.rbac import account, cluster_role, cluster_role_binding, rule, service_account

NAME = "external-dns"
IMAGE = "registry.k8s.io/external-dns/external-dns:v0.14.1"
"""As of kOps 1.37, July 2026."""
USER = 65534
PODS = {"k8s-app": NAME}
VERSION_LABEL = {"version": "v0.13.1"}
"""kOps' label, which lags behind the image."""


def objects(c: AddonContext) -> list[Object]:
    """The manifest's objects."""
    role = "kops:external-dns"
    return [
        _deployment(c),
        service(NAME, PODS, service_port(80, "http", "http", "TCP"), type="ClusterIP"),
        service_account(NAME),
        cluster_role(
            role,
            rule("", "services endpoints pods", "get watch list"),
            rule("extensions|networking.k8s.io", "ingresses", "get watch list"),
            rule("", "nodes", "list watch"),
        ),
        cluster_role_binding(role, role, account(NAME)),
    ]


def arguments(c: AddonContext) -> list[str]:
    """Its command line."""
    ingresses = c.read.boolean("spec.externalDns.watchIngress") is not False
    namespace = c.read.string("spec.externalDns.watchNamespace")
    return [
        "--provider=aws",
        "--events",
        *only(ingresses, "--source=ingress"),
        "--source=pod",
        "--source=service",
        "--compatibility=kops-dns-controller",
        "--registry=txt",
        f"--txt-owner-id=kops-{c.name}",
        f"--zone-id-filter={c.text('spec.dnsZone')}",
        *only(namespace, f"--namespace={namespace}"),
    ]


def _deployment(c: AddonContext) -> Object:
    health = http_probe("/healthz", "http", periodSeconds=10, successThreshold=1, timeoutSeconds=5)
    return deployment(
        NAME,
        PODS,
        pod(
            merged({"k8s-addon": "external-dns.addons.k8s.io"}, PODS, VERSION_LABEL),
            container(
                NAME,
                IMAGE,
                args=arguments(c),
                env=API_ON_THIS_NODE | {"KUBERNETES_SERVICE_PORT": "443"},
                ports=[port(7979, "http", "TCP")],
                livenessProbe=health | {"failureThreshold": 2, "initialDelaySeconds": 10},
                readinessProbe=health | {"failureThreshold": 6, "initialDelaySeconds": 5},
                resources=requests("50m", "50Mi"),
                securityContext={
                    "capabilities": {"drop": ["ALL"]},
                    "readOnlyRootFilesystem": True,
                    "runAsNonRoot": True,
                    "runAsUser": USER,
                },
            ),
            affinity={"nodeAffinity": required_nodes([exists(CONTROL_PLANE)], [exists(MASTER)])},
            dnsPolicy="Default",
            hostNetwork=True,
            null="nodeSelector",
            priorityClassName=CLUSTER_CRITICAL,
            securityContext={"fsGroup": USER},
            serviceAccountName=NAME,
            tolerations=[{"key": key, "effect": "NoSchedule"} for key in (CONTROL_PLANE, MASTER, NOT_READY)],
        ),
        labels=PODS | VERSION_LABEL,
        replicas=1,
        strategy={"type": "Recreate"},
    )
