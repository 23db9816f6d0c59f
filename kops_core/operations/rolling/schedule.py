"""Which groups are rolled at a time, and how much capacity each may take; pure.

Bastions go side by side, then control planes one after the other, then API servers, then nodes (kOps). Groups
of nodes may go side by side, if the operator asks for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kops_core.operations.group_status import Role
from kops_core.operations.rolling.decisions import STOPPED, begin, close
from kops_core.operations.rolling.settings import RollingSettings
from kops_core.operations.rolling.state import GroupRoll, GroupStage, Stage

_ENDS_ALL = frozenset({Role.BASTION, Role.CONTROL_PLANE})


def admit(
    groups: Sequence[GroupRoll], settings: RollingSettings, now: float, *, stopping: bool
) -> list[GroupRoll]:
    """The groups, with those begun whose turn it is, and those ended that a failure or a stop keeps out."""
    found = list(groups)
    why = STOPPED if stopping else _find_end(found)
    if why:
        found = [_keep_out(each, why, now) for each in found]
    if any(each.ends_all for each in found):
        found = [close(each, why, now) if each.is_active else each for each in found]
    for role in Role:
        of_role = [each for each in found if each.group.role is role]
        active = sum(each.is_active for each in of_role)
        width = _width(role, settings)
        if any(each.stage is GroupStage.WAITING for each in of_role) and active < width:
            chosen = next(each for each in of_role if each.stage is GroupStage.WAITING)
            begun = begin(chosen, settings, now) if chosen.members else replace(chosen, stage=GroupStage.OVER)
            at = found.index(chosen)
            return admit([*found[:at], begun, *found[at + 1 :]], settings, now, stopping=stopping)
        if any(each.stage is not GroupStage.OVER for each in of_role):
            break
    return found


def may_be_unavailable(
    group: GroupRoll, groups: Sequence[GroupRoll], settings: RollingSettings
) -> int | None:
    """How many of a group's nodes may be unavailable by the budget of all groups; None without one.

    A group that is rolled alone has no budget but its own.
    """
    if group.group.role is not Role.NODE or settings.parallel_groups <= 1:
        return None
    others = sum(each.unavailable for each in groups if each.is_active and each.name != group.name)
    return max(settings.max_unavailable_nodes - others, 0 if others else 1)


def _width(role: Role, settings: RollingSettings) -> int:
    match role:
        case Role.BASTION:
            return 1_000_000
        case Role.NODE:
            return max(1, settings.parallel_groups)
        case _:
            return 1


def _find_end(groups: Sequence[GroupRoll]) -> str:
    """Why no other group may begin; "" if one may."""
    failed = [
        each for each in groups if each.error is not None and (each.ends_all or each.group.role in _ENDS_ALL)
    ]
    return f"{failed[0].name} failed" if failed else ""


def _keep_out(group: GroupRoll, why: str, now: float) -> GroupRoll:
    if group.stage is not GroupStage.WAITING:
        return group
    return close(
        group.with_members(
            lambda member: (
                replace(member, stage=Stage.SKIPPED, why=why) if member.stage is Stage.REPLACING else member
            )
        ),
        why,
        now,
    )
