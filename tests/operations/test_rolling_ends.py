"""What a failed group ends: which other groups are still rolled, by the role of the one that failed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kops_core.errors import CloudError, KopsError
from kops_core.operations.group_status import InstanceGroup, Role
from kops_core.operations.rolling.errors import ValidationTimeout
from kops_core.operations.rolling.schedule import admit, may_be_unavailable
from kops_core.operations.rolling.settings import GroupLimits, RollingSettings, Strategy
from kops_core.operations.rolling.state import GroupRoll, GroupStage, Member, Stage
from tests.operations.roll_world import OLD, World

GROUPS = {
    "bastion-1": Role.BASTION,
    "bastion-2": Role.BASTION,
    "master-1": Role.CONTROL_PLANE,
    "master-2": Role.CONTROL_PLANE,
    "api-1": Role.API_SERVER,
    "node-1": Role.NODE,
    "node-2": Role.NODE,
}
"""In the order of updates; bastions go side by side."""


def _rolled(world: World, folder: Path, refused: str) -> tuple[set[str], dict[str, str], set[str]]:
    """The groups that were rolled, those that failed, and instances that were left; a group is refused."""
    for name, role in GROUPS.items():
        world.add(name, OLD, role=role)

    def refuse(call: str, about: str) -> None:
        if call == "terminate" and about.startswith(refused):
            raise CloudError("termination protection is on", code="OperationNotPermitted")

    world.fault = refuse
    outcome = world.roll(
        folder,
        settings=RollingSettings(validate_count=1),
        strategies={name: Strategy(max_surge=0) for name in GROUPS},
    )
    assert not outcome.ok
    rolled = {name for name in GROUPS if not world.old(name)}
    return rolled, {name: error.what for name, error in outcome.failed.items()}, set(outcome.skipped)


@pytest.mark.parametrize("refused", GROUPS)
def test_a_failed_bastion_or_control_plane_ends_the_roll_and_another_group_only_itself(
    refused: str, tmp_path: Path
) -> None:
    rolled, failed, skipped = _rolled(World(), tmp_path, refused)
    names = list(GROUPS)
    if GROUPS[refused] in {Role.BASTION, Role.CONTROL_PLANE}:
        before = set(names[: names.index(refused)])
        # The other bastion is under way already.
        beside = {each for each in names if GROUPS[refused] is GROUPS[each] is Role.BASTION}
        assert rolled == (before | beside) - {refused}
    else:
        assert rolled == set(names) - {refused}
    assert failed[refused] == "termination protection is on"
    assert {each for each in names if f"{each}a" in skipped} == set(names) - rolled


ROLES = list(Role)
rolls = st.lists(
    st.tuples(
        st.sampled_from(ROLES),
        st.sampled_from([GroupStage.WAITING, GroupStage.ROLLING, GroupStage.OVER]),
        st.sampled_from([None, CloudError("no")]),
        st.integers(0, 3),
    ),
    min_size=1,
    max_size=7,
)


def _group(
    at: int, role: Role, stage: GroupStage, error: KopsError | None, *, away: int, ends_all: bool = False
) -> GroupRoll:
    over = stage is GroupStage.OVER
    members = tuple(
        Member(f"i-{at}{number}", stage=Stage.DRAINING if number < away else Stage.WAITING)
        for number in range(4)
    )
    return GroupRoll(
        InstanceGroup(f"{at}", role, f"{at}"),
        GroupLimits(0, 4),
        () if over else members,
        15.0,
        stage=stage,
        error=error if over else None,
        ends_all=ends_all and over,
    )


@given(rolls, st.integers(0, 3), st.booleans())
@settings(deadline=None)
def test_a_group_begins_when_all_before_it_by_role_are_over_and_no_failure_ends_it(
    drawn: list[tuple[Role, GroupStage, KopsError | None, int]], width: int, stopping: bool
) -> None:
    groups = [_group(at, *each[:3], away=each[3]) for at, each in enumerate(drawn)]
    options = RollingSettings(parallel_groups=width)
    found = admit(groups, options, 0.0, stopping=stopping)
    failed = [each for each in groups if each.error and each.group.role in {Role.BASTION, Role.CONTROL_PLANE}]
    begun = [after for before, after in zip(groups, found, strict=True) if after.stage != before.stage]
    if stopping or failed:
        assert all(each.stage is GroupStage.CLOSING for each in begun)
        waiting = [before for before in groups if before.stage is GroupStage.WAITING]
        assert len(begun) == len(waiting), "each that has not begun is kept out, and no other is touched"
        return
    for each in begun:
        earlier = ROLES[: ROLES.index(each.group.role)]
        assert all(other.stage is GroupStage.OVER for other in groups if other.group.role in earlier)
    turn = next(
        (role for role in ROLES if any(each.group.role is role and each.members for each in groups)), None
    )
    of_role = [each for each in groups if each.group.role is turn]
    places = {Role.BASTION: len(groups), Role.NODE: max(1, width)}.get(turn or Role.NODE, 1)
    free = max(0, places - sum(each.is_active for each in of_role))
    waits = [each for each in of_role if each.stage is GroupStage.WAITING]
    assert {each.name for each in begun} == {each.name for each in waits[:free]}


def test_an_error_that_ends_all_closes_the_groups_under_way() -> None:
    late = ValidationTimeout("the cluster is not valid")
    groups = [
        _group(0, Role.NODE, GroupStage.OVER, late, away=0, ends_all=True),
        _group(1, Role.NODE, GroupStage.ROLLING, None, away=1),
        _group(2, Role.NODE, GroupStage.WAITING, None, away=0),
    ]
    found = admit(groups, RollingSettings(parallel_groups=3), 0.0, stopping=False)
    assert [each.stage for each in found] == [GroupStage.OVER, GroupStage.CLOSING, GroupStage.CLOSING]
    assert {member.why for each in found for member in each.members if member.stage is Stage.SKIPPED} == {
        "0 failed"
    }


@given(rolls, st.integers(0, 3), st.integers(1, 6))
def test_groups_side_by_side_share_their_budget_and_one_alone_has_none(
    drawn: list[tuple[Role, GroupStage, KopsError | None, int]], width: int, budget: int
) -> None:
    groups = [_group(at, *each[:3], away=each[3]) for at, each in enumerate(drawn)]
    options = RollingSettings(parallel_groups=width, max_unavailable_nodes=budget)
    for group in groups:
        found = may_be_unavailable(group, groups, options)
        others = sum(
            drawn[at][3]
            for at, other in enumerate(groups)
            if other is not group and other.stage is GroupStage.ROLLING
        )
        if group.group.role is not Role.NODE or width < 2:
            assert found is None
        elif others:
            assert found == max(budget - others, 0)
        else:
            assert found == budget
