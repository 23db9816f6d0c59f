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
    Refused,
    StoreError,
    Throttled,
)
from kops_tui.faults import Fault
from kops_tui.restore import restore_question
from kops_tui.screens.fault import FaultApp
from kops_tui.terminal import ASCII, Colours, Terminal
from tests.tui.driver import SIZES, AppDriver, compare, run_app
from tests.tui.world import PROD, STAGE, Gate, World

pytestmark = pytest.mark.full

Steps = Callable[[AppDriver, World], Awaitable[None]]

TO_PROD = ("j", "j", "j")


async def _fleet(driver: AppDriver, world: World) -> None:
    await driver.press("j")


async def _fleet_filtered(driver: AppDriver, world: World) -> None:
    await driver.press("slash")
    await driver.type("prod")
    await driver.press("enter")


async def _command(driver: AppDriver, world: World) -> None:
    await driver.press("colon")
    await driver.type("op")


async def _cluster(driver: AppDriver, world: World) -> None:
    await driver.press(*TO_PROD, "enter", "j")


async def _spec(driver: AppDriver, world: World) -> None:
    await driver.press(*TO_PROD, "e")
    await driver.go_to("spec.kubelet.cgroupDriver")


async def _spec_edit(driver: AppDriver, world: World) -> None:
    await _spec(driver, world)
    await driver.press("enter")


async def _spec_refused(driver: AppDriver, world: World) -> None:
    await driver.press(*TO_PROD, "e")
    await driver.go_to("spec.kubelet.maxPods")
    await driver.press("enter")
    await driver.type("x")
    await driver.press("enter")


async def _spec_changed(driver: AppDriver, world: World) -> None:
    await driver.press(*TO_PROD, "e")
    await driver.go_to("spec.kubernetesVersion")
    await driver.press("enter", *["backspace"] * 6)
    await driver.type("1.35.0")
    await driver.press("enter", "c")


async def _spec_invalid(driver: AppDriver, world: World) -> None:
    await driver.press(*TO_PROD, "e")
    await driver.command("set spec.networkCIDR=10.0.0.0/99")
    await driver.press("s")


async def _save(driver: AppDriver, world: World) -> None:
    await _spec_changed(driver, world)
    await driver.press("s", "j")


async def _left_edits(driver: AppDriver, world: World) -> None:
    await _spec_changed(driver, world)
    workspace = driver.app.session.workspace(PROD)
    assert workspace is not None
    driver.app.confirm(restore_question([workspace.unsaved()], driver.app.now()), lambda: None)
    await driver.settle()


async def _plan(driver: AppDriver, world: World) -> None:
    await driver.press(*TO_PROD, "P", "n", "n", "n")


async def _plan_diff(driver: AppDriver, world: World) -> None:
    await _plan(driver, world)
    await driver.press("v")


async def _plan_empty(driver: AppDriver, world: World) -> None:
    await driver.press("j", "P")


async def _plan_held_back(driver: AppDriver, world: World) -> None:
    world.save(STAGE, {"spec.sshAccess": "203.0.113.0/24"})
    world.apply(STAGE)
    await driver.press("P", "j", "enter")


async def _confirm_prune(driver: AppDriver, world: World) -> None:
    await _plan_held_back(driver, world)
    await driver.press("X", "A")


async def _confirm(driver: AppDriver, world: World) -> None:
    await driver.press("P", "A")


async def _confirm_typed(driver: AppDriver, world: World) -> None:
    await driver.press(*TO_PROD, "P", "A")
    await driver.type("us2.prod")
    await driver.press("enter")


async def _applying(driver: AppDriver, world: World) -> None:
    gate = world.gate = Gate("update ManagedFile")
    await driver.press("P", "A", "y")
    await driver.until_true(lambda: len(gate.held) == 3)
    await driver.until("2 of 5")


async def _applied(driver: AppDriver, world: World) -> None:
    await driver.press("P", "A", "y")
    await driver.until("nothing is left to do")


async def _apply_failed(driver: AppDriver, world: World) -> None:
    world.errors["update LaunchTemplate/nodes"] = CloudError(
        "the image ami-0bb2 does not exist in us-east-1", where="ec2", remedy="set another image"
    )
    await driver.press("P", "A", "y")
    await driver.until("1 failed")
    await driver.press("g")  # the cursor followed whichever step came last


async def _rolling(driver: AppDriver, world: World) -> None:
    await driver.press("R", "j")


async def _cockpit(driver: AppDriver, world: World) -> None:
    gate = world.gate = Gate("terminate", 1)
    await driver.press("R", "j", "R")
    await driver.type(STAGE)
    await driver.press("enter")
    await driver.until_true(lambda: gate.held)
    await driver.until("1 of 3")


async def _help(driver: AppDriver, world: World) -> None:
    await driver.press(*TO_PROD, "e", "question_mark")


async def _history(driver: AppDriver, world: World) -> None:
    await driver.press("H")


async def _keypairs(driver: AppDriver, world: World) -> None:
    await driver.press(*TO_PROD, "enter", "K", "j", "j", "j", "j")


async def _validation(driver: AppDriver, world: World) -> None:
    world.lose_machine(PROD)
    await driver.press(*TO_PROD, "enter", "v")


async def _reconcile(driver: AppDriver, world: World) -> None:
    await driver.press(*TO_PROD, "enter", "C")


async def _reconcile_asked(driver: AppDriver, world: World) -> None:
    await _reconcile(driver, world)
    await driver.press("A")


async def _drift(driver: AppDriver, world: World) -> None:
    world.resize_group(PROD, 9)
    await driver.press(*TO_PROD, "enter", "D")


async def _instances(driver: AppDriver, world: World) -> None:
    await driver.press("enter", "i", "j")


async def _deletion(driver: AppDriver, world: World) -> None:
    world.add_foreign(PROD)
    driver.app.open_screen("delete", PROD)
    await driver.settle()


async def _quit(driver: AppDriver, world: World) -> None:
    await _spec_changed(driver, world)
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
    world = World.make(tmp_path)
    async with run_app(world) as driver:
        await SCREENS[name](driver, world)
        for size in SIZES:
            await driver.resize(size)
            assert_whole(driver)
            driver.snapshot(name)
        world.end()


async def test_the_fleet_with_a_store_that_can_not_be_read(tmp_path: Path) -> None:
    world = World.make(tmp_path, stores=("s3://gone",))
    world.others["s3://gone"].error = StoreError("the bucket does not answer", remedy="check its name")
    async with run_app(world) as driver:
        await driver.press("G")
        for size in SIZES:
            await driver.resize(size)
            assert_whole(driver)
            driver.snapshot("fleet-store")


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
    world = World.make(tmp_path)
    async with run_app(world) as driver:
        await driver.press(*TO_PROD)
        for name, problem in PROBLEMS.items():
            world.errors["open"] = problem
            await driver.press("P")
            assert "Traceback" not in driver.text
            for size in SIZES:
                await driver.resize(size)
                driver.snapshot(f"error-{name}")
            await driver.resize(SIZES[0])
            world.errors.clear()
            await driver.press("r")
            assert "from the saved spec" in driver.text
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
    async with run_app(World.make(tmp_path, write=False), terminal=terminal) as driver:
        await driver.press(*TO_PROD, "e")
        await driver.go_to("spec.kubelet.cgroupDriver")
        driver.snapshot(name)
        if terminal.glyphs is ASCII:
            assert driver.text.isascii()
            await driver.press("escape", "P")
            assert driver.text.isascii()


async def test_too_small_says_so_and_comes_back(tmp_path: Path) -> None:
    async with run_app(World.make(tmp_path), (60, 20)) as driver:
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
