"""What the results of calls mean for the update of a group; pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from kops_core.errors import KopsError
from kops_core.operations.rolling import checks
from kops_core.operations.rolling.decisions import close, confirm, enter, return_member, stage_after
from kops_core.operations.rolling.errors import DeregisterFailed, DrainFailed, ValidationTimeout
from kops_core.operations.rolling.settings import RollingSettings
from kops_core.operations.rolling.state import (
    Act,
    Again,
    Away,
    Done,
    GroupRoll,
    GroupStage,
    Member,
    Refusal,
    Request,
    Result,
    Stage,
)

RETRY: Final = 5.0
"""Seconds after which a service that was away is asked again."""
_INSIST: Final = 60.0
"""Seconds in which what was done to a node is tried to be undone, whatever the error."""
_OF_THE_DRAIN = frozenset({Act.CORDON, Act.EXCLUDE, Act.DEREGISTER, Act.DRAIN})


def complete(
    group: GroupRoll, request: Request, result: Result, now: float, settings: RollingSettings
) -> GroupRoll:
    """A group after one of its requests."""
    match request.act:
        case Act.VALIDATE:
            return _complete_check(group, result, now, settings)
        case Act.TAINT:
            return _complete_taint(group, result, now, settings)
        case _:
            return _complete_member(group, request, result, now, settings)


def _complete_check(group: GroupRoll, result: Result, now: float, settings: RollingSettings) -> GroupRoll:
    if group.check is None or isinstance(result, Done | Again):
        return group
    check = checks.judge(group.check, group.name, result, now, settings)
    if not check.why and check.passes >= check.needed:
        return replace(confirm(group, now), note="")
    if not checks.is_over(check, now):
        return replace(group, check=check, note=check.why)
    error = checks.timed_out(check, group.name, settings)
    if settings.fail_on_validate_error or settings.cloud_only:
        return fail(replace(group, check=None, note=""), error, now)
    warned = replace(group, warnings=(*group.warnings, f"{error.what}; going on nevertheless"), note="")
    return confirm(replace(warned, check=check), now)


def fail(group: GroupRoll, error: KopsError, now: float) -> GroupRoll:
    """A group that can't go on: nothing more is started, and what can be undone is."""
    ends_all = isinstance(error, ValidationTimeout | DeregisterFailed)
    closing = close(group, f"{group.name} failed", now)
    if isinstance(error, ValidationTimeout):
        # Whether these are replaced is what could not be found out.
        closing = closing.with_members(
            lambda member: (
                replace(enter(member, Stage.FAILED, now), why=error.what)
                if member.stage in {Stage.REPLACING, Stage.INTERVAL}
                else member
            )
        )
        closing = replace(closing, check=None)
    first = group.error is None
    return replace(
        closing,
        error=error if first else group.error,
        ends_all=ends_all or group.ends_all,
    )


def _complete_taint(group: GroupRoll, result: Result, now: float, settings: RollingSettings) -> GroupRoll:
    passed = replace(group, stage=GroupStage.WARM_POOL, failing_since=None, note="", due=now)
    match result:
        case Away():
            since = now if group.failing_since is None else group.failing_since
            if now - since >= settings.validation_timeout:
                return fail(group, _gone_too_long(result.error, settings), now)
            return replace(group, failing_since=since, note=result.error.what, due=now + RETRY)
        case Refusal() if settings.fail_on_drain_error:
            return fail(group, DrainFailed(f"its nodes can't be tainted: {result.error.what}"), now)
        case Refusal():
            warning = f"the nodes of {group.name} can't be tainted: {result.error.what}"
            return replace(passed, warnings=(*group.warnings, warning))
        case _:
            return passed


def _complete_member(
    group: GroupRoll, request: Request, result: Result, now: float, settings: RollingSettings
) -> GroupRoll:
    member = group.member(request.instance)
    match result:
        case Away():
            return _wait_for_service(group, member, result.error, now, settings)
        case Again():
            return _wait(group, request.act, member, result, now, settings=settings)
        case Refusal():
            return _refuse(group, request.act, member, result.error, now, settings=settings)
        case _:
            return _succeed(group, request.act, member, now, settings)


def _succeed(group: GroupRoll, act: Act, member: Member, now: float, settings: RollingSettings) -> GroupRoll:
    if act is Act.RETURN:
        return group.with_member(replace(enter(member, member.ends, now), note=member.why))
    if act is Act.DETACH:
        detached = group.with_member(replace(enter(member, Stage.WAITING, now), detached=True))
        return replace(detached, unverified=True, due=now + group.interval)
    following = stage_after(member, group, settings)
    after = {Stage.DELAY: settings.post_drain_delay, Stage.INTERVAL: group.interval}.get(following, 0.0)
    return group.with_member(enter(member, following, now, after=after))


def _wait_for_service(
    group: GroupRoll, member: Member, error: KopsError, now: float, settings: RollingSettings
) -> GroupRoll:
    since = now if member.failing_since is None else member.failing_since
    waiting = replace(member, failing_since=since, note=error.what, due=now + RETRY, is_blocked=True)
    if now - since < settings.validation_timeout:
        return group.with_member(waiting)
    if member.stage is Stage.RETURNING:
        return _leave(group, member, error, now)
    gone = _gone_too_long(error, settings)
    returning = return_member(waiting, Stage.FAILED, gone.what, now)
    return fail(group.with_member(returning), gone, now)


def _leave(group: GroupRoll, member: Member, error: KopsError, now: float) -> GroupRoll:
    """Gives up undoing what was done to a node."""
    warning = f"{member.id} was not put back into service: {error.what}"
    left = group.with_member(replace(enter(member, member.ends, now), note=member.why, left=True))
    return replace(left, warnings=(*group.warnings, warning))


def _gone_too_long(error: KopsError, settings: RollingSettings) -> ValidationTimeout:
    return ValidationTimeout(
        f"for {settings.validation_timeout:.0f} s: {error.what}", where=error.where, remedy=error.remedy
    )


def _wait(
    group: GroupRoll, act: Act, member: Member, result: Again, now: float, *, settings: RollingSettings
) -> GroupRoll:
    since = member.since
    if member.failing_since is not None:
        # The time in which the service was away is none that the drain has had.
        since += now - member.failing_since
    if result.is_blocked and any(
        each.stage.has_left_service for each in group.members if each.id != member.id
    ):
        since = now  # others of the update are what it waits for
    waited = now - since
    limit = settings.drain_timeout if act in {Act.DRAIN, Act.DEREGISTER} else settings.validation_timeout
    if limit and waited >= limit:
        what = f"after {limit:.0f} s: {result.note}"
        error = DrainFailed(what) if act is Act.DRAIN else ValidationTimeout(what)
        return _refuse(group, act, member, error, now, settings=settings)
    return group.with_member(
        replace(
            member,
            since=since,
            note=result.note,
            held=result.held,
            due=now + result.after,
            failing_since=None,
            is_blocked=result.is_blocked,
        )
    )


def _refuse(
    group: GroupRoll, act: Act, member: Member, error: KopsError, now: float, *, settings: RollingSettings
) -> GroupRoll:
    if act is Act.RETURN:
        since = now if member.failing_since is None else member.failing_since
        if now - since >= _INSIST:
            return _leave(group, member, error, now)
        return group.with_member(replace(member, failing_since=since, due=now + RETRY))
    if act is Act.DETACH:
        warning = f"{member.id} can't be detached from its group: {error.what}"
        kept = group.with_member(replace(enter(member, Stage.WAITING, now), undetachable=True))
        return replace(kept, warnings=(*group.warnings, warning))
    about = member.node or member.id
    if act is Act.DEREGISTER:
        error = DeregisterFailed(
            f"{about} does not leave its load balancers: {error.what}", where=error.where, remedy=error.remedy
        )
    elif act in _OF_THE_DRAIN and not isinstance(error, ValidationTimeout):
        error = DrainFailed(
            f"{about} can't be drained: {error.what}",
            where=error.where,
            remedy=error.remedy
            or "look at the pods and disruption budgets that are named, then run it again",
        )
    if act in _OF_THE_DRAIN and not isinstance(error, ValidationTimeout) and not settings.fail_on_drain_error:
        going_on = group.with_member(enter(member, Stage.TERMINATING, now))
        return replace(going_on, warnings=(*group.warnings, f"{error.what}; going on nevertheless"))
    return fail(group.with_member(return_member(member, Stage.FAILED, error.what, now)), error, now)
