"""What kubelets do: they start pods, end those that are being deleted, and tell whether they are ready."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from kops_core.cloud.sandbox.kubernetes.deletion import finish
from kops_core.cloud.sandbox.kubernetes.kinds import NODES, PODS, Object
from kops_core.cloud.sandbox.kubernetes.scheduler import is_node_ready
from kops_core.cloud.sandbox.kubernetes.store import Change, ObjectStore, key_of, stamp
from kops_core.cloud.sandbox.kubernetes.timers import Timers, Timing


class Kubelets:
    """The kubelets of all nodes."""

    def __init__(
        self,
        store: ObjectStore,
        timers: Timers,
        timing: Timing,
        now: Callable[[], datetime],
        refuses_to_end: Callable[[Object], bool],
    ) -> None:
        self._store = store
        self._timers = timers
        self._timing = timing
        self._now = now
        self._refuses_to_end = refuses_to_end

    def notice(self, change: Change) -> None:
        """Plans what follows from a change of a pod or a node."""
        new, before = change.object, change.before or {}
        if change.kind == NODES and change.type == "MODIFIED":
            if is_node_ready(new) != is_node_ready(before):
                self._tell_readiness(new["metadata"]["name"], ready=is_node_ready(new))
        elif change.kind == PODS and change.type != "DELETED":
            metadata, uid = new["metadata"], new["metadata"]["uid"]
            where = key_of(new)
            if new["spec"].get("nodeName") and not before.get("spec", {}).get("nodeName"):
                self._timers.add(self._now(), self._timing.pod_start, lambda: self._start(*where, uid))
            asked = metadata.get("deletionTimestamp")
            if asked and asked != before.get("metadata", {}).get("deletionTimestamp"):
                grace = metadata.get("deletionGracePeriodSeconds", 0)
                wait = min(self._timing.pod_end, grace)
                self._timers.add(self._now(), wait, lambda: self._end(*where, uid, grace - wait))

    def _start(self, namespace: str, name: str, uid: str) -> None:
        pod = self._store.find(PODS, namespace, name)
        if pod is None or pod["metadata"]["uid"] != uid:
            return
        node = self._store.find(NODES, "", pod["spec"]["nodeName"])
        if node is not None:
            self._store.update(PODS, namespace, name, lambda new: self._run(new, node))

    def _run(self, pod: Object, node: Object) -> None:
        now = stamp(self._now())
        containers = pod["spec"].get("containers") or ()
        addresses = node["status"].get("addresses") or [{"address": ""}]
        pod["status"] |= {
            "phase": "Running",
            "startTime": now,
            "hostIP": addresses[0]["address"],
            "podIP": f"100.64.{int(pod['metadata']['resourceVersion']) % 250}.7",
            "containerStatuses": [
                {
                    "name": each["name"],
                    "image": each.get("image", ""),
                    "imageID": "",
                    "ready": True,
                    "started": True,
                    "restartCount": 0,
                    "state": {"running": {"startedAt": now}},
                }
                for each in containers
            ],
            "conditions": [
                {"type": each, "status": "True", "lastTransitionTime": now}
                for each in ("PodScheduled", "Initialized", "ContainersReady", "Ready")
            ],
        }

    def _end(self, namespace: str, name: str, uid: str, left: float) -> None:
        """The containers have ended, if nothing keeps them; at the latest when the grace period ends."""
        pod = self._store.find(PODS, namespace, name)
        if pod is None or pod["metadata"]["uid"] != uid:
            return
        if self._refuses_to_end(pod):
            self._timers.add(self._now(), max(1.0, left), lambda: self._end(namespace, name, uid, 0))
            return
        finish(self._store, namespace, name, uid)

    def _tell_readiness(self, node: str, *, ready: bool) -> None:
        """Pods of a node that is not ready are not, either."""
        status, now = "True" if ready else "False", stamp(self._now())

        def change(pod: Object) -> None:
            for each in pod["status"].get("conditions") or ():
                if each["type"] == "Ready" and each["status"] != status:
                    each |= {"status": status, "lastTransitionTime": now}

        for pod in self._store.all(PODS):
            if pod["spec"].get("nodeName") == node and pod["status"].get("phase") == "Running":
                self._store.update(PODS, *key_of(pod), change)
