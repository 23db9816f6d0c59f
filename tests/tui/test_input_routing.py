"""Where keys go: to the prompt that the key before them opened, however they arrive."""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest
from textual import events
from textual.keys import _character_to_key

from kops_tui.dialogs.confirm import ConfirmDialog
from kops_tui.input_router import Burst
from kops_tui.screens.history import HistoryPage
from kops_tui.screens.spec import SpecPage
from kops_tui.widgets.prompt import Prompt
from tests.tui.driver import AppDriver, run_app
from tests.tui.test_terminal_output import running
from tests.tui.world import PROD, STAGE, World

pytestmark = pytest.mark.full

_NAMED = {"\r": "enter", "\x1b": "escape", "\t": "tab", "\x7f": "backspace"}


def keys(text: str) -> list[events.Key]:
    return [events.Key(_NAMED.get(each) or _character_to_key(each), each) for each in text]


async def send(driver: AppDriver, *texts: str, read_at: float | None = None) -> None:
    """What the driver sends for texts that were read one after the other, before any was dealt with."""
    now = time.monotonic() if read_at is None else read_at
    for text in texts:
        driver.app.post_message(Burst(keys(text), now))
    await driver.settle()


def chopped(text: str, seed: int) -> list[str]:
    """A text in pieces of 1 to 40 characters."""
    chance = random.Random(seed)
    pieces = []
    while text:
        size = chance.randint(1, 40)
        pieces.append(text[:size])
        text = text[size:]
    return pieces


@pytest.mark.parametrize("seed", range(6))
async def test_a_filter_typed_in_any_pieces_is_a_filter_and_no_commands(seed: int, tmp_path: Path) -> None:
    world = World.make(tmp_path)
    async with run_app(world) as driver:
        await driver.press("e")
        await send(driver, *chopped("/us1zpuquxqs", seed))
        assert isinstance(driver.app.screen, SpecPage)
        assert driver.app.screen.search == "us1zpuquxqs"
        assert driver.workspace(STAGE).edits == 0


async def test_a_command_in_one_write_is_done_once_and_whole(tmp_path: Path) -> None:
    async with run_app(World.make(tmp_path)) as driver:
        await send(driver, f":history {PROD}\r")
        page = driver.app.screen
        assert isinstance(page, HistoryPage)
        assert page.cluster == PROD


async def test_a_field_and_its_value_in_one_write(tmp_path: Path) -> None:
    world = World.make(tmp_path)
    async with run_app(world) as driver:
        await driver.press("e")
        await driver.go_to("spec.kubernetesVersion")
        await send(driver, "\r" + "\x7f" * 6 + "1.36.3\r")
        assert driver.value(STAGE, "spec.kubernetesVersion") == "1.36.3"
        assert driver.workspace(STAGE).edits == 1


async def test_enter_freezes_the_text_and_what_follows_neither_joins_it_nor_runs(tmp_path: Path) -> None:
    world = World.make(tmp_path)
    async with run_app(world) as driver:
        await driver.press("e")
        await send(driver, ":set spec.kubelet.maxPods=95\rus1z", "zzu")
        assert driver.value(STAGE, "spec.kubelet.maxPods") == 95
        assert driver.workspace(STAGE).edits == 1
        assert "3 keys were dropped" in driver.text
        assert "4 keys were dropped" not in driver.text, "one notice at a time"
        await driver.press("z")
        assert driver.workspace(STAGE).edits == 0, "what is typed after the result was shown counts again"


async def test_what_was_dropped_does_not_cover_what_went_wrong(tmp_path: Path) -> None:
    async with run_app(World.make(tmp_path)) as driver:
        await driver.press("e")
        await send(driver, ":set spec.kubelet.maxPods=many\rzz")
        assert "must be a whole number" in driver.text
        assert "2 keys were dropped" in driver.text


async def test_a_question_is_not_answered_by_what_came_before_it_was_seen(tmp_path: Path) -> None:
    world = World.make(tmp_path)
    async with run_app(world) as driver:
        await driver.press("P")
        before = time.monotonic()
        await send(driver, "Ay")
        assert isinstance(driver.app.screen, ConfirmDialog)
        assert "1 key was dropped" in driver.text
        await send(driver, "y", "j\r", read_at=before)
        assert isinstance(driver.app.screen, ConfirmDialog)
        assert not driver.app.runs
        await send(driver, "y")
        await driver.until("nothing is left to do")


async def test_a_paste_outside_an_input_is_ignored_and_said(tmp_path: Path) -> None:
    world = World.make(tmp_path)
    async with run_app(world) as driver:
        await driver.press("e")
        driver.app.post_message(events.Paste("us1\rzq"))
        await driver.settle()
        assert "a paste of 6 characters was ignored" in driver.text
        assert driver.workspace(STAGE).edits == 0
        await driver.press("slash")
        driver.app.post_message(events.Paste("max\x1b[31m\x07Pods\nus1\nq"))
        await driver.settle()
        assert driver.app.screen.query_one(Prompt).entry.value == "max[31mPods"
        assert "only the first of 3 pasted lines was taken" in driver.text


async def test_a_click_takes_nothing_from_what_is_being_typed(tmp_path: Path) -> None:
    world = World.make(tmp_path)
    async with run_app(world) as driver:
        await driver.press("e", "slash")
        await driver.pilot.click(offset=(10, 8))
        await driver.type("us1")
        assert isinstance(driver.app.screen, SpecPage)
        assert driver.app.screen.search == "us1"
        assert driver.workspace(STAGE).edits == 0


@pytest.mark.parametrize(
    ("screen", "shows"), [(b"", b""), (b"e", b"no unsaved edits"), (b"P", b"from the saved spec")]
)
def test_over_a_terminal_a_burst_goes_whole_to_the_prompt(
    screen: bytes, shows: bytes, tmp_path: Path
) -> None:
    with running(tmp_path) as terminal:
        terminal.until(b"us1.prod")
        if screen:
            terminal.press(screen)
            terminal.until(shows)
        text = b"us1zpuquxqsAy"
        os.write(terminal.fd, b"/" + text)
        terminal.read()
        assert text.decode() in terminal.text, "it was typed whole"
        terminal.press(b"\x1b")
        terminal.press(b"\x1b")
        os.write(terminal.fd, b":history us1.prod.example.com\ruuuzz")
        terminal.read(0.6)
        assert "5 keys were dropped" in terminal.text
        assert terminal.process.poll() is None
