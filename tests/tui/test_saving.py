"""Saving: nothing is written before it was shown and confirmed, nothing invalid ever; all can be undone."""

from __future__ import annotations

from pathlib import Path

from kops_core.errors import ObjectChanged
from kops_tui.screens.history import HistoryPage
from kops_tui.screens.save import SavePage
from kops_tui.screens.spec import SpecPage
from kops_tui.widgets.field_editor import FieldEditor
from kops_tui.widgets.rows import Rows
from tests.tui.driver import AppDriver, run_app
from tests.tui.fakes import PROD, STAGE, FakeEngine, settings


async def _edit(driver: AppDriver, *commands: str) -> None:
    for each in commands:
        await driver.press("colon")
        await driver.type(each)
        await driver.press("enter")


async def test_s_shows_what_would_be_stored_and_writes_nothing(tmp_path: Path) -> None:
    engine = FakeEngine(settings(tmp_path))
    async with run_app(engine, (120, 40)) as driver:
        await driver.press("e")
        await _edit(driver, "set spec.kubernetesVersion=1.33.1", "unset spec.channel")
        await driver.press("s")
        assert type(driver.app.screen) is SavePage
        assert not engine.writes
        shown = {tuple(line.split()) for line in driver.lines}
        assert ("~", "spec.kubernetesVersion", "1.35.0", "1.33.1") in {row[-4:] for row in shown}
        assert ("spec.channel", "stable", "(unset)") in {row[-3:] for row in shown}
        assert any(row[-3:] == ("spec.etcdClusters[0].version", "3.6.6", "3.5.25") for row in shown)
        assert "2 fields of yours change" in driver.text
        await driver.press("enter", "r", "n")
        assert driver.app.screen.query(FieldEditor), "back on the spec"
        assert not engine.writes
        await driver.press("s", "escape")
        assert not engine.writes
        assert engine.open(STAGE).edits == 2
        await driver.press("s", "y")
        assert engine.writes == ["save"]
        assert engine.open(STAGE).edits == 0
        assert "saved 2 fields" in driver.text


async def test_an_invalid_spec_is_not_saved_and_its_first_error_is_gone_to(tmp_path: Path) -> None:
    engine = FakeEngine(settings(tmp_path))
    async with run_app(engine) as driver:
        await driver.press("e")
        await _edit(driver, "set spec.kubelet.maxPods=999")
        await driver.press("f", "slash")
        await driver.type("channel")
        await driver.press("enter", "s")
        page = driver.app.screen
        assert isinstance(page, SpecPage)
        assert page.query_one(Rows).key == ("spec", "kubelet", "maxPods")
        assert "not saved" in driver.text
        assert "no instance has that many addresses" in driver.text
        await driver.press("y", "enter", "escape")
        assert not engine.writes


async def test_a_save_that_fails_says_why_and_keeps_the_edits(tmp_path: Path) -> None:
    engine = FakeEngine(settings(tmp_path))
    engine.errors["save"] = ObjectChanged("eve@laptop wrote it 2 minutes ago", where="config")
    async with run_app(engine) as driver:
        await driver.press("e")
        await _edit(driver, "unset spec.channel")
        await driver.press("s", "y")
        assert "eve@laptop wrote it" in driver.text
        assert engine.open(STAGE).edits == 1
        del engine.errors["save"]
        await driver.press("r")
        assert not engine.writes, "trying again is not the key that writes"
        await driver.press("y")
        assert engine.writes == ["save"]


async def test_a_read_only_session_saves_nothing(tmp_path: Path) -> None:
    engine = FakeEngine(settings(tmp_path, write=False))
    async with run_app(engine) as driver:
        await driver.press("e")
        await _edit(driver, "unset spec.channel")
        await driver.press("s", "y")
        assert "read-only" in driver.text
        assert "save" not in engine.calls


async def test_a_save_is_undone_from_history(tmp_path: Path) -> None:
    engine = FakeEngine(settings(tmp_path))
    async with run_app(engine) as driver:
        await driver.press("j", "j", "j", "e")
        await _edit(driver, "set spec.kubernetesVersion=1.34.9", "unset spec.channel")
        await driver.press("s", "y", "H")
        assert "set spec.kubernetesVersion" in driver.text
        await driver.press("g", "z")
        assert isinstance(driver.app.screen, SpecPage)
        assert "was 1.34.9" in driver.text
        assert engine.writes == ["save"], "undoing is an edit until it is saved"
        workspace = engine.open(PROD)
        assert workspace.explain(("spec", "channel")).value == "stable"
        await driver.press("s", "y")
        assert engine.writes == ["save", "save"]
        assert workspace.explain(("spec", "kubernetesVersion")).value == "1.33.9"


async def test_undoing_a_save_covers_no_unsaved_edit(tmp_path: Path) -> None:
    engine = FakeEngine(settings(tmp_path))
    async with run_app(engine) as driver:
        await driver.press("e")
        await _edit(driver, "unset spec.channel")
        await driver.press("s", "y")
        await _edit(driver, "set spec.kubelet.maxPods=90")
        await driver.press("H", "g", "z")
        assert isinstance(driver.app.screen, HistoryPage)
        assert "save or undo your 1 unsaved edit first" in driver.text
        assert engine.open(STAGE).edits == 1
