"""Every screen over a pseudo-terminal and the embedded AWS, as a terminal shows it: drawing, keys, sizes."""

from __future__ import annotations

import asyncio
import os
import pickle
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from kops_core import Engine, Settings
from tests.tui.account_app import SETTINGS
from tests.tui.conftest import CLUSTER
from tests.tui.driver import run_app
from tests.tui.every_screen import PRESSED, SCREENS, open_only
from tests.tui.test_terminal_output import Terminal, running

pytestmark = pytest.mark.full
_SIZE, _LARGER = (80, 24), (120, 40)
_BYTES = {"enter": b"\r", "escape": b"\x1b"}
_TIMES = re.compile(r"\b(now|\d+[smhd]( ago| old)?|\d\d:\d\d:\d\d)\b")
_REPAINT, _HELP = b"\x1b[24~", b"\x1bOP"  # F12, F1


@pytest.fixture(scope="module")
def settings(sandboxed_once: Settings) -> Settings:
    return replace(sandboxed_once, write=True)


@pytest.fixture(scope="module")
def expected(settings: Settings) -> dict[str, tuple[str, str]]:
    """The path of titles and the last line of each screen, as the app itself lays them out."""
    return asyncio.run(lay_out(settings))


async def lay_out(settings: Settings) -> dict[str, tuple[str, str]]:
    found = {}
    async with run_app(Engine(settings), _SIZE, now=datetime.now(UTC)) as driver:
        for name in PRESSED:
            await open_only(driver, name)
            found[name] = (titles(driver.lines), driver.lines[-1])
    return found


@pytest.fixture(scope="module")
def terminal(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """One run of the app for all screens."""
    folder = tmp_path_factory.mktemp("terminal")
    variables = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    (folder / SETTINGS).write_bytes(pickle.dumps(settings))
    with running(folder, _SIZE, app=("-m", "tests.tui.account_app"), **variables) as terminal:
        terminal.until(CLUSTER.encode())
        yield terminal


def titles(lines: list[str]) -> str:
    """The path of titles on the second line, without what is beside it."""
    return lines[1].strip().partition("  ")[0]


def until(terminal: Terminal, so: Callable[[], bool]) -> None:
    """Read until something is so, and all that follows."""
    end = time.monotonic() + 30
    while not so():
        assert time.monotonic() < end, terminal.text
        terminal.read(0.1, 1)
    terminal.read(0.3)


def still(terminal: Terminal) -> list[str]:
    """What the terminal shows, without the times that pass and what they push aside."""
    return [" ".join(_TIMES.sub("(time)", line).split()) for line in terminal.lines]


def settle(terminal: Terminal) -> None:
    """Read until nothing is being asked any more."""
    for _ in range(2):
        until(terminal, lambda: not any(line.endswith(" ...") for line in terminal.lines[:-1]))


def repaint(terminal: Terminal) -> None:
    """Let the app paint everything, and read it."""
    os.write(terminal.fd, _REPAINT)
    came = 0
    end = time.monotonic() + 30
    while came <= 1_500:
        assert time.monotonic() < end, "F12 paints everything"
        came += len(terminal.read(0.2, 1))
    terminal.read(0.2)


def expect_nothing_left_over(terminal: Terminal) -> None:
    """Painting everything again changes no cell, but for times."""
    before, text = terminal.cells, still(terminal)
    repaint(terminal)
    assert still(terminal) == text
    timeless = [at for at, line in enumerate(text) if "(time)" not in line]
    after = terminal.cells
    assert [after[at] for at in timeless] == [before[at] for at in timeless], terminal.text


def take(terminal: Terminal, step: str) -> None:
    """Type a command or a filter, or press a key, and wait for what it brings."""
    before, first = titles(terminal.lines), step[0]
    if first in ":/":
        os.write(terminal.fd, first.encode())
        until(terminal, lambda: terminal.lines[-1].startswith(first))
        os.write(terminal.fd, step[1:].encode() + b"\r")
        until(terminal, lambda: not terminal.lines[-1].startswith(first))
    else:
        terminal.press(_BYTES.get(step, step.encode()))
    if first == ":" and not step.startswith(":set "):
        until(terminal, lambda: titles(terminal.lines) != before)
    settle(terminal)


def show(terminal: Terminal, name: str, expected: tuple[str, str]) -> None:
    """Open a screen by its keys, from the fleet."""
    go_home(terminal)
    for step in SCREENS[name]:
        take(terminal, step)
    until(terminal, lambda: (titles(terminal.lines), terminal.lines[-1]) == expected)


def go_home(terminal: Terminal) -> None:
    """Leave all screens but the fleet, and edits."""
    terminal.resize(_SIZE)
    for _ in range(12):
        if titles(terminal.lines) == "Fleet":
            return
        if "1 unsaved" in terminal.lines[0] and "› Spec" in titles(terminal.lines):
            terminal.press(b"z")
        terminal.press(b"\x1b")
    raise AssertionError(terminal.text)


@pytest.mark.parametrize("name", PRESSED)
def test_a_screen_is_drawn_routed_and_resized(
    name: str, terminal: Terminal, expected: dict[str, tuple[str, str]]
) -> None:
    title, keys = expected[name]
    show(terminal, name, expected[name])
    expect_nothing_left_over(terminal)

    text = still(terminal)
    terminal.resize(_LARGER)
    until(terminal, lambda: terminal.lines[-1].startswith(keys[:40]))
    assert len(terminal.lines) == _LARGER[1]
    assert titles(terminal.lines) == title
    expect_nothing_left_over(terminal)
    terminal.resize(_SIZE)
    until(terminal, lambda: terminal.lines[-1] == keys)
    assert still(terminal) == text

    terminal.press(_HELP)
    if name == "help":  # the same key leaves it
        until(terminal, lambda: titles(terminal.lines) == "Fleet")
        return
    until(terminal, lambda: "Help" in titles(terminal.lines))
    terminal.press(b"\x1b")
    until(terminal, lambda: titles(terminal.lines) == title)
    assert still(terminal) == text
