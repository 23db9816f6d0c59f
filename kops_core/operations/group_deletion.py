"""Deletes one instance group: drains its nodes, then deletes what starts its machines, then its spec.

    cordon all nodes  ->  drain each  ->  auto-scaling group  ->  launch template  ->  spec and node files
                                      ->  detached machines

All nodes are cordoned first, so that no pod moves to a node that goes next. Every step may be repeated: after
it was killed, the operation is run again and does what is left. (kOps deletes without draining:
``pkg/instancegroups/delete.go``.)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from kops_core.errors import CloudConflict, KopsError, NotReady
from kops_core.kube.ports import KubernetesApi
from kops_core.operations.clock import CancelToken, Clock
from kops_core.operations.journal import Journal
from kops_core.operations.outcome import Outcome
from kops_core.operations.rolling.errors import passes_by_itself
from kops_core.operations.rolling.evictions import Asked, ask_to_leave
from kops_core.operations.steps import Emit, Hooks, Limits, Step, Steps
from kops_core.plan.snapshot import DiscoveredResource

CORDON = "cordon nodes"
"""Name of the first step."""


@dataclass(frozen=True)
class DoomedGroup:
    """What there is of an instance group that is deleted."""

    name: str
    nodes: tuple[str, ...]
    """Names of its nodes, to be drained."""
    resources: tuple[DiscoveredResource, ...]
    """Its auto-scaling group and launch template, as far as they exist."""
    detached: tuple[str, ...] = ()
    """Ids of machines that a rolling update took out of its group."""


@dataclass(frozen=True)
class GroupDeleters:
    """What deletes the parts of a group; each function may be called again, and raises KopsError."""

    api: KubernetesApi | None
    """None to drain nothing."""
    delete: Callable[[DiscoveredResource], None]
    """Returns once the resource is gone; raises NotReady before."""
    terminate: Callable[[str], None]
    """Terminates a machine."""
    forget: Callable[[], None]
    """Deletes the spec and the files of the group's nodes."""


@dataclass
class _Drains:
    """The drains of all nodes."""

    api: KubernetesApi
    nodes: tuple[str, ...]
    timeout: float
    now: Callable[[], datetime]
    asked: dict[str, Asked] = field(default_factory=dict)

    def cordon(self) -> None:
        for node in self.nodes:
            self.api.cordon(node)

    def drain(self, node: str) -> None:
        left = ask_to_leave(self.api, node, self.asked.setdefault(node, Asked()), self.now)
        if left is not None:
            progress = " ".join(sorted("/".join(key) for key in left.pods))
            raise NotReady(left.note, where=node, within=self.timeout, progress=progress)


def delete_group(
    group: DoomedGroup,
    deleters: GroupDeleters,
    journal: Journal,
    *,
    cluster: str,
    kind: str,
    clock: Clock,
    random: Callable[[], float],
    emit: Emit,
    cancel: CancelToken,
    by: str,
    drain_timeout: float,
) -> Outcome:
    """I/O. Deletes an instance group; failures are in the outcome.

    kind: of the operation, for events. drain_timeout: seconds for the pods of a node to leave, since the last
    one left.
    """
    steps: Steps[None] = Steps(
        journal,
        Hooks(_is_retryable, partial(_done, journal)),
        clock=clock,
        random=random,
        emit=emit,
        cancel=cancel,
        limits=Limits(),
    )

    def add(name: str, needs: tuple[str, ...], doing: str, act: Callable[[], None]) -> None:
        steps.add(Step(name, needs, partial(_act, journal, act), doing))

    drained: tuple[str, ...] = ()
    if deleters.api is not None and group.nodes:
        drains = _Drains(deleters.api, group.nodes, drain_timeout, clock.now)
        add(CORDON, (), "keep new pods off all nodes of the group", drains.cordon)
        drained = tuple(f"drain {node}" for node in group.nodes)
        for name, node in zip(drained, group.nodes, strict=True):
            add(name, (CORDON,), "ask its pods to leave", partial(drains.drain, node))
    names = {each.id: str(each.key) for each in group.resources}
    for each in group.resources:
        needs = (*drained, *_users_of(each, group, names))
        add(names[each.id], needs, "delete", partial(deleters.delete, each))
    ended = tuple(f"terminate {machine}" for machine in group.detached)
    for name, machine in zip(ended, group.detached, strict=True):
        add(name, drained, "terminate", partial(deleters.terminate, machine))
    everything = (*drained, *names.values(), *ended)
    add(f"InstanceGroup/{group.name}", everything, "delete its spec", deleters.forget)
    return steps.run(kind=kind, cluster=cluster, by=by)


def _act(journal: Journal, act: Callable[[], None], step: Step[None]) -> None:
    if step.attempts == 1:
        journal.write("begin", step.name)
    act()


def _done(journal: Journal, step: Step[None], _: None) -> str:
    journal.write("end", step.name)
    return ""


def _users_of(resource: DiscoveredResource, group: DoomedGroup, names: Mapping[str, str]) -> tuple[str, ...]:
    """Names of the steps that delete what refers to a resource."""
    return tuple(names[each.id] for each in group.resources if resource.id in each.uses)


def _is_retryable(step: Step[None], error: KopsError) -> bool:
    return passes_by_itself(error) or isinstance(error, CloudConflict)
