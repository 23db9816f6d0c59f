"""Karpenter, which starts machines as pods need them, for the instance groups that it manages."""

from __future__ import annotations

from kops_core.cloud.aws.addons.karpenter.machines import node_class, node_pool
from kops_core.cloud.aws.addons.karpenter.permissions import LABELS, NAME, PODS, permissions
from kops_core.model.addons.context import CLUSTER_CRITICAL, CONTROL_PLANE, MASTER, AddonContext
from kops_core.model.addons.crd import read_table
from kops_core.model.addons.objects import (
    Object,
    container,
    deployment,
    disruption_budget,
    exists,
    http_probe,
    matches,
    pod,
    pod_field,
    port,
    requests,
    required_nodes,
    service,
    service_port,
    spread,
    tolerates,
)
from kops_core.model.addons.rbac import service_account

AT = "spec.karpenter"
USER = 65532
GATES = (
    "ReservedCapacity=true,SpotToSpotConsolidation=false,NodeRepair=false,NodeOverlay=false,"
    "StaticCapacity=true"
)
"""Default feature gates."""


def objects(c: AddonContext) -> list[Object]:
    """The manifest's objects."""
    managed = sorted((group for group in c.groups if group.karpenter), key=lambda group: group.name)
    return [
        *read_table("karpenter", __package__).definitions(),
        service_account(NAME, labels=LABELS, automountServiceAccountToken=False),
        *permissions(),
        service(
            NAME,
            PODS,
            service_port(8080, "http-metrics", "http-metrics", "TCP"),
            labels=LABELS,
            type="ClusterIP",
        ),
        _deployment(c),
        disruption_budget(NAME, PODS, labels=LABELS),
        *(each for group in managed for each in (node_class(c, group), node_pool(c, group))),
    ]


def _deployment(c: AddonContext) -> Object:
    here = [
        matches("kubernetes.io/os", "In", "linux"),
        matches("karpenter.sh/nodepool", "DoesNotExist"),
        exists(CONTROL_PLANE),
    ]
    apart: Object = {"labelSelector": {"matchLabels": PODS}, "topologyKey": "kubernetes.io/hostname"}
    return deployment(
        NAME,
        PODS,
        pod(
            PODS,
            _container(c),
            affinity={
                "nodeAffinity": required_nodes(here),
                "podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [apart]},
            },
            automountServiceAccountToken=True,
            dnsPolicy="ClusterFirst" if c.ipv6_only else "Default",
            nodeSelector={"kubernetes.io/os": "linux"},
            priorityClassName=CLUSTER_CRITICAL,
            schedulerName="default-scheduler",
            securityContext={"fsGroup": USER, "seccompProfile": {"type": "RuntimeDefault"}},
            serviceAccountName=NAME,
            tolerations=tolerates(MASTER, CONTROL_PLANE, "CriticalAddonsOnly"),
            topologySpreadConstraints=[spread("topology.kubernetes.io/zone", PODS)],
        ),
        labels=LABELS,
        replicas=1,
        revisionHistoryLimit=10,
        strategy={"rollingUpdate": {"maxUnavailable": 1}},
    )


def environment(c: AddonContext) -> dict[str, str | Object]:
    """The controller's settings."""
    return {
        "FEATURE_GATES": c.text(f"{AT}.featureGates", GATES),
        "KUBERNETES_MIN_VERSION": "1.19.0-0",
        "KARPENTER_SERVICE": NAME,
        "LOG_LEVEL": c.text(f"{AT}.logLevel"),
        "LOG_OUTPUT_PATHS": "stdout",
        "LOG_ERROR_OUTPUT_PATHS": "stderr",
        "METRICS_PORT": "8080",
        "HEALTH_PROBE_PORT": "8081",
        "SYSTEM_NAMESPACE": pod_field("metadata.namespace"),
        "CPU_REQUESTS": _resource("requests.cpu", "1m"),
        "MEMORY_LIMIT": _resource("limits.memory", "0"),
        "BATCH_MAX_DURATION": "10s",
        "BATCH_IDLE_DURATION": "1s",
        "PREFERENCE_POLICY": "Respect",
        "MIN_VALUES_POLICY": "Strict",
        "CLUSTER_NAME": c.name,
        "CLUSTER_ENDPOINT": f"https://api.internal.{c.name}",
        "VM_MEMORY_OVERHEAD_PERCENT": "0.075",
        "RESERVED_ENIS": "0",
        "IGNORE_DRA_REQUESTS": "true",
        "AMI_REFRESH_INTERVAL": "1m",
        "SUBNET_REFRESH_INTERVAL": "1m",
        "AWS_REGION": c.region,
    }


def _resource(name: str, divisor: str) -> Object:
    return {"resourceFieldRef": {"containerName": "controller", "divisor": divisor, "resource": name}}


def _container(c: AddonContext) -> Object:
    return container(
        "controller",
        c.text(f"{AT}.image"),
        env=environment(c),
        ports=[port(8080, "http-metrics", "TCP"), port(8081, "http", "TCP")],
        livenessProbe=http_probe("/healthz", "http", initialDelaySeconds=30, timeoutSeconds=30),
        readinessProbe=http_probe("/readyz", "http", initialDelaySeconds=5, timeoutSeconds=30),
        resources=requests(
            c.text(f"{AT}.cpuRequest", "500m"),
            c.text(f"{AT}.memoryRequest", "1Gi"),
            limits={"memory": c.text(f"{AT}.memoryLimit", "1Gi")},
            numbers=False,
        ),
        imagePullPolicy="IfNotPresent",
        securityContext={
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "privileged": False,
            "readOnlyRootFilesystem": True,
            "runAsGroup": USER,
            "runAsNonRoot": True,
            "runAsUser": USER,
        },
    )
