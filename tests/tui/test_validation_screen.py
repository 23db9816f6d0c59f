"""Tests of the screen that validates a running cluster again and again."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from kops_core import Validation
from kops_core.errors import KubernetesUnreachable
from tests.tui.driver import run_app
from tests.tui.fakes import FakeEngine, settings
from tests.tui.fakes.controls import NOT_VALID

TO_PROD = ("j", "j", "j")


async def test_an_api_that_is_away_is_told_and_asked_again_until_it_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kops_tui.screens.validation.EVERY", 0.05)
    engine = FakeEngine(settings(tmp_path))
    engine.errors["validate"] = KubernetesUnreachable(
        "the API server refuses the connection", where="https://api.example.com"
    )
    async with run_app(engine) as driver:
        await driver.press(*TO_PROD, "enter", "v")
        await driver.until("the API server refuses the connection")
        del engine.errors["validate"]
        await driver.until("not valid: 2 problems")
        assert "refuses the connection" not in driver.text
        engine.validation = Validation(nodes=NOT_VALID.nodes)
        await driver.until("nothing is wrong")


async def test_nothing_is_asked_while_another_screen_covers_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kops_tui.screens.validation.EVERY", 0.05)
    engine = FakeEngine(settings(tmp_path))
    async with run_app(engine) as driver:
        await driver.press(*TO_PROD, "enter", "v")
        await driver.until("not valid")
        await driver.press("question_mark")
        before = engine.calls.count("validate")
        await asyncio.sleep(0.3)
        assert engine.calls.count("validate") <= before + 1, "one may have been under way"
