"""Requirements on the spec: yours and inferred, what a save writes, the operator's editor, single fields."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from kops_core import Engine, Settings, parse_path
from kops_tui.screens.save import SavePage
from kops_tui.screens.spec import SpecPage
from kops_tui.terminal import ASCII, Terminal
from tests.tui.driver import AppDriver, run_app
from tests.tui.stores import CLUSTERS, contents, file_settings, make_store
from tests.tui.test_terminal_output import running

pytestmark = pytest.mark.full

NAME = CLUSTERS[1]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return make_store(tmp_path)


async def open_spec(driver: AppDriver) -> SpecPage:
    """Show the spec of a cluster, read."""
    driver.app.open_screen("spec", NAME)
    await driver.settle()
    page = driver.app.screen
    assert isinstance(page, SpecPage)
    return page


async def command(driver: AppDriver, text: str) -> None:
    """Type a command."""
    await driver.press("colon")
    await driver.type(text)
    await driver.press("enter")


async def show(driver: AppDriver, path: str) -> SpecPage:
    """Put the cursor on a field."""
    page = driver.app.screen
    assert isinstance(page, SpecPage)
    page.go_to(path)
    await driver.settle()
    return page


def row(driver: AppDriver, name: str) -> str:
    """The line of a field."""
    return next(each for each in driver.lines if name in each[:34].split())


async def test_requirement_06_yours_and_inferred_stand_side_by_side_and_each_inferred_value_says_why(
    settings: Settings,
) -> None:
    async with run_app(Engine(settings), (120, 40)) as driver:
        await open_spec(driver)
        assert all(each in driver.text for each in ("YOURS", "INFERRED", "FROM"))
        await show(driver, "spec.kubelet.cgroupDriver")
        assert "inferred by" in driver.text
        assert "because" in driver.text
        await driver.press("m")
        mine = [each for each in driver.lines if "networkCIDR" in each]
        assert mine
        assert "cgroupDriver" not in driver.text
        await driver.press("i")
        assert "show: inferred" in driver.lines[1]
        await command(driver, "set spec.kubernetesApiAccess[0]=10.0.0.0/8")
        await driver.press("o")
        assert "show: yours over inferred" in driver.lines[1]
        await driver.resize((80, 24))
        await driver.press("a")
        assert "YOURS" not in driver.text, "one column"
        assert "VALUE" in driver.text


async def test_requirement_06_on_one_column_letters_tell_yours_from_inferred(settings: Settings) -> None:
    async with run_app(Engine(settings), terminal=Terminal(glyphs=ASCII)) as driver:
        await open_spec(driver)
        await show(driver, "spec.networkCIDR")
        own = row(driver, "networkCIDR")
        await show(driver, "spec.kubelet.cgroupDriver")
        inferred = row(driver, "cgroupDriver")
        assert own.isascii()
        assert inferred.isascii()
        assert re.search(r" [UO] 10\.0\.0\.0/16 ", own), own
        assert re.search(r" I systemd ", inferred), inferred


async def test_requirement_07_an_edit_without_a_change_leaves_every_object_as_it_is_to_the_byte(
    settings: Settings, tmp_path: Path
) -> None:
    before = contents(tmp_path / "store")
    async with run_app(Engine(settings), (120, 40)) as driver:
        await open_spec(driver)
        await show(driver, "spec.networkCIDR")
        await driver.press("enter", "enter")  # the editor opens with the value, and takes it
        await driver.press("s")
        assert not isinstance(driver.app.screen, SavePage)
        workspace = driver.app.session.workspace(NAME)
        assert workspace is not None
        for name in workspace.objects():
            workspace.replace_document(name, workspace.document(name))
        assert workspace.edits == 0
    assert contents(tmp_path / "store") == before


async def test_requirement_07_a_save_writes_the_users_layer_alone_and_pinning_is_a_verb(
    settings: Settings, tmp_path: Path
) -> None:
    config = tmp_path / "store" / NAME / "config"
    before = config.read_text()
    async with run_app(Engine(settings), (120, 40)) as driver:
        await open_spec(driver)
        await command(driver, "set spec.kubelet.maxPods=80")
        await driver.press("s", "y")
        added = set(config.read_text().splitlines()) - set(before.splitlines())
        assert {each.strip() for each in added} - {"generation: 1"} == {"kubelet:", "maxPods: 80"}
        await show(driver, "spec.kubelet.cgroupDriver")
        await driver.press("p")
        assert "1 unsaved" in driver.lines[0]
        await driver.press("s", "y")
        assert "cgroupDriver: systemd" in config.read_text()
        await show(driver, "spec.kubelet.cgroupDriver")
        await driver.press("u", "s", "y")
        assert "cgroupDriver" not in config.read_text()


def editor(line: str) -> str:
    """A command that edits a file by a line of Python, with an argument as ``code -w`` has."""
    script = f"import sys, pathlib; p = pathlib.Path(sys.argv[1]); t = p.read_text(); {line}"
    return f"{shlex.quote(sys.executable)} -c {shlex.quote(script)}"


async def test_requirement_08_what_is_wrong_comes_back_as_comments_with_the_nearest_name(
    tmp_path: Path,
) -> None:
    make_store(tmp_path)
    rounds = tmp_path / "rounds"
    wrong = "t.replace('  networkCIDR', '  networkCIDRR: x\\n  networkCIDR', 1)"
    mended = "''.join(l for l in t.splitlines(True) if 'CIDRR' not in l and l[0] != '#')"
    step = (
        f"r = pathlib.Path({str(rounds)!r}); r.open('a').write(t + chr(0)); "
        f"p.write_text({wrong} if r.read_text().count(chr(0)) == 1 else {mended} + '# done\\n')"
    )
    engine = Engine(file_settings(tmp_path, KUBE_EDITOR=editor(step), EDITOR="false"))
    async with run_app(engine, (120, 40)) as driver:
        await open_spec(driver)
        await driver.press("E")
        first, second, _ = rounds.read_text().split("\0")
        assert "networkCIDRR" not in first
        assert "networkCIDRR" in second.splitlines()[1]
        assert re.search(r"spec.networkCIDRR: .*networkCIDR\b(?!R)", second), second
        assert "taken from your editor" in driver.text


@pytest.mark.parametrize(
    ("end", "told"),
    [("sys.exit(1)", "the editor ended with 1"), ("os.kill(os.getpid(), 9)", "the editor ended with -9")],
)
async def test_requirement_08_an_editor_that_fails_cancels_and_the_draft_survives(
    tmp_path: Path, end: str, told: str
) -> None:
    make_store(tmp_path)
    before = contents(tmp_path / "store")
    step = f"p.write_text(t.replace('10.0.0.0/16', '10.1.0.0/16')); import os; {end}"
    async with run_app(Engine(file_settings(tmp_path, EDITOR=editor(step))), (120, 40)) as driver:
        await open_spec(driver)
        await driver.press("E")
        assert told in driver.text
        assert "E goes on with it" in driver.text
        assert "unsaved" not in driver.lines[0]
        (draft,) = (tmp_path / "state" / "drafts").iterdir()
        assert "10.1.0.0/16" in draft.read_text()
    step = "p.write_text(t + '# seen\\n') if '10.1.0.0/16' in t else sys.exit(3)"
    async with run_app(Engine(file_settings(tmp_path, EDITOR=editor(step))), (120, 40)) as driver:
        await open_spec(driver)
        await driver.press("E")
        assert "taken from your editor" in driver.text, "the next run begins with the draft"
    assert contents(tmp_path / "store") == before


def test_requirement_08_edits_survive_a_hang_up_and_are_offered_at_the_next_start(tmp_path: Path) -> None:
    make_store(tmp_path)
    app = ("-m", "tests.tui.real_pty_app")
    with running(tmp_path, app=app, under=()) as terminal:
        terminal.until(NAME.encode())
        terminal.press(b"j")
        terminal.press(b"e")
        terminal.press(b":set spec.kubelet.maxPods=80\r")
        terminal.until(b"1 unsaved")
        terminal.process.send_signal(signal.SIGHUP)
        terminal.process.wait(10)
    with running(tmp_path, app=app) as terminal:
        terminal.until(b"Take up the edits that were not saved?")
        terminal.press(b"y")
        terminal.until(b"maxPods")
        assert "1 unsaved" in terminal.text


@pytest.mark.parametrize("on_spec", [False, True])
async def test_requirement_08_edits_are_merged_with_what_somebody_else_has_stored_meanwhile(
    settings: Settings, tmp_path: Path, on_spec: bool
) -> None:
    config = tmp_path / "store" / NAME / "config"
    async with run_app(Engine(settings), (120, 40)) as driver:
        await open_spec(driver)
        await command(driver, "set spec.kubelet.maxPods=80")
        other = Engine(replace(settings, operator="bob@desk")).open(NAME)
        other.set(parse_path("spec.kubelet.logLevel"), "3")
        other.save()
        theirs = config.read_text()
        await driver.press("s", "y")
        assert config.read_text() == theirs
        assert "bob@desk did at" in driver.text
        assert "set spec.kubelet.logLevel" in driver.text
        await driver.press(*(("escape", "escape", "r", "s") if on_spec else ("r",)))
        assert config.read_text() == theirs
        assert "1 unsaved" in driver.lines[0]
        assert "1 field of yours changes" in driver.text
        await driver.press("y")
        assert {"    logLevel: 3", "    maxPods: 80"} <= set(config.read_text().splitlines())


async def test_requirement_09_a_field_is_edited_in_place_and_the_command_that_does_it_is_kops_own(
    settings: Settings, tmp_path: Path
) -> None:
    async with run_app(Engine(settings), (120, 40)) as driver:
        await open_spec(driver)
        await show(driver, "spec.kubelet.maxPods")
        await command(driver, "set spec.kubelet.maxPods=80")
        await show(driver, "spec.topology.dns.type")
        await driver.press("enter")
        assert "Public" in driver.text, "the values that are allowed"
        await driver.press("escape", "x")
        assert "kops edit cluster --set=spec.kubelet.maxPods=80" in driver.text
        workspace = driver.app.session.workspace(NAME)
        assert workspace is not None
        wanted = workspace.document("cluster")
        line = (tmp_path / "state" / "out" / "commands.txt").read_text().splitlines()[0]
    words = [*shlex.split(line)[1:], f"--cloud-facts={tmp_path / 'facts.json'}"]
    done = subprocess.run(
        [sys.executable, "-c", "from kops_tui.cli import main; main()", *words],
        env={"HOME": str(tmp_path), "PATH": os.environ["PATH"]},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    stored = Engine(settings).open(NAME).document("cluster")
    assert stored.replace("  generation: 1\n", "") == wanted
