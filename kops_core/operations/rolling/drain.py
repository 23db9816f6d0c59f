"""Draining a node: which pods have to leave it, and what keeps them; pure (``kubectl drain``'s rules).

All pods are evicted, also those without a controller and with local data, but not those of DaemonSets, which
would come back, and not the API's pictures of static pods.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from kops_core.kube.ports import DisruptionBudget, Pod
from kops_core.operations import events

RETRY: Final = 5.0
"""Seconds after which a pod that may not go is asked again (kOps)."""
POLL: Final = 2.0
"""Seconds between two looks at pods that are leaving."""
_SHOWN = 3

PodKey = tuple[str, str, str]


@dataclass(frozen=True)
class RefusedEviction:
    """A pod that may not be evicted at the moment."""

    pod: Pod
    since: datetime
    answer: str
    """What the API server said."""


def pods_to_leave(pods: Sequence[Pod]) -> list[Pod]:
    """The pods of a node that have to leave before it is terminated."""
    return [each for each in pods if not each.mirror and each.controller != "DaemonSet"]


def key_of(pod: Pod) -> PodKey:
    """The identity of a pod; another one of the same name has another."""
    return pod.namespace, pod.name, pod.uid


def held_pods(
    refused: Sequence[RefusedEviction], budgets: Sequence[DisruptionBudget]
) -> tuple[events.HeldPod, ...]:
    """The pods that may not leave, with what holds each."""
    return tuple(
        events.HeldPod(
            f"{each.pod.namespace}/{each.pod.name}",
            each.since,
            _protecting(each.pod, budgets),
            each.answer,
        )
        for each in refused
    )


def describe(leaving: int, held: Sequence[events.HeldPod]) -> str:
    """What a drain waits for, in one sentence: pods that leave, and those that are held and by what."""
    parts = [f"{leaving} pods to leave"] if leaving else []
    for each in held[:_SHOWN]:
        why = f"the disruption budget {each.budget}" if each.budget else each.answer
        parts.append(f"{each.pod}, held since {each.since:%H:%M:%S} by {why}")
    if len(held) > _SHOWN:
        parts.append(f"{len(held) - _SHOWN} more that are held")
    return "; ".join(parts)


def _protecting(pod: Pod, budgets: Sequence[DisruptionBudget]) -> str:
    found = [
        f"{each.name} ({each.healthy} of {each.required} healthy)"
        for each in budgets
        if each.namespace == pod.namespace and not each.allowed and _selects(each.labels, pod.labels)
    ]
    return " and ".join(found)


def _selects(wanted: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    return bool(wanted) and all(labels.get(name) == value for name, value in wanted.items())
