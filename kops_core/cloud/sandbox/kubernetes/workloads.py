"""The controllers of workloads: ReplicaSets of Deployments, pods of sets, the scheduler, and what is
removed with its owner."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final

from kops_core.cloud.sandbox.kubernetes.budgets import is_ready, refresh_status
from kops_core.cloud.sandbox.kubernetes.kinds import (
    BUDGETS,
    DAEMON_SETS,
    DEPLOYMENTS,
    NAMESPACES,
    NODES,
    PODS,
    REPLICA_SETS,
    STATEFUL_SETS,
    Kind,
    Object,
)
from kops_core.cloud.sandbox.kubernetes.scheduler import Crowd, fits
from kops_core.cloud.sandbox.kubernetes.selectors import labels_of, selects
from kops_core.cloud.sandbox.kubernetes.store import Change, Key, ObjectStore, key_of, stamp

_BY_KIND: Final = {each.kind: each for each in (DEPLOYMENTS, REPLICA_SETS, DAEMON_SETS, STATEFUL_SETS)}


class Workloads:
    """Controllers that look at what has changed since they were last run."""

    def __init__(
        self, store: ObjectStore, now: Callable[[], datetime], is_frozen: Callable[[Object], bool]
    ) -> None:
        self._store = store
        self._now = now
        self._is_frozen = is_frozen
        self._sets: dict[tuple[Kind, Key], None] = {}
        self._budgets: dict[Key, None] = {}
        self._unscheduled: dict[Key, None] = {}
        self._owned: dict[str, dict[tuple[Kind, Key], None]] = {}
        """uid of an owner -> its dependents."""
        self._orphans: list[str] = []
        self._room = False
        """Whether a node has changed since pods were last looked at that found no place."""

    def notice(self, change: Change) -> None:
        """Remembers what has to be looked at again."""
        kind, new, key = change.kind, change.object, key_of(change.object)
        for owner in new["metadata"].get("ownerReferences") or ():
            dependents = self._owned.setdefault(owner["uid"], {})
            if change.type == "DELETED":
                dependents.pop((kind, key), None)
            else:
                dependents[kind, key] = None
            if (above := _BY_KIND.get(owner["kind"])) is not None:
                self._sets[above, (key[0], owner["name"])] = None
        if change.type == "DELETED":
            self._orphans.append(new["metadata"]["uid"])
        if kind in _CONTROLLERS:
            self._sets[kind, key] = None
        elif kind == BUDGETS:
            self._budgets[key] = None
        elif kind == NODES:
            self._room = True
            self._sets |= dict.fromkeys((DAEMON_SETS, key_of(each)) for each in self._store.all(DAEMON_SETS))
        elif kind == PODS:
            self._notice_pod(change)
        elif kind == NAMESPACES and change.type == "DELETED":
            self._store.clear(key[1])

    def _notice_pod(self, change: Change) -> None:
        pod, key = change.object, key_of(change.object)
        if change.type == "DELETED":
            self._room = True
            self._unscheduled.pop(key, None)
        elif not pod["spec"].get("nodeName"):
            self._unscheduled[key] = None
        for budget in self._store.all(BUDGETS, key[0]):
            if selects(budget["spec"].get("selector"), labels_of(pod)):
                self._budgets[key_of(budget)] = None

    def look_at_budgets(self, *, evicting: bool = False) -> None:
        """Looks at all budgets again. evicting: only at those that wait for a pod to be deleted."""
        for each in self._store.all(BUDGETS):
            if not evicting or each.get("status", {}).get("disruptedPods"):
                self._budgets[key_of(each)] = None

    def run(self) -> None:
        """Runs all controllers until nothing is left to do."""
        fresh = True
        while self._sets or self._budgets or self._orphans or fresh:
            while self._orphans:
                self._collect(self._orphans.pop())
            while self._sets:
                kind, key = next(iter(self._sets))
                del self._sets[kind, key]
                found = self._store.find(kind, *key)
                if found is not None and not found["metadata"].get("deletionTimestamp"):
                    _CONTROLLERS[kind](self, found)
            while self._budgets:
                key = next(iter(self._budgets))
                del self._budgets[key]
                if (budget := self._store.find(BUDGETS, *key)) is not None:
                    refresh_status(self._store, budget, self._now(), frozen=self._is_frozen(budget))
            fresh = False
            if not self._sets:
                self._schedule()

    def _collect(self, owner: str) -> None:
        """Removes what an owner that is gone leaves."""
        for kind, key in list(self._owned.pop(owner, ())):
            if self._store.find(kind, *key) is not None:
                self._store.remove(kind, *key)

    def _dependents(self, owner: Object, kind: Kind) -> Iterator[Object]:
        for each, key in list(self._owned.get(owner["metadata"]["uid"], ())):
            if each == kind and (found := self._store.find(kind, *key)) is not None:
                yield found

    def _pods(self, owner: Object) -> list[Object]:
        """The pods of a set that are to stay."""
        return [
            each
            for each in self._dependents(owner, PODS)
            if not each["metadata"].get("deletionTimestamp")
            and each["status"].get("phase") not in ("Succeeded", "Failed")
        ]

    def _make_pod(self, owner: Object, kind: Kind, *, name: str = "", node: str = "") -> None:
        template = owner["spec"]["template"]
        metadata: Object = {
            "namespace": owner["metadata"]["namespace"],
            "labels": dict(template.get("metadata", {}).get("labels") or {}),
            "annotations": dict(template.get("metadata", {}).get("annotations") or {}),
            "finalizers": list(template.get("metadata", {}).get("finalizers") or ()),
            "ownerReferences": [_reference(owner, kind)],
        }
        metadata |= {"name": name} if name else {"generateName": f"{owner['metadata']['name']}-"}
        spec = dict(template["spec"]) | ({"nodeName": node} if node else {})
        self._store.create(PODS, {"metadata": metadata, "spec": spec, "status": {"phase": "Pending"}})

    def _drop_pods(self, pods: list[Object]) -> None:
        for each in pods:
            self._store.remove(PODS, *key_of(each))

    def _run_deployment(self, deployment: Object) -> None:
        metadata, spec = deployment["metadata"], deployment["spec"]
        digest = hashlib.sha256(json.dumps(spec["template"], sort_keys=True).encode()).hexdigest()[:10]
        name, current = f"{metadata['name']}-{digest}", None
        for each in self._dependents(deployment, REPLICA_SETS):
            wanted = spec.get("replicas", 1) if each["metadata"]["name"] == name else 0
            current = each if each["metadata"]["name"] == name else current
            if each["spec"]["replicas"] != wanted:
                self._store.update(REPLICA_SETS, *key_of(each), _scale(wanted))
        if current is None:
            current = self._store.create(
                REPLICA_SETS,
                {
                    "metadata": {
                        "name": name,
                        "namespace": metadata["namespace"],
                        "labels": labels_of(spec["template"]) if "metadata" in spec["template"] else {},
                        "ownerReferences": [_reference(deployment, DEPLOYMENTS)],
                    },
                    "spec": {
                        "replicas": spec.get("replicas", 1),
                        "selector": spec["selector"],
                        "template": spec["template"],
                    },
                    "status": {},
                },
            )
        status = current.get("status", {})
        ready, wanted = status.get("readyReplicas", 0), spec.get("replicas", 1)
        available = "True" if ready >= wanted else "False"
        self._tell(
            DEPLOYMENTS,
            deployment,
            {
                "replicas": status.get("replicas", 0),
                "updatedReplicas": status.get("replicas", 0),
                "readyReplicas": ready,
                "availableReplicas": ready,
                "unavailableReplicas": max(0, wanted - ready),
                "conditions": [self._condition(deployment, "Available", available)],
            },
        )

    def _run_replica_set(self, owner: Object) -> None:
        pods, wanted = self._pods(owner), owner["spec"].get("replicas", 1)
        for _ in range(wanted - len(pods)):
            self._make_pod(owner, REPLICA_SETS)
        self._drop_pods(sorted(pods, key=is_ready)[: max(0, len(pods) - wanted)])
        self._tell_replicas(REPLICA_SETS, owner)

    def _run_stateful_set(self, owner: Object) -> None:
        wanted = [
            f"{owner['metadata']['name']}-{number}" for number in range(owner["spec"].get("replicas", 1))
        ]
        namespace = owner["metadata"]["namespace"]
        for name in wanted:
            if self._store.find(PODS, namespace, name) is None:
                self._make_pod(owner, STATEFUL_SETS, name=name)
        self._drop_pods([each for each in self._pods(owner) if each["metadata"]["name"] not in wanted])
        self._tell_replicas(STATEFUL_SETS, owner)

    def _run_daemon_set(self, owner: Object) -> None:
        pods = {each["spec"].get("nodeName"): each for each in self._dependents(owner, PODS)}
        spec = owner["spec"]["template"]["spec"]
        nodes = [each["metadata"]["name"] for each in self._store.all(NODES) if fits(spec, each, daemon=True)]
        for name in nodes:
            if name not in pods:
                self._make_pod(owner, DAEMON_SETS, node=name)
        self._drop_pods([pod for name, pod in pods.items() if name not in nodes])
        ready = sum(map(is_ready, self._pods(owner)))
        self._tell(
            DAEMON_SETS,
            owner,
            {
                "desiredNumberScheduled": len(nodes),
                "currentNumberScheduled": len(nodes),
                "updatedNumberScheduled": len(nodes),
                "numberReady": ready,
                "numberAvailable": ready,
                "numberMisscheduled": 0,
            },
        )

    def _tell_replicas(self, kind: Kind, owner: Object) -> None:
        pods = self._pods(owner)
        ready = sum(map(is_ready, pods))
        status = {"replicas": len(pods), "readyReplicas": ready, "availableReplicas": ready}
        if kind == STATEFUL_SETS:
            status |= {"currentReplicas": len(pods), "updatedReplicas": len(pods)}
        self._tell(kind, owner, status)

    def _tell(self, kind: Kind, owner: Object, status: Object) -> None:
        status["observedGeneration"] = owner["metadata"]["generation"]
        if owner.get("status") != status:
            self._store.update(kind, *key_of(owner), lambda new: {**new, "status": status})

    def _condition(self, owner: Object, type_: str, status: str) -> Object:
        for each in owner.get("status", {}).get("conditions") or ():
            if each["type"] == type_ and each["status"] == status:
                return dict(each)
        return {
            "type": type_,
            "status": status,
            "lastTransitionTime": stamp(self._now()),
            "reason": "Counted",
        }

    def _schedule(self) -> None:
        """Gives pods without a node one."""
        if not self._unscheduled:
            return
        nodes = self._store.all(NODES)
        crowd = Crowd(each for each in self._store.all(PODS) if each["spec"].get("nodeName"))
        for key in list(self._unscheduled):
            pod = self._store.find(PODS, *key)
            waits = pod is not None and (pod["status"].get("conditions") or ())
            if pod is None or pod["metadata"].get("deletionTimestamp") or (waits and not self._room):
                continue
            del self._unscheduled[key]
            if name := crowd.choose(pod, nodes):
                crowd.add(self._store.update(PODS, *key, _bind(name)))
            else:
                self._store.update(PODS, *key, self._unplaced(len(nodes)))
                self._unscheduled[key] = None
        self._room = False

    def _unplaced(self, nodes: int) -> Callable[[Object], None]:
        def change(pod: Object) -> None:
            if not pod["status"].get("conditions"):
                pod["status"]["conditions"] = [
                    {
                        "type": "PodScheduled",
                        "status": "False",
                        "reason": "Unschedulable",
                        "message": f"none of {nodes} nodes can take the pod",
                        "lastTransitionTime": stamp(self._now()),
                    }
                ]

        return change


_CONTROLLERS: Final[dict[Kind, Callable[[Workloads, Object], None]]] = {
    DEPLOYMENTS: Workloads._run_deployment,
    REPLICA_SETS: Workloads._run_replica_set,
    STATEFUL_SETS: Workloads._run_stateful_set,
    DAEMON_SETS: Workloads._run_daemon_set,
}


def _reference(owner: Object, kind: Kind) -> Object:
    metadata = owner["metadata"]
    return {
        "apiVersion": kind.api_version,
        "kind": kind.kind,
        "name": metadata["name"],
        "uid": metadata["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


def _scale(replicas: int) -> Callable[[Object], None]:
    def change(new: Object) -> None:
        new["spec"]["replicas"] = replicas

    return change


def _bind(node: str) -> Callable[[Object], None]:
    def change(pod: Object) -> None:
        pod["spec"]["nodeName"] = node
        pod["status"]["conditions"] = [{"type": "PodScheduled", "status": "True"}]

    return change
