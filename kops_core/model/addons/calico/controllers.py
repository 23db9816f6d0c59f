"""Calico's controllers, which clean up after nodes and assign addresses to services."""

from __future__ import annotations

from kops_core.model.addons.calico.names import image
from kops_core.model.addons.context import CLUSTER_CRITICAL, CONTROL_PLANE, MASTER, AddonContext
from kops_core.model.addons.objects import (
    KUBE_SYSTEM,
    Object,
    container,
    deployment,
    exists,
    matches,
    pod,
    required_nodes,
    tolerates,
)

CONTROLLERS = "calico-kube-controllers"


def controllers(c: AddonContext) -> Object:
    """The controllers, on the control plane."""
    labels = {"k8s-app": CONTROLLERS}
    linux = matches("kubernetes.io/os", "In", "linux")
    pods = pod(
        labels,
        container(
            CONTROLLERS,
            image(c, "kube-controllers"),
            env={"ENABLED_CONTROLLERS": "node,loadbalancer", "DATASTORE_TYPE": "kubernetes"},
            livenessProbe=_check("-l")
            | {"failureThreshold": 6, "initialDelaySeconds": 10, "timeoutSeconds": 10},
            readinessProbe=_check("-r"),
            imagePullPolicy="IfNotPresent",
            securityContext={"runAsNonRoot": True},
        ),
        affinity={"nodeAffinity": required_nodes([exists(CONTROL_PLANE), linux], [exists(MASTER), linux])},
        priorityClassName=CLUSTER_CRITICAL,
        securityContext={"seccompProfile": {"type": "RuntimeDefault"}},
        serviceAccountName=CONTROLLERS,
        tolerations=[
            *tolerates("CriticalAddonsOnly"),
            {"effect": "NoSchedule", "key": MASTER},
            {"effect": "NoSchedule", "key": CONTROL_PLANE},
        ],
    )
    pods["metadata"] = {"labels": labels, "name": CONTROLLERS, "namespace": KUBE_SYSTEM}
    return deployment(
        CONTROLLERS,
        labels,
        pods,
        labels=labels,
        replicas=1,
        strategy={"type": "Recreate"},
    )


def _check(which: str) -> Object:
    return {"exec": {"command": ["/usr/bin/check-status", which]}, "periodSeconds": 10}
