"""How many instances a rolling update takes at once: tests of these names are kOps', with their meaning."""

from __future__ import annotations

from pathlib import Path

import pytest

from kops_core.errors import CloudError
from kops_core.operations.events import Event, Phase, StepChanged, Warned
from kops_core.operations.group_status import Role
from kops_core.operations.rolling.settings import RollingSettings, Strategy
from tests.operations.roll_world import NEW, OLD, World

SETTINGS = RollingSettings(validate_count=1)


@pytest.fixture
def world() -> World:
    return World()


def _most_at_once(world: World, events: list[Event]) -> int:
    """How many instances were out of service at once."""
    out: set[str] = set()
    most = 0
    for each in events:
        if isinstance(each, StepChanged) and each.phase in {Phase.RUNNING, Phase.DONE, Phase.SKIPPED}:
            if each.phase is Phase.RUNNING and each.stage not in {"detaching", "returning"}:
                out.add(each.step)
            else:
                out.discard(each.step)
            most = max(most, len(out))
    return most


@pytest.mark.parametrize(
    ("templates", "role"),
    [([OLD] * 7, Role.NODE), ([OLD] * 6 + [NEW], Role.NODE), ([OLD] * 7, Role.CONTROL_PLANE)],
    ids=["all_need_update", "all_but_one_need_update", "all_need_update_master"],
)
def test_max_unavailable(templates: list[str], role: Role, world: World, tmp_path: Path) -> None:
    world.add("node-1", *templates, role=role)
    world.allowed["node-1"] = 2
    events: list[Event] = []
    strategies = {"node-1": Strategy(max_surge=0, max_unavailable=2)}
    assert world.roll(tmp_path, settings=SETTINGS, strategies=strategies, events=events).ok
    assert world.violations == []
    assert world.old("node-1") == 0
    assert _most_at_once(world, events) == 2
    ended = [each.step for each in events if isinstance(each, StepChanged) and each.phase is Phase.DONE]
    begun = [each.step for each in events if isinstance(each, StepChanged) and each.stage == "terminating"]
    if NEW not in templates:
        # Nothing of the new template is known to work: the first goes alone, until it is replaced.
        cordons = [each for each in world.calls if each.startswith(("cordon", "terminate"))]
        assert cordons[:2] == [f"cordon {begun[0]}.local", f"terminate {begun[0]}"]
        assert ended[0] == begun[0]


@pytest.mark.parametrize("templates", [[OLD] * 6, [OLD] * 6 + [NEW]], ids=["all", "all_but_one"])
def test_max_surge(templates: list[str], world: World, tmp_path: Path) -> None:
    world.add("node-1", *templates)
    world.allowed["node-1"] = 0
    events: list[Event] = []
    strategies = {"node-1": Strategy(max_surge=2)}
    assert world.roll(tmp_path, settings=SETTINGS, strategies=strategies, events=events).ok
    assert world.violations == []
    assert world.old("node-1") == 0
    assert sorted(world.done("detach")) == ["node-1e", "node-1f"], "the last ones"
    assert sorted(world.done("terminate")[-2:]) == ["node-1e", "node-1f"], "detached ones go last"
    assert _most_at_once(world, events) == 2
    assert world.marks() == []


def test_surge_of_an_unproven_template_is_validated_after_one(world: World, tmp_path: Path) -> None:
    world.add("node-1", OLD, OLD, OLD, OLD)
    asked_at: list[int] = []
    world.after = lambda call, about: asked_at.append(world.validations) if call == "detach" else None
    assert world.roll(tmp_path, settings=SETTINGS, strategies={"node-1": Strategy(max_surge=3)}).ok
    first, second, third = asked_at
    assert second > first, "a validation lies between the first and the second"
    assert second == third, "and none between the second and the third"


def test_max_surge_greater_than_need_update(world: World, tmp_path: Path) -> None:
    world.add("node-1", OLD, OLD, NEW)
    assert world.roll(tmp_path, settings=SETTINGS, strategies={"node-1": Strategy(max_surge=10)}).ok
    assert len(world.done("detach")) == 2
    assert world.old("node-1") == 0


def test_detach_fails(world: World, tmp_path: Path) -> None:
    world.add("node-1", OLD, OLD, NEW)

    def refuse(call: str, about: str) -> None:
        if call == "detach":
            raise CloudError("testing error")

    world.fault = refuse
    world.allowed["node-1"] = 1
    events: list[Event] = []
    strategies = {"node-1": Strategy(max_surge=10)}
    assert world.roll(tmp_path, settings=SETTINGS, strategies=strategies, events=events).ok
    assert world.old("node-1") == 0
    assert world.violations == [], "without a surge one at a time is out of service, at most"
    assert sum(isinstance(each, Warned) and "can't be detached" in each.message for each in events) == 2


def test_max_surge_all_need_update_one_already_detached(world: World, tmp_path: Path) -> None:
    world.add("node-1", OLD, OLD, OLD, OLD)
    world.machines["node-1d"].detached = True
    world.sizes["node-1"] = 3
    world.allowed["node-1"] = 0
    assert world.roll(tmp_path, settings=SETTINGS, strategies={"node-1": Strategy(max_surge=3)}).ok
    assert sorted(world.done("detach")) == ["node-1b", "node-1c"]
    assert world.done("terminate")[0] == "node-1a", "attached before detached"
    assert world.violations == []
    assert world.marks() == []


def test_max_surge_all_need_update_max_already_detached(world: World, tmp_path: Path) -> None:
    world.add("node-1", *[OLD] * 7)
    for each in ("node-1b", "node-1d"):
        world.machines[each].detached = True
    world.sizes["node-1"] = 5
    world.allowed["node-1"] = 0
    assert world.roll(tmp_path, settings=SETTINGS, strategies={"node-1": Strategy(max_surge=2)}).ok
    assert world.done("detach") == []
    assert sorted(world.done("terminate")[-2:]) == ["node-1b", "node-1d"]
    assert world.violations == []
