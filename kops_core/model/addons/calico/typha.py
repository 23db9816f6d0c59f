"""Typha, a proxy between many nodes and the API server."""

from __future__ import annotations

from kops_core.model.addons import objects as kube
from kops_core.model.addons.calico.names import API_ENDPOINT, AT, NODE, image
from kops_core.model.addons.context import CLUSTER_CRITICAL, AddonContext, spell
from kops_core.model.addons.objects import (
    Object,
    container,
    http_probe,
    only,
    pod,
    port,
    service_port,
    tolerates,
)

NAME = "calico-typha"
PODS = {"k8s-app": NAME}
PORT = 5473


def service() -> Object:
    """Typha's service, for nodes."""
    return kube.service(NAME, PODS, service_port(PORT, NAME, NAME, "TCP"), labels=PODS)


def deployment(c: AddonContext) -> Object:
    """Typha's deployment, with the replicas of the spec."""
    return kube.deployment(
        NAME,
        PODS,
        pod(
            PODS,
            _container(c),
            annotations={"cluster-autoscaler.kubernetes.io/safe-to-evict": "true"},
            hostNetwork=True,
            nodeSelector={"kubernetes.io/os": "linux"},
            priorityClassName=CLUSTER_CRITICAL,
            securityContext={"fsGroup": 65534, "seccompProfile": {"type": "RuntimeDefault"}},
            serviceAccountName=NODE,
            terminationGracePeriodSeconds=300,
            tolerations=[
                *tolerates("CriticalAddonsOnly"),
                {"effect": "NoSchedule", "operator": "Exists"},
                {"effect": "NoExecute", "operator": "Exists"},
            ],
        ),
        labels=PODS,
        replicas=c.read.integer(f"{AT}.typhaReplicas"),
        revisionHistoryLimit=2,
        strategy={"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "100%", "maxUnavailable": 1}},
    )


def _container(c: AddonContext) -> Object:
    metrics_port = c.text(f"{AT}.typhaPrometheusMetricsPort", "9093")
    metrics = bool(c.read.boolean(f"{AT}.typhaPrometheusMetricsEnabled"))
    return container(
        NAME,
        image(c, "typha"),
        env={
            "TYPHA_LOGSEVERITYSCREEN": "info",
            "TYPHA_LOGFILEPATH": "none",
            "TYPHA_LOGSEVERITYSYS": "none",
            "TYPHA_CONNECTIONREBALANCINGMODE": "kubernetes",
            "TYPHA_DATASTORETYPE": "kubernetes",
            "TYPHA_HEALTHENABLED": "true",
            "TYPHA_SHUTDOWNTIMEOUTSECS": "300",
            "TYPHA_PROMETHEUSMETRICSENABLED": spell(metrics),
            "TYPHA_PROMETHEUSMETRICSPORT": metrics_port,
        },
        ports=[port(PORT, NAME, "TCP"), *only(metrics, port(int(metrics_port), "metrics", "TCP"))],
        livenessProbe=http_probe(
            "/liveness", 9098, host="localhost", initialDelaySeconds=30, periodSeconds=30, timeoutSeconds=10
        ),
        readinessProbe=http_probe("/readiness", 9098, host="localhost", periodSeconds=10, timeoutSeconds=10),
        envFrom=[API_ENDPOINT],
        imagePullPolicy="IfNotPresent",
        securityContext={"allowPrivilegeEscalation": False, "runAsNonRoot": True},
    )
