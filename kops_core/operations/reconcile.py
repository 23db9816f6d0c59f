"""The stages that bring a whole cluster to its spec without breaking Kubernetes' version skew policy.

As in kOps (``cmd/kops/reconcile_cluster.go``) the control plane comes first, because no kubelet may be newer
than the API server, and pruning comes last, because old nodes may still use what is pruned:

    update control plane -> roll control plane -> update all -> roll all -> prune

Each stage is an apply or a rolling update of its own, so that a run after an interruption finds completed
stages done.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from kops_core.operations.clock import CancelToken, Clock
from kops_core.operations.events import Event, Finished, StageStarted

CONTROL_PLANE_ROLES: Final = ("ControlPlane", "APIServer")


@dataclass(frozen=True)
class Stage:
    """A stage of a reconciliation."""

    title: str
    rolls: bool = False
    """Whether it replaces instances; otherwise it applies a plan."""
    roles: tuple[str, ...] = ()
    """Roles of the instance groups that it is limited to; empty for all."""
    prune: bool = False


STAGES: Final = (
    Stage("update the control plane", roles=CONTROL_PLANE_ROLES),
    Stage("roll the control plane", rolls=True, roles=CONTROL_PLANE_ROLES),
    Stage("update the nodes", rolls=False),
    Stage("roll the nodes", rolls=True),
    Stage("prune", prune=True),
)
"""All stages, in order. After the first two the others find the control plane done."""


def reconcile(
    carry_out: Callable[[Stage], Finished],
    *,
    check: Callable[[Stage], None],
    clock: Clock,
    emit: Callable[[Event], None],
    cancel: CancelToken,
) -> Finished:
    """Carries out all stages, and ends with the first one that does not succeed.

    check: raises KopsError if a stage may not begin.
    """
    done = 0
    for number, stage in enumerate(STAGES, 1):
        if cancel.stopped:
            return _ended(clock, done, number, "stopped by the operator")
        check(stage)
        emit(StageStarted(clock.now(), "", number, len(STAGES), stage.title))
        ended = carry_out(stage)
        done += ended.done
        if not ended.ok:
            return replace(_ended(clock, done, number, ended.message), operation=ended.operation)
    message = f"{done} done, nothing is left to do" if done else "nothing to do"
    return Finished(clock.now(), "", ok=True, done=done, message=message)


def _ended(clock: Clock, done: int, number: int, why: str) -> Finished:
    title = STAGES[number - 1].title
    message = f"stage {number} of {len(STAGES)} ({title}): {why}"
    return Finished(clock.now(), "", ok=False, done=done, message=message)
