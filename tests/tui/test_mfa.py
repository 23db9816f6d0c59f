"""AWS asks for a second factor in the middle of a call: a dialog takes the code, and the call goes on."""

from __future__ import annotations

from pathlib import Path

from tests.tui.fakes import FakeEngine, settings
from tests.tui.walk import walking


async def test_the_code_goes_to_the_call_that_needs_it(tmp_path: Path) -> None:
    engine = FakeEngine(settings(tmp_path))
    async with walking(engine) as walk:
        await walk.press("enter")
        engine.needs_code = {"plan"}
        await walk.pilot.press("P")
        await walk.until("AWS asks for a second factor")
        assert "arn:aws:iam::1:mfa/ann" in walk.text
        await walk.pilot.press(*"123456", "enter")
        await walk.settle()
        assert "AWS asks" not in walk.text
    assert engine.codes == ["123456"]


async def test_without_a_code_the_call_fails_with_what_to_do(tmp_path: Path) -> None:
    engine = FakeEngine(settings(tmp_path))
    async with walking(engine) as walk:
        await walk.press("enter")
        engine.needs_code = {"plan"}
        await walk.pilot.press("P")
        await walk.until("AWS asks for a second factor")
        await walk.press("escape")
        await walk.until("no code of the multi-factor device was given")
    assert engine.codes == []
