"""Asks the pods of a node to leave it, again and again until none is left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from kops_core.kube.ports import KubernetesApi
from kops_core.operations.events import HeldPod
from kops_core.operations.rolling import drain


@dataclass
class Asked:
    """What the drain of one node has asked for so far."""

    pods: frozenset[drain.PodKey] | None = None
    """The pods that were there when it began; None before. One that comes later tolerates the cordon, as some
    of the control plane do, and would come back again: ``kubectl drain`` does not wait for it either."""
    accepted: set[drain.PodKey] = field(default_factory=set)
    refused: dict[drain.PodKey, drain.RefusedEviction] = field(default_factory=dict)


@dataclass(frozen=True)
class Leaving:
    """The pods that are still on a node."""

    pods: frozenset[drain.PodKey]
    note: str
    """What is waited for, in one sentence."""
    held: tuple[HeldPod, ...]
    """Those of them that may not leave."""
    retry_after: float
    """Seconds after which to look again."""


def ask_to_leave(api: KubernetesApi, node: str, asked: Asked, now: Callable[[], datetime]) -> Leaving | None:
    """I/O. Evicts the pods of a node that were not asked, or might not go, before; None if none is left.

    To be called again with the same ``asked`` until then; the node is cordoned.
    """
    there = drain.pods_to_leave(api.pods(node=node))
    if asked.pods is None:
        asked.pods = frozenset(map(drain.key_of, there))
    leaving = [each for each in there if drain.key_of(each) in asked.pods]
    if not leaving:
        return None
    refused = []
    for pod in leaving:
        key = drain.key_of(pod)
        if pod.deleting or key in asked.accepted:
            continue
        answer = api.evict(pod)
        if not answer:
            asked.accepted.add(key)
            continue
        before = asked.refused.get(key)
        asked.refused[key] = drain.RefusedEviction(pod, before.since if before else now(), answer)
        refused.append(asked.refused[key])
    held = drain.held_pods(refused, api.disruption_budgets() if refused else ())
    return Leaving(
        frozenset(map(drain.key_of, leaving)),
        drain.describe(len(leaving) - len(held), held),
        held,
        drain.RETRY if held else drain.POLL,
    )
