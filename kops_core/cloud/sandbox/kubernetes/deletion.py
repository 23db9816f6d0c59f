"""How objects are deleted: preconditions, grace periods, finalizers, and what depends on them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from kops_core.cloud.sandbox.kubernetes.kinds import PODS, Kind, Object
from kops_core.cloud.sandbox.kubernetes.refusals import bad_request, conflict
from kops_core.cloud.sandbox.kubernetes.store import Key, ObjectStore, stamp

GRACE = 30
"""Seconds that a pod has by default to end."""


@dataclass(frozen=True)
class DeleteOptions:
    """As in the body of a request."""

    grace: int | None = None
    uid: str = ""
    version: str = ""

    @classmethod
    def read(cls, body: Any) -> DeleteOptions:
        """From a DeleteOptions object. Raises Refusal."""
        conditions = body.get("preconditions", {}) if isinstance(body, dict) else None
        if not isinstance(conditions, dict):
            raise bad_request("these are no DeleteOptions")
        grace = body.get("gracePeriodSeconds")
        if grace is not None and (not isinstance(grace, int) or grace < 0):
            raise bad_request("gracePeriodSeconds: this has to be a number of seconds")
        return cls(grace, str(conditions.get("uid", "")), str(conditions.get("resourceVersion", "")))


def delete(store: ObjectStore, kind: Kind, key: Key, options: DeleteOptions, now: datetime) -> Object:
    """Deletes an object, or marks it until its grace period and finalizers end. Raises Refusal."""
    found = store.get(kind, *key)
    metadata = found["metadata"]
    if options.uid and options.uid != metadata["uid"]:
        raise conflict(kind, key[1], "the precondition names another uid")
    if options.version and options.version != metadata["resourceVersion"]:
        raise conflict(kind, key[1], "the precondition names another resourceVersion")
    grace = 0
    if kind == PODS and found.get("spec", {}).get("nodeName") and not _ended(found):
        default = found["spec"].get("terminationGracePeriodSeconds", GRACE)
        grace = default if options.grace is None else options.grace
    if not grace and not metadata.get("finalizers"):
        return store.remove(kind, *key)

    def mark(new: Object) -> None:
        new["metadata"]["deletionTimestamp"] = stamp(now + timedelta(seconds=grace))
        new["metadata"]["deletionGracePeriodSeconds"] = grace

    if metadata.get("deletionTimestamp") and grace >= metadata.get("deletionGracePeriodSeconds", 0):
        return found
    return store.update(kind, *key, mark)


def finish(store: ObjectStore, namespace: str, name: str, uid: str) -> None:
    """Removes a pod whose containers have ended, unless finalizers keep it."""
    found = store.find(PODS, namespace, name)
    if found is None or found["metadata"]["uid"] != uid:
        return
    if not found["metadata"].get("finalizers"):
        store.remove(PODS, namespace, name)


def _ended(pod: Object) -> bool:
    return pod.get("status", {}).get("phase") in ("Succeeded", "Failed")
