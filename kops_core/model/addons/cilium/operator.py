"""Cilium's operator, for the tasks that are done once for the whole cluster."""

from __future__ import annotations

from kops_core.model.addons import objects as kube
from kops_core.model.addons.cilium.features import (
    AT,
    CONFIG,
    LINUX,
    PART,
    Features,
    api_env,
    etcd_mounts,
    etcd_volumes,
    image,
    localhost,
    node_env,
)
from kops_core.model.addons.context import (
    CLUSTER_CRITICAL,
    CONTROL_PLANE,
    MASTER,
    NOT_READY,
    UNINITIALIZED,
    AddonContext,
)
from kops_core.model.addons.objects import (
    Object,
    config_key,
    config_volume,
    container,
    exists,
    http_probe,
    mount,
    only,
    pod,
    port,
    requests,
    required_nodes,
    tolerates,
)

NAME = "cilium-operator"
PODS = {"io.cilium/app": "operator", "name": NAME}


def deployment(c: AddonContext, has: Features) -> Object:
    """The operator, on the control plane, never two on one node."""
    labels = PODS | PART | {"app.kubernetes.io/name": NAME}
    apart: Object = {
        "labelSelector": {"matchLabels": {"io.cilium/app": "operator"}},
        "topologyKey": "kubernetes.io/hostname",
    }
    return kube.deployment(
        NAME,
        PODS,
        pod(
            labels,
            _container(c, has),
            annotations=c.strings_by_key(f"{AT}.operatorPodAnnotations"),
            affinity={
                "nodeAffinity": required_nodes([exists(CONTROL_PLANE)], [exists(MASTER)]),
                "podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [apart]},
            },
            automountServiceAccountToken=True,
            hostNetwork=True,
            nodeSelector=LINUX,
            priorityClassName=CLUSTER_CRITICAL,
            restartPolicy="Always",
            securityContext={"seccompProfile": {"type": "RuntimeDefault"}},
            serviceAccountName=NAME,
            tolerations=tolerates(
                CONTROL_PLANE, MASTER, NOT_READY, UNINITIALIZED, "node.cilium.io/agent-not-ready"
            ),
            volumes=[config_volume("cilium-config-path", CONFIG), *etcd_volumes(has)],
        ),
        labels=labels,
        replicas=c.replicas,
        strategy={"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "50%"}},
    )


def _container(c: AddonContext, has: Features) -> Object:
    health = http_probe("/healthz", 9234, scheme="HTTP", host=localhost(c), timeoutSeconds=3)
    return container(
        NAME,
        image(c, "operator"),
        command=[NAME],
        args=[
            "--config-dir=/tmp/cilium/config-map",
            "--debug=$(CILIUM_DEBUG)",
            f"--eni-tags={c.cloud_labels}",
        ],
        env={**node_env(), "CILIUM_DEBUG": config_key(CONFIG, "debug"), **api_env(c)},
        ports=only(has.metrics, port(9963, "prometheus", "TCP", hostPort=9963)),
        mounts=[
            mount("cilium-config-path", "/tmp/cilium/config-map", readOnly=True),  # noqa: S108 - in the pod
            *etcd_mounts(has),
        ],
        livenessProbe=health | {"initialDelaySeconds": 60, "periodSeconds": 10},
        readinessProbe=health | {"failureThreshold": 5, "initialDelaySeconds": 0, "periodSeconds": 5},
        resources=requests(c.text(f"{AT}.cpuRequest", "25m"), c.text(f"{AT}.memoryRequest", "128Mi")),
        imagePullPolicy="IfNotPresent",
        securityContext={"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        terminationMessagePolicy="FallbackToLogsOnError",
    )
