"""Rolling updates that are killed or stopped: a second start finishes them, and nothing is left."""

from __future__ import annotations

from pathlib import Path

import pytest

from kops_core.operations.clock import CancelToken
from kops_core.operations.events import Event, Finished
from kops_core.operations.group_status import Role
from kops_core.operations.journal import find_unfinished
from kops_core.operations.rolling.leftovers import LeftoverKind, find_leftovers
from kops_core.operations.rolling.settings import RollingSettings, Strategy
from tests.aws.account import Killed
from tests.operations.roll_world import KIND, NEW, OLD, World

pytestmark = pytest.mark.sweep

NO_SURGE = {"node-1": Strategy(max_surge=0)}
ONE = RollingSettings(validate_count=1)


@pytest.fixture
def world() -> World:
    return World()


SIX = {
    "bastion-1": ([OLD], Role.BASTION),
    "master-1": ([OLD], Role.CONTROL_PLANE),
    "master-2": ([OLD], Role.CONTROL_PLANE),
    "master-3": ([OLD], Role.CONTROL_PLANE),
    "node-1": ([OLD, OLD], Role.NODE),
    "node-2": ([OLD, NEW], Role.NODE),
}


def six_groups() -> World:
    world = World()
    for name, (templates, role) in SIX.items():
        world.add(name, *templates, role=role, balanced=role is Role.CONTROL_PLANE)
    world.add_app("web", 3, 2)
    return world


def _transitions() -> int:
    """How many events an undisturbed roll of six groups has."""
    import tempfile

    told: list[Event] = []
    with tempfile.TemporaryDirectory() as folder:
        assert six_groups().roll(Path(folder), settings=ONE, events=told).ok
    return len(told)


@pytest.mark.parametrize("way", ["kill", "stop"])
def test_killed_or_stopped_at_each_transition_a_second_start_finishes_it(way: str, tmp_path: Path) -> None:
    """An event tells each transition, between its entry in the journal and its call."""
    for number in range(_transitions()):
        world = six_groups()
        cancel, told = CancelToken(), 0
        folder = tmp_path / str(number)

        def interrupt(event: Event, number: int = number, cancel: CancelToken = cancel) -> None:
            nonlocal told
            told += 1
            if told > number and way == "stop":
                cancel.stop()
            elif told == number + 1:
                raise Killed

        try:
            world.roll(folder, settings=ONE, cancel=cancel, emit=interrupt)
        except Killed:
            assert way == "kill"
        if way == "stop":
            assert [each for each in world.marks() if not each.endswith("detached")] == [], number
        assert world.roll(folder, settings=ONE).ok, number
        assert {name: world.old(name) for name in SIX} == dict.fromkeys(SIX, 0), number
        assert world.marks() == [], number
        assert world.violations == [], number
        assert find_unfinished(folder, KIND, "c") is None


@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_at_each_call_what_is_left_is_known_and_goes(moment: str, tmp_path: Path) -> None:
    undisturbed = six_groups()
    assert undisturbed.roll(tmp_path / "undisturbed", settings=ONE).ok
    for number in range(len(undisturbed.calls)):
        world = six_groups()
        folder = tmp_path / str(number)
        calls = 0

        def die(call: str, about: str, number: int = number) -> None:
            nonlocal calls
            calls += 1
            if calls == number + 1:
                raise Killed

        if moment == "before":
            world.fault = die
        else:
            world.after = die
        with pytest.raises(Killed):
            world.roll(folder, settings=ONE)
        world.fault = world.after = lambda call, about: None
        groups = list(world.specs.values())
        states = world.groups([each.cloud_name for each in groups])
        world.down = (-1, -1)
        alive = [world._node(each) for each in world.machines.values() if each.has_node]
        left = find_leftovers(groups, states, alive, find_unfinished(folder, KIND, "c"))
        kinds = {
            LeftoverKind.TAINT: "tainted",
            LeftoverKind.CORDON: "cordoned",
            LeftoverKind.LABEL: "labelled",
            LeftoverKind.DETACHED: "detached",
        }
        there = {each for each in world.marks() if not each.endswith("deregistered")}
        told = {f"{each.instance} {kinds[each.kind]}" for each in left}
        assert there <= told, number
        assert world.roll(folder, settings=ONE).ok, number
        assert world.marks() == [], number
        assert world.violations == [], number


def test_forced_rolls_go_on_with_what_they_chose(world: World, tmp_path: Path) -> None:
    """Started again, with or without --force: each instance is replaced once, new ones are not."""
    world.add("node-1", NEW, NEW, NEW)
    before = set(world.ids("node-1"))

    def die(call: str, about: str) -> None:
        if call == "terminate" and len(world.done("terminate")) == 2:
            raise Killed

    world.after = die
    with pytest.raises(Killed):
        world.roll(tmp_path, settings=RollingSettings(force=True))
    world.after = lambda call, about: None
    assert world.roll(tmp_path).ok
    assert before.isdisjoint(world.ids("node-1"))
    assert len(world.done("terminate")) == 3


def test_a_node_that_need_not_go_any_more_is_put_back(world: World, tmp_path: Path) -> None:
    """The spec was set back between the crash and the second start."""
    world.add("node-1", OLD, OLD)

    def die(call: str, about: str) -> None:
        if call == "label":
            raise Killed

    world.after = die
    with pytest.raises(Killed):
        world.roll(tmp_path, strategies=NO_SURGE)
    assert len(world.marks()) > 1
    world.after = lambda call, about: None
    world.wanted = OLD
    assert world.roll(tmp_path, strategies=NO_SURGE).ok
    assert world.done("terminate") == []
    assert world.marks() == []


def test_cleaning_up_undoes_what_a_killed_roll_did_and_replaces_nothing(world: World, tmp_path: Path) -> None:
    world.add("node-1", OLD, OLD, OLD)

    def die(call: str, about: str) -> None:
        if call == "label":
            raise Killed

    world.after = die
    with pytest.raises(Killed):
        world.roll(tmp_path, strategies=NO_SURGE)
    assert sorted(world.marks()) == [
        "node-1a cordoned",
        "node-1a labelled",
        "node-1a tainted",
        "node-1b tainted",
        "node-1c tainted",
    ]
    world.after = lambda call, about: None
    events: list[Event] = []
    settings = RollingSettings(clean_up=True)
    outcome = world.roll(tmp_path, strategies=NO_SURGE, settings=settings, events=events)
    assert outcome.ok
    assert outcome.done == ("node-1a",)
    assert isinstance(events[-1], Finished)
    assert world.marks() == []
    assert world.old("node-1") == 3
    assert find_unfinished(tmp_path, KIND, "c") is None, "that ends the interrupted update"
    assert world.roll(tmp_path, strategies=NO_SURGE).ok
    assert world.old("node-1") == 0
