"""The fleet tells of what it can't read, and of nothing as if it were there."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from kops_core import Settings
from kops_core.engine.stores import Stores
from kops_core.errors import KopsError, ObjectNotFound, StoreError
from kops_core.store.open import StoreOpener
from kops_tui.screens.fleet_rows import StoreKey
from kops_tui.widgets.rows import Rows
from tests.tui.driver import run_app
from tests.tui.world import PROD, UP_TO_DATE, World

pytestmark = pytest.mark.full


async def test_a_store_that_can_not_be_read_is_a_row_with_its_cause_and_a_retry(tmp_path: Path) -> None:
    world = World.make(tmp_path, stores=("s3://gone",))
    gone = world.others["s3://gone"]
    gone.error = StoreError("the bucket does not answer", remedy="check its name")
    async with run_app(world) as driver:
        await driver.press("G")
        assert driver.app.screen.query_one(Rows).key == StoreKey("s3://gone")
        assert "s3://gone  can't be read: the bucket does not answer" in driver.text
        assert "r tries again" in driver.text
        await driver.press("P")
        assert "that is a store" in driver.text
        await driver.press("enter")
        assert "check its name" in driver.text
        gone.error = None
        await driver.press("r")
        assert "s3://gone" not in driver.text
        assert PROD in driver.text


async def test_with_no_store_readable_nobody_is_told_to_make_a_cluster(tmp_path: Path) -> None:
    world = World.make(tmp_path, stores=("s3://kops-no-such",))
    for store in (world.store, *world.others.values()):
        store.error = StoreError("no AWS credentials were found", remedy="aws sso login")
    async with run_app(world) as driver:
        assert "no AWS credentials were found" in driver.text
        assert "make one" not in driver.text
        assert "2 of 2 stores unreadable" in driver.lines[0]


async def test_a_filter_that_matches_nothing_says_so_on_every_list(tmp_path: Path) -> None:
    world = World.make(tmp_path)
    async with run_app(world) as driver:
        for way in (
            (),
            ("e",),
            ("P",),
            ("R",),
            ("H",),
            ("enter",),
            ("enter", "D"),
            ("enter", "K"),
            ("question_mark",),
        ):
            await driver.press(*way, "slash")
            await driver.type("nosuchthing")
            assert "nothing matches /nosuchthing: esc shows everything" in driver.text, way
            await driver.press("enter", *["escape"] * 4)


def test_one_dead_store_hides_no_cluster_of_another(tmp_path: Path) -> None:
    good = tmp_path / "good"
    (good / "a.example.com").mkdir(parents=True)
    (good / "a.example.com" / "config").write_text("kind: Cluster\n")
    settings_of_two = Settings(stores=("nonsense://x", str(good)), state_dir=tmp_path)
    stores = Stores(settings_of_two, lambda: datetime.now(UTC), lambda *_: None, StoreOpener({}))
    assert stores.holding("a.example.com").backend.url.endswith("good")
    with pytest.raises(KopsError) as raised:
        stores.holding("b.example.com")
    assert not isinstance(raised.value, ObjectNotFound), "why it may not be found is told"


async def test_a_row_says_whether_a_plan_or_a_glance_told_it(tmp_path: Path) -> None:
    world = World.make(tmp_path)
    async with run_app(world) as driver:
        await driver.until("as applied")
        assert "up to date" not in driver.text
        assert "changes to apply" in driver.text
        world.calls.clear()
        while "not edited since it was applied" not in driver.text:
            await driver.press("j")
        await driver.press("c")
        await driver.until("up to date")
        assert "as its spec has it; nothing to do" in driver.text
        assert [each for each in world.calls if each.startswith("observe")] == [f"observe {UP_TO_DATE}"]
        await driver.press("r")
        await driver.until("as applied")
        await driver.press("slash")
        await driver.type("to apply")
        assert "2 of 5" in driver.lines[1], "a filter looks for the words that rows show"
