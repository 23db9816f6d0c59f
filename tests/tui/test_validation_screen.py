"""Tests of the screen that validates a running cluster again and again."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from kops_core.errors import KubernetesUnreachable
from tests.tui.driver import run_app
from tests.tui.world import PROD, World

TO_PROD = ("j", "j", "j")


async def test_an_api_that_is_away_is_told_and_asked_again_until_it_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kops_tui.screens.validation.EVERY", 0.05)
    world = World.make(tmp_path)
    world.lose_machine(PROD)
    away = KubernetesUnreachable("the API server refuses the connection", where="https://api.example.com")
    world.kubernetes_errors[PROD] = away
    async with run_app(world) as driver:
        await driver.press(*TO_PROD, "enter", "v")
        await driver.until("the API server refuses the connection")
        del world.kubernetes_errors[PROD]
        await driver.until("not valid: 1 problem")
        assert "the instance group has 2 of 3 instances" in driver.text
        assert "refuses the connection" not in driver.text
        world.start_machines(PROD)
        await driver.until("nothing is wrong")


async def test_nothing_is_asked_while_another_screen_covers_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kops_tui.screens.validation.EVERY", 0.05)
    world = World.make(tmp_path)
    world.lose_machine(PROD)
    async with run_app(world) as driver:
        await driver.press(*TO_PROD, "enter", "v")
        await driver.until("not valid")
        await driver.press("question_mark")
        before = world.calls.count(f"groups {PROD}")
        await asyncio.sleep(0.3)
        assert world.calls.count(f"groups {PROD}") <= before + 1, "one may have been under way"
