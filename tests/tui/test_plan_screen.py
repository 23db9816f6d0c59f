"""The plan screen hides nothing: what waits for pruning is shown, and pruned only when that is confirmed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from kops_core import (
    Action,
    ApplyRequest,
    FieldChange,
    Finished,
    Phase,
    Plan,
    Started,
    StepChanged,
)
from kops_core.model.template import Key
from kops_core.plan.changes import Change, Reason
from kops_tui.runs import Run
from kops_tui.screens.questions import apply_question
from kops_tui.styled_text import plain
from tests.tui.driver import run_app
from tests.tui.world import NOW, PROD, STAGE, UP_TO_DATE, World


async def test_what_waits_for_pruning_is_shown_and_pruned_after_its_own_question(tmp_path: Path) -> None:
    world = open_to_nobody(tmp_path)
    async with run_app(world) as driver:
        await driver.press("P")
        assert "4 deletions wait for pruning" in driver.text
        assert "rule from-0.0.0.0/0-ingress-tcp-22to22" in driver.text
        assert "STAYS OPEN until pruned" in driver.text
        assert "nothing to do" not in driver.text
        assert "as the spec has it" not in driver.text
        await driver.press("A")
        assert "only pruning is left" in driver.text
        assert not world.changes
        await driver.press("X")
        assert "with pruning" in driver.text
        assert "- 4" in driver.lines[1]
        await driver.press("A")
        assert "with pruning to data.stage.example.com?" in driver.text
        assert "SecurityGroupRule/from-0.0.0.0/0" in driver.text
        await driver.press("enter")
        assert not world.changes
        await driver.type(STAGE)
        await driver.press("enter")
        await driver.until("nothing is left to do")
        assert len(world.changes) == 4
        assert all(each.startswith("delete SecurityGroupRule/from-") for each in world.changes)
        await driver.press("escape")
        assert "nothing to do: cloud and store are as the spec has it" in driver.text


async def test_pruning_is_taken_back_by_the_same_key_and_not_there_for_nothing(tmp_path: Path) -> None:
    world = open_to_nobody(tmp_path)
    async with run_app(world) as driver:
        await driver.press("P", "X", "X")
        assert "4 deletions wait for pruning" in driver.text
        await driver.press("escape", "j", "P", "X")
        assert "no deletion waits for pruning" in driver.text


def open_to_nobody(folder: Path, cluster: str = STAGE) -> World:
    """A world in which a cluster's SSH access was narrowed: the rules that let everybody in are left."""
    world = World.make(folder)
    world.save(cluster, {"spec.sshAccess": "203.0.113.0/24"})
    world.apply(cluster)
    world.calls.clear()
    return world


async def test_the_fleet_names_what_waits_once_it_is_planned(tmp_path: Path) -> None:
    async with run_app(open_to_nobody(tmp_path, UP_TO_DATE)) as driver:
        await driver.press("j", "c")
        await driver.until("4 to prune")
        assert "P shows what waits for pruning" in driver.text
        assert "as its spec has it" not in driver.text


# What the question says


def change(kind: str, name: str, action: Action, *fields: FieldChange) -> Change:
    """A change of a resource."""
    reason = {Action.CREATE: Reason.MISSING, Action.NO_OP: Reason.SAME, Action.DELETE: Reason.NOT_DESIRED}
    return Change(Key(kind, name), action, reason.get(action, Reason.DIFFERS), fields)


def _said(*changes: object, unsaved: int = 0, prune: bool = False) -> str:
    plan = Plan(PROD, "4f1c", NOW, tuple(changes), prune=prune)  # type: ignore[arg-type]
    question = apply_question(plan, "here", "me", False, unsaved=unsaved)
    return "\n".join([question.title, *map(plain, question.lines)])


def test_a_first_apply_starts_instances_and_is_undone_by_deleting() -> None:
    text = _said(
        change("VPC", PROD, Action.CREATE),
        change("AutoscalingGroup", f"nodes.{PROD}", Action.CREATE),
        change("AutoscalingGroup", f"masters.{PROD}", Action.CREATE),
    )
    assert "instances start in nodes, masters" in text
    assert "by deleting the cluster" in text
    assert "none is touched" not in text
    assert "editing the spec back" not in text


def test_an_update_is_undone_by_editing_back_and_a_resize_is_told() -> None:
    kept = change("AutoscalingGroup", f"masters.{PROD}", Action.NO_OP)
    sized = change("AutoscalingGroup", f"nodes.{PROD}", Action.UPDATE, FieldChange("max_size", "3", "9"))
    assert "by editing the spec back" in _said(kept, sized, unsaved=2)
    assert "nodes may grow or shrink" in _said(kept, sized)
    assert "2 edits first" in _said(kept, sized, unsaved=2)
    assert "none is touched" in _said(kept, change("ManagedFile", "x", Action.UPDATE))
    gone = change("SecurityGroupRule", "open", Action.DELETE)
    assert "not wholly" in _said(kept, gone)


# Progress


@pytest.mark.parametrize(("before", "now"), [(26, 81), (0, 4), (5, 0)])
def test_a_resumed_operation_counts_to_its_end_and_no_further(before: int, now: int) -> None:
    run = Run(request=ApplyRequest(PROD))
    run.record_event(Started(NOW, "op", "apply", PROD, "ops", now, before))
    assert (run.done, run.total) == (before, before + now)
    for number in range(now):
        run.record_event(StepChanged(NOW, "op", f"step {number}", Phase.RUNNING))
        run.record_event(StepChanged(NOW, "op", f"step {number}", Phase.DONE))
        assert run.done == before + number + 1 <= run.total
    run.record_event(Finished(NOW + timedelta(1), "op", True, now, "done"))
    assert run.done == run.total == before + now
