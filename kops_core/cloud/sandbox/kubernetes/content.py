"""What runs in a new cluster: the add-ons that kOps installs, and an operator's own workloads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kops_core.cloud.sandbox.kubernetes.kinds import (
    BUDGETS,
    DAEMON_SETS,
    DEPLOYMENTS,
    STATEFUL_SETS,
    Kind,
    Object,
)

Content = tuple[tuple[Kind, Object], ...]
_CRITICAL, _NODE_CRITICAL = "system-cluster-critical", "system-node-critical"
_EVERYWHERE: Final = [{"operator": "Exists"}]
_CONTROL_PLANE: Final = {"node-role.kubernetes.io/control-plane": ""}


def deployment(
    namespace: str,
    name: str,
    replicas: int,
    *,
    kind: Kind = DEPLOYMENTS,
    priority: str = "",
    on_control_plane: bool = False,
) -> tuple[Kind, Object]:
    """A Deployment (or StatefulSet) whose pods have the label ``k8s-app`` of its name."""
    spec: Object = {"containers": [{"name": name, "image": f"example.com/{name}:1"}]}
    if priority:
        spec["priorityClassName"] = priority
    if on_control_plane:
        spec |= {"nodeSelector": _CONTROL_PLANE, "tolerations": _EVERYWHERE}
    return kind, {
        "metadata": {"namespace": namespace, "name": name, "labels": {"k8s-app": name}},
        "spec": {"replicas": replicas, **_selecting(name), "template": _template(name, spec)},
    }


def daemon_set(name: str, *, only: Mapping[str, str] | None = None) -> tuple[Kind, Object]:
    """A DaemonSet of kube-system. only: labels of its nodes; all nodes without."""
    spec: Object = {
        "containers": [{"name": name, "image": f"example.com/{name}:1"}],
        "priorityClassName": _NODE_CRITICAL,
        "tolerations": _EVERYWHERE,
        **({"nodeSelector": dict(only)} if only else {}),
    }
    return DAEMON_SETS, {
        "metadata": {"namespace": "kube-system", "name": name, "labels": {"k8s-app": name}},
        "spec": {**_selecting(name), "template": _template(name, spec)},
    }


def budget(namespace: str, name: str, **spec: int | str) -> tuple[Kind, Object]:
    """The disruption budget of a workload of that name. spec: ``minAvailable`` or ``maxUnavailable``."""
    return BUDGETS, {
        "metadata": {"namespace": namespace, "name": name},
        "spec": {**spec, **_selecting(name)},
    }


def _selecting(name: str) -> Object:
    return {"selector": {"matchLabels": {"k8s-app": name}}}


def _template(name: str, spec: Object) -> Object:
    return {"metadata": {"labels": {"k8s-app": name}}, "spec": spec}


ADDONS: Final[Content] = (
    daemon_set("cilium"),
    daemon_set("ebs-csi-node"),
    daemon_set("kops-controller", only=_CONTROL_PLANE),
    daemon_set("aws-cloud-controller-manager", only=_CONTROL_PLANE),
    deployment("kube-system", "kube-dns", 2, priority=_CRITICAL),
    budget("kube-system", "kube-dns", maxUnavailable="50%"),
    deployment("kube-system", "dns-controller", 1, priority=_CRITICAL, on_control_plane=True),
    deployment("kube-system", "ebs-csi-controller", 2, priority=_CRITICAL, on_control_plane=True),
)
"""Those of kOps, with their priorities and budgets."""

WORKLOADS: Final[Content] = (
    deployment("shop", "web", 4),
    budget("shop", "web", minAvailable="50%"),
    deployment("shop", "cart", 3, kind=STATEFUL_SETS),
    budget("shop", "cart", maxUnavailable=1),
    deployment("shop", "mail", 1),
)
"""Those of an operator: one that may lose half, one that may lose one at a time, and one without a budget."""
