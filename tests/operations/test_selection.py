"""Which instances a rolling update replaces, in which order, and how many at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kops_core.cloud.ports import GroupState, Instance
from kops_core.kube.ports import Node
from kops_core.operations.group_status import InstanceGroup, Role
from kops_core.operations.journal import Entry, History
from kops_core.operations.rolling.observation import Observation
from kops_core.operations.rolling.selection import (
    EXCLUDE_LABEL,
    FORCED,
    UP_TO_DATE,
    before_details,
    chosen_entry,
    plan_deletion,
    plan_roll,
    remember,
)
from kops_core.operations.rolling.settings import GroupLimits, RollingSettings, Strategy
from kops_core.operations.rolling.state import GroupRoll, GroupStage, Member, Stage
from tests.plan.fixtures import NOW

NEW, OLD = "lt-1:2", "lt-1:1"
NODES = InstanceGroup("nodes", Role.NODE, "nodes.c")


def _history(*entries: Entry) -> History:
    return History(Path("x"), "op-1", "rolling-update", "c", "ann", NOW, entries)


def _begun(step: str, group: str = "nodes", **details: str) -> Entry:
    return Entry(NOW, "begin", step, {"group": group, "node": f"node-{step}", **details})


def _plan(
    *instances: Instance,
    group: InstanceGroup = NODES,
    nodes: tuple[Node, ...] = (),
    history: History | None = None,
    settings: RollingSettings | None = None,
    strategy: Strategy | None = None,
    desired: int | None = None,
    balanced: bool = False,
) -> GroupRoll:
    size = len(instances) if desired is None else desired
    state = GroupState(group.cloud_name, NEW, 0, 9, size, instances, balanced=balanced)
    observation = Observation({group.cloud_name: state}, nodes)
    (found,) = plan_roll(
        [group], {group.name: strategy or Strategy()}, observation, history, settings or RollingSettings()
    )
    return found


def _old(id_: str, lifecycle: str = "InService") -> Instance:
    return Instance(id_, lifecycle, True, OLD)


def _new(id_: str, lifecycle: str = "InService") -> Instance:
    return Instance(id_, lifecycle, True, NEW)


def _node(id_: str, *, cordoned: bool = False, excluded: bool = False, annotated: bool = False) -> Node:
    return Node(
        f"node-{id_}",
        f"aws:///z/{id_}",
        labels={EXCLUDE_LABEL: ""} if excluded else {},
        unschedulable=cordoned,
        annotations={"kops.k8s.io/needs-update": ""} if annotated else {},
    )


def _ids(roll: GroupRoll) -> list[str]:
    return [each.id for each in roll.members]


def test_the_outdated_go_those_of_the_warm_pool_first_the_cordoned_next_and_the_detached_last() -> None:
    roll = _plan(
        _old("i-5"),
        _old("i-4"),
        _new("i-3"),
        _old("i-2", "Warmed:Stopped"),
        _old("i-1", "Detached"),
        _new("i-6"),
        nodes=(_node("i-5", cordoned=True), _node("i-3", annotated=True), _node("i-6")),
    )
    assert _ids(roll) == ["i-2", "i-5", "i-3", "i-4", "i-1"]
    by_id = {each.id: each for each in roll.members}
    assert [each.id for each in roll.members if each.warm] == ["i-2"]
    assert [each.id for each in roll.members if each.detached] == ["i-1"]
    assert by_id["i-4"].reason == "launch template version 1 → 2"
    assert by_id["i-3"].reason == "its node has the annotation kops.k8s.io/needs-update"
    assert (by_id["i-5"].node, by_id["i-5"].cordoned_before) == ("node-i-5", True)
    assert by_id["i-4"].node == ""
    assert all(each.stage is Stage.WAITING and not each.resumed for each in roll.members)
    assert roll.proven, "one is up to date, and works"


def test_a_force_takes_all_after_the_outdated_and_the_next_run_those_that_it_chose() -> None:
    force = RollingSettings(force=True)
    roll = _plan(_new("i-1"), _old("i-2"), settings=force)
    assert [(each.id, each.reason) for each in roll.members] == [
        ("i-2", "launch template version 1 → 2"),
        ("i-1", "forced"),
    ]
    assert chosen_entry(roll) == {"instances": "i-2 i-1"}
    chosen = Entry(NOW, FORCED, "nodes", {"instances": "i-1 i-9"})
    other = Entry(NOW, FORCED, "others", {"instances": "i-3"})
    for settings in (force, RollingSettings()):
        again = _plan(
            _new("i-1"), _new("i-3"), _old("i-2"), settings=settings, history=_history(other, chosen)
        )
        assert _ids(again) == ["i-2", "i-1"], "what came up meanwhile is new"


def test_what_an_earlier_run_began_with_is_gone_on_with() -> None:
    opened = (
        _begun("i-gone"),
        _begun("i-1", cordoned="true", excluded="false"),
        _begun("i-2", cordoned="false", excluded="true"),
        _begun("i-other", "others"),
        Entry(NOW, "begin", "nodes", {"group": "nodes"}),
    )
    roll = _plan(_old("i-1"), _new("i-2"), nodes=(_node("i-1"), _node("i-2")), history=_history(*opened))
    gone, returning, resumed = roll.members
    assert gone == Member("i-gone", node="node-i-gone", stage=Stage.REPLACING, resumed=True)
    assert (returning.id, returning.stage, returning.ends, returning.why) == (
        "i-2",
        Stage.RETURNING,
        Stage.SKIPPED,
        UP_TO_DATE,
    )
    assert (returning.cordoned_before, returning.excluded_before, returning.node) == (False, True, "node-i-2")
    assert (resumed.id, resumed.stage, resumed.resumed) == ("i-1", Stage.WAITING, True)
    assert (resumed.cordoned_before, resumed.excluded_before) == (True, False)


@pytest.mark.parametrize(
    ("instances", "desired", "members", "settles", "proven"),
    [
        ((_new("i-1"), _new("i-2")), 2, [], False, True),
        ((_new("i-1"),), 2, ["nodes"], True, True),
        ((_new("i-1"), _new("i-2", "Terminating")), 1, ["nodes"], True, True),
        ((_old("i-1"),), 2, ["i-1"], False, False),
        ((), 0, [], False, True),
        ((_old("i-1", "Warmed:Stopped"),), 0, ["i-1"], False, True),
        ((_old("i-1", "Warmed:Stopped"), _old("i-2")), 1, ["i-1", "i-2"], False, False),
    ],
)
def test_a_group_that_is_not_complete_is_waited_for(
    instances: tuple[Instance, ...], desired: int, members: list[str], settles: bool, proven: bool
) -> None:
    roll = _plan(*instances, desired=desired)
    assert (_ids(roll), roll.settles, roll.proven) == (members, settles, proven)
    assert roll.stage is GroupStage.WAITING
    if settles:
        assert roll.members[0].stage is Stage.REPLACING


@pytest.mark.parametrize(
    ("role", "balanced", "deregister", "leaves"),
    [
        (Role.NODE, True, False, True),
        (Role.NODE, False, True, False),
        (Role.BASTION, True, False, True),
        (Role.CONTROL_PLANE, True, True, True),
        (Role.CONTROL_PLANE, True, False, False),
        (Role.API_SERVER, True, False, False),
        (Role.API_SERVER, True, True, True),
    ],
)
def test_which_instances_leave_their_load_balancers(
    role: Role, balanced: bool, deregister: bool, leaves: bool
) -> None:
    group = InstanceGroup("g", role, "g.c")
    settings = RollingSettings(deregister_control_plane=deregister)
    assert _plan(_old("i-1"), group=group, balanced=balanced, settings=settings).deregisters == leaves


@given(
    st.lists(
        st.tuples(st.sampled_from(list(Role)), st.sampled_from("abc"), st.integers(0, 3)),
        max_size=6,
        unique_by=lambda each: each[:2],
    ),
    st.integers(1, 9),
)
def test_groups_go_by_role_and_name_and_etcd_keeps_its_quorum(
    drawn: list[tuple[Role, str, int]], unavailable: int
) -> None:
    groups = [InstanceGroup(f"{role.value}-{name}", role, f"{role.value}-{name}") for role, name, _ in drawn]
    states: Mapping[str, GroupState] = {
        group.cloud_name: GroupState(
            group.cloud_name, NEW, 0, 9, size, tuple(_old(f"i-{at}{each}") for each in range(size))
        )
        for at, (group, (_, _, size)) in enumerate(zip(groups, drawn, strict=True))
    }
    strategies = {group.name: Strategy(max_surge=0, max_unavailable=unavailable) for group in groups}
    rolls = plan_roll(groups, strategies, Observation(states), None, RollingSettings())
    order = list(Role)
    found = [(order.index(each.group.role), each.name) for each in rolls]
    assert found == sorted(found)
    assert len(found) == len(groups)
    members = sum(size for role, _, size in drawn if role is Role.CONTROL_PLANE)
    for roll in rolls:
        if roll.group.role is Role.CONTROL_PLANE:
            left = members - roll.limits.unavailable
            assert roll.limits.unavailable == 1 or left > members // 2


def test_the_limits_are_about_the_instances_of_the_group_and_those_that_go() -> None:
    third = Strategy(max_surge=0, max_unavailable="34%")
    instances = [_old(f"i-{each}") for each in range(6)]
    assert _plan(*instances, strategy=third).limits == GroupLimits(0, 2)
    detached = [_old(f"i-d{each}", "Detached") for each in range(6)]
    assert _plan(*instances, *detached, strategy=third).limits.unavailable == 2
    surge = Strategy(max_surge=5)
    assert _plan(*instances[:2], strategy=surge).limits.surge == 2, "no more than there is to replace"
    warm = [_old(f"i-w{each}", "Warmed:Stopped") for each in range(3)]
    assert _plan(*instances[:2], *warm, strategy=surge).limits.surge == 2
    assert _plan(*instances, strategy=surge, settings=RollingSettings(cloud_only=True)).limits.surge == 0


@pytest.mark.parametrize(
    ("role", "surge", "expected"),
    [(Role.NODE, True, 1), (Role.NODE, False, 0), (Role.CONTROL_PLANE, True, 0), (Role.BASTION, True, 1)],
)
def test_one_instance_is_deleted_after_another_came_if_its_group_can_take_one_more(
    role: Role, surge: bool, expected: int
) -> None:
    group = InstanceGroup("g", role, "g.c")
    state = GroupState("g.c", NEW, 0, 9, 2, (_new("i-1"), _old("i-2")), balanced=True)
    observation = Observation({"g.c": state}, (_node("i-1", cordoned=True),))
    roll = plan_deletion(group, "i-1", observation, None, surge=surge, balanced=True)
    assert roll is not None
    (member,) = roll.members
    assert (member.id, member.reason, member.node, member.cordoned_before) == (
        "i-1",
        "to be deleted",
        "node-i-1",
        True,
    )
    assert roll.limits == GroupLimits(expected, 1)
    assert (roll.interval, roll.confirms, roll.stage, roll.proven) == (0.0, False, GroupStage.SURGING, True)
    assert roll.deregisters
    again = plan_deletion(
        group, "i-1", observation, _history(_begun("i-1", "g", cordoned="false")), surge=surge, balanced=False
    )
    assert again is not None
    assert not again.deregisters
    assert (again.members[0].resumed, again.members[0].cordoned_before) == (True, False)
    for missing in (
        plan_deletion(group, "i-9", observation, None, surge=True, balanced=True),
        plan_deletion(group, "i-1", Observation({}), None, surge=True, balanced=True),
    ):
        assert missing is None


def test_the_state_of_a_node_is_remembered_until_its_instance_begins() -> None:
    waiting = Member("i-1")
    seen = remember(waiting, _node("i-1", cordoned=True, excluded=True))
    assert (seen.node, seen.cordoned_before, seen.excluded_before) == ("node-i-1", True, True)
    assert remember(seen, _node("i-1", cordoned=True, excluded=True)) is seen
    later = remember(seen, _node("i-1"))
    assert (later.cordoned_before, later.excluded_before) == (False, False)
    begun = replace(seen, stage=Stage.DRAINING)
    assert remember(begun, _node("i-1")) is begun
    resumed = replace(seen, resumed=True)
    assert remember(resumed, _node("i-1")) is resumed, "the journal knows what was before"
    gone = remember(seen, None)
    assert (gone.node, gone.cordoned_before) == ("", True)
    assert before_details(_plan(_old("i-1")), seen) == {
        "group": "nodes",
        "node": "node-i-1",
        "cordoned": "true",
        "excluded": "true",
    }
    assert before_details(_plan(_old("i-1")), Member("i-9")) == {
        "group": "nodes",
        "node": "",
        "cordoned": "false",
        "excluded": "false",
    }
