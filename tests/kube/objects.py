"""Nodes and pods as an API server tells of them."""

from __future__ import annotations

from tests.kube.api_server import Json

SINCE = "2026-11-30T00:00:00Z"


def node(
    name: str,
    instance: str,
    *,
    role: str = "node",
    ready: str = "True",
    network_unavailable: str = "False",
) -> Json:
    """A node; role is that of its ``node-role.kubernetes.io`` label."""
    return {
        "metadata": {
            "name": name,
            "uid": name,
            "creationTimestamp": SINCE,
            "labels": {f"node-role.kubernetes.io/{role}": "", "topology.kubernetes.io/zone": "us-east-1a"},
        },
        "spec": {"providerID": f"aws:///us-east-1a/{instance}"},
        "status": {
            "conditions": [
                {"type": "NetworkUnavailable", "status": network_unavailable},
                {
                    "type": "Ready",
                    "status": ready,
                    "lastTransitionTime": SINCE,
                    "reason": "KubeletNotReady",
                    "message": "container runtime network not ready" if ready != "True" else "",
                },
            ]
        },
    }


def pod(
    name: str,
    node: str,
    *,
    namespace: str = "kube-system",
    app: str = "",
    priority: str = "system-node-critical",
    phase: str = "Running",
    ready: bool = True,
    waiting: str = "",
) -> Json:
    """A pod of one container; waiting is why it does not run."""
    state = {"waiting": {"reason": waiting}} if waiting else {"running": {"startedAt": SINCE}}
    return {
        "metadata": {
            "namespace": namespace,
            "name": name,
            "creationTimestamp": SINCE,
            "labels": {"k8s-app": app} if app else {},
        },
        "spec": {"nodeName": node, "priorityClassName": priority, "containers": [{"name": "main"}]},
        "status": {
            "phase": phase,
            "conditions": [
                {"type": "Ready", "status": "True" if ready else "False", "lastTransitionTime": SINCE}
            ],
            "containerStatuses": [
                {
                    "name": "main",
                    "ready": ready,
                    "restartCount": 0,
                    "image": "x",
                    "imageID": "x",
                    "state": state,
                }
            ],
        },
    }


def control_plane_pods(node: str) -> list[Json]:
    """The static pods that every control-plane node has to have."""
    apps = ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
    return [pod(f"{app}-{node}", node, app=app, priority="system-cluster-critical") for app in apps]
