"""Disruption budgets: how many pods they let go, and whether a pod may be evicted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from kops_core.cloud.sandbox.kubernetes.deletion import DeleteOptions, delete
from kops_core.cloud.sandbox.kubernetes.kinds import (
    BUDGETS,
    DEPLOYMENTS,
    PODS,
    REPLICA_SETS,
    STATEFUL_SETS,
    Kind,
    Object,
)
from kops_core.cloud.sandbox.kubernetes.refusals import Refusal
from kops_core.cloud.sandbox.kubernetes.selectors import labels_of, selects
from kops_core.cloud.sandbox.kubernetes.store import ObjectStore, stamp

SCALES: Final[dict[str, Kind]] = {each.kind: each for each in (DEPLOYMENTS, REPLICA_SETS, STATEFUL_SETS)}
"""Kinds whose objects say how many pods there should be."""


_DELETED_WITHIN: Final = timedelta(minutes=2)
"""In which a pod is deleted whose eviction was permitted; after that it counts as healthy again."""


def is_ready(pod: Object) -> bool:
    """Whether the pod's condition Ready is true."""
    return any(
        each["type"] == "Ready" and each["status"] == "True"
        for each in pod.get("status", {}).get("conditions") or ()
    )


def controller_of(each: Object) -> Object | None:
    """The reference to the object that controls it."""
    owners = each["metadata"].get("ownerReferences") or ()
    return next((owner for owner in owners if owner.get("controller")), None)


def protected(store: ObjectStore, budget: Object) -> list[Object]:
    """The pods that a budget is about, except those that have ended."""
    selector = budget["spec"].get("selector")
    return [
        pod
        for pod in store.all(PODS, budget["metadata"]["namespace"])
        if selects(selector, labels_of(pod)) and pod["status"].get("phase") not in ("Succeeded", "Failed")
    ]


def refresh_status(store: ObjectStore, budget: Object, now: datetime, *, frozen: bool = False) -> None:
    """Stores a budget's status as its controller computes it (``policy/v1``).

    frozen: the controller fails to, and so allows nothing.
    """
    pods = protected(store, budget)
    disrupted = {
        name: since
        for name, since in (budget.get("status", {}).get("disruptedPods") or {}).items()
        if now - datetime.fromisoformat(since) < _DELETED_WITHIN
        and any(
            each["metadata"]["name"] == name and not each["metadata"].get("deletionTimestamp")
            for each in pods
        )
    }
    healthy = sum(
        is_ready(each)
        and not each["metadata"].get("deletionTimestamp")
        and each["metadata"]["name"] not in disrupted
        for each in pods
    )
    expected, desired = _wanted(store, budget["spec"], pods)
    allowed = max(0, healthy - desired) if expected and not frozen else 0
    reason = "SyncFailed" if frozen else "SufficientPods" if allowed else "InsufficientPods"
    metadata = budget["metadata"]

    def change(new: Object) -> None:
        new["status"] = {
            "observedGeneration": new["metadata"]["generation"],
            "currentHealthy": healthy,
            "desiredHealthy": desired,
            "expectedPods": expected,
            "disruptionsAllowed": allowed,
            "conditions": [_condition(budget, reason, now)],
            **({"disruptedPods": disrupted} if disrupted else {}),
        }

    store.update(BUDGETS, metadata["namespace"], metadata["name"], change)


def _wanted(store: ObjectStore, spec: Object, pods: Sequence[Object]) -> tuple[int, int]:
    """How many pods there should be, and how many of them healthy."""
    minimum, maximum = spec.get("minAvailable"), spec.get("maxUnavailable")
    if isinstance(minimum, int):
        return len(pods), minimum
    expected = _expected(store, pods)
    if maximum is not None:
        return expected, max(0, expected - _share(maximum, expected))
    return expected, _share(minimum if minimum is not None else 1, expected)


def _expected(store: ObjectStore, pods: Sequence[Object]) -> int:
    """What the controllers of these pods want; a pod without one counts itself."""
    scales: dict[str, int] = {}
    for pod in pods:
        top = pod
        while (owner := controller_of(top)) is not None and owner["kind"] in SCALES:
            above = store.find(SCALES[owner["kind"]], pod["metadata"]["namespace"], owner["name"])
            if above is None:
                break
            top = above
        scales[top["metadata"]["uid"]] = 1 if top is pod else top["spec"].get("replicas", 1)
    return sum(scales.values())


def _share(value: int | str, whole: int) -> int:
    """A number, or a percentage rounded up."""
    if isinstance(value, int):
        return value
    return ceil(int(value.removesuffix("%")) * whole / 100)


def _condition(budget: Object, reason: str, now: datetime) -> Object:
    status = "True" if reason == "SufficientPods" else "False"
    before = next(iter(budget.get("status", {}).get("conditions") or ()), None)
    since = before["lastTransitionTime"] if before and before["status"] == status else stamp(now)
    return {
        "type": "DisruptionAllowed",
        "status": status,
        "reason": reason,
        "message": "",
        "lastTransitionTime": since,
        "observedGeneration": budget["metadata"]["generation"],
    }


def evict(store: ObjectStore, namespace: str, name: str, options: DeleteOptions, now: datetime) -> None:
    """Deletes a pod if its budget lets it go (``pods/eviction``). Raises Refusal, with 429 if it does not."""
    pod = store.get(PODS, namespace, name)
    status = pod["status"]
    ignored = status.get("phase") in ("Succeeded", "Failed", "Pending")
    if not ignored and not pod["metadata"].get("deletionTimestamp"):
        _ask_budget(store, pod, now)
    delete(store, PODS, (namespace, name), options, now)


def _ask_budget(store: ObjectStore, pod: Object, now: datetime) -> None:
    metadata = pod["metadata"]
    budgets = [
        each
        for each in store.all(BUDGETS, metadata["namespace"])
        if selects(each["spec"].get("selector"), labels_of(pod))
    ]
    if len(budgets) > 1:
        raise Refusal(500, "", "the pod has several disruption budgets, which evictions do not support")
    if not budgets:
        return
    budget = budgets[0]
    status, name = budget.get("status", {}), budget["metadata"]["name"]
    healthy, desired = status.get("currentHealthy", 0), status.get("desiredHealthy", 0)
    if not is_ready(pod):
        always = budget["spec"].get("unhealthyPodEvictionPolicy") == "AlwaysAllow"
        if always or (healthy >= desired > 0):
            return
    refused = "the pod can't be evicted now: its disruption budget does not allow it"
    if status.get("observedGeneration", 0) < budget["metadata"]["generation"]:
        cause = ("DisruptionBudget", f"the disruption budget {name} is still being processed")
        raise Refusal(429, "TooManyRequests", refused, causes=(cause,), retry_after=10)
    if not status.get("disruptionsAllowed"):
        told = f"the disruption budget {name} needs {desired} healthy pods and has {healthy}"
        raise Refusal(429, "TooManyRequests", refused, causes=(("DisruptionBudget", told),))

    def count(new: Object) -> None:
        new["status"].setdefault("disruptedPods", {})[metadata["name"]] = stamp(now)

    store.update(BUDGETS, metadata["namespace"], name, count)
