"""What follows for an instance and its group from the result of a call: each result at each stage."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kops_core.errors import CloudError, KopsError
from kops_core.operations.group_status import InstanceGroup, Role
from kops_core.operations.rolling.errors import DeregisterFailed, DrainFailed, ValidationTimeout
from kops_core.operations.rolling.results import RETRY, complete
from kops_core.operations.rolling.settings import GroupLimits, RollingSettings
from kops_core.operations.rolling.state import (
    Act,
    Again,
    Away,
    Check,
    Done,
    GroupRoll,
    GroupStage,
    Member,
    Refusal,
    Request,
    Result,
    Stage,
)

SETTINGS = RollingSettings(validation_timeout=900.0, drain_timeout=300.0, post_drain_delay=5.0)
LENIENT = replace(SETTINGS, fail_on_drain_error=False)
NOW = 1000.0
NO = CloudError("no", where="here", remedy="ask")
OF_THE_NODE = {
    Act.CORDON: Stage.CORDONING,
    Act.EXCLUDE: Stage.EXCLUDING,
    Act.DEREGISTER: Stage.DEREGISTERING,
    Act.DRAIN: Stage.DRAINING,
    Act.TERMINATE: Stage.TERMINATING,
}


def _group(*members: Member, stage: GroupStage = GroupStage.ROLLING, **fields: Any) -> GroupRoll:
    group = InstanceGroup("nodes", Role.NODE, "nodes.c")
    return GroupRoll(group, GroupLimits(0, 2), members, 15.0, stage=stage, deregisters=True, **fields)


def _member(stage: Stage, **fields: Any) -> Member:
    return Member("i-1", node="node-1", stage=stage, began=900.0, since=950.0, **fields)


def _after(
    act: Act,
    result: Result,
    *others: Member,
    settings: RollingSettings = SETTINGS,
    now: float = NOW,
    **fields: Any,
) -> tuple[GroupRoll, Member]:
    stage = fields.pop("stage", OF_THE_NODE.get(act, Stage.RETURNING))
    group = complete(_group(_member(stage, **fields), *others), Request(act, "i-1"), result, now, settings)
    return group, group.member("i-1")


@pytest.mark.parametrize(
    ("act", "following", "due"),
    [
        (Act.CORDON, Stage.EXCLUDING, NOW),
        (Act.EXCLUDE, Stage.DEREGISTERING, NOW),
        (Act.DEREGISTER, Stage.DRAINING, NOW),
        (Act.DRAIN, Stage.DELAY, NOW + 5),
        (Act.TERMINATE, Stage.INTERVAL, NOW + 15),
    ],
)
def test_a_call_that_succeeds_leads_to_the_next_stage(act: Act, following: Stage, due: float) -> None:
    group, member = _after(act, Done())
    assert (member.stage, member.since, member.due) == (following, NOW, due)
    assert (group.error, group.stage, group.warnings) == (None, GroupStage.ROLLING, ())


@pytest.mark.parametrize("act", OF_THE_NODE)
def test_a_service_that_is_away_is_asked_again_until_it_was_away_too_long(act: Act) -> None:
    group, member = _after(act, Away(NO))
    assert (member.stage, member.failing_since, member.due) == (OF_THE_NODE[act], NOW, NOW + RETRY)
    assert (member.note, member.is_blocked, group.error) == ("no", True, None)
    late, member = _after(act, Away(NO), failing_since=NOW - 899)
    assert (member.failing_since, late.error) == (NOW - 899, None)
    over, member = _after(act, Away(NO), failing_since=NOW - 900)
    assert isinstance(over.error, ValidationTimeout)
    assert (over.error.what, over.error.where, over.error.remedy) == ("for 900 s: no", "here", "ask")
    assert (over.ends_all, over.stage) == (True, GroupStage.CLOSING)
    if act is not Act.TERMINATE:
        assert (member.stage, member.ends, member.why) == (Stage.RETURNING, Stage.FAILED, "for 900 s: no")


def test_what_takes_its_time_is_asked_again_and_says_why() -> None:
    group, member = _after(Act.DRAIN, Again("2 pods", 7.0), failing_since=NOW - 20)
    assert (member.note, member.due, member.failing_since, member.is_blocked) == (
        "2 pods",
        NOW + 7,
        None,
        False,
    )
    assert member.since == 970.0, "the time that the service was away is not the drain's"
    assert group.error is None


@pytest.mark.parametrize(
    ("act", "limit", "error"),
    [
        (Act.DRAIN, 300.0, DrainFailed),
        (Act.DEREGISTER, 300.0, DeregisterFailed),
        (Act.TERMINATE, 900.0, ValidationTimeout),
    ],
)
def test_a_call_that_takes_too_long_fails(act: Act, limit: float, error: type[KopsError]) -> None:
    group, _ = _after(act, Again("2 pods", 1.0), now=950.0 + limit - 1)
    assert group.error is None
    group, member = _after(act, Again("2 pods", 1.0), now=950.0 + limit)
    assert type(group.error) is error
    assert f"after {limit:.0f} s: 2 pods" in str(group.error)
    assert member.ends is Stage.FAILED
    without = replace(SETTINGS, drain_timeout=0.0)
    group, _ = _after(act, Again("2 pods", 1.0), now=950.0 + limit, settings=without)
    assert (group.error is None) == (act is not Act.TERMINATE), "no limit is no limit"


def test_waiting_for_others_of_the_same_update_does_not_count() -> None:
    gone = Member("i-2", stage=Stage.REPLACING)
    here = Member("i-2", stage=Stage.WAITING)
    for other, blocked, since in ((gone, True, 5000.0), (gone, False, None), (here, True, None)):
        group, member = _after(Act.DRAIN, Again("x", 1.0, blocked), other, now=5000.0)
        if since is None:
            assert isinstance(group.error, DrainFailed)
        else:
            assert (group.error, member.since, member.is_blocked) == (None, since, True)


@pytest.mark.parametrize("act", OF_THE_NODE)
def test_a_refusal_ends_the_group_and_puts_the_instance_back(act: Act) -> None:
    group, member = _after(act, Refusal(NO))
    assert group.error is not None
    assert (group.stage, group.ends_all) == (GroupStage.CLOSING, act is Act.DEREGISTER)
    assert (member.stage, member.ends, member.why) == (Stage.RETURNING, Stage.FAILED, group.error.what)
    words = {
        Act.DEREGISTER: (DeregisterFailed, "node-1 does not leave its load balancers: no"),
        Act.TERMINATE: (CloudError, "no"),
    }
    kind, what = words.get(act, (DrainFailed, "node-1 can't be drained: no"))
    assert (type(group.error), group.error.what) == (kind, what)
    assert (group.error.where, group.error.remedy) == ("here", "ask")
    bare, _ = _after(act, Refusal(CloudError("no")))
    assert bare.error is not None
    assert bool(bare.error.remedy) == (act not in {Act.DEREGISTER, Act.TERMINATE})


@pytest.mark.parametrize("act", OF_THE_NODE)
def test_if_the_operator_wants_so_a_drain_that_fails_keeps_nothing_up(act: Act) -> None:
    group, member = _after(act, Refusal(NO), settings=LENIENT)
    if act is Act.TERMINATE:
        assert group.error is not None
        return
    assert (group.error, member.stage) == (None, Stage.TERMINATING)
    (warning,) = group.warnings
    assert warning.endswith("no; going on nevertheless")
    # A service that stays away is another matter.
    late, _ = _after(act, Away(NO), failing_since=NOW - 900, settings=LENIENT)
    assert late.error is not None


def test_an_instance_is_detached_or_it_is_not_and_the_group_goes_on() -> None:
    group, member = _after(Act.DETACH, Done(), stage=Stage.DETACHING)
    assert (member.stage, member.detached, member.undetachable) == (Stage.WAITING, True, False)
    assert (group.unverified, group.due) == (True, NOW + 15)
    group, member = _after(Act.DETACH, Refusal(NO), stage=Stage.DETACHING)
    assert (member.stage, member.detached, member.undetachable) == (Stage.WAITING, False, True)
    assert group.warnings == ("i-1 can't be detached from its group: no",)
    assert (group.unverified, group.error) == (False, None)


@pytest.mark.parametrize("ends", [Stage.SKIPPED, Stage.FAILED])
def test_what_is_put_back_is_insisted_on_for_a_minute(ends: Stage) -> None:
    fields: dict[str, Any] = {"ends": ends, "why": "stopped"}
    _, member = _after(Act.RETURN, Done(), **fields)
    assert (member.stage, member.note, member.left) == (ends, "stopped", False)
    _, member = _after(Act.RETURN, Refusal(NO), **fields)
    assert (member.stage, member.failing_since, member.due) == (Stage.RETURNING, NOW, NOW + RETRY)
    _, member = _after(Act.RETURN, Refusal(NO), failing_since=NOW - 59, **fields)
    assert (member.stage, member.failing_since) == (Stage.RETURNING, NOW - 59)
    group, member = _after(Act.RETURN, Refusal(NO), failing_since=NOW - 60, **fields)
    assert (member.stage, member.note, member.left) == (ends, "stopped", True)
    assert group.warnings == ("i-1 was not put back into service: no",)
    group, member = _after(Act.RETURN, Away(NO), failing_since=NOW - 900, **fields)
    assert (member.stage, member.left, group.error) == (ends, True, None)


def _tainting(result: Result, settings: RollingSettings = SETTINGS, **fields: Any) -> GroupRoll:
    group = _group(_member(Stage.WAITING), stage=GroupStage.TAINTING, **fields)
    return complete(group, Request(Act.TAINT), result, NOW, settings)


def test_nodes_that_can_not_be_tainted_end_the_group_unless_it_does_not_matter() -> None:
    passed = _tainting(Done(), failing_since=1.0, note="x")
    assert (passed.stage, passed.failing_since, passed.note, passed.due) == (
        GroupStage.WARM_POOL,
        None,
        "",
        NOW,
    )
    away = _tainting(Away(NO))
    assert (away.stage, away.failing_since, away.note, away.due) == (
        GroupStage.TAINTING,
        NOW,
        "no",
        NOW + RETRY,
    )
    assert _tainting(Away(NO), failing_since=NOW - 899).error is None
    gone = _tainting(Away(NO), failing_since=NOW - 900)
    assert isinstance(gone.error, ValidationTimeout)
    refused = _tainting(Refusal(NO))
    assert isinstance(refused.error, DrainFailed)
    assert (refused.error.what, refused.ends_all) == ("its nodes can't be tainted: no", False)
    (member,) = refused.members
    assert (member.stage, member.why) == (Stage.SKIPPED, "nodes failed")
    warned = _tainting(Refusal(NO), LENIENT, warnings=("first",))
    assert warned.warnings == ("first", "the nodes of nodes can't be tainted: no")
    assert (warned.stage, warned.error) == (GroupStage.WARM_POOL, None)


def test_the_first_error_of_a_group_is_kept_and_a_validation_in_vain_fails_what_it_was_about() -> None:
    first = CloudError("first")
    group = _group(
        _member(Stage.DRAINING),
        Member("i-2", stage=Stage.REPLACING),
        Member("i-3", stage=Stage.INTERVAL),
        Member("i-4", stage=Stage.WAITING),
        error=first,
        check=Check(1, 9.0, 0.0),
    )
    after = complete(group, Request(Act.DRAIN, "i-1"), Refusal(NO), NOW, SETTINGS)
    assert (after.error, after.ends_all) == (first, False)
    assert [each.stage for each in after.members[1:]] == [Stage.REPLACING, Stage.INTERVAL, Stage.SKIPPED]
    away = replace(group, members=(replace(group.members[0], failing_since=0.0), *group.members[1:]))
    ended = complete(away, Request(Act.DRAIN, "i-1"), Away(NO), NOW, SETTINGS)
    assert (ended.error, ended.ends_all, ended.check) == (first, True, None)
    assert [each.stage for each in ended.members[1:]] == [Stage.FAILED, Stage.FAILED, Stage.SKIPPED]


def test_the_result_of_a_check_that_nobody_waits_for_changes_nothing() -> None:
    group = _group(_member(Stage.DRAINING))
    assert complete(group, Request(Act.VALIDATE), Away(NO), NOW, SETTINGS) is group
    checked = replace(group, check=Check(1, 9.0, 0.0))
    assert complete(checked, Request(Act.VALIDATE), Done(), NOW, SETTINGS) is checked
