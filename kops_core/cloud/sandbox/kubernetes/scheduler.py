"""Which node a pod may run on, and which is best."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from kops_core.cloud.sandbox.kubernetes.budgets import controller_of
from kops_core.cloud.sandbox.kubernetes.kinds import Object
from kops_core.cloud.sandbox.kubernetes.selectors import labels_of

CAPACITY: Final = 110
"""Pods that a node takes."""
_OF_DAEMONS: Final = frozenset(
    f"node.kubernetes.io/{each}"
    for each in ("not-ready", "unreachable", "unschedulable", "disk-pressure", "memory-pressure")
)
"""Taints that the pods of a DaemonSet tolerate always."""


def is_node_ready(node: Object) -> bool:
    """Whether the node's condition Ready is true."""
    return any(
        each["type"] == "Ready" and each["status"] == "True"
        for each in node["status"].get("conditions") or ()
    )


def fits(spec: Object, node: Object, *, daemon: bool = False) -> bool:
    """Whether a pod may run on a node: its selector and tolerations; for others than daemons, readiness.

    A cordon is a taint, too (``nodes``).
    """
    labels = labels_of(node)
    if any(labels.get(key) != value for key, value in (spec.get("nodeSelector") or {}).items()):
        return False
    if not daemon and not is_node_ready(node):
        return False
    return all(
        (daemon and taint["key"] in _OF_DAEMONS) or _tolerates(spec, taint)
        for taint in node["spec"].get("taints") or ()
        if taint["effect"] != "PreferNoSchedule"
    )


class Crowd:
    """How many pods the nodes have, and how many of each owner."""

    def __init__(self, pods: Iterable[Object]) -> None:
        self._all: Counter[str] = Counter()
        self._own: Counter[tuple[str, str]] = Counter()
        for each in pods:
            self.add(each)

    def add(self, pod: Object) -> None:
        """Counts a pod that has a node."""
        name = pod["spec"]["nodeName"]
        self._all[name] += 1
        self._own[name, _owner(pod)] += 1

    def choose(self, pod: Object, nodes: Iterable[Object]) -> str:
        """The node for a pod: not to be avoided, few of its own kind there, few pods at all; "" for none."""
        spec, owner = pod["spec"], _owner(pod)
        found = [
            (_avoided(spec, node), self._own[name, owner], self._all[name], name)
            for node in nodes
            if fits(spec, node) and self._all[name := node["metadata"]["name"]] < CAPACITY
        ]
        return min(found)[-1] if found else ""


def _owner(pod: Object) -> str:
    return str((controller_of(pod) or pod["metadata"])["uid"])


def _avoided(spec: Object, node: Object) -> int:
    return sum(
        taint["effect"] == "PreferNoSchedule" and not _tolerates(spec, taint)
        for taint in node["spec"].get("taints") or ()
    )


def _tolerates(spec: Object, taint: Object) -> bool:
    return any(
        each.get("effect", taint["effect"]) == taint["effect"]
        and each.get("key", taint["key"]) == taint["key"]
        and (each.get("operator") == "Exists" or each.get("value", "") == taint.get("value", ""))
        for each in spec.get("tolerations") or ()
    )
