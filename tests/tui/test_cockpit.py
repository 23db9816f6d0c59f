"""The cockpit of a rolling update: what a simulated cluster's roll reports, shown while it is under way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from kops_core import (
    Engine,
    Event,
    HeldPod,
    Phase,
    ReconcileRequest,
    Settings,
    StageStarted,
    Started,
    StepChanged,
    StepProgress,
)
from kops_core.engine.background.control import ControlMessage, ControlReader
from kops_core.engine.background.folder import OperationFolder
from kops_core.engine.background.requests import RollRequest
from kops_core.operations.events import Control
from kops_core.operations.rolling.settings import RollingSettings, Strategy
from kops_tui.runs import Run
from kops_tui.screens.roll_text import held_up, note_text, step_lines, time_left
from kops_tui.screens.rolling import RollingUpdatePage
from kops_tui.styled_text import plain
from tests.operations.roll_world import OLD, World
from tests.operations.viewers import until
from tests.tui.driver import run_app
from tests.tui.recorded import record_operation
from tests.tui.world import NOW

CLUSTER = "demo.example.com"


class Cut(Exception):
    """The roll is cut off here: what follows has not happened yet."""


def roll_until(
    folder: Path, moment: Callable[[World, StepChanged], bool], *, pods: int = 3
) -> tuple[World, list[Event]]:
    """A roll of three nodes up to a moment: the first is replaced, a budget holds the pods of the others."""
    world = World()
    world.clock.sleep(60)
    world.add("nodes", OLD, OLD, OLD)
    events: list[Event] = []

    def emit(event: Event) -> None:
        events.append(event)
        if not isinstance(event, StepChanged):
            return
        if event.step == "nodesa" and event.phase is Phase.DONE:
            app = world.add_app("web", pods, pods)
            app.pods = dict.fromkeys(app.pods, "nodesb")
        if moment(world, event):
            raise Cut

    settings = RollingSettings(validate_count=1, drain_timeout=3600)
    with pytest.raises(Cut):
        world.roll(folder, settings=settings, strategies={"nodes": Strategy(max_surge=0)}, emit=emit)
    return world, events


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    store = tmp_path / "store"
    store.mkdir()
    return Settings(stores=(str(store),), write=True, operator="ann@bastion", state_dir=tmp_path / "state")


def recorded(settings: Settings, world: World, events: list[Event]) -> OperationFolder:
    at = world.clock.now() - timedelta(seconds=world.clock.seconds)
    return record_operation(settings, RollRequest(CLUSTER, ("nodes",)), events, at, runs=True)


@pytest.mark.full
async def test_requirement_15_a_node_that_a_budget_holds_is_named_with_the_pod_and_drained_no_further(
    settings: Settings, tmp_path: Path
) -> None:
    world, events = roll_until(tmp_path / "journal", lambda _, event: bool(event.held))
    asked: list[ControlMessage] = []
    ControlReader(recorded(settings, world, events).control, asked.append)
    now = world.clock.now() + timedelta(seconds=250)
    async with run_app(Engine(settings), (120, 40), now=now) as driver:
        await driver.press("f2")
        assert driver.shows(RollingUpdatePage)
        text = driver.text
        assert "1 of 3 nodes" in text
        assert "left" in driver.lines[3], "an estimate, from the one that is done"
        assert "held up: nodesb  draining for 4m10s: default/web-" in driver.lines[4]
        assert "PDB web (3 of 3 healthy)" in driver.lines[4]
        [row] = [each for each in driver.lines[5:] if "nodesb " in each and "draining" in each][:1]
        assert "4m10s" in row
        await driver.press("g", "j", "t")
        assert driver.shows(RollingUpdatePage) is False, "a question"
        assert "whatever their budgets say" in driver.text
        await driver.press(*["enter"] * 50)
        assert not asked
        await driver.type(CLUSTER)
        await driver.press("enter")
        until(lambda: asked)
        assert [(each.control, each.step) for each in asked] == [(Control.END_DRAIN, "nodesb")]
        await driver.press("j", "t")
        assert "choose a node that is draining" in driver.text
        await driver.press("T", "escape", "s")
        until(lambda: len(asked) == 2)
        await driver.press("T")
        await driver.type(CLUSTER)
        await driver.press("enter")
        until(lambda: len(asked) == 3)
        assert [each.control for each in asked[1:]] == [Control.STOP, Control.STOP_AT_ONCE]


async def test_the_log_is_beside_the_list_where_there_is_room_and_below_else(
    settings: Settings, tmp_path: Path
) -> None:
    world, events = roll_until(
        tmp_path / "journal", lambda _, event: event.step == "nodesb" and bool(event.held)
    )
    recorded(settings, world, events)
    async with run_app(Engine(settings), (120, 40), now=world.clock.now()) as driver:
        await driver.press("f2", "l")
        page = driver.app.screen
        assert isinstance(page, RollingUpdatePage)
        [row] = [each for each in driver.lines if "00:01:00" in each and "rolling-update c: 3 steps" in each]
        assert "│" in row
        assert page.told.region.x > page.table.region.x
        assert page.told.cursor == len(page.told.rows) - 1, "the last line is in sight"
        await driver.resize((80, 24))
        assert page.told.region.y > page.table.region.y
        assert page.told.region.x == page.table.region.x
        await driver.press("l")
        assert not page.told.display


async def test_a_node_that_more_pods_hold_than_fit_is_shown_in_full(
    settings: Settings, tmp_path: Path
) -> None:
    world, events = roll_until(tmp_path / "journal", lambda _, event: bool(event.held), pods=9)
    recorded(settings, world, events)
    async with run_app(Engine(settings), (80, 24), now=world.clock.now()) as driver:
        await driver.press("f2", "g", "j")
        assert "and 6 more lines: d shows all" in driver.text
        assert "default/web-9" not in driver.text
        await driver.press("d")
        assert "default/web-9" in driver.text


async def test_what_validation_still_says_is_listed(settings: Settings, tmp_path: Path) -> None:
    world, events = roll_until(
        tmp_path / "journal", lambda _, event: event.stage == "replacing" and "waits for" in event.note
    )
    recorded(settings, world, events)
    async with run_app(Engine(settings), (120, 40), now=world.clock.now()) as driver:
        await driver.press("f2")
        assert "now: nodesa  replacing" in driver.lines[4]
        assert "waits for nodes-new1: the machine has not joined the cluster yet" in driver.lines[4]
        assert "left" not in driver.lines[3], "none is done yet"


async def test_a_reconciliation_shows_its_stage_and_the_nodes_of_its_rolls(
    settings: Settings, tmp_path: Path
) -> None:
    world, rolled = roll_until(tmp_path / "journal", lambda _, event: bool(event.held))
    at = rolled[0].at
    stages = (
        StageStarted(at, "op", 1, 5, "apply the control plane"),
        StageStarted(at, "op", 4, 5, "roll the nodes"),
    )
    applied = [
        Started(at, "op", "apply", CLUSTER, "ann@bastion", 1),
        StepChanged(at, "op", "LaunchTemplate/nodes.demo.example.com", Phase.DONE, "", 0.4),
    ]
    events = [stages[0], *applied, stages[1], *rolled]
    record_operation(settings, ReconcileRequest(CLUSTER), events, at, runs=True)
    now = world.clock.now() + timedelta(seconds=40)
    async with run_app(Engine(settings), (120, 40), now=now) as driver:
        await driver.press("f2")
        assert "stage 4 of 5: roll the nodes · 2 of 4 steps" in driver.lines[3]
        assert "about 3m00s left in this stage" in driver.lines[3], "0.4 s of an apply do not count"
        assert "held up: nodesb  draining for 40s" in driver.lines[4]
        assert "LaunchTemplate/nodes" in driver.text


def step(name: str, phase: Phase, seconds: float = 0.0, stage: str = "", note: str = "") -> StepProgress:
    return StepProgress(name, phase, note, "nodes", seconds, NOW, stage, NOW if stage else None)


def test_the_estimate_is_the_median_of_the_nodes_done() -> None:
    done = [step(f"d{n}", Phase.DONE, seconds) for n, seconds in enumerate((100, 110, 4000))]
    waiting = [step(f"w{n}", Phase.WAITING) for n in range(4)]
    moving = [step("m", Phase.RUNNING, 30, "draining")]
    assert time_left(waiting, NOW) is None, "none is done"
    assert time_left([*done, *waiting], NOW) == 440, "an outlier does not count"
    assert time_left([*done, *waiting, *moving], NOW) == 4 * 110 + 80
    two = [*moving, step("n", Phase.RUNNING, 200, "replacing")]
    assert time_left([*done, *waiting, *two], NOW) == (4 * 110 + 80) / 2, (
        "one takes longer than the others did"
    )
    assert time_left(done, NOW) == 0
    skipped = step("s", Phase.SKIPPED, 5)
    assert time_left([skipped, *waiting], NOW) is None


def test_the_pane_lists_each_pod_and_each_thing_that_validation_says() -> None:
    pods = (
        HeldPod("shop/cart-0", NOW - timedelta(minutes=3), "cart (2 of 2 healthy)", "no"),
        HeldPod("shop/db-0", NOW, "", "the API server is overloaded"),
    )
    note = (
        "draining: 5 pods to leave; shop/cart-0, held since 13:59:11 by x; shop/db-0, held since 14:02 by y"
    )
    draining = replace(step("i-1", Phase.RUNNING, 250, "draining", note), held=pods)
    told = [plain(each) for each in step_lines(draining, NOW + timedelta(seconds=20), 100)]
    assert told == [
        " i-1  nodes, draining for 20s, 4m30s in all",
        " held   shop/cart-0  for 3m20s by PDB cart (2 of 2 healthy)",
        " held   shop/db-0  for 20s by the API server is overloaded",
        " 5 pods to leave",
    ]
    assert note_text(draining) == "shop/cart-0 and 1 more: PDB cart (2 of 2 healthy)"
    longer = replace(step("i-2", Phase.RUNNING, 900, "replacing"), stage_since=NOW - timedelta(hours=1))
    assert plain(held_up([longer, draining], NOW)).startswith("held up: i-1  draining"), (
        "that is what to look at"
    )
    assert plain(held_up([longer], NOW)) == "now: i-2  replacing for 1h00m"
    assert held_up([step("i-3", Phase.WAITING)], NOW) == ()
    note = "replacing: waits for a: the node is not ready; b: the pod is pending"
    told = [plain(each) for each in step_lines(step("i-1", Phase.RUNNING, 9, "replacing", note), NOW, 100)]
    assert told[1:] == [
        " 2 things in the way of the next node:",
        " waits for a: the node is not ready",
        " b: the pod is pending",
    ]


def test_the_log_of_a_run_keeps_the_last_lines() -> None:
    run = Run(request=RollRequest(CLUSTER))
    for number in range(2500):
        run.record_event(StepChanged(NOW, "op", f"i-{number}", Phase.DONE, group="nodes"))
    run.record_event(StepChanged(NOW, "op", "i-0", Phase.RUNNING))
    assert len(run.log) == 2000
    assert run.log_lines == 2500, "an event that tells nothing is no line"
    assert "i-2499" in run.log[-1][1]
