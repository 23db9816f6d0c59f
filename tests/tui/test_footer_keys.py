"""The last line names no key that does nothing: each one, pressed, changes what the screen shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from textual.widgets import Input

from kops_core import Engine, Settings
from kops_tui.keys import FooterRank
from kops_tui.screens.page import Page
from kops_tui.widgets.bars import KeyLine
from tests.tui.driver import AppDriver, run_app
from tests.tui.every_screen import PRESSED, open_only, press_fast

pytestmark = pytest.mark.full

_NEEDS_TERMINAL = ("spec.editor", "app.quit")
"""Keys that leave the screen to another program, or end this one."""


def shown_keys(driver: AppDriver) -> dict[str, str]:
    """The keys on the last line, by id."""
    line = driver.app.screen.query_one(KeyLine)
    text = "".join(span.text for span in line.line())
    keys: dict[str, str] = {}
    for each in driver.app.screen.active_bindings.values():
        binding = each.binding
        ranked = isinstance(binding.group, FooterRank) and binding.group.rank and each.enabled
        named = f" {binding.description}" in text
        if ranked and named and binding.id and binding.id not in _NEEDS_TERMINAL:
            keys.setdefault(binding.id, binding.key)
    return keys


@pytest.mark.sweep
async def test_each_key_of_the_last_line_changes_what_is_shown(sandboxed_once: Settings) -> None:
    settings = replace(
        sandboxed_once, write=True, environment={**sandboxed_once.environment, "KUBE_EDITOR": "true"}
    )
    silent: list[str] = []
    async with run_app(Engine(settings), (120, 40), now=datetime.now(UTC)) as driver:
        app = driver.app
        for name in PRESSED:
            await open_only(driver, name)
            screen = app.screen
            for id_, key in shown_keys(driver).items():
                page = app.screen
                assert isinstance(page, Page)
                page.clear_notice()
                await driver.settle()
                before = driver.text
                await press_fast(driver, key)
                if app.screen is screen and driver.text == before and not isinstance(screen.focused, Input):
                    silent.append(f"{name}: {key} ({id_})")
                if app.screen is screen and isinstance(screen.focused, Input):
                    await press_fast(driver, "escape")
                if screen not in app.screen_stack:
                    await open_only(driver, name)
                    screen = app.screen
                while app.screen is not screen:
                    app.pop_screen()
                    await driver.settle()
    assert not silent, "\n".join(silent)
