"""AWS asks for a second factor in the middle of a call: a dialog takes the code, and the call goes on."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from kops_core import Asked, OperationHandle
from kops_core.engine.background.control import ControlMessage
from kops_core.engine.background.handle import OperationChannel
from kops_core.engine.background.requests import ApplyRequest, Order
from kops_core.engine.settings import Settings
from kops_core.operations.event_log import LoggedEvent
from kops_core.operations.events import Control
from kops_tui.runs import Run
from tests.tui.driver import run_app
from tests.tui.world import World


async def test_the_code_goes_to_the_call_that_needs_it(tmp_path: Path) -> None:
    world = World.make(tmp_path)
    async with run_app(world) as driver:
        await driver.press("enter")
        world.needs_code = {"observe"}
        await driver.pilot.press("P")
        await driver.until("AWS asks for a second factor")
        assert "arn:aws:iam::1:mfa/ann" in driver.text
        await driver.pilot.press(*"123456", "enter")
        await driver.settle()
        assert "AWS asks" not in driver.text
    assert world.codes == ["123456"]


async def test_without_a_code_the_call_fails_with_what_to_do(tmp_path: Path) -> None:
    world = World.make(tmp_path)
    async with run_app(world) as driver:
        await driver.press("enter")
        world.needs_code = {"observe"}
        await driver.pilot.press("P")
        await driver.until("AWS asks for a second factor")
        await driver.press("escape")
        await driver.until("no code of the multi-factor device was given")
    assert world.codes == []


class NoEvents:
    """The events of an operation that has told none yet."""

    def read(self) -> list[LoggedEvent]:
        return []

    def close(self) -> None:
        pass


async def test_an_operation_that_asks_gets_the_code_and_can_be_stopped_meanwhile(tmp_path: Path) -> None:
    at, request = datetime(2026, 1, 1, tzinfo=UTC), ApplyRequest("a.example.com")
    sent: list[ControlMessage] = []
    channel = OperationChannel(NoEvents, sent.append, lambda: False)
    run = Run(request=request)
    run.handle = OperationHandle(Order("1234", at, request, Settings()), channel, "ann@bastion")
    async with run_app(World.make(tmp_path)) as driver:
        driver.app.ask_for(run, Asked(at, "1234", "7", "MFA code for ann: "))
        await driver.until("MFA code for ann")
        driver.app.control_run(run, OperationHandle.pause)
        await driver.settle()
        assert [each.control for each in sent] == [Control.PAUSE]
        await driver.pilot.press(*"123456", "enter")
        await driver.settle()
    assert [(each.control, each.step, each.text) for each in sent[1:]] == [(Control.ANSWER, "7", "123456")]
