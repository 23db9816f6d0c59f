"""Tables, as the API renders lists for ``kubectl get``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

from kops_core.cloud.sandbox.kubernetes.budgets import is_ready
from kops_core.cloud.sandbox.kubernetes.kinds import (
    BUDGETS,
    DAEMON_SETS,
    DEPLOYMENTS,
    NODES,
    PODS,
    REPLICA_SETS,
    STATEFUL_SETS,
    Kind,
    Object,
)
from kops_core.cloud.sandbox.kubernetes.selectors import labels_of

_ROLE: Final = "node-role.kubernetes.io/"
Cell = Callable[[Object, datetime], Any]


def table(kind: Kind, objects: Sequence[Object], metadata: Object, *, include: str, now: datetime) -> Object:
    """A Table of objects. include: ``None``, ``Metadata`` or ``Object``, what each row has of its object."""
    columns = (("Name", _name), *_COLUMNS.get(kind, (("Age", _age),)))
    shown = [(name.removeprefix("*"), int(name.startswith("*")), cell) for name, cell in columns]
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": metadata,
        "columnDefinitions": [
            {
                "name": name,
                "type": "string",
                "format": "name" if name == "Name" else "",
                "description": "",
                "priority": wide,
            }
            for name, wide, _ in shown
        ],
        "rows": [
            {"cells": [cell(each, now) for _, _, cell in shown], "object": _included(kind, each, include)}
            for each in objects
        ],
    }


def _included(kind: Kind, each: Object, include: str) -> Object | None:
    if include == "None":
        return None
    if include == "Object":
        return each
    return {
        "kind": "PartialObjectMetadata",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": each["metadata"],
    }


def _name(each: Object, now: datetime) -> str:
    return str(each["metadata"]["name"])


def _age(each: Object, now: datetime) -> str:
    created = datetime.fromisoformat(each["metadata"]["creationTimestamp"])
    seconds = int((now - created).total_seconds())
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size}{unit}"
    return f"{max(0, seconds)}s"


def _node_status(node: Object, now: datetime) -> str:
    ready = next(
        (each["status"] for each in node["status"].get("conditions") or () if each["type"] == "Ready"), ""
    )
    found = "Ready" if ready == "True" else "NotReady"
    return f"{found},SchedulingDisabled" if node["spec"].get("unschedulable") else found


def _roles(node: Object, now: datetime) -> str:
    found = sorted(key.removeprefix(_ROLE) for key in labels_of(node) if key.startswith(_ROLE))
    return ",".join(found) or "<none>"


def _address(node: Object, type_: str) -> str:
    found = (each["address"] for each in node["status"].get("addresses") or () if each["type"] == type_)
    return next(found, "<none>")


def _info(name: str) -> Cell:
    return lambda node, now: (node["status"].get("nodeInfo") or {}).get(name, "")


def _pod_status(pod: Object, now: datetime) -> str:
    if pod["metadata"].get("deletionTimestamp"):
        return "Terminating"
    return str(pod["status"].get("reason") or pod["status"].get("phase", "Unknown"))


def _pod_ready(pod: Object, now: datetime) -> str:
    containers = len(pod["spec"].get("containers") or ())
    return f"{containers if is_ready(pod) else 0}/{containers}"


def _replicas(each: Object, now: datetime) -> str:
    return f"{each.get('status', {}).get('readyReplicas', 0)}/{each['spec'].get('replicas', 1)}"


def _at(*path: str, default: Any = 0) -> Cell:
    def cell(each: Object, now: datetime) -> Any:
        found: Any = each
        for step in path:
            found = (found or {}).get(step)
        return default if found is None else found

    return cell


_COLUMNS: Final[dict[Kind, tuple[tuple[str, Cell], ...]]] = {
    NODES: (
        ("Status", _node_status),
        ("Roles", _roles),
        ("Age", _age),
        ("Version", _info("kubeletVersion")),
        ("*Internal-IP", lambda node, now: _address(node, "InternalIP")),
        ("*External-IP", lambda node, now: _address(node, "ExternalIP")),
        ("*OS-Image", _info("osImage")),
        ("*Kernel-Version", _info("kernelVersion")),
        ("*Container-Runtime", _info("containerRuntimeVersion")),
    ),
    PODS: (
        ("Ready", _pod_ready),
        ("Status", _pod_status),
        ("Restarts", lambda pod, now: "0"),
        ("Age", _age),
        ("*IP", _at("status", "podIP", default="<none>")),
        ("*Node", _at("spec", "nodeName", default="<none>")),
        ("*Nominated Node", lambda pod, now: "<none>"),
        ("*Readiness Gates", lambda pod, now: "<none>"),
    ),
    DEPLOYMENTS: (
        ("Ready", _replicas),
        ("Up-to-date", _at("status", "updatedReplicas")),
        ("Available", _at("status", "availableReplicas")),
        ("Age", _age),
    ),
    REPLICA_SETS: (
        ("Desired", _at("spec", "replicas")),
        ("Current", _at("status", "replicas")),
        ("Ready", _at("status", "readyReplicas")),
        ("Age", _age),
    ),
    STATEFUL_SETS: (("Ready", _replicas), ("Age", _age)),
    DAEMON_SETS: (
        ("Desired", _at("status", "desiredNumberScheduled")),
        ("Current", _at("status", "currentNumberScheduled")),
        ("Ready", _at("status", "numberReady")),
        ("Available", _at("status", "numberAvailable")),
        ("Age", _age),
    ),
    BUDGETS: (
        ("Min Available", _at("spec", "minAvailable", default="N/A")),
        ("Max Unavailable", _at("spec", "maxUnavailable", default="N/A")),
        ("Allowed Disruptions", _at("status", "disruptionsAllowed")),
        ("Age", _age),
    ),
}
"""Columns by kind, after the name; those with a star only with ``-o wide``."""
