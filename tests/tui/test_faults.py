"""Errors don't end the app, faults end it well: a screen, a report, no edit lost, and a code that says so."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kops_core import Engine, Settings, left_edits
from kops_core.api.path import set_at
from kops_core.engine.workspace.kept_edits import KeptEdits, edits_on, keep_edits
from kops_core.errors import InvalidSpec, KopsError, StoreError, UsageError
from kops_tui.faults import redacted
from kops_tui.screens.registry import CLUSTER_SCREENS
from kops_tui.screens.spec import SpecPage
from kops_tui.widgets.field_editor import FieldEditor
from kops_tui.widgets.rows import Rows
from tests.corpus import corpus_dir
from tests.tui.driver import run_app
from tests.tui.test_terminal_output import Terminal, running
from tests.tui.world import NOW, PROD, STAGE, STORE, World

pytestmark = pytest.mark.full

# Errors


async def test_a_value_that_can_not_be_inferred_from_ends_nothing(tmp_path: Path) -> None:
    """Issue 9's crash: a subnet's type that is none, then Enter on any field."""
    cases = corpus_dir()
    if not cases.exists():
        pytest.skip("the conformance corpus is not here: set KOPS_CONFORMANCE_DIR")
    engine = Engine(
        Settings(
            stores=(str(tmp_path / "store"),),
            write=True,
            cloud_facts=cases / "facts" / "upstream-update.json",
            channel=str(next((cases / "channels").glob("*stable*"))),
            state_dir=tmp_path,
        )
    )
    engine.create({"c.yaml": (cases / "upstream/update/minimal-aws/cluster.yaml").read_bytes()})
    async with run_app(engine, (120, 40)) as driver:
        await driver.press("e", "colon")
        await driver.type("set spec.networking.subnets[0].type=Foo")
        await driver.press("enter", "colon")
        await driver.type("set spec.subnets[0].type=Foo")
        await driver.press("enter")
        workspace = driver.app.session.workspace(driver.app.session.known_clusters[0])
        assert workspace is not None
        assert workspace.edits
        rows = driver.app.screen.query_one(Rows)
        fields = [row.key for row in rows.rows]
        assert len(fields) > 100, "what is not wrong is shown as before"
        for place in range(0, len(fields), 7):
            rows.move_to(place)
            await driver.press("enter")
            assert "Traceback" not in driver.text
            if driver.app.screen.query_one(FieldEditor).path is not None:
                await driver.press("escape")
        await driver.press("s")
        assert driver.app.is_running
        assert rows.key == ("spec", "subnets", 0, "type")
        assert "Foo" in driver.text
        assert "1 error" in driver.text
        await driver.press("z")
        assert "the spec is valid" in driver.text


@pytest.mark.parametrize("problem", [StoreError("gone"), InvalidSpec([]), UsageError("no")])
async def test_no_error_of_store_or_account_ends_the_app_or_takes_an_edit(
    problem: KopsError, tmp_path: Path
) -> None:
    world = World.make(tmp_path)
    async with run_app(world) as driver:
        await driver.press("e", "u")
        world.store.error, world.errors[""] = problem, problem
        for screen in CLUSTER_SCREENS:
            driver.app.open_screen(screen, STAGE)
            await driver.settle()
            assert driver.app.is_running
            assert "Traceback" not in driver.text
            assert "fault of kops-tui" not in driver.text
            driver.app.home()
            await driver.settle()
        assert driver.workspace(STAGE).edits == 1
        driver.app.open_screen("plan", STAGE)
        await driver.settle()
        assert " ! " in driver.text or "fix it" in driver.text
        world.store.error = None
        world.errors.clear()
        await driver.press("r")
        assert "with 1 unsaved edit" in driver.text


# Faults


def _edited(terminal: Terminal) -> None:
    terminal.until(b"us1.prod")
    terminal.press(b"e")
    terminal.until(b"no unsaved edits")
    terminal.press(b":set spec.kubelet.maxPods=91\r")
    terminal.until(b"1 edit so far")


def test_a_fault_shows_a_screen_keeps_the_edits_and_says_so_by_its_code(tmp_path: Path) -> None:
    with running(tmp_path) as terminal:
        _edited(terminal)
        (tmp_path / "fault").touch()
        os.write(terminal.fd, b"E")
        shown = terminal.until(b"a fault of its own (RuntimeError)")
        shown += terminal.read(0.6)
        assert b"data.stage.example.com are kept" in shown
        assert b"Traceback" not in shown
        assert terminal.process.poll() is None, "the screen stays until the operator has read it"
        os.write(terminal.fd, b"q")
        last = terminal.read()
        assert terminal.process.wait(10) == 1
        assert b"Traceback" not in last
        assert b"reports/fault-" in last, "said again below the shell's prompt"
    (report,) = (tmp_path / "reports").iterdir()
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    text = report.read_text()
    assert "Traceback" in text
    assert "in editor_command" in text
    assert "hunter2" not in text
    assert "A" * 60 not in text
    (kept,) = left_edits(tmp_path, (STORE,))
    assert kept.file is not None
    assert stat.S_IMODE(kept.file.stat().st_mode) == 0o600
    assert kept.what == ("set spec.kubelet.maxPods",)

    (tmp_path / "fault").unlink()
    with running(tmp_path) as terminal:
        terminal.until(b"Take up the edits that were not saved?")
        terminal.press(b"j")
        os.write(terminal.fd, b"\r")
        terminal.until(b"91")
        assert "1 unsaved" in terminal.text
        os.write(terminal.fd, b"q")
        terminal.until(b"Quit?")
        os.write(terminal.fd, b"y")
        terminal.read()
        assert terminal.process.wait(10) == 0
    assert not list((tmp_path / "drafts").iterdir()), "edits that were given up are not offered again"


def test_edits_survive_a_kill(tmp_path: Path) -> None:
    with running(tmp_path) as terminal:
        _edited(terminal)
        terminal.process.kill()
        terminal.process.wait(10)
    (kept,) = left_edits(tmp_path, (STORE,))
    assert kept.documents["cluster"]["spec"]["kubelet"]["maxPods"] == 91  # type: ignore[index,call-overload]


async def test_kept_edits_go_on_top_of_what_was_changed_meanwhile(tmp_path: Path) -> None:
    world = World.make(tmp_path)
    before = world.engine.stored(PROD).cluster
    mine = set_at(before, ("spec", "channel"), "alpha")
    theirs = set_at(before, ("spec", "kubernetesVersion"), "1.34.1")
    kept = KeptEdits(PROD, STORE, NOW, ("set spec.channel",), {"cluster": before}, {"cluster": mine})
    assert edits_on(kept, {"cluster": theirs})["cluster"] == set_at(theirs, ("spec", "channel"), "alpha")
    with pytest.raises(UsageError, match="deleted"):
        edits_on(KeptEdits(PROD, "", NOW, (), {"gone": before}, {"gone": mine}), {"cluster": theirs})


async def test_edits_that_were_left_are_offered_and_can_wait(tmp_path: Path) -> None:
    world = World.make(tmp_path)
    workspace = world.engine.open(PROD)
    workspace.unset(("spec", "channel"))
    file = keep_edits(tmp_path, workspace.unsaved())
    left = file.rename(file.with_name(f"{PROD}.999999999.edits.json"))
    async with run_app(world) as driver:
        assert "Take up the edits that were not saved?" in driver.text
        assert "unset spec.channel" in driver.text
        await driver.press("n")
        assert left.exists()
        await driver.press("j", "j", "j", "e")
        assert driver.workspace(PROD).edits == 0
    async with run_app(world) as driver:
        await driver.press("y")
        assert isinstance(driver.app.screen, SpecPage)
        assert driver.workspace(PROD).edits == 1
        assert not left.exists()
        assert "1 unsaved" in driver.lines[0]
        await driver.press("s", "y")
        assert not list((tmp_path / "drafts").iterdir()), "saved edits are not offered again"


def test_a_file_of_edits_that_is_none_is_passed_over(tmp_path: Path) -> None:
    folder = tmp_path / "drafts"
    folder.mkdir()
    for number, text in enumerate(("", "[]", "{}", "\xff", '{"cluster": 1}')):
        (folder / f"c.{999999990 + number}.edits.json").write_bytes(text.encode("latin-1"))
    assert left_edits(tmp_path, (STORE,)) == []


@given(st.text("ABCDEFabcdef0123456789+/", min_size=40, max_size=90), st.sampled_from(["", "x ", "key: "]))
def test_a_report_holds_no_long_opaque_word(secret: str, before: str) -> None:
    assert secret not in redacted(f"{before}{secret} rest", {})


def test_a_report_holds_no_secret() -> None:
    pem = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY-----"
    text = redacted(
        f"read {pem}, AKIAIOSFODNN7EXAMPLE, password: hunter2, 'token': 'abc.def', zebra-zebra at /a/b.py",
        {"AWS_SECRET_ACCESS_KEY": "zebra-zebra", "EDITOR": "/a/b.py"},
    )
    for secret in ("MIIE", "AKIA", "hunter2", "abc.def", "zebra"):
        assert secret not in text
    assert "/a/b.py" in text
