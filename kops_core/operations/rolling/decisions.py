"""The decisions of a rolling update: from the state of a group and the time to what is done next; pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from kops_core.operations.group_status import Role
from kops_core.operations.rolling.checks import open_check
from kops_core.operations.rolling.settings import RollingSettings
from kops_core.operations.rolling.state import (
    Act,
    GroupRoll,
    GroupStage,
    Member,
    Request,
    Stage,
)

STOPPED: Final = "the update was stopped"
SKIPPED: Final = "skipped by the operator"
DISABLED: Final = "drainAndTerminate is false, so that the operator terminates it"

_ACTS: Final = {
    Stage.DETACHING: Act.DETACH,
    Stage.CORDONING: Act.CORDON,
    Stage.EXCLUDING: Act.EXCLUDE,
    Stage.DEREGISTERING: Act.DEREGISTER,
    Stage.DRAINING: Act.DRAIN,
    Stage.TERMINATING: Act.TERMINATE,
    Stage.RETURNING: Act.RETURN,
}


@dataclass(frozen=True)
class Controls:
    """What the operator and other groups want of a group at a moment."""

    now: float
    """Seconds of the monotonic clock."""
    stopping: bool = False
    paused: bool = False
    skipped: frozenset[str] = frozenset()
    """Instances that are to be left as they were."""
    undrained: frozenset[str] = frozenset()
    """Instances that are replaced although pods have not left their nodes."""
    may_be_unavailable: int | None = None
    """How many of the group may be unavailable, by the budget of all groups; None for no budget."""


def requests(group: GroupRoll, now: float, *, paused: bool = False) -> list[Request]:
    """What is to be done now; while paused nothing that is new."""
    found = []
    if group.check is not None and group.check.due <= now:
        found.append(Request(Act.VALIDATE))
    if group.stage is GroupStage.TAINTING and group.due <= now and not paused:
        found.append(Request(Act.TAINT))
    found += [
        Request(_ACTS[each.stage], each.id)
        for each in group.members
        if each.stage in _ACTS and each.due <= now
    ]
    return found


def next_due(group: GroupRoll) -> float | None:
    """When there is something to be done again; None if nothing is waited for."""
    times = [each.due for each in group.members if not each.stage.is_over and each.stage not in _WITHOUT_TIME]
    if group.check is not None:
        times.append(group.check.due)
    if group.stage is GroupStage.TAINTING or (group.unverified and group.check is None):
        times.append(group.due)
    return min(times, default=None)


_WITHOUT_TIME: Final = frozenset({Stage.WAITING, Stage.REPLACING})


def begin(group: GroupRoll, settings: RollingSettings, now: float) -> GroupRoll:
    """A group whose turn it is: first the cluster has to be valid, except for bastions."""
    gone = frozenset(each.id for each in group.members if each.stage is Stage.REPLACING)
    if group.group.role is Role.BASTION and not settings.cloud_only and not gone:
        return replace(group, stage=GroupStage.TAINTING)
    needed = _needed(settings) if gone else 1
    return replace(group, stage=GroupStage.CHECKING, check=open_check(max(1, needed), now, settings, gone))


def tick(group: GroupRoll, controls: Controls, settings: RollingSettings) -> GroupRoll:
    """A group after what time, the operator and its own stage bring about, without any call."""
    now = controls.now
    if group.confirmed:
        group = replace(group, confirmed=())
    group = group.with_members(lambda member: _pass_time(member, now))
    group = _skip(group, controls.skipped, now)
    group = _end_drains(group, controls.undrained, now)
    if controls.stopping:
        group = close(group, STOPPED, now)
    match group.stage:
        case GroupStage.WARM_POOL:
            group = _end_warm_pool(group, controls)
        case GroupStage.SURGING:
            group = _surge(group, controls, settings)
        case GroupStage.ROLLING:
            group = _roll(group, controls, settings)
        case _:
            pass
    return _end(_confirm(group, settings, now))


def close(group: GroupRoll, why: str, now: float) -> GroupRoll:
    """Starts nothing more in a group, and undoes what can be undone."""
    if group.stage in {GroupStage.CLOSING, GroupStage.OVER}:
        return group
    check = group.check if group.check is not None and group.check.covers else None
    closing = group.with_members(lambda member: skip_member(member, why, now))
    return replace(closing, stage=GroupStage.CLOSING, check=check, unverified=False)


def skip_member(member: Member, why: str, now: float) -> Member:
    """An instance that is left as it was, unless it is too late."""
    if member.stage is Stage.WAITING and not member.resumed:
        return replace(member, stage=Stage.SKIPPED, why=why, note="", since=now)
    if member.stage is Stage.WAITING or member.stage.is_reversible:
        return return_member(member, Stage.SKIPPED, why, now)
    return member


def return_member(member: Member, ends: Stage, why: str, now: float) -> Member:
    """An instance whose node is to be as it was before, and that ends as given."""
    return replace(member, stage=Stage.RETURNING, ends=ends, why=why, note=why, held=(), since=now, due=now)


def enter(member: Member, stage: Stage, now: float, *, after: float = 0.0) -> Member:
    """An instance in its next stage, to be looked at after some seconds."""
    began = now if member.stage is Stage.WAITING and not member.began else member.began
    return replace(
        member,
        stage=stage,
        began=began,
        since=now,
        due=now + after,
        note="",
        held=(),
        failing_since=None,
        is_blocked=False,
    )


def stage_after(member: Member, group: GroupRoll, settings: RollingSettings) -> Stage:
    """The stage that follows on that of an instance."""
    following = _FOLLOWING.get(member.stage, Stage.TERMINATING)
    drains = member.node and not member.warm and not settings.cloud_only
    if member.stage is Stage.WAITING and (not drains or group.group.role is Role.BASTION):
        return Stage.TERMINATING
    if following is Stage.DEREGISTERING and not group.deregisters:
        return Stage.DRAINING
    if following is Stage.DELAY and not settings.post_drain_delay:
        return Stage.TERMINATING
    return Stage.DONE if following is Stage.INTERVAL and member.warm else following


_FOLLOWING: Final = {
    Stage.WAITING: Stage.CORDONING,
    Stage.CORDONING: Stage.EXCLUDING,
    Stage.EXCLUDING: Stage.DEREGISTERING,
    Stage.DEREGISTERING: Stage.DRAINING,
    Stage.DRAINING: Stage.DELAY,
    Stage.DELAY: Stage.TERMINATING,
    Stage.TERMINATING: Stage.INTERVAL,
}


def _needed(settings: RollingSettings) -> int:
    return 1 if settings.cloud_only else settings.validate_count


def _pass_time(member: Member, now: float) -> Member:
    if member.due > now:
        return member
    if member.stage is Stage.DELAY:
        return enter(member, Stage.TERMINATING, now)
    if member.stage is Stage.INTERVAL:
        return enter(member, Stage.REPLACING, now)
    return member


def _skip(group: GroupRoll, skipped: frozenset[str], now: float) -> GroupRoll:
    if not skipped:
        return group
    return group.with_members(
        lambda member: skip_member(member, SKIPPED, now) if member.id in skipped else member
    )


def _end_drains(group: GroupRoll, undrained: frozenset[str], now: float) -> GroupRoll:
    """Goes on with instances whose pods are not waited for any more."""
    chosen = [each for each in group.members if each.id in undrained and each.stage is Stage.DRAINING]
    for member in chosen:
        lost = f": {member.note}" if member.note else ""
        warning = f"{member.node or member.id} is replaced before it is drained, as the operator asked{lost}"
        group = replace(
            group.with_member(enter(member, Stage.TERMINATING, now)), warnings=(*group.warnings, warning)
        )
    return group


def _end_warm_pool(group: GroupRoll, controls: Controls) -> GroupRoll:
    if controls.paused:
        return group
    warm = [each for each in group.members if each.warm]
    if all(each.stage.is_over for each in warm):
        return replace(group, stage=GroupStage.SURGING)
    return group.with_members(
        lambda member: (
            enter(member, Stage.TERMINATING, controls.now)
            if member.warm and member.stage is Stage.WAITING
            else member
        )
    )


def _surge(group: GroupRoll, controls: Controls, settings: RollingSettings) -> GroupRoll:
    """Detaches instances, the last ones first, until the group has grown by its surge."""
    if group.check is not None or any(each.stage is Stage.DETACHING for each in group.members):
        return group
    wanted = 0 if settings.cloud_only else group.limits.surge - group.surplus
    candidates = [
        each
        for each in group.members
        if each.stage is Stage.WAITING and not (each.detached or each.undetachable or each.warm)
    ]
    growing = wanted > 0 and bool(candidates)
    if group.unverified and not (growing and group.proven):
        return _verify_surge(group, controls.now, settings)
    if not growing:
        return _roll(replace(group, stage=GroupStage.ROLLING), controls, settings)
    return (
        group if controls.paused else group.with_member(enter(candidates[-1], Stage.DETACHING, controls.now))
    )


def _verify_surge(group: GroupRoll, now: float, settings: RollingSettings) -> GroupRoll:
    if now < group.due:
        return group
    if _needed(settings):
        check = open_check(_needed(settings), now, settings)
        return replace(group, check=replace(check, after_surge=True))
    return replace(group, unverified=False, proven=True)


def _roll(group: GroupRoll, controls: Controls, settings: RollingSettings) -> GroupRoll:
    """Starts as many instances as may be out of service."""
    if not group.limits.drain_and_terminate:
        return close(group, DISABLED, controls.now)
    while not controls.paused:
        waiting = next((each for each in group.members if each.stage is Stage.WAITING), None)
        if waiting is None or group.under_way >= group.concurrency:
            break
        started = group.with_member(enter(waiting, stage_after(waiting, group, settings), controls.now))
        allowed = controls.may_be_unavailable
        if allowed is not None and started.unavailable > max(allowed, group.unavailable):
            break
        group = started
    return group


def _confirm(group: GroupRoll, settings: RollingSettings, now: float) -> GroupRoll:
    """Has the cluster validated once instances are gone; nothing is confirmed without validations."""
    if group.check is not None or group.stage not in {GroupStage.ROLLING, GroupStage.CLOSING}:
        return group
    gone = frozenset(each.id for each in group.members if each.stage is Stage.REPLACING)
    if not gone:
        return group
    if not _needed(settings) or not group.confirms:
        return confirm(replace(group, check=open_check(0, now, settings, gone)), now)
    return replace(group, check=open_check(_needed(settings), now, settings, gone))


def confirm(group: GroupRoll, now: float) -> GroupRoll:
    """A group whose check has passed."""
    check = group.check
    if check is None:
        return group
    covered = group.with_members(
        lambda member: enter(member, Stage.DONE, now) if member.id in check.covers else member
    )
    stage = GroupStage.TAINTING if group.stage is GroupStage.CHECKING else group.stage
    return replace(
        covered,
        check=None,
        confirmed=tuple(sorted(check.covers)),
        proven=group.proven or group.unverified or bool(check.covers),
        unverified=False,
        stage=stage,
        due=now,
    )


def _end(group: GroupRoll) -> GroupRoll:
    finished = all(each.stage.is_over for each in group.members) and group.check is None
    if finished and group.stage in {GroupStage.ROLLING, GroupStage.CLOSING}:
        return replace(group, stage=GroupStage.OVER)
    return group
