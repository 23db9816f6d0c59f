"""Instance groups are added, copied, scaled, protected and removed by keys, in the sandbox."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from kops_core import (
    CancelToken,
    Engine,
    FieldError,
    GroupOptions,
    InvalidSpec,
    KopsError,
    Settings,
    UsageError,
    ValidationRequest,
)
from kops_core.engine.fleet.summary import group_of
from kops_tui.screens.cluster import ClusterPage
from kops_tui.screens.group_forms import free_name, group_problems, size_problems
from kops_tui.screens.group_removal import GroupRemovalPage
from kops_tui.screens.protection import ProtectionPage
from kops_tui.screens.spec import SpecPage
from tests.tui.conftest import CLUSTER
from tests.tui.driver import SIZES, AppDriver, press_enter_often, run_app

NODES = "nodes-us-east-1a"
CONTROL_PLANE = "control-plane-us-east-1a"


@pytest.mark.parametrize(
    ("sizes", "fields"),
    [
        ({"minSize": "1", "maxSize": "3"}, []),
        ({"minSize": "0", "maxSize": "0"}, []),
        ({"minSize": "4", "maxSize": "3"}, ["maxSize"]),
        ({"minSize": "-1", "maxSize": "³"}, ["minSize", "maxSize"]),
        ({"maxSize": "3"}, ["minSize"]),
    ],
)
def test_sizes_are_whole_numbers_in_order(sizes: Mapping[str, str], fields: list[str]) -> None:
    assert list(size_problems(sizes)) == fields


def test_a_copy_gets_the_first_free_name() -> None:
    assert free_name("a", ["cluster", "a"]) == "a-2"
    assert free_name("a", ["cluster", "a", "a-2", "a-4"]) == "a-3"


@pytest.mark.parametrize(
    ("error", "field"),
    [
        (UsageError("a group has to lie in a subnet", where="--subnet"), "subnets"),
        (InvalidSpec([FieldError("Not found", "spec.subnets[0]", "no such subnet")]), "subnets"),
        (InvalidSpec([FieldError("Invalid value", "metadata.name", "no name")]), "name"),
        (InvalidSpec([FieldError("Invalid value", "spec.image", "no image")]), ""),
    ],
)
def test_an_error_of_a_new_group_is_shown_at_its_field(error: KopsError, field: str) -> None:
    assert list(group_problems(error)) == [field]


async def overview(driver: AppDriver) -> None:
    """Open the cluster, with the cursor on its nodes."""
    await driver.until("as applied")
    await driver.press("enter", "j")
    await driver.until("1/1")


async def retype(driver: AppDriver, text: str) -> None:
    """Type another text into the field under the cursor."""
    await driver.press("enter", "ctrl+u")
    await driver.type(text)
    await driver.press("enter")


@pytest.mark.full
async def test_groups_are_edited_by_keys_and_saved_together(sandboxed: Settings) -> None:
    engine = Engine(sandboxed)
    before = engine.stored(CLUSTER).instance_groups
    async with run_app(engine, (120, 40), now=datetime.now(UTC)) as driver:
        await overview(driver)
        await driver.press("n")
        await retype(driver, NODES)
        assert "there is such a group already" in driver.text
        await driver.press("s")
        assert "not complete" in driver.text
        await driver.press("k")
        await retype(driver, "large")
        assert "machineType: t3.medium" in driver.text, "the group is shown as it would be made"
        await retype(driver, "control-plane")
        assert "has to lie in a subnet" in driver.text
        await driver.press("k")
        await retype(driver, "node")
        await driver.press("s")
        assert driver.shows(SpecPage)
        assert "1 unsaved" in driver.lines[0]
        made = engine.make_group(CLUSTER, GroupOptions("large"))
        await driver.press("z")
        assert "unsaved" not in driver.lines[0]
        assert "Spec › cluster" in driver.lines[1], "the group is gone again"
        await driver.press("Z")
        assert "1 unsaved" in driver.lines[0]

        await driver.press("escape", "N")
        assert f"{NODES}-2" in driver.text
        await driver.press("s", "escape", "s")
        await retype(driver, "4")
        assert "that is less than the least, 4" in driver.text
        await retype(driver, "6")
        await driver.press("s")
        assert "minSize" in driver.text
        assert "4 unsaved" in driver.lines[0]
        await driver.press("z")
        assert "3 unsaved" in driver.lines[0]
        await driver.press("Z", "P")
        await driver.until("launch template large")
        await driver.press("escape")
        assert engine.stored(CLUSTER).instance_groups == before, "nothing is stored before it is saved"

        await driver.press("s", "y")
        await driver.settle()
        assert "unsaved" not in driver.lines[0]
        stored = engine.stored(CLUSTER).instance_groups
        assert stored["large"]["spec"] == made["spec"]
        assert group_of("", stored[f"{NODES}-2"]) == group_of("", before[NODES])
        assert (group_of("", stored[NODES]).minimum, group_of("", stored[NODES]).maximum) == (4, 6)


@pytest.mark.full
async def test_unsaved_new_groups_survive_a_crash(sandboxed: Settings) -> None:
    engine = Engine(sandboxed)
    workspace = engine.open(CLUSTER)
    workspace.copy_group(NODES, "spare")
    workspace.set(("instanceGroups", "spare", "spec", "maxSize"), "7")
    kept = workspace.unsaved()
    again = engine.open(CLUSTER)
    assert again.take_up(kept)
    assert again.objects()[-1] == "spare"
    assert again.explain(("instanceGroups", "spare", "spec", "maxSize")).value == 7
    workspace.save()
    again.refresh()
    assert not again.edits, "it was saved meanwhile, so nothing is left to save"


@pytest.mark.full
async def test_protection_is_turned_on_and_off(sandboxed: Settings) -> None:
    engine = Engine(sandboxed)
    async with run_app(engine, now=datetime.now(UTC)) as driver:
        await overview(driver)
        await driver.press("p", "j", "j")
        await press_enter_often(driver)
        assert engine.open(CLUSTER).protected == ()
        assert driver.shows(ProtectionPage)
        await driver.press("enter", "y")
        await driver.settle()
        assert engine.open(CLUSTER).protected == (NODES,)
        await driver.press("escape")
        assert "protected against deletion" in driver.text
        await driver.press("X")
        assert f"the instance group {NODES} is protected" in driver.text
        await driver.press("escape", "escape", "p", "j", "j", "enter", "y")
        await driver.settle()
        assert engine.open(CLUSTER).protected == ()
        await driver.press("g", "enter", "y")
        await driver.settle()
        assert engine.open(CLUSTER).protected == ("cluster",)


@pytest.mark.full
async def test_a_copy_is_applied_then_removed_with_its_machines_after_its_nodes_were_drained(
    sandboxed: Settings,
) -> None:
    engine = Engine(sandboxed)
    async with run_app(engine, now=datetime.now(UTC)) as driver:
        await overview(driver)
        await driver.press("N")
        await retype(driver, "spare")
        await driver.press("s", "P")
        await driver.until("launch template spare")
        await driver.press("A", "y")
        await driver.until("plans again", looks=6_000)
        assert "spare" in engine.stored(CLUSTER).instance_groups
        joined = ValidationRequest(wait=60, interval=0.2)
        assert engine.open(CLUSTER).validate(joined, lambda _: None, CancelToken()).valid
        driver.app.home()
        driver.app.open_screen("open", CLUSTER)
        await driver.settle()
        assert "unsaved" not in driver.lines[0], "the operation has saved the new group"
        await driver.press("g", "X")
        assert "the only control plane" in driver.text
        await driver.press("escape", "escape", "G", "X")
        await driver.until("AutoscalingGroup")
        assert "drain" in driver.text
        await driver.press("w")
        await driver.until("not asked to leave")
        await driver.press("w")
        await driver.until("move to other nodes")
        await driver.press("X")
        await press_enter_often(driver)
        assert "type small.example.com" in driver.text
        await driver.press("escape")
        assert driver.shows(GroupRemovalPage)
        await driver.press("X")
        await driver.type(CLUSTER)
        await driver.press("enter")
        await driver.until("leads back", looks=6_000)
        await driver.press("escape")
        assert driver.shows(ClusterPage)
        await driver.settle()
        assert "spare" not in driver.text
    assert set(engine.stored(CLUSTER).instance_groups) == {CONTROL_PLANE, NODES}


@pytest.mark.full
async def test_what_the_form_of_a_new_group_looks_like(sandboxed_once: Settings) -> None:
    async with run_app(Engine(replace(sandboxed_once, operator="ops@bastion"))) as driver:
        await overview(driver)
        await driver.press("n")
        await retype(driver, "large")
        for size in SIZES:
            await driver.resize(size)
            driver.snapshot("new-group")


@pytest.mark.full
async def test_enter_and_esc_alone_change_nothing(sandboxed_once: Settings) -> None:
    engine = Engine(sandboxed_once)
    before = engine.stored(CLUSTER)
    async with run_app(engine, now=datetime.now(UTC)) as driver:
        for key in ("n", "N", "s", "p", "m", "X"):
            driver.app.home()
            driver.app.open_screen("open", CLUSTER)
            await driver.settle()
            await driver.press("j", key)
            await press_enter_often(driver, 12)  # through each of its fields, more than once
        workspace = driver.app.session.workspace(CLUSTER)
        assert workspace is not None
        assert not workspace.edits
        assert not driver.app.runs
    after = engine.stored(CLUSTER)
    assert (after.cluster, after.instance_groups) == (before.cluster, before.instance_groups)
