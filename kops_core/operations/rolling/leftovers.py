"""What interrupted rolling updates left behind: taints, cordons, labels, instances out of their group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from kops_core.cloud.ports import GroupState
from kops_core.errors import KopsError, Refused
from kops_core.kube.ports import Node
from kops_core.operations.group_status import InstanceGroup
from kops_core.operations.journal import History
from kops_core.operations.rolling.requests import TAINT, World
from kops_core.operations.rolling.selection import EXCLUDE_LABEL
from kops_core.operations.rolling.state import GroupRoll, Stage


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


def clean_up(world: World, rolled: Sequence[GroupRoll], history: History) -> Iterator[str]:
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
    returned = {member.id for group in rolled for member in group.members}
    try:
        states = world.cloud.groups([each.cloud_name for each in world.groups])
        left = find_leftovers(world.groups, states, api.nodes(), history)
    except Refused:
        raise
    except KopsError as error:
        yield f"whether the nodes keep marks of the update could not be found out: {error.what}"
        return
    for each in left:
        try:
            match each.kind:
                case LeftoverKind.TAINT if each.instance not in kept:
                    api.remove_taint(each.node, TAINT.key)
                case LeftoverKind.CORDON if each.instance not in returned:
                    api.cordon(each.node, on=False)
                case LeftoverKind.LABEL if each.instance not in returned:
                    api.set_label(each.node, EXCLUDE_LABEL, None)
                case _:
                    pass
        except Refused:
            raise
        except KopsError as error:
            yield f"the {each.kind.value} of {each.node} could not be taken off: {error.what}"
