"""The spec screen beyond single fields: YAML of structures, list items, errors in turn, YAML beside."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.widgets import TextArea

from kops_core import Engine, Settings, parse_path
from kops_tui.screens.spec import SpecPage
from kops_tui.screens.text_edit import TextEditPage
from tests.engine.test_interrupted_writes import CLUSTER_YAML
from tests.engine.test_structures import GROUP, NAME, SUBNET
from tests.tui.driver import AppDriver, run_app

pytestmark = pytest.mark.full

FACTS = {
    "provider": "aws",
    "region": "us-east-1",
    "zones": ["us-east-1a", "us-east-1b"],
    "instanceTypes": [
        {"name": name, "architectures": ["x86_64"], "vcpus": 2, "memoryMiB": 8192, "maxNetworkInterfaces": 3}
        for name in ("m5.large", "t3.medium")
    ],
    "images": [],
    "vpcs": [],
    "subnets": [],
    "hostedZones": [],
    "securityGroups": [],
    "buckets": [],
}


@asynccontextmanager
async def spec_of(folder: Path, size: tuple[int, int] = (80, 24), part: str = "") -> AsyncIterator[AppDriver]:
    """The spec screen of a cluster in a store of files, or of its instance group."""
    store = folder / "store" / NAME
    (store / "instancegroup").mkdir(parents=True)
    (store / "config").write_text(CLUSTER_YAML.format(name=NAME))
    (store / "instancegroup" / "nodes").write_text(GROUP)
    (folder / "facts.json").write_text(json.dumps(FACTS))
    settings = Settings(
        stores=(f"file://{folder}/store",),
        write=True,
        cloud_facts=folder / "facts.json",
        state_dir=folder / "state",
        environment={},
    )
    async with run_app(Engine(settings), size) as driver:
        driver.app.push_screen(SpecPage(NAME, part))
        await driver.settle()
        yield driver


async def _go_to(driver: AppDriver, path: str) -> None:
    page = driver.app.screen
    assert isinstance(page, SpecPage)
    page.go_to(path)
    await driver.settle()


def _document(driver: AppDriver) -> str:
    workspace = driver.app.session.workspace(NAME)
    assert workspace is not None
    return workspace.document("cluster")


async def test_yaml_of_several_lines_is_pasted_into_a_structure(tmp_path: Path) -> None:
    async with spec_of(tmp_path) as driver:
        await _go_to(driver, "spec.subnets[0]")
        await driver.press("plus")
        assert driver.shows(TextEditPage)
        area = driver.app.screen.query_one(TextArea)
        assert "zone: us-east-1a" in area.text, "it begins as the last item"
        area.text = ""
        await driver.paste(SUBNET)
        assert area.text == SUBNET
        assert "ctrl+s" in driver.text
        await driver.press("f5")
        assert driver.shows(SpecPage)
        assert "name: b" in _document(driver)
        assert "1 unsaved" in driver.lines[0]
        assert list((tmp_path / "state" / "drafts").iterdir()), "kept on disk as any edit"


async def test_what_is_wrong_is_said_and_the_text_stays(tmp_path: Path) -> None:
    async with spec_of(tmp_path) as driver:
        await _go_to(driver, "spec.subnets[0]")
        await driver.press("t")
        area = driver.app.screen.query_one(TextArea)
        area.text = "nam: b\n"
        await driver.press("f5")
        assert driver.shows(TextEditPage)
        assert "spec.subnets[0].nam" in driver.text
        assert area.text == "nam: b\n"
        await driver.press("escape", "escape")
        assert driver.shows(TextEditPage), "the first esc closes the error, the second one warns"
        assert "another esc drops it" in driver.text
        await driver.press("escape")
        assert driver.shows(SpecPage)
        assert "unsaved" not in driver.lines[0]


async def test_letters_are_text_while_yaml_is_edited(tmp_path: Path) -> None:
    async with spec_of(tmp_path) as driver:
        await _go_to(driver, "spec.subnets[0].cidr")
        await driver.press("t")
        await driver.type("q:?x[-")
        assert driver.shows(TextEditPage)
        assert driver.app.screen.query_one(TextArea).text.startswith("q:?x[-")
        assert "q quit" not in driver.lines[-1]


async def test_an_item_moves_with_the_cursor_and_is_removed(tmp_path: Path) -> None:
    async with spec_of(tmp_path) as driver:
        workspace = driver.app.session.workspace(NAME)
        assert workspace is not None
        await _go_to(driver, "spec.subnets[0]")
        await driver.press("plus")
        driver.app.screen.query_one(TextArea).text = SUBNET
        await driver.press("f5")
        await _go_to(driver, "spec.subnets[1].zone")
        await driver.press("less_than_sign")
        assert _document(driver).index("name: b") < _document(driver).index("zone: us-east-1a")
        assert "[0] b" in driver.text
        await driver.press("u")
        assert "name: b" not in _document(driver)
        assert "removed spec.subnets[0]" in driver.text
        await driver.press("z")
        assert "name: b" in _document(driver)


async def test_errors_are_visited_in_turn(tmp_path: Path) -> None:
    async with spec_of(tmp_path) as driver:
        await driver.press("colon")
        await driver.type("set spec.kubernetesVersion=1.99.0")
        await driver.press("enter")
        page = driver.app.screen
        assert isinstance(page, SpecPage)
        wrong = len(page.current_errors())
        assert wrong > 2
        seen = []
        for number in range(1, wrong + 2):
            await driver.press("n")
            assert f" {(number - 1) % wrong + 1} of {wrong} " in driver.text
            seen.append(page.table.key)
        assert parse_path("spec.kubernetesVersion") in seen
        await driver.press("N")
        assert f" {wrong} of {wrong} " in driver.text


async def test_a_group_spells_its_paths_as_the_command_line_does(tmp_path: Path) -> None:
    async with spec_of(tmp_path, part="nodes") as driver:
        await driver.press("colon")
        await driver.type("set spec.maxSize=7")
        await driver.press("enter")
        workspace = driver.app.session.workspace(NAME)
        assert workspace is not None
        assert "maxSize: 7" in workspace.document("nodes")
        await _go_to(driver, "instanceGroups.nodes.spec.maxSize")
        assert "spec.maxSize = 7" in driver.text
        await driver.press("x")
        assert "edit instancegroup nodes --set=spec.maxSize=7" in driver.text
        await driver.press("slash")
        await driver.type("spec.maxSize")
        assert "maxSize" in driver.text


async def test_yaml_stands_beside_the_fields_with_the_line_of_the_cursor(tmp_path: Path) -> None:
    async with spec_of(tmp_path, (120, 40)) as driver:
        await _go_to(driver, "spec.subnets[0].cidr")
        await driver.press("y")
        assert "apiVersion: kops.k8s.io/v1alpha2" in driver.text
        assert "FIELD" in driver.text
        marked = next(each for each in driver.lines if "- cidr: 10.0.0.0/19" in each)
        assert "cidr" in marked
        await driver.resize((80, 24))
        assert "apiVersion" not in driver.text
        await driver.press("y")
        assert "apiVersion: kops.k8s.io/v1alpha2" in driver.text
        assert "YAML" in driver.lines[1]
        await driver.press("y")
        assert driver.shows(SpecPage), "the key that opened it closes it"
