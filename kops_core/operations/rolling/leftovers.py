"""What interrupted rolling updates left behind: taints, cordons, labels, instances out of their group."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import TypeVar

from kops_core.cloud.ports import GroupState
from kops_core.errors import KopsError, Refused
from kops_core.kube.ports import KubernetesApi, Node
from kops_core.operations.clock import Clock
from kops_core.operations.group_status import InstanceGroup
from kops_core.operations.journal import History
from kops_core.operations.rolling.requests import TAINT, World
from kops_core.operations.rolling.selection import EXCLUDE_LABEL
from kops_core.operations.rolling.state import GroupRoll, Stage

_INSIST, _RETRY = 60.0, 5.0
"""For how many seconds calls that fail are made again, and after how many."""

T = TypeVar("T")


class LeftoverKind(Enum):
    """What was left."""

    TAINT = "taint"
    CORDON = "cordon"
    LABEL = "label"
    DETACHED = "detached instance"


@dataclass(frozen=True)
class Leftover:
    """Something that an interrupted update did, and neither ended nor undid."""

    kind: LeftoverKind
    instance: str
    node: str
    """"" if the instance has none."""
    group: str
    """Name of the instance group."""


def find_leftovers(
    groups: Sequence[InstanceGroup],
    states: Mapping[str, GroupState],
    nodes: Sequence[Node],
    history: History | None,
) -> tuple[Leftover, ...]:
    """What is left of updates in some groups.

    history: the journal of an unfinished update, which alone knows whose cordons and labels are its own.
    """
    by_instance = {each.instance: each for each in nodes if each.instance}
    open_steps = history.open_steps if history is not None else {}
    found = []
    for group in groups:
        state = states.get(group.cloud_name)
        for instance in state.instances if state is not None else ():
            node = by_instance.get(instance.id)
            name = node.name if node is not None else ""
            if instance.lifecycle == "Detached":
                found.append(Leftover(LeftoverKind.DETACHED, instance.id, name, group.name))
            if node is None:
                continue
            if any(each.key == TAINT.key for each in node.taints):
                found.append(Leftover(LeftoverKind.TAINT, instance.id, name, group.name))
            details = open_steps[instance.id].details if instance.id in open_steps else {}
            if node.unschedulable and details.get("cordoned") == "false":
                found.append(Leftover(LeftoverKind.CORDON, instance.id, name, group.name))
            if EXCLUDE_LABEL in node.labels and details.get("excluded") == "false":
                found.append(Leftover(LeftoverKind.LABEL, instance.id, name, group.name))
    return tuple(found)


def clean_up(world: World, rolled: Sequence[GroupRoll], history: History, clock: Clock) -> Iterator[str]:
    """I/O. Takes marks of the update off nodes that stay; yields what could not be taken off, as warnings.

    Nodes of a group whose old instances the operator terminates keep their taint: that is its purpose.
    """
    api = world.api
    if api is None:
        return
    kept = {
        member.id
        for group in rolled
        if not group.limits.drain_and_terminate
        for member in group.members
        if member.stage is Stage.SKIPPED
    }
    seen_to = {member.id for group in rolled for member in group.members}
    until = clock.monotonic() + _INSIST
    try:
        nodes = _insist(api.nodes, clock, until)
        states = _insist(lambda: world.cloud.groups([each.cloud_name for each in world.groups]), clock, until)
    except Refused:
        raise
    except KopsError as error:
        yield f"whether nodes keep marks of the update could not be found out: {error.what}"
        return
    for each in find_leftovers(world.groups, states, nodes, history):
        if each.instance in (kept if each.kind is LeftoverKind.TAINT else seen_to):
            continue
        try:
            _insist(partial(_take_off, api, each), clock, until)
        except Refused:
            raise
        except KopsError as error:
            yield f"the {each.kind.value} of {each.node} could not be taken off: {error.what}"


def _take_off(api: KubernetesApi, left: Leftover) -> None:
    match left.kind:
        case LeftoverKind.TAINT:
            api.remove_taint(left.node, TAINT.key)
        case LeftoverKind.CORDON:
            api.cordon(left.node, on=False)
        case LeftoverKind.LABEL:
            api.set_label(left.node, EXCLUDE_LABEL, None)
        case LeftoverKind.DETACHED:
            pass  # it is terminated by the next update, once it was drained


def _insist(call: Callable[[], T], clock: Clock, until: float) -> T:
    """Calls again, whatever fails, until there is no time left."""
    while True:
        try:
            return call()
        except Refused:
            raise
        except KopsError:
            if clock.monotonic() >= until:
                raise
        clock.sleep(_RETRY)
