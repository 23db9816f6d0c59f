"""Rolling updates as kOps' own tests describe them: each test has the meaning of the one of its name there.

``pkg/instancegroups``: rollingupdate_test, rollingupdate_warmpool_test, settings_test.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kops_core.errors import CloudError, KopsError
from kops_core.kube.ports import Node
from kops_core.operations.events import Event, Paused, Warned
from kops_core.operations.group_status import NEEDS_UPDATE, Role, status_of
from kops_core.operations.outcome import Outcome
from kops_core.operations.rolling.errors import DeregisterFailed, ValidationTimeout
from kops_core.operations.rolling.requests import TAINT
from kops_core.operations.rolling.selection import EXCLUDE_LABEL
from kops_core.operations.rolling.settings import GroupLimits, RollingSettings, Strategy, resolve_limits
from kops_core.operations.validation import Validation
from tests.operations.roll_world import NEW, OLD, World, failing, failure_of

SETTINGS = RollingSettings(validate_count=1)


@pytest.fixture
def world() -> World:
    return World()


def four_groups(world: World, template: str = OLD) -> World:
    world.add("node-1", *[template] * 3)
    world.add("node-2", *[template] * 3)
    world.add("master-1", *[template] * 2, role=Role.CONTROL_PLANE)
    world.add("bastion-1", template, role=Role.BASTION)
    return world


def no_surge(world: World) -> dict[str, Strategy]:
    """kOps' own tests have no surge, unless they are about it."""
    return {name: Strategy(max_surge=0) for name in world.specs}


def old(world: World) -> dict[str, int]:
    """The instances of each group that are not replaced."""
    return {name: world.old(name) for name in world.specs}


def first_error(outcome: Outcome) -> KopsError:
    return next(iter(outcome.failed.values()))


def test_is_exitable_error(world: World, tmp_path: Path) -> None:
    """Only a validation that times out, and instances that stay in load balancers, end all groups."""
    for error, reached in ((CloudError("boom"), True), (None, False)):
        world = World()
        world.add("node-1", OLD, balanced=True)
        world.add("node-2", OLD)

        def fault(call: str, about: str, error: CloudError | None = error) -> None:
            if call == "terminate" and about == "node-1a" and error is not None:
                raise error
            if call == "deregister" and error is None:
                raise CloudError("no")

        world.fault = fault
        outcome = world.roll(tmp_path / str(reached), settings=SETTINGS)
        assert isinstance(first_error(outcome), DeregisterFailed) is not reached
        assert (world.old("node-2") == 0) is reached


def test_all_need_update(world: World, tmp_path: Path) -> None:
    four_groups(world)
    assert world.roll(tmp_path).ok
    assert old(world) == dict.fromkeys(world.specs, 0)
    assert world.marks() == []
    ended = world.done("terminate")
    for name in ended:
        if not name.startswith("bastion"):
            before = world.calls[: world.calls.index(f"terminate {name}")]
            marks = [f"taint {name}.local", f"cordon {name}.local", f"label {name}.local"]
            if name.startswith("master"):
                assert [each for each in before if each in marks] == marks
            else:
                assert sorted(each for each in before if each in marks) == sorted(marks)
    roles = [each.partition("-")[0] for each in ended]
    assert roles == ["bastion", "master", "master", *["node"] * 6]


def test_all_need_update_cloudonly(world: World, tmp_path: Path) -> None:
    four_groups(world)
    assert world.roll(tmp_path, settings=replace(SETTINGS, cloud_only=True)).ok
    assert old(world) == dict.fromkeys(world.specs, 0)
    assert {each.partition(" ")[0] for each in world.calls} == {"terminate"}
    assert world.validations == 0


def test_all_need_update_no_fail_on_validate(world: World, tmp_path: Path) -> None:
    four_groups(world)
    failing(world, failure_of(None))
    events: list[Event] = []
    assert world.roll(tmp_path, settings=replace(SETTINGS, fail_on_validate_error=False), events=events).ok
    assert old(world) == dict.fromkeys(world.specs, 0)
    assert any(isinstance(each, Warned) and "it does not work" in each.message for each in events)


def test_none_need_update(world: World, tmp_path: Path) -> None:
    four_groups(world, NEW)
    assert world.roll(tmp_path).done == ()
    assert world.calls == []


def test_none_need_update_with_force(world: World, tmp_path: Path) -> None:
    four_groups(world, NEW)
    before = {each for name in world.specs for each in world.ids(name)}
    assert world.roll(tmp_path, settings=replace(SETTINGS, force=True)).ok
    assert before.isdisjoint(each for name in world.specs for each in world.ids(name))
    assert len(world.done("terminate")) == len(before), "no instance that is new itself"


def test_empty_group(world: World, tmp_path: Path) -> None:
    world.add("node-1")
    assert world.roll(tmp_path).ok
    assert world.calls == []


def test_unknown_role() -> None:
    with pytest.raises(ValueError, match="Unknown"):
        Role("Unknown")


@pytest.mark.parametrize("way", ["fails", "errors"])
def test_all_need_update_fails_or_errors_validation(way: str, world: World, tmp_path: Path) -> None:
    four_groups(world)
    if way == "fails":
        failing(world, failure_of(None))
        outcome = world.roll(tmp_path, settings=SETTINGS, strategies=no_surge(world))
    else:
        world.down = (0, 1e9)
        outcome = _roll_in_spite(world, tmp_path)
    assert isinstance(first_error(outcome), ValidationTimeout)
    assert old(world) == {"node-1": 3, "node-2": 3, "master-1": 2, "bastion-1": 0}


def _roll_in_spite(world: World, folder: Path) -> Outcome:
    """Rolls although the API server goes away right after the first look."""
    down, world.down = world.down, (-1, -1)
    started = False

    def emit(event: Event) -> None:
        nonlocal started
        if not started:
            started, world.down = True, down

    return world.roll(folder, settings=SETTINGS, strategies=no_surge(world), emit=emit)


@pytest.mark.parametrize("way", ["fails", "errors"])
def test_nodes1_needs_update_fails_or_errors_validation(way: str, world: World, tmp_path: Path) -> None:
    world.add("node-1", OLD, OLD, OLD)
    if way == "fails":
        failing(world, failure_of(None))
        outcome = world.roll(tmp_path, settings=SETTINGS)
    else:
        world.down = (0, 1e9)
        outcome = _roll_in_spite(world, tmp_path)
    assert isinstance(first_error(outcome), ValidationTimeout)
    assert old(world) == {"node-1": 3}
    assert world.calls == []


@pytest.mark.parametrize("way", ["fails", "errors"])
@pytest.mark.parametrize("group", ["master-1", "node-1"])
def test_cluster_fails_or_errors_validation_after_one(
    group: str, way: str, world: World, tmp_path: Path
) -> None:
    """Of the master: nothing else is touched. Of the node: the others of its group are left."""
    four_groups(world)

    def after(call: str, about: str) -> None:
        if call == "terminate" and about.startswith(group):
            if way == "errors":
                world.down = (0, 1e9)
            else:
                failing(world, failure_of(None))

    world.after = after
    outcome = world.roll(tmp_path, settings=SETTINGS, strategies=no_surge(world))
    assert isinstance(first_error(outcome), ValidationTimeout)
    expected = {"node-1": 3, "node-2": 3, "master-1": 1, "bastion-1": 0}
    if group == "node-1":
        expected |= {"node-1": 2, "master-1": 0}
    assert old(world) == expected


@pytest.mark.parametrize(
    ("about", "rolled"),
    [("node-2", True), ("node-1", False), ("master-1", False), (None, False)],
    ids=["non_related", "related", "master_group", "instance_group_nil"],
)
def test_instance_group_failure(about: str | None, rolled: bool, world: World, tmp_path: Path) -> None:
    world.add("node-1", OLD, OLD, OLD)
    world.add("node-2", NEW, NEW, NEW)
    world.add("master-1", NEW, NEW, role=Role.CONTROL_PLANE)
    world.add("bastion-1", NEW, role=Role.BASTION)
    failing(world, failure_of(world.specs[about] if about else None))
    outcome = world.roll(tmp_path, settings=SETTINGS)
    assert outcome.ok is rolled
    assert old(world) == {"node-1": 0 if rolled else 3, "node-2": 0, "master-1": 0, "bastion-1": 0}


def test_validation_error_instance_group_exitable_error(world: World, tmp_path: Path) -> None:
    for name in ("node-1", "node-2", "node-3"):
        world.add(name, OLD, OLD, OLD)
    failing(world, failure_of(world.specs["node-2"]))
    outcome = world.roll(tmp_path, settings=SETTINGS)
    assert set(outcome.failed) == {"node-2"}
    assert old(world) == {"node-1": 0, "node-2": 3, "node-3": 3}


def test_flapping_validation(world: World, tmp_path: Path) -> None:
    """Passes have to follow each other: a failure in between sets the count back."""
    four_groups(world)
    asked = 0

    def flap(found: Validation) -> Validation:
        nonlocal asked
        if len(world.done("terminate")) > 1:
            return found
        asked += 1
        return replace(found, failures=(failure_of(None),)) if asked in {1, 3, 5} else found

    world.on_validate = flap
    moments: list[int] = []
    world.after = lambda call, about: moments.append(asked) if call == "terminate" else None
    assert world.roll(tmp_path, strategies=no_surge(world)).ok
    # The look at the start fails. After the bastion one passes, one fails, one passes, one fails, two pass;
    # then one before the master, and two looks at etcd's quorum.
    assert moments[:2] == [1, 10]
    assert old(world) == dict.fromkeys(world.specs, 0)


def test_validates_after_bastion(world: World, tmp_path: Path) -> None:
    four_groups(world)
    asked = 0

    def fail_three_times(found: Validation) -> Validation:
        nonlocal asked
        asked += 1
        return replace(found, failures=(failure_of(None),)) if asked <= 3 else found

    world.on_validate = fail_three_times
    events: list[Event] = []
    assert world.roll(tmp_path, strategies=no_surge(world), events=events).ok
    assert world.done("terminate")[0] == "bastion-1a"
    assert any(isinstance(each, Paused) and "it does not work" in each.reason for each in events)


def _marked(world: World, instance: str) -> None:
    world.machines[instance].annotations[NEEDS_UPDATE] = "somevalue"


def test_add_annotated_nodes_to_needs_update(world: World) -> None:
    group = world.add("node-1", OLD, NEW, NEW)
    _marked(world, "node-1a")
    _marked(world, "node-1b")
    seen = world.observe()
    status = status_of(group, seen.groups[group.cloud_name], seen.nodes_by_instance)
    assert [each.id for each in status.instances if each.outdated] == ["node-1a", "node-1b"]
    reasons = [each.why for each in status.instances]
    assert reasons == ["launch template version 1 → 2", f"its node has the annotation {NEEDS_UPDATE}", ""]


def test_add_annotated_nodes_to_needs_update_cloudonly(world: World) -> None:
    """kOps has no nodes then, so that annotations can't count."""
    group = world.add("node-1", NEW)
    _marked(world, "node-1a")
    assert status_of(group, world.observe_cloud().groups[group.cloud_name]).need_update == 0


def test_add_annotated_nodes_to_needs_update_nodes_missing(world: World) -> None:
    group = world.add("node-1", OLD, NEW)
    nodes: dict[str, Node] = {}
    assert status_of(group, world.observe().groups[group.cloud_name], nodes).need_update == 1


def test_taint_all_but_one_need_update(world: World, tmp_path: Path) -> None:
    world.add("node-1", OLD, OLD, NEW)
    assert world.roll(tmp_path).ok
    assert sorted(world.done("taint")) == ["node-1a.local", "node-1b.local"]
    first_end = world.calls.index(f"terminate {world.done('terminate')[0]}")
    assert all(world.calls.index(f"taint {each}") < first_end for each in world.done("taint"))
    assert len(world.ids("node-1")) == 3


def test_nodes_that_are_cordoned_or_tainted_already_are_not_tainted(world: World, tmp_path: Path) -> None:
    world.add("node-1", OLD, OLD, OLD)
    world.machines["node-1a"].cordoned = True
    world.machines["node-1b"].taints = [TAINT]
    assert world.roll(tmp_path).ok
    assert world.done("taint") == ["node-1c.local"]


def test_max_surge_ignored_for_master(world: World, tmp_path: Path) -> None:
    world.add("master-1", OLD, OLD, NEW, role=Role.CONTROL_PLANE)
    assert world.roll(tmp_path, strategies={"master-1": Strategy(max_surge=2)}).ok
    assert world.done("detach") == []
    assert world.old("master-1") == 0
    assert world.violations == []


def test_disabled(world: World, tmp_path: Path) -> None:
    four_groups(world)
    strategies = {name: Strategy(max_surge=0, drain_and_terminate=False) for name in world.specs}
    assert world.roll(tmp_path, settings=SETTINGS, strategies=strategies).ok
    assert world.done("terminate") == []
    assert world.done("detach") == []


def test_disabled_surge(world: World, tmp_path: Path) -> None:
    world.add("node-1", OLD, OLD, OLD)
    strategies = {"node-1": Strategy(max_surge=1, drain_and_terminate=False)}
    assert world.roll(tmp_path, settings=SETTINGS, strategies=strategies).ok
    assert len(world.done("detach")) == 1
    assert world.done("terminate") == []
    assert len(world.ids("node-1")) == 4


def test_only_warm_pool_nodes(world: World, tmp_path: Path) -> None:
    """Only the validation before is made."""
    world.add("node-1", NEW, NEW, NEW, warm=3)
    assert world.roll(tmp_path).ok
    assert len(world.done("terminate")) == 3
    assert world.validations == 2, "the look at the start, and the validation"


def test_warm_pool_before_joined_nodes(world: World, tmp_path: Path) -> None:
    world.add("node-1", OLD, OLD, OLD, warm=3)
    assert world.roll(tmp_path).ok
    ended = world.done("terminate")
    assert [each.startswith("node-1-wp") for each in ended] == [True] * 3 + [False] * 3
    assert world.calls.index(f"terminate {ended[2]}") < world.calls.index(f"detach {world.done('detach')[0]}")


@pytest.mark.parametrize(
    ("instances", "given", "expected"), [(1, "0", 0), (1, "0%", 1), (10, "39%", 3), (10, "100%", 10)]
)
def test_settings_max_unavailable(instances: int, given: str, expected: int) -> None:
    strategy = Strategy(max_unavailable=given)
    found = resolve_limits(strategy, Role.NODE, instances=instances, updates=instances)
    assert found.unavailable == expected


@pytest.mark.parametrize(
    ("instances", "given", "expected"), [(1, "0", 0), (1, "0%", 0), (10, "31%", 4), (10, "100%", 10)]
)
def test_settings_max_surge(instances: int, given: str, expected: int) -> None:
    found = resolve_limits(Strategy(max_surge=given), Role.NODE, instances=instances, updates=instances)
    assert (found.surge, found.unavailable) == (expected, int(expected == 0))


def test_aws_default() -> None:
    assert resolve_limits(Strategy(), Role.NODE, instances=1000, updates=1000) == GroupLimits(1, 0)


def test_the_label_keeps_load_balancers_of_services_away(world: World, tmp_path: Path) -> None:
    world.add("node-1", OLD)
    seen: list[str] = []

    def watch(call: str, about: str) -> None:
        if call == "terminate":
            seen.extend(world.machines["node-1a"].labels)

    world.fault = watch
    assert world.roll(tmp_path).ok
    assert seen == [EXCLUDE_LABEL]
