"""The registry of screens: each is reached by its command and by its key, and shows the cluster asked for."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from kops_core import OperationRequest
from kops_tui.screens.cluster import ClusterPage
from kops_tui.screens.page import Page
from kops_tui.screens.registry import CLUSTER_SCREENS, RUN_SCREENS
from tests.tui.driver import run_app
from tests.tui.world import PROD, STAGE, World

pytestmark = pytest.mark.full

_LINKS = {name: entry.key.key for name, entry in CLUSTER_SCREENS.items() if entry.key is not None}


@pytest.mark.parametrize("name", CLUSTER_SCREENS)
async def test_each_screen_is_reached_by_its_command(name: str, tmp_path: Path) -> None:
    async with run_app(World.make(tmp_path)) as driver:
        await driver.press("colon")
        await driver.type(f"{name} {PROD}")
        await driver.press("enter")
        page = driver.app.screen
        assert isinstance(page, Page)
        assert page.cluster == PROD
        assert PROD in driver.lines[1]
        await driver.press("escape")
        assert driver.app.screen is not page


@pytest.mark.parametrize("name", _LINKS)
async def test_each_key_of_the_overview_leads_to_what_the_command_shows(name: str, tmp_path: Path) -> None:
    async with run_app(World.make(tmp_path)) as driver:
        driver.app.open_screen("open", STAGE)
        await driver.settle()
        assert driver.shows(ClusterPage)
        await driver.press(_LINKS[name])
        by_key = type(driver.app.screen)
        await driver.press("escape")
        driver.app.open_screen(name, STAGE)
        await driver.settle()
        assert type(driver.app.screen) is by_key is not ClusterPage


async def test_a_command_without_a_name_is_about_the_cluster_in_front(tmp_path: Path) -> None:
    async with run_app(World.make(tmp_path)) as driver:
        await driver.press("colon")
        await driver.type("history")
        await driver.press("enter")
        assert "which cluster? add its name" in driver.text
        driver.app.open_screen("open", STAGE)
        await driver.press("colon")
        await driver.type("history")
        await driver.press("enter")
        assert f"{STAGE} › History" in driver.lines[1]


async def test_spec_with_the_name_of_a_group_shows_that_group_of_the_cluster_in_front(tmp_path: Path) -> None:
    async with run_app(World.make(tmp_path)) as driver:
        driver.app.open_screen("open", STAGE)
        await driver.press("colon")
        await driver.type("spec nodes-us-east-1a")
        await driver.press("enter")
        assert f"{STAGE} › Spec › nodes-us-east-1a" in driver.lines[1]


def test_every_kind_of_operation_has_a_screen() -> None:
    kinds = {each.kind for each in get_args(OperationRequest)}
    assert set(RUN_SCREENS) == kinds
