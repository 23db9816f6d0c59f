"""An operation that finds the cluster locked: who has it, and how long it can take, counting down."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from kops_core import LockHeld
from kops_tui.app import KopsApp
from kops_tui.terminal import Terminal
from tests.tui.driver import AppDriver
from tests.tui.fakes import NOW, FakeEngine, settings


async def test_the_time_until_a_lock_expires_counts_down(tmp_path: Path) -> None:
    at = NOW
    engine = FakeEngine(settings(tmp_path))
    engine.errors["apply"] = LockHeld(
        "bob@desk holds the lock since 2026-01-01 00:00:00 UTC for apply, until 00:15:00",
        until=NOW + timedelta(minutes=14),
    )

    def now() -> datetime:
        return at

    app = KopsApp(engine, Terminal(), now=now)
    async with app.run_test(size=(120, 40)) as pilot:
        driver = AppDriver(app, pilot)
        await driver.settle()
        await driver.press("enter", "P", "A", "y")
        await driver.until("if its holder is gone, it is free in 14m00s")
        assert "bob@desk holds the lock" in driver.text
        at += timedelta(minutes=5, seconds=1)
        await driver.until("free in 8m59s")
        at += timedelta(minutes=20)
        await driver.until("it has expired; P plans again")
    assert "apply" not in engine.writes
