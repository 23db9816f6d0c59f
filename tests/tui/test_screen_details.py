"""What is small and visible: titles, prompts, banners and footers that say what is so."""

from __future__ import annotations

import asyncio
import re
import threading
from pathlib import Path

import pytest

from kops_core import OperationHandle
from kops_tui.screens.progress import ProgressPage
from kops_tui.screens.spec import SpecPage
from kops_tui.styled_text import Span, line, plain, width
from kops_tui.widgets.headings import heading_with_range
from kops_tui.widgets.prompt import Prompt
from kops_tui.widgets.rows import Rows
from tests.tui.driver import run_app
from tests.tui.world import STAGE, Gate, World

pytestmark = pytest.mark.full


def test_the_place_in_a_list_covers_no_title() -> None:
    titles = line(Span("   NAME"), "  K8S     PENDING  LAST")
    for cells in range(width(titles), 60):
        told = plain(heading_with_range(titles, cells, (1, 32, 307)))
        assert len(told) <= max(cells, width(titles))
        assert told.startswith("   NAME  K8S     PENDING  LAST")
    assert plain(heading_with_range(titles, 60, (1, 32, 307))).endswith(" 1-32 of 307")
    assert plain(heading_with_range(titles, 38, (1, 32, 307))).endswith("LAST  32/307")


async def test_a_command_after_a_filter_is_drawn_as_a_command(tmp_path: Path) -> None:
    async with run_app(World.make(tmp_path)) as driver:
        await driver.press("slash")
        await driver.type("prod")
        await driver.press("enter", "colon")
        await driver.type("plan")
        assert driver.lines[-1].startswith(":")
        assert driver.app.screen.query_one(Prompt).kind == ":"
        await driver.press("escape", "slash")
        assert driver.lines[-1].startswith("/")


async def test_the_error_of_a_set_goes_when_the_next_succeeds(tmp_path: Path) -> None:
    world = World.make(tmp_path)
    async with run_app(world) as driver:
        await driver.press("e", "colon")
        await driver.type("set spec.kubelet.maxPods=many")
        await driver.press("enter")
        assert "must be a whole number" in driver.text
        await driver.press("colon")
        await driver.type("set spec.kubelet.maxPods=95")
        await driver.press("enter")
        assert "must be a whole number" not in driver.text
        assert driver.workspace(STAGE).edits == 1


async def test_c_shows_all_that_the_edits_move_whatever_was_searched_for(tmp_path: Path) -> None:
    """The third step of the README's first five minutes."""
    async with run_app(World.make(tmp_path)) as driver:
        await driver.press("e", "slash")
        await driver.type("kubernetesVersion")
        await driver.press("enter", "enter", *["backspace"] * 6)
        await driver.type("1.36.3")
        await driver.press("enter")
        found = re.search(r"(\d+) values move", driver.text)
        assert found is not None
        await driver.press("c")
        assert isinstance(driver.app.screen, SpecPage)
        moved = [row for row in driver.app.screen.query_one(Rows).rows if row.flag.text == "~"]
        assert len(moved) == int(found[1]) > 3


async def test_a_paused_operation_offers_to_go_on(tmp_path: Path) -> None:
    world = World.make(tmp_path)
    gate = world.gate = Gate("terminate", 1)
    async with run_app(world) as driver:
        await driver.press("R", "j", "R")
        await driver.type(STAGE)
        await driver.press("enter")
        await driver.until("1 of 3")
        assert "space pause" in driver.lines[-1]
        await driver.press("space")
        assert "PAUSED" in driver.lines[1]
        assert "space go on" in driver.lines[-1]
        assert "pause" not in driver.lines[-1]
        await driver.press("space")
        assert "space pause" in driver.lines[-1]
        gate.open()
        await driver.until("3 done, nothing is left to do")


async def test_what_is_asked_of_an_operation_first_arrives_first(tmp_path: Path) -> None:
    """Resume and stop, typed one after the other: a stop that arrives first is undone by the resume."""
    world = World.make(tmp_path)
    gate = world.gate = Gate("terminate", 1)
    arrived: list[str] = []
    first_is_slow = threading.Event()

    def resume(_: OperationHandle) -> None:
        first_is_slow.wait(0.3)
        arrived.append("resume")

    def stop(_: OperationHandle) -> None:
        arrived.append("stop")
        first_is_slow.set()

    async with run_app(world) as driver:
        await driver.press("R", "j", "R")
        await driver.type(STAGE)
        await driver.press("enter")
        await driver.until("1 of 3")
        page = driver.app.screen
        assert isinstance(page, ProgressPage)
        driver.app.control_run(page.run, resume)
        driver.app.control_run(page.run, stop)
        assert await asyncio.to_thread(first_is_slow.wait, 10)
        assert arrived == ["resume", "stop"]
        gate.open()


async def test_a_list_without_marks_marks_nothing(tmp_path: Path) -> None:
    async with run_app(World.make(tmp_path)) as driver:
        driver.app.open_screen("keys", STAGE)
        await driver.settle()
        await driver.press("space")
        assert not driver.app.screen.query_one(Rows).marked
        assert "mark" not in driver.lines[-1]
