"""The decisions of a roll that need no call: stages, checks, leftovers, and the words in journals."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kops_core.cloud.ports import GroupState, Instance
from kops_core.errors import CloudError
from kops_core.kube.ports import Node
from kops_core.operations.events import Control, Phase
from kops_core.operations.group_status import InstanceGroup, Role
from kops_core.operations.journal import Entry, History
from kops_core.operations.rolling import checks
from kops_core.operations.rolling.decisions import begin, confirm, enter, stage_after
from kops_core.operations.rolling.leftovers import Leftover, LeftoverKind, find_leftovers
from kops_core.operations.rolling.requests import TAINT
from kops_core.operations.rolling.selection import EXCLUDE_LABEL
from kops_core.operations.rolling.settings import GroupLimits, RollingSettings
from kops_core.operations.rolling.state import Away, Check, GroupRoll, GroupStage, Member, Stage, Validated
from kops_core.operations.validation import Failure, FailureKind
from tests.plan.fixtures import NOW as DATE

NODES = InstanceGroup("nodes", Role.NODE, "nodes.c")
OTHERS = InstanceGroup("others", Role.NODE, "others.c")
SETTINGS = RollingSettings(validation_timeout=900.0, validate_interval=30.0, validate_count=2)
CLOUD = replace(SETTINGS, cloud_only=True)
NOW = 100.0
_GUIDE = Path(__file__).parents[2] / "docs" / "operations.md"


def _group(*members: Member, role: Role = Role.NODE, **fields: Any) -> GroupRoll:
    return GroupRoll(replace(NODES, role=role), GroupLimits(0, 1), members, 15.0, **fields)


def test_the_words_in_journals_and_events_are_those_that_other_versions_read() -> None:
    assert {each.name: each.value for each in Phase} == {
        "WAITING": "wait",
        "RUNNING": "run",
        "RETRYING": "retry",
        "DONE": "ok",
        "FAILED": "fail",
        "SKIPPED": "skip",
    }
    assert [each.value for each in Control] == [
        *("stop", "stop-now", "pause", "resume", "skip", "end-drain", "answer")
    ]
    told = next(line for line in _GUIDE.read_text("utf-8").splitlines() if line.startswith("| `StepChanged`"))
    phases, _, stages = told.partition("Stages: ")
    assert re.findall("`([^`]+)`", phases) == ["StepChanged", *(each.value for each in Phase)]
    assert re.findall("`([^`]+)`", stages) == [each.value for each in Stage]
    spelled = {"DELAY": "post-drain delay"}
    assert all(each.value == spelled.get(each.name, each.name.lower()) for each in Stage)
    assert all(each.value == each.name.lower().replace("_", " ") for each in GroupStage)


@pytest.mark.parametrize(
    ("stage", "fields", "group", "settings", "following"),
    [
        (Stage.WAITING, {}, {}, {}, Stage.CORDONING),
        (Stage.WAITING, {"node": ""}, {}, {}, Stage.TERMINATING),
        (Stage.WAITING, {"warm": True}, {}, {}, Stage.TERMINATING),
        (Stage.WAITING, {}, {}, {"cloud_only": True}, Stage.TERMINATING),
        (Stage.WAITING, {}, {"role": Role.BASTION}, {}, Stage.TERMINATING),
        (Stage.CORDONING, {}, {}, {}, Stage.EXCLUDING),
        (Stage.EXCLUDING, {}, {"deregisters": True}, {}, Stage.DEREGISTERING),
        (Stage.EXCLUDING, {}, {}, {}, Stage.DRAINING),
        (Stage.DEREGISTERING, {}, {}, {}, Stage.DRAINING),
        (Stage.DRAINING, {}, {}, {"post_drain_delay": 5.0}, Stage.DELAY),
        (Stage.DRAINING, {}, {}, {"post_drain_delay": 0.0}, Stage.TERMINATING),
        (Stage.DELAY, {}, {}, {}, Stage.TERMINATING),
        (Stage.TERMINATING, {}, {}, {}, Stage.INTERVAL),
        (Stage.TERMINATING, {"warm": True}, {}, {}, Stage.DONE),
    ],
)
def test_which_stage_follows(
    stage: Stage, fields: dict[str, Any], group: dict[str, Any], settings: dict[str, Any], following: Stage
) -> None:
    member = Member("i-1", **{"node": "node-1", "stage": stage, **fields})
    assert stage_after(member, _group(member, **group), replace(SETTINGS, **settings)) is following


@pytest.mark.parametrize(
    ("role", "settings", "gone", "stage", "needed"),
    [
        (Role.BASTION, SETTINGS, False, GroupStage.TAINTING, None),
        (Role.BASTION, CLOUD, False, GroupStage.CHECKING, 1),
        (Role.BASTION, SETTINGS, True, GroupStage.CHECKING, 2),
        (Role.NODE, SETTINGS, False, GroupStage.CHECKING, 1),
        (Role.NODE, SETTINGS, True, GroupStage.CHECKING, 2),
        (Role.NODE, CLOUD, True, GroupStage.CHECKING, 1),
        (Role.NODE, replace(SETTINGS, validate_count=0), True, GroupStage.CHECKING, 1),
    ],
)
def test_a_group_begins_with_a_valid_cluster_but_for_bastions(
    role: Role, settings: RollingSettings, gone: bool, stage: GroupStage, needed: int | None
) -> None:
    members = [Member("i-1"), *([Member("i-0", stage=Stage.REPLACING)] if gone else [])]
    group = begin(_group(*members, role=role), settings, NOW)
    assert group.stage is stage
    if needed is None:
        assert group.check is None
        return
    assert group.check == Check(needed, NOW + 900.0, NOW, frozenset({"i-0"} if gone else ()))


@pytest.mark.parametrize(
    ("fields", "covers", "proven"),
    [
        ({}, (), False),
        ({"proven": True}, (), True),
        ({"unverified": True}, (), True),
        ({}, ("i-1",), True),
    ],
)
def test_a_check_that_passed_proves_what_it_was_about(
    fields: dict[str, Any], covers: tuple[str, ...], proven: bool
) -> None:
    group = _group(
        Member("i-1", stage=Stage.REPLACING),
        Member("i-2", stage=Stage.REPLACING),
        check=Check(1, 9.0, 0.0, frozenset(covers)),
        stage=GroupStage.ROLLING,
        **fields,
    )
    after = confirm(group, NOW)
    assert (after.proven, after.unverified, after.check, after.confirmed) == (proven, False, None, covers)
    assert [each.stage for each in after.members] == [
        Stage.DONE if covers else Stage.REPLACING,
        Stage.REPLACING,
    ]
    assert (after.stage, after.due) == (GroupStage.ROLLING, NOW)
    assert confirm(replace(group, stage=GroupStage.CHECKING), NOW).stage is GroupStage.TAINTING
    assert confirm(replace(group, check=None), NOW).confirmed == ()


def test_an_instance_begins_once_and_enters_each_stage_afresh() -> None:
    waiting = Member("i-1", note="x", failing_since=1.0, is_blocked=True)
    begun = enter(waiting, Stage.CORDONING, NOW, after=7.0)
    assert begun == Member("i-1", stage=Stage.CORDONING, began=NOW, since=NOW, due=NOW + 7)
    later = enter(begun, Stage.DRAINING, NOW + 50)
    assert (later.began, later.since) == (NOW, NOW + 50)
    assert enter(replace(waiting, began=5.0), Stage.DETACHING, NOW).began == 5.0


def _failure(group: InstanceGroup | None, name: str = "x") -> Failure:
    return Failure(FailureKind.NODE, name, "is not ready", "look", group)


COVERING = Check(2, 1000.0, 0.0, frozenset({"i-1"}), passes=1, why="before", is_replacing=True)


@pytest.mark.parametrize(
    ("result", "check", "why", "replacing"),
    [
        (Validated([_failure(NODES)]), COVERING, "x: is not ready", True),
        (Validated([_failure(NODES)]), replace(COVERING, covers=frozenset()), "x: is not ready", False),
        (
            Validated([_failure(NODES)]),
            replace(COVERING, covers=frozenset(), after_surge=True),
            "x: is not ready",
            True,
        ),
        (Validated([_failure(NODES), _failure(OTHERS)]), COVERING, "x: is not ready; x: is not ready", False),
        (Validated([_failure(None)]), COVERING, "x: is not ready", False),
        (Validated([_failure(NODES, "nodes")]), COVERING, "is not ready", True),
        (Validated([], ("i-8", "i-9")), COVERING, "the end of i-8, i-9", True),
        (Away(CloudError("no API")), COVERING, "no API", False),
        (
            Validated([_failure(OTHERS, each) for each in "abcde"]),
            COVERING,
            "a: is not ready; b: is not ready; c: is not ready; and 2 more",
            False,
        ),
        (
            Validated([_failure(OTHERS, each) for each in "abc"]),
            COVERING,
            "a: is not ready; b: is not ready; c: is not ready",
            False,
        ),
    ],
)
def test_a_validation_that_fails_begins_the_count_anew_and_says_why(
    result: Any, check: Check, why: str, replacing: bool
) -> None:
    found = checks.judge(check, "nodes", result, NOW, SETTINGS)
    assert (found.passes, found.why, found.is_replacing) == (0, why, replacing)
    assert found.due == NOW + 30
    assert checks.judge(check, "nodes", result, NOW, CLOUD).due == NOW + checks.POLL
    assert checks.judge(check, "nodes", result, 995.0, SETTINGS).due == 1000.0, "the last one at the end"
    assert checks.judge(check, "nodes", result, 1000.0, SETTINGS).due == 1000.1
    assert (checks.is_over(found, 999.0), checks.is_over(found, 1000.0)) == (False, True)


def test_a_validation_that_passes_is_counted_and_repeated_soon() -> None:
    found = checks.judge(COVERING, "nodes", Validated(), NOW, SETTINGS)
    assert (found.passes, found.why, found.is_replacing) == (2, "", False)
    assert found.due == NOW + min(checks.REPEAT, 30.0)
    assert (
        checks.judge(COVERING, "nodes", Validated(), NOW, replace(SETTINGS, validate_interval=1.0)).due
        == NOW + 1
    )
    assert checks.judge(COVERING, "nodes", Validated(), NOW, CLOUD).due == NOW + checks.POLL
    assert not checks.is_over(found, 5000.0), "what passes has all the time it needs"


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        (SETTINGS, "the cluster was not valid within 900 s: before"),
        (CLOUD, "the group nodes still waits for before after 900 s"),
    ],
)
def test_a_check_without_time_left_says_what_it_waited_for(settings: RollingSettings, what: str) -> None:
    error = checks.timed_out(COVERING, "nodes", settings)
    assert (error.what, error.where) == (what, "nodes")
    assert error.remedy


def test_what_a_group_is_kept_up_by() -> None:
    found = [_failure(NODES, "a"), _failure(OTHERS, "b"), _failure(None, "c")]
    assert [each.name for each in checks.relevant(found, "nodes")] == [
        each.name for each in found if each.blocks("nodes")
    ]


def _node(id_: str, **fields: Any) -> Node:
    return Node(f"node-{id_}", f"aws:///z/{id_}", **fields)


def test_what_an_interrupted_update_left_is_told_from_what_others_did() -> None:
    def begun(id_: str, cordoned: str, excluded: str) -> Entry:
        return Entry(DATE, "begin", id_, {"cordoned": cordoned, "excluded": excluded})

    marked: dict[str, Any] = {
        "unschedulable": True,
        "labels": {EXCLUDE_LABEL: ""},
        "taints": (TAINT,),
    }
    instances = tuple(
        Instance(each, "Detached" if each in {"i-4", "i-5"} else "InService", True, "lt-1:1")
        for each in ("i-1", "i-2", "i-3", "i-4", "i-5")
    )
    nodes = [
        _node("i-1", **marked),
        _node("i-2", **marked),
        _node("i-3", **marked),
        _node("i-4"),
        _node("i-9", **marked),
        Node("without", **marked),
    ]
    history = History(
        Path("x"), "op", "rolling-update", "c", "ann", DATE,
        (begun("i-1", "false", "false"), begun("i-2", "true", "true")),
    )  # fmt: skip
    states = {"nodes.c": GroupState("nodes.c", "lt-1:1", 0, 9, 3, instances)}
    found = find_leftovers([NODES, OTHERS], states, nodes, history)
    assert found == (
        Leftover(LeftoverKind.TAINT, "i-1", "node-i-1", "nodes"),
        Leftover(LeftoverKind.CORDON, "i-1", "node-i-1", "nodes"),
        Leftover(LeftoverKind.LABEL, "i-1", "node-i-1", "nodes"),
        Leftover(LeftoverKind.TAINT, "i-2", "node-i-2", "nodes"),
        Leftover(LeftoverKind.TAINT, "i-3", "node-i-3", "nodes"),
        Leftover(LeftoverKind.DETACHED, "i-4", "node-i-4", "nodes"),
        Leftover(LeftoverKind.DETACHED, "i-5", "", "nodes"),
    )
    without = find_leftovers([NODES], states, nodes, None)
    assert {each.kind for each in without} == {LeftoverKind.TAINT, LeftoverKind.DETACHED}
