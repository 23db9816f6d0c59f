"""Queries to the engine: the newest of a group counts, and an error stays until its query succeeds."""

from __future__ import annotations

import threading
from pathlib import Path

from kops_core import KopsError, StoreError
from kops_tui.screens.page import Page
from tests.tui.driver import AppDriver, run_app
from tests.tui.world import World


def _page(driver: AppDriver) -> Page:
    assert isinstance(driver.app.screen, Page)
    return driver.app.screen


async def test_the_answer_of_an_older_query_of_a_group_is_dropped(tmp_path: Path) -> None:
    async with run_app(World.make(tmp_path)) as driver:
        page, go_on, taken = _page(driver), threading.Event(), list[str]()

        def ask_slowly() -> str:
            go_on.wait(20)
            return "old"

        page.run_query("asking", ask_slowly, taken.append, group="test")
        page.run_query("asking again", lambda: "new", taken.append, group="test")
        await driver.settle()
        assert taken == ["new"]
        go_on.set()
        await driver.settle()
        assert taken == ["new"]


async def test_what_is_being_asked_is_shown_until_it_is_answered(tmp_path: Path) -> None:
    async with run_app(World.make(tmp_path)) as driver:
        page, go_on = _page(driver), threading.Event()
        page.run_query("counting the stars", lambda: go_on.wait(20), lambda _: None, group="test")
        await driver.until("counting the stars ...")
        go_on.set()
        await driver.settle()
        assert "counting the stars" not in driver.text


async def test_an_error_stays_until_a_query_of_its_group_succeeds(tmp_path: Path) -> None:
    async with run_app(World.make(tmp_path)) as driver:
        page = _page(driver)

        def fail() -> None:
            raise StoreError("the bucket does not answer")

        page.run_query("asking", fail, lambda _: None, group="test")
        await driver.settle()
        assert "the bucket does not answer" in driver.text
        page.run_query("asking", lambda: None, lambda _: None, group="another")
        await driver.settle()
        assert "the bucket does not answer" in driver.text
        page.run_query("asking", lambda: None, lambda _: None, group="test")
        await driver.settle()
        assert "the bucket does not answer" not in driver.text


async def test_an_error_in_showing_an_answer_is_shown_and_ends_nothing(tmp_path: Path) -> None:
    async with run_app(World.make(tmp_path)) as driver:

        def show(_: None) -> None:
            raise KopsError("the answer makes no sense")

        _page(driver).run_query("asking", lambda: None, show, group="test")
        await driver.settle()
        assert "the answer makes no sense" in driver.text
        assert "asking ..." not in driver.text
        assert driver.app.is_running
