"""The settings of a run on a screen, and what the command prints of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kops_core import Engine, Settings
from kops_core.version import KOPS_VERSION
from kops_tui.screens.settings import SettingsPage
from tests.tui.driver import run_app

pytestmark = pytest.mark.full


async def test_each_setting_says_where_it_came_from(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    settings = Settings(
        stores=(str(tmp_path / "store"),),
        operator="ann@bastion",
        state_dir=tmp_path / "state",
        channel="alpha",
        sources={"state": "KOPS_STATE_STORE", "channel": "/home/ann/.kops.yaml: channel"},
        environment={"AWS_SECRET_ACCESS_KEY": "hunter2"},
    )
    async with run_app(Engine(settings), (120, 40)) as driver:
        await driver.press("colon")
        await driver.type("settings")
        await driver.press("enter")
        page = driver.app.screen
        assert isinstance(page, SettingsPage)
        told = {each.name: each for each in page.settings}
        assert told["channel"].source == "/home/ann/.kops.yaml: channel"
        assert "KOPS_STATE_STORE" in driver.text
        assert KOPS_VERSION in driver.text
        assert "read-only" in driver.text
        assert "hunter2" not in driver.text
        await driver.press("slash")
        await driver.type("read-only")
        assert [row.key for row in page.table.rows] == ["session"]
    async with run_app(Engine(replace(settings, write=True))) as driver:
        await driver.press("colon")
        await driver.type("settings")
        await driver.press("enter")
        assert "may write" in driver.text
