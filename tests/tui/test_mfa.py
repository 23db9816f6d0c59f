"""AWS asks for a second factor in the middle of a call: a dialog takes the code, and the call goes on."""

from __future__ import annotations

from pathlib import Path

from tests.tui.driver import run_app
from tests.tui.fakes import FakeEngine, settings


async def test_the_code_goes_to_the_call_that_needs_it(tmp_path: Path) -> None:
    engine = FakeEngine(settings(tmp_path))
    async with run_app(engine) as driver:
        await driver.press("enter")
        engine.needs_code = {"plan"}
        await driver.pilot.press("P")
        await driver.until("AWS asks for a second factor")
        assert "arn:aws:iam::1:mfa/ann" in driver.text
        await driver.pilot.press(*"123456", "enter")
        await driver.settle()
        assert "AWS asks" not in driver.text
    assert engine.codes == ["123456"]


async def test_without_a_code_the_call_fails_with_what_to_do(tmp_path: Path) -> None:
    engine = FakeEngine(settings(tmp_path))
    async with run_app(engine) as driver:
        await driver.press("enter")
        engine.needs_code = {"plan"}
        await driver.pilot.press("P")
        await driver.until("AWS asks for a second factor")
        await driver.press("escape")
        await driver.until("no code of the multi-factor device was given")
    assert engine.codes == []
