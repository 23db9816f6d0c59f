"""An operation that finds the cluster locked: who has it, and how long it can take, counting down."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from kops_core.store.lock import Lock
from tests.tui.driver import run_app
from tests.tui.world import STAGE, World

pytestmark = pytest.mark.full


async def test_the_time_until_a_lock_expires_counts_down(tmp_path: Path) -> None:
    world = World.make(tmp_path)
    lock = Lock(world.store, STAGE, now=world.clock.now)
    async with run_app(world, (120, 40)) as driver:
        await driver.press("enter", "P", "A")
        lock.acquire("bob@desk", "apply", ttl=timedelta(minutes=14, seconds=0.5))
        forget_process(world, STAGE)
        await driver.press("y")
        await driver.until("if its holder is gone, it is free in 14m00s")
        assert "bob@desk holds the lock" in driver.text
        world.clock.sleep(301)
        await driver.until("free in 8m59s")
        world.clock.sleep(1200)
        await driver.until("it has expired; P plans again")
    assert not world.changes


def forget_process(world: World, cluster: str) -> None:
    """Let the holder of a lock be on another machine, so that nobody knows whether it runs."""
    key = f".kops-tui/{cluster}/lock"
    held = json.loads(world.store.read(key).data)
    held["process"] = {}
    world.store.put(key, json.dumps(held).encode())
