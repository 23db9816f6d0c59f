"""Every screen at 80x24 and 120x40, as SVG snapshots; the words and the looks are the contract."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from kops_core.errors import (
    AccessDenied,
    CloudError,
    FieldError,
    InvalidSpec,
    KopsError,
    MissingFact,
    ObjectChanged,
    OperationFailed,
    Refused,
    StoreError,
    Throttled,
)
from kops_tui.faults import Fault
from kops_tui.restore import restore_question
from kops_tui.screens.fault import FaultApp
from kops_tui.terminal import ASCII, Colours, Terminal
from tests.tui.driver import SIZES, AppDriver, compare, run_app
from tests.tui.fakes import PROD, FakeEngine, settings

Steps = Callable[[AppDriver, FakeEngine], Awaitable[None]]

TO_PROD = ("j", "j", "j")


async def _fleet(driver: AppDriver, engine: FakeEngine) -> None:
    await driver.press("j")


async def _fleet_filtered(driver: AppDriver, engine: FakeEngine) -> None:
    await driver.press("slash")
    await driver.type("prod")
    await driver.press("enter")


async def _command(driver: AppDriver, engine: FakeEngine) -> None:
    await driver.press("colon")
    await driver.type("op")


async def _cluster(driver: AppDriver, engine: FakeEngine) -> None:
    await driver.press(*TO_PROD, "enter", "j")


async def _spec(driver: AppDriver, engine: FakeEngine) -> None:
    await driver.press(*TO_PROD, "e", *"j" * 11)


async def _spec_edit(driver: AppDriver, engine: FakeEngine) -> None:
    await _spec(driver, engine)
    await driver.press("enter")


async def _spec_refused(driver: AppDriver, engine: FakeEngine) -> None:
    await _spec_edit(driver, engine)
    await driver.type("x")
    await driver.press("enter")


async def _spec_changed(driver: AppDriver, engine: FakeEngine) -> None:
    await driver.press(*TO_PROD, "e", "enter", *["backspace"] * 6)
    await driver.type("1.34.3")
    await driver.press("enter", "c")


async def _spec_invalid(driver: AppDriver, engine: FakeEngine) -> None:
    await driver.press(*TO_PROD, "e", "colon")
    await driver.type("set spec.kubelet.maxPods=999")
    await driver.press("enter", "s")


async def _save(driver: AppDriver, engine: FakeEngine) -> None:
    await _spec_changed(driver, engine)
    await driver.press("s", "j")


async def _left_edits(driver: AppDriver, engine: FakeEngine) -> None:
    await _spec_changed(driver, engine)
    driver.app.confirm(restore_question([engine.open(PROD).unsaved()], driver.app.now()), lambda: None)
    await driver.settle()


async def _plan(driver: AppDriver, engine: FakeEngine) -> None:
    await driver.press(*TO_PROD, "P", "n", "n", "n", "n")


async def _plan_diff(driver: AppDriver, engine: FakeEngine) -> None:
    await _plan(driver, engine)
    await driver.press("v")


async def _plan_empty(driver: AppDriver, engine: FakeEngine) -> None:
    engine.open(PROD).applied = True
    await driver.press(*TO_PROD, "P")


async def _plan_held_back(driver: AppDriver, engine: FakeEngine) -> None:
    engine.held_back = True
    await _plan_empty(driver, engine)
    await driver.press("j", "enter")


async def _confirm_prune(driver: AppDriver, engine: FakeEngine) -> None:
    await _plan_held_back(driver, engine)
    await driver.press("X", "A")


async def _fleet_store(driver: AppDriver, engine: FakeEngine) -> None:
    engine.errors["store"] = StoreError("gone")
    await driver.press("r", "G")


async def _confirm(driver: AppDriver, engine: FakeEngine) -> None:
    await driver.press("P", "A")


async def _confirm_typed(driver: AppDriver, engine: FakeEngine) -> None:
    engine.destructive = True
    await driver.press(*TO_PROD, "P", "A")
    await driver.type("us2.prod")
    await driver.press("enter")


async def _applying(driver: AppDriver, engine: FakeEngine) -> None:
    engine.stop_at = 2
    await driver.press("P", "A", "y")
    await driver.until("2 of 4")


async def _applied(driver: AppDriver, engine: FakeEngine) -> None:
    await driver.press("P", "A", "y")
    await driver.until("4 changes applied")


async def _apply_failed(driver: AppDriver, engine: FakeEngine) -> None:
    engine.errors["step"] = OperationFailed(
        "the launch template could not be made: the image ami-0bb2 does not exist in us-east-1",
        where="LaunchTemplate/nodes-us-east-1a",
        remedy="set another image, then apply again: it goes on from here",
    )
    await driver.press("P", "A", "y")
    await driver.until("plans what is left")


async def _rolling(driver: AppDriver, engine: FakeEngine) -> None:
    await driver.press("R", "j")


async def _cockpit(driver: AppDriver, engine: FakeEngine) -> None:
    engine.stop_at = 1
    await driver.press("R", "j", "R")
    await driver.type("data.stage.example.com")
    await driver.press("enter")
    await driver.until("1 of 3")


async def _help(driver: AppDriver, engine: FakeEngine) -> None:
    await driver.press(*TO_PROD, "e", "question_mark")


async def _history(driver: AppDriver, engine: FakeEngine) -> None:
    await driver.press("H")


async def _keypairs(driver: AppDriver, engine: FakeEngine) -> None:
    await driver.press(*TO_PROD, "enter", "K", "j", "j", "j", "j")


async def _validation(driver: AppDriver, engine: FakeEngine) -> None:
    await driver.press(*TO_PROD, "enter", "v")


async def _reconcile(driver: AppDriver, engine: FakeEngine) -> None:
    await driver.press(*TO_PROD, "enter", "C")


async def _reconcile_asked(driver: AppDriver, engine: FakeEngine) -> None:
    await _reconcile(driver, engine)
    await driver.press("A")


async def _drift(driver: AppDriver, engine: FakeEngine) -> None:
    await driver.press(*TO_PROD, "enter", "D")


async def _instances(driver: AppDriver, engine: FakeEngine) -> None:
    await driver.press(*TO_PROD, "enter", "i", "j")


async def _deletion(driver: AppDriver, engine: FakeEngine) -> None:
    engine.foreign = True
    driver.app.open_screen("delete", PROD)
    await driver.settle()


async def _quit(driver: AppDriver, engine: FakeEngine) -> None:
    await _spec_changed(driver, engine)
    await driver.press("q")


SCREENS: dict[str, Steps] = {
    "fleet": _fleet,
    "fleet-filtered": _fleet_filtered,
    "command": _command,
    "cluster": _cluster,
    "spec": _spec,
    "spec-edit": _spec_edit,
    "spec-refused": _spec_refused,
    "spec-changed": _spec_changed,
    "spec-invalid": _spec_invalid,
    "save": _save,
    "left-edits": _left_edits,
    "plan": _plan,
    "plan-diff": _plan_diff,
    "plan-empty": _plan_empty,
    "plan-held-back": _plan_held_back,
    "confirm-prune": _confirm_prune,
    "fleet-store": _fleet_store,
    "confirm": _confirm,
    "confirm-typed": _confirm_typed,
    "applying": _applying,
    "applied": _applied,
    "apply-failed": _apply_failed,
    "rolling": _rolling,
    "cockpit": _cockpit,
    "help": _help,
    "history": _history,
    "keypairs": _keypairs,
    "drift": _drift,
    "validation": _validation,
    "reconcile": _reconcile,
    "reconcile-asked": _reconcile_asked,
    "deletion": _deletion,
    "instances": _instances,
    "quit": _quit,
}


@pytest.mark.parametrize("name", SCREENS)
async def test_screen(name: str, tmp_path: Path) -> None:
    engine = FakeEngine(settings(tmp_path))
    async with run_app(engine) as driver:
        await SCREENS[name](driver, engine)
        for size in SIZES:
            await driver.resize(size)
            assert_whole(driver)
            driver.snapshot(name)
        engine.let_go.set()


def assert_whole(driver: AppDriver) -> None:
    """What every screen has: store, account, identity and mode first, keys last, nothing past the edges."""
    lines = driver.lines
    width, height = driver.app.size
    assert len(lines) == height
    assert "ops@bast" in lines[0]
    assert "123456789012/" in lines[0]
    assert "RW" in lines[0] or "RO" in lines[0]
    assert "acme-kops" in lines[0]
    assert all(len(line) <= width for line in lines)


PROBLEMS: dict[str, KopsError | Exception] = {
    "access-denied": AccessDenied(
        "the credentials have expired", where="sts:GetCallerIdentity in us-east-1", code="ExpiredToken"
    ),
    "throttled": Throttled("the account's request rate is used up", where="ec2:DescribeInstances"),
    "cloud": CloudError("the region does not answer", where="ec2.us-east-9", remedy="check spec.subnets"),
    "store": StoreError("the bucket is not there", where="s3://acme-kops", remedy="check KOPS_STATE_STORE"),
    "changed": ObjectChanged("eve@laptop wrote it 2 minutes ago", where="us1.prod.example.com/config"),
    "refused": Refused("the plan is stale: the spec was changed after it"),
    "missing-fact": MissingFact("facts.zones", remedy="record the account's facts"),
    "invalid-spec": InvalidSpec(
        [
            FieldError("Unknown field", f"spec.kubelet.maxPod{n}", "no such field", suggestion="maxPods")
            for n in range(5)
        ]
    ),
    "fault": ZeroDivisionError("division by zero"),
}


async def test_each_error_says_what_where_and_what_to_do(tmp_path: Path) -> None:
    engine = FakeEngine(settings(tmp_path))
    async with run_app(engine) as driver:
        await driver.press(*TO_PROD)
        for name, problem in PROBLEMS.items():
            engine.errors["plan"] = problem
            await driver.press("P")
            assert "Traceback" not in driver.text
            for size in SIZES:
                await driver.resize(size)
                driver.snapshot(f"error-{name}")
            await driver.resize(SIZES[0])
            engine.errors.clear()
            await driver.press("r")
            assert "plan 4f1c" in driver.text
            assert " ! " not in driver.text
            await driver.press("escape")


@pytest.mark.parametrize(
    ("name", "terminal"),
    [
        ("ascii", Terminal(glyphs=ASCII)),
        ("terminal-colours", Terminal(Colours.ANSI)),
        ("no-colour", Terminal(Colours.NONE, ASCII)),
    ],
)
async def test_other_terminals(
    name: str, terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if terminal.colours is Colours.NONE:
        monkeypatch.setenv("NO_COLOR", "1")
    engine = FakeEngine(settings(tmp_path, write=False))
    async with run_app(engine, terminal=terminal) as driver:
        await driver.press(*TO_PROD, "e", *"j" * 11)
        driver.snapshot(name)
        if terminal.glyphs is ASCII:
            assert driver.text.isascii()
            await driver.press("escape", "P")
            assert driver.text.isascii()


async def test_too_small_says_so_and_comes_back(tmp_path: Path) -> None:
    async with run_app(FakeEngine(settings(tmp_path)), (60, 20)) as driver:
        assert "80 columns" in driver.text
        await driver.pilot.resize_terminal(80, 24)
        await driver.settle()
        assert "us1.prod.example.com" in driver.text


async def test_the_screen_after_a_fault(tmp_path: Path) -> None:
    app = FaultApp(Fault("ZeroDivisionError", Path("/home/ops/reports/fault-1.txt"), (PROD,)))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.1)
        compare(app.export_screenshot(), "fault-80x24.svg")
        await pilot.press("q")
        assert app.return_code == 0
