"""Saving: nothing is written before it was shown and confirmed, nothing invalid ever; all can be undone."""

from __future__ import annotations

from pathlib import Path

import pytest

from kops_core.api.values import UNSET
from kops_core.errors import StoreError
from kops_tui.screens.history import HistoryPage
from kops_tui.screens.save import SavePage
from kops_tui.screens.spec import SpecPage
from kops_tui.widgets.field_editor import FieldEditor
from kops_tui.widgets.rows import Rows
from tests.tui.driver import run_app
from tests.tui.world import PROD, STAGE, World

pytestmark = pytest.mark.full


async def test_s_shows_what_would_be_stored_and_writes_nothing(tmp_path: Path) -> None:
    world = World.make(tmp_path)
    async with run_app(world, (120, 40)) as driver:
        await driver.press("e")
        await driver.command("set spec.kubernetesVersion=1.36.3", "unset spec.channel")
        await driver.press("s")
        assert type(driver.app.screen) is SavePage
        assert not world.store.written
        shown = {tuple(line.split()) for line in driver.lines}
        assert ("~", "spec.kubernetesVersion", "1.35.0", "1.36.3") in {row[-4:] for row in shown}
        assert ("spec.channel", "stable", "(unset)") in {row[-3:] for row in shown}
        assert any(row[1:2] == ("spec.kubeScheduler.image",) for row in shown), "what moves along"
        assert "2 fields of yours change" in driver.text
        await driver.press("enter", "r", "n")
        assert driver.app.screen.query(FieldEditor), "back on the spec"
        assert not world.store.written
        await driver.press("s", "escape")
        assert not world.store.written
        assert driver.value(STAGE, "spec.kubernetesVersion") == "1.36.3"
        assert "channel" not in driver.workspace(STAGE).document("cluster")
        await driver.press("s", "y")
        assert f"{STAGE}/config" in world.store.written
        assert world.stored(STAGE, "spec.kubernetesVersion") == "1.36.3"
        assert driver.workspace(STAGE).edits == 0
        assert "saved 2 fields" in driver.text


async def test_an_invalid_spec_is_not_saved_and_its_first_error_is_gone_to(tmp_path: Path) -> None:
    world = World.make(tmp_path)
    async with run_app(world) as driver:
        await driver.press("e")
        await driver.command("set spec.networkCIDR=10.0.0.0/99")
        await driver.press("f", "slash")
        await driver.type("channel")
        await driver.press("enter", "s")
        page = driver.app.screen
        assert isinstance(page, SpecPage)
        assert page.query_one(Rows).key == ("spec", "networkCIDR")
        assert "not saved" in driver.text
        assert "is not a range" in driver.text
        await driver.press("y", "enter", "escape")
        assert not world.store.written


async def test_a_save_that_fails_says_why_and_keeps_the_edits(tmp_path: Path) -> None:
    world = World.make(tmp_path)
    async with run_app(world) as driver:
        await driver.press("e")
        await driver.command("unset spec.channel")
        world.store.error = StoreError("the bucket does not answer")
        await driver.press("s", "y")
        assert "the bucket does not answer" in driver.text
        assert driver.workspace(STAGE).edits == 1
        world.store.error = None
        await driver.press("r")
        assert not world.store.written, "trying again is not the key that writes"
        await driver.press("y")
        assert world.stored(STAGE, "spec.channel") is UNSET
        assert driver.workspace(STAGE).edits == 0


async def test_a_save_over_what_somebody_else_wrote_is_refused_with_who_wrote_what(tmp_path: Path) -> None:
    world = World.make(tmp_path)
    async with run_app(world, (120, 40)) as driver:
        await driver.press("e")
        await driver.command("unset spec.channel")
        world.save(STAGE, {"spec.channel": "alpha"})
        await driver.press("s", "y")
        assert "eve@laptop" in driver.text
        assert driver.workspace(STAGE).edits == 1
        assert world.stored(STAGE, "spec.channel") == "alpha"


async def test_a_read_only_session_saves_nothing(tmp_path: Path) -> None:
    world = World.make(tmp_path, write=False)
    async with run_app(world) as driver:
        await driver.press("e")
        await driver.command("unset spec.channel")
        await driver.press("s", "y")
        assert "read-only" in driver.text
        assert not world.store.written


async def test_a_save_is_undone_from_history(tmp_path: Path) -> None:
    world = World.make(tmp_path)
    async with run_app(world) as driver:
        await driver.press("j", "j", "j", "e")
        await driver.command("set spec.kubernetesVersion=1.35.0", "unset spec.channel")
        await driver.press("s", "y", "H")
        assert "set spec.kubernetesVersion" in driver.text
        await driver.press("g", "z")
        assert isinstance(driver.app.screen, SpecPage)
        assert "was 1.35.0" in driver.text
        assert world.stored(PROD, "spec.channel") is UNSET, "undoing is an edit until it is saved"
        assert driver.value(PROD, "spec.channel") == "stable"
        await driver.press("s", "y")
        assert world.stored(PROD, "spec.channel") == "stable"
        assert world.stored(PROD, "spec.kubernetesVersion") == "1.34.3"


async def test_undoing_a_save_covers_no_unsaved_edit(tmp_path: Path) -> None:
    world = World.make(tmp_path)
    async with run_app(world) as driver:
        await driver.press("e")
        await driver.command("unset spec.channel")
        await driver.press("s", "y")
        await driver.command("set spec.kubelet.maxPods=95")
        await driver.press("H", "g", "z")
        assert isinstance(driver.app.screen, HistoryPage)
        assert "save or undo your 1 unsaved edit first" in driver.text
        assert driver.workspace(STAGE).edits == 1
