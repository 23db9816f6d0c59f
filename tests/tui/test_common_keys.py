"""Keys that every screen has: the commands for a shell, rows and errors in full, screens visited, sorting."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from kops_core import Engine, Settings
from kops_tui.natural_order import natural_order
from kops_tui.screens.cluster import ClusterPage
from kops_tui.screens.fleet import FleetPage
from kops_tui.screens.spec import SpecPage
from kops_tui.visited import Place, Visited
from kops_tui.widgets.rows import Rows
from tests.engine.test_interrupted_writes import CLUSTER_YAML
from tests.tui.driver import run_app

pytestmark = pytest.mark.full

NAMES = ("a12.example.com", "a2.example.com", "b.example.com")


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of a store with three clusters, and no credentials."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for variable in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(variable, str(tmp_path / "none"))
    for name in NAMES:
        config = tmp_path / "store" / name / "config"
        config.parent.mkdir(parents=True)
        config.write_text(CLUSTER_YAML.format(name=name))
    return Settings(
        stores=(f"file://{tmp_path}/store",), write=True, state_dir=tmp_path / "state", environment={}
    )


async def test_the_commands_shown_make_the_same_edit_in_a_shell(settings: Settings, tmp_path: Path) -> None:
    async with run_app(Engine(settings), size=(120, 40)) as driver:
        await driver.press("e", "colon")
        await driver.type("set spec.kubelet.maxPods=80")
        await driver.press("enter", "x")
        assert "kops edit cluster --set=spec.kubelet.maxPods=80" in driver.text
        commands = (tmp_path / "state" / "out" / "commands.txt").read_text().splitlines()
        workspace = driver.app.session.workspace(NAMES[0])
        assert workspace is not None
        edited = workspace.document("cluster")
    program, *words = shlex.split(commands[0])
    assert program == "kops-tui"
    facts = tmp_path / "facts.json"
    facts.write_text("{}")
    run = [sys.executable, "-c", "from kops_tui.cli import main; main()", *words, f"--cloud-facts={facts}"]
    done = subprocess.run(run, capture_output=True, text=True, env={"HOME": str(tmp_path)}, check=False)
    assert "maxPods: 80" in edited
    stored = (tmp_path / "store" / NAMES[0] / "config").read_text()
    assert "maxPods: 80" in stored, done.stderr


async def test_a_row_is_shown_in_full_where_its_columns_are_cut_or_hidden(settings: Settings) -> None:
    async with run_app(Engine(settings)) as driver:
        assert "NETWORK" not in driver.text
        await driver.press("d")
        assert "network" in driver.text
        await driver.press("c")
        assert "written to" in driver.text
        await driver.press("d")
        assert driver.shows(FleetPage), "the key that opened it closes it"


async def test_an_error_is_shown_in_full(settings: Settings) -> None:
    async with run_app(Engine(settings)) as driver:
        await driver.press("exclamation_mark")
        assert "there is no error on this screen" in driver.text
        await driver.press("P")
        await driver.until("no usable AWS credentials")
        await driver.press("exclamation_mark")
        assert "Error" in driver.lines[1]
        assert "no usable AWS credentials" in driver.text


async def test_screens_visited_are_gone_back_to_and_forward(settings: Settings) -> None:
    async with run_app(Engine(settings)) as driver:
        await driver.press("enter", "e")
        assert driver.shows(SpecPage)
        await driver.press("left_square_bracket")
        assert driver.shows(ClusterPage)
        await driver.press("left_square_bracket")
        assert driver.shows(FleetPage)
        await driver.press("left_square_bracket")
        assert "no other screen that way" in driver.text
        await driver.press("right_square_bracket", "right_square_bracket")
        assert driver.shows(SpecPage)
        await driver.press("minus")
        assert driver.shows(ClusterPage)
        await driver.press("minus")
        assert driver.shows(SpecPage)


def test_visiting_forgets_what_was_ahead() -> None:
    visited = Visited()
    places = [Place(name) for name in "abc"]
    for each in places:
        visited.visit(each)
    assert visited.step(-1) == places[1]
    visited.visit(Place("d"))
    assert visited.step(1) is None
    assert visited.step(-1) == places[1]
    assert visited.last == Place("d")


async def test_a_list_is_sorted_by_its_columns_and_put_back(settings: Settings) -> None:
    async with run_app(Engine(settings)) as driver:
        table = driver.app.screen.query_one(Rows)
        given = [row.key for row in table.rows]
        await driver.press("o")
        assert "NAME▲" in driver.text
        assert [row.key.name for row in table.rows] == ["a2.example.com", "a12.example.com", "b.example.com"]
        for _ in range(len(table.columns)):
            if table.sorted_by is None:
                break
            await driver.press("o")
        assert [row.key for row in table.rows] == given


def test_numbers_in_names_count_as_numbers() -> None:
    names = ["m5.12xlarge", "m5.2xlarge", "M4.large", "3/10", "3/9"]
    assert sorted(names, key=natural_order) == ["3/9", "3/10", "M4.large", "m5.2xlarge", "m5.12xlarge"]
