"""Nodes: they join after their machine has started, and go after it has ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Final

from kops_core.cloud.sandbox.kubernetes.faults import Faults
from kops_core.cloud.sandbox.kubernetes.kinds import NODES, PODS, Object
from kops_core.cloud.sandbox.kubernetes.machines import CONTROL_PLANE, Machine
from kops_core.cloud.sandbox.kubernetes.selectors import labels_of
from kops_core.cloud.sandbox.kubernetes.store import Change, ObjectStore, key_of, stamp
from kops_core.cloud.sandbox.kubernetes.timers import Timers, Timing

_MIRROR: Final = "kubernetes.io/config.mirror"
_CRITICAL, _NODE_CRITICAL = "system-cluster-critical", "system-node-critical"
_STATIC: Final = (("kube-proxy", _NODE_CRITICAL),)
_STATIC_OF: Final = {
    CONTROL_PLANE: (
        ("kube-apiserver", _CRITICAL),
        ("kube-controller-manager", _CRITICAL),
        ("kube-scheduler", _CRITICAL),
        ("etcd-manager-main", _CRITICAL),
        ("etcd-manager-events", _CRITICAL),
    ),
    "apiserver": (("kube-apiserver", _CRITICAL),),
}
"""Static pods that nodeup writes, by role: their label ``k8s-app``, and their priority class."""
_OF_CONDITIONS: Final = {
    "True": (),
    "False": ("node.kubernetes.io/not-ready",),
    "Unknown": ("node.kubernetes.io/unreachable",),
}
_CORDONED: Final = "node.kubernetes.io/unschedulable"
_OURS: Final = {_CORDONED, *(each for found in _OF_CONDITIONS.values() for each in found)}
"""Taints that the node controllers set and remove."""


class NodeLifecycle:
    """The kubelets' registration, the cloud's controller of nodes, and the controller of their taints."""

    def __init__(
        self,
        store: ObjectStore,
        timers: Timers,
        timing: Timing,
        now: Callable[[], datetime],
        faults: Faults,
    ) -> None:
        self._store = store
        self._timers = timers
        self._timing = timing
        self._now = now
        self._faults = faults
        self._machines: dict[str, Machine] = {}
        self._held: set[str] = set()
        """Nodes that a fault keeps from being ready."""
        self._flapping: set[str] = set()
        """Those whose next change is planned."""

    def observe(self, machines: dict[str, Machine], now: datetime) -> None:
        """Plans what follows from machines that have started or ended, and sets the readiness of nodes."""
        before, self._machines = self._machines, machines
        for machine in machines.values():
            old = before.get(machine.id)
            if machine.role != "bastion" and (old is None or old.started != machine.started):
                self._timers.add(machine.started, self._timing.join, partial(self._join, machine))
        for gone in before.keys() - machines.keys():
            self._timers.add(now, self._timing.lost, partial(self._lose, gone))
            self._timers.add(now, self._timing.removed, partial(self._remove, gone))
        for name in self._faults.flapping - self._flapping:
            self._flapping.add(name)
            self._flap(name)
        for name in self._faults.not_ready ^ self._held:
            self._be_ready(name)

    def notice(self, change: Change) -> None:
        """Acts on a change of a node or a static pod."""
        name = change.object["metadata"]["name"]
        if change.kind == NODES and change.type == "MODIFIED":
            wanted = _wanted_taints(change.object)
            if wanted != (change.object["spec"].get("taints") or []):
                self._store.update(NODES, "", name, lambda new: _set_taints(new, wanted))
        elif change.kind == NODES and change.type == "DELETED":
            for pod in self._store.all(PODS):
                if pod["spec"].get("nodeName") == name:
                    self._store.remove(PODS, *key_of(pod))
        elif change.kind == PODS and change.type == "DELETED":
            node = self._store.find(NODES, "", change.object["spec"].get("nodeName", ""))
            if node is not None and _MIRROR in (change.object["metadata"].get("annotations") or {}):
                app = labels_of(change.object).get("k8s-app", "")
                if name == f"{app}-{node['metadata']['name']}":
                    priority = change.object["spec"].get("priorityClassName", "")
                    self._make_mirror(node, app, priority)

    def _join(self, machine: Machine) -> None:
        faults = self._faults.never_join
        if self._machines.get(machine.id) != machine or machine.id in faults or machine.group in faults:
            return
        if self._store.find(NODES, "", machine.id) is None:
            node = self._store.create(NODES, _node(machine, stamp(self._now())))
            for app, priority in (*_STATIC_OF.get(machine.role, ()), *_STATIC):
                self._make_mirror(node, app, priority)
        self._timers.add(self._now(), self._timing.ready, lambda: self._be_ready(machine.id))

    def _be_ready(self, name: str) -> None:
        if name not in self._machines or self._store.find(NODES, "", name) is None:
            self._held.discard(name)
            return
        if name in self._faults.not_ready:
            self._held.add(name)
            self._set_ready(name, "False", "KubeletNotReady", "the container runtime does not answer")
        else:
            self._held.discard(name)
            self._set_ready(name, "True", "KubeletReady", "kubelet is posting ready status")

    def _flap(self, name: str) -> None:
        flaps = name in self._faults.flapping
        (self._faults.not_ready.discard if name in self._held or not flaps else self._faults.not_ready.add)(
            name
        )
        self._be_ready(name)
        if flaps:
            self._timers.add(self._now(), self._timing.flap, lambda: self._flap(name))
        else:
            self._flapping.discard(name)

    def _lose(self, name: str) -> None:
        if name not in self._machines and self._store.find(NODES, "", name) is not None:
            self._set_ready(name, "Unknown", "NodeStatusUnknown", "the kubelet reports no more")

    def _remove(self, name: str) -> None:
        if name not in self._machines and self._store.find(NODES, "", name) is not None:
            self._store.remove(NODES, "", name)

    def _set_ready(self, name: str, status: str, reason: str, message: str) -> None:
        now = stamp(self._now())

        def change(node: Object) -> None:
            for each in node["status"].get("conditions") or ():
                if each["type"] == "Ready" and each["status"] != status:
                    each |= {
                        "status": status,
                        "reason": reason,
                        "message": message,
                        "lastTransitionTime": now,
                    }

        self._store.update(NODES, "", name, change)

    def _make_mirror(self, node: Object, app: str, priority: str) -> None:
        name = node["metadata"]["name"]
        digest = f"{app}-{node['metadata']['uid']}"
        self._store.create(
            PODS,
            {
                "metadata": {
                    "name": f"{app}-{name}",
                    "namespace": "kube-system",
                    "labels": {"k8s-app": app},
                    "annotations": {_MIRROR: digest, "kubernetes.io/config.source": "file"},
                    "ownerReferences": [
                        {
                            "apiVersion": "v1",
                            "kind": "Node",
                            "name": name,
                            "uid": node["metadata"]["uid"],
                            "controller": True,
                        }
                    ],
                },
                "spec": {
                    "nodeName": name,
                    "hostNetwork": True,
                    "priorityClassName": priority,
                    "containers": [{"name": app, "image": f"registry.k8s.io/{app}"}],
                    "tolerations": [{"operator": "Exists"}],
                },
                "status": {"phase": "Pending"},
            },
        )


def _ready(node: Object) -> str:
    return next(
        (str(each["status"]) for each in node["status"].get("conditions") or () if each["type"] == "Ready"),
        "",
    )


def _wanted_taints(node: Object) -> list[Object]:
    """The taints of a node with those that follow from its conditions and its cordon."""
    keys = [
        *_OF_CONDITIONS.get(_ready(node), ()),
        *([_CORDONED] if node["spec"].get("unschedulable") else ()),
    ]
    found = [
        each for each in node["spec"].get("taints") or () if each["key"] not in _OURS or each["key"] in keys
    ]
    there = {each["key"] for each in found}
    return [*found, *({"key": each, "effect": "NoSchedule"} for each in keys if each not in there)]


def _set_taints(node: Object, taints: list[Object]) -> None:
    if taints:
        node["spec"]["taints"] = taints
    else:
        node["spec"].pop("taints", None)


def _taint(text: str) -> Object:
    what, _, effect = text.rpartition(":")
    key, _, value = what.partition("=")
    return {"key": key, "effect": effect, **({"value": value} if value else {})}


def _node(machine: Machine, now: str) -> Object:
    """A node as its kubelet registers it, with kOps' labels (``nodelabels`` and nodeup)."""
    role = {"apiserver": "api-server"}.get(machine.role, machine.role)
    own = ("node-role.kubernetes.io/control-plane=:NoSchedule",) if machine.role == CONTROL_PLANE else ()
    given = [_taint(each) for each in (*own, *machine.taints, "node.kubernetes.io/not-ready=:NoSchedule")]
    taints = list({(each["key"], each["effect"]): each for each in given}.values())
    region = machine.zone.rstrip("abcdefghijklmnopqrstuvwxyz")
    labels = {
        "kubernetes.io/hostname": machine.id,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "kops.k8s.io/instancegroup": machine.group,
        f"node-role.kubernetes.io/{role}": "",
        "node.kubernetes.io/instance-type": machine.machine_type,
        "topology.kubernetes.io/region": region,
        "topology.kubernetes.io/zone": machine.zone,
        **({"kops.k8s.io/kops-controller-pki": ""} if machine.role == CONTROL_PLANE else {}),
        **machine.labels,
    }
    healthy = (
        ("MemoryPressure", "KubeletHasSufficientMemory"),
        ("DiskPressure", "KubeletHasNoDiskPressure"),
        ("PIDPressure", "KubeletHasSufficientPID"),
    )
    conditions = [
        {"type": each, "status": "False", "reason": reason, "lastTransitionTime": now}
        for each, reason in healthy
    ]
    conditions.append(
        {
            "type": "Ready",
            "status": "False",
            "reason": "KubeletNotReady",
            "message": "the network plugin is not ready",
            "lastTransitionTime": now,
        }
    )
    resources = {"cpu": "2", "memory": "8Gi", "pods": "110"}
    return {
        "metadata": {"name": machine.id, "labels": labels, "annotations": {}},
        "spec": {"providerID": f"aws:///{machine.zone}/{machine.id}", "taints": taints},
        "status": {
            "addresses": [
                {"type": "InternalIP", "address": machine.address},
                {"type": "Hostname", "address": machine.id},
            ],
            "capacity": resources,
            "allocatable": resources,
            "conditions": conditions,
            "nodeInfo": {
                "architecture": "amd64",
                "bootID": "",
                "containerRuntimeVersion": "containerd://2.1.4",
                "kernelVersion": "6.8.0-1030-aws",
                "kubeProxyVersion": "",
                "kubeletVersion": f"v{machine.version}",
                "machineID": "",
                "operatingSystem": "linux",
                "osImage": "Ubuntu 24.04.2 LTS",
                "systemUUID": "",
            },
        },
    }
