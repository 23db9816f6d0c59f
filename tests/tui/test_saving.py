"""Saving: nothing is written before it was shown and confirmed, nothing invalid ever; all can be undone."""

from __future__ import annotations

from pathlib import Path

from kops_core.errors import ObjectChanged
from kops_tui.screens.history import HistoryPage
from kops_tui.screens.save import SavePage
from kops_tui.screens.spec import SpecPage
from kops_tui.widgets.field_editor import FieldEditor
from kops_tui.widgets.rows import Rows
from tests.tui.fakes import PROD, STAGE, FakeEngine, settings
from tests.tui.walk import Walk, walking


async def _edit(walk: Walk, *commands: str) -> None:
    for each in commands:
        await walk.press("colon")
        await walk.type(each)
        await walk.press("enter")


async def test_s_shows_what_would_be_stored_and_writes_nothing(tmp_path: Path) -> None:
    engine = FakeEngine(settings(tmp_path))
    async with walking(engine, (120, 40)) as walk:
        await walk.press("e")
        await _edit(walk, "set spec.kubernetesVersion=1.33.1", "unset spec.channel")
        await walk.press("s")
        assert type(walk.app.screen) is SavePage
        assert not engine.writes
        shown = {tuple(line.split()) for line in walk.lines}
        assert ("~", "spec.kubernetesVersion", "1.35.0", "1.33.1") in {row[-4:] for row in shown}
        assert ("spec.channel", "stable", "(unset)") in {row[-3:] for row in shown}
        assert any(row[-3:] == ("spec.etcdClusters[0].version", "3.6.6", "3.5.25") for row in shown)
        assert "2 fields of yours change" in walk.text
        await walk.press("enter", "r", "n")
        assert walk.app.screen.query(FieldEditor), "back on the spec"
        assert not engine.writes
        await walk.press("s", "escape")
        assert not engine.writes
        assert engine.open(STAGE).edits == 2
        await walk.press("s", "y")
        assert engine.writes == ["save"]
        assert engine.open(STAGE).edits == 0
        assert "saved 2 fields" in walk.text


async def test_an_invalid_spec_is_not_saved_and_its_first_error_is_gone_to(tmp_path: Path) -> None:
    engine = FakeEngine(settings(tmp_path))
    async with walking(engine) as walk:
        await walk.press("e")
        await _edit(walk, "set spec.kubelet.maxPods=999")
        await walk.press("f", "slash")
        await walk.type("channel")
        await walk.press("enter", "s")
        page = walk.app.screen
        assert isinstance(page, SpecPage)
        assert page.query_one(Rows).key == ("spec", "kubelet", "maxPods")
        assert "not saved" in walk.text
        assert "no instance has that many addresses" in walk.text
        await walk.press("y", "enter", "escape")
        assert not engine.writes


async def test_a_save_that_fails_says_why_and_keeps_the_edits(tmp_path: Path) -> None:
    engine = FakeEngine(settings(tmp_path))
    engine.errors["save"] = ObjectChanged("eve@laptop wrote it 2 minutes ago", where="config")
    async with walking(engine) as walk:
        await walk.press("e")
        await _edit(walk, "unset spec.channel")
        await walk.press("s", "y")
        assert "eve@laptop wrote it" in walk.text
        assert engine.open(STAGE).edits == 1
        del engine.errors["save"]
        await walk.press("r")
        assert not engine.writes, "trying again is not the key that writes"
        await walk.press("y")
        assert engine.writes == ["save"]


async def test_a_read_only_session_saves_nothing(tmp_path: Path) -> None:
    engine = FakeEngine(settings(tmp_path, write=False))
    async with walking(engine) as walk:
        await walk.press("e")
        await _edit(walk, "unset spec.channel")
        await walk.press("s", "y")
        assert "read-only" in walk.text
        assert "save" not in engine.calls


async def test_a_save_is_undone_from_history(tmp_path: Path) -> None:
    engine = FakeEngine(settings(tmp_path))
    async with walking(engine) as walk:
        await walk.press("j", "j", "j", "e")
        await _edit(walk, "set spec.kubernetesVersion=1.34.9", "unset spec.channel")
        await walk.press("s", "y", "H")
        assert "set spec.kubernetesVersion" in walk.text
        await walk.press("g", "z")
        assert isinstance(walk.app.screen, SpecPage)
        assert "was 1.34.9" in walk.text
        assert engine.writes == ["save"], "undoing is an edit until it is saved"
        workspace = engine.open(PROD)
        assert workspace.explain(("spec", "channel")).value == "stable"
        await walk.press("s", "y")
        assert engine.writes == ["save", "save"]
        assert workspace.explain(("spec", "kubernetesVersion")).value == "1.33.9"


async def test_undoing_a_save_covers_no_unsaved_edit(tmp_path: Path) -> None:
    engine = FakeEngine(settings(tmp_path))
    async with walking(engine) as walk:
        await walk.press("e")
        await _edit(walk, "unset spec.channel")
        await walk.press("s", "y")
        await _edit(walk, "set spec.kubelet.maxPods=90")
        await walk.press("H", "g", "z")
        assert isinstance(walk.app.screen, HistoryPage)
        assert "save or undo your 1 unsaved edit first" in walk.text
        assert engine.open(STAGE).edits == 1
