"""Driving the app in tests: press keys, let everything settle, look at the screen as text or SVG."""

from __future__ import annotations

import asyncio
import difflib
import os
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from html import unescape
from pathlib import Path

from textual import events
from textual.pilot import Pilot
from textual.screen import Screen

from kops_core import Workspace, parse_path
from kops_tui.app import KopsApp
from kops_tui.ports import Engine
from kops_tui.preferences import Preferences
from kops_tui.screens.spec import SpecPage
from kops_tui.terminal import Terminal
from tests.tui.world import NOW, World

SNAPSHOTS = Path(__file__).parents[2] / "snapshots"
SIZES = ((80, 24), (120, 40))


@asynccontextmanager
async def run_app(
    over: World | Engine,
    size: tuple[int, int] = (80, 24),
    *,
    terminal: Terminal | None = None,
    preferences: Preferences | None = None,
    kept_in: Path | None = None,
    now: datetime | Callable[[], datetime] | None = None,
    settled: bool = True,
) -> AsyncIterator[AppDriver]:
    """The app over an engine, on a screen of a size, with everything read.

    now: a clock, or a moment; by default the world's.
    """
    clock = (lambda: now) if isinstance(now, datetime) else now
    if clock is None:
        clock = over.clock.now if isinstance(over, World) else lambda: NOW
    app = KopsApp(
        over.engine if isinstance(over, World) else over,
        terminal or Terminal(),
        now=clock,
        preferences=preferences,
        preferences_file=kept_in,
    )
    async with app.run_test(size=size) as pilot:
        driver = AppDriver(app, pilot)
        if settled:
            await driver.settle()
        yield driver


class AppDriver:
    """Keys in, screens out."""

    def __init__(self, app: KopsApp, pilot: Pilot[int]) -> None:
        self.app = app
        self.pilot = pilot

    async def press(self, *keys: str) -> None:
        """Press keys, each after the one before has been dealt with."""
        waiting: list[str] = []
        for key in keys:
            waiting.append(_KEY_NAMES.get(key, key))
            if key not in _QUIET:
                await self.pilot.press(*waiting)
                await self.settle()
                waiting = []
        if waiting:
            await self.pilot.press(*waiting)
            await self.settle()

    async def press_now(self, *keys: str) -> None:
        """Press keys without waiting for what is asked of the engine."""
        for key in keys:
            await self.pilot.press(key)
            await self.pilot.pause()

    async def command(self, *texts: str) -> None:
        """Type commands on the command line, each with Enter."""
        for each in texts:
            await self.press("colon")
            await self.type(each)
            await self.press("enter")

    def workspace(self, cluster: str) -> Workspace:
        """The workspace of a cluster, which the screens share."""
        found = self.app.session.workspace(cluster)
        assert isinstance(found, Workspace)
        return found

    def value(self, cluster: str, path: str) -> object:
        """The value of a field, with the edits."""
        return self.workspace(cluster).explain(parse_path(path)).value

    async def go_to(self, path: str) -> None:
        """Move the cursor of a spec to a field."""
        page = self.app.screen
        assert isinstance(page, SpecPage)
        page.go_to(path)
        assert page.table.key == parse_path(path), path
        await self.settle()

    async def resize(self, size: tuple[int, int]) -> None:
        """Give the screen another size."""
        await self.pilot.resize_terminal(*size)
        await self.settle()

    async def type(self, text: str) -> None:
        """Type a text into what has the focus."""
        await self.pilot.press(*(_KEY_NAMES.get(letter, letter) for letter in text))
        await self.settle()

    async def paste(self, text: str) -> None:
        """Paste a text, as the terminal sends it."""
        self.app.post_message(events.Paste(text))
        await self.settle()

    async def settle(self) -> None:
        """Wait until every question is answered and painted; operations are not waited for."""
        for _ in range(2000):
            await self.pilot.pause()
            delivered = self.app.input.idle and not self.app.message_queue_size  # keys wait in both
            if delivered and all(worker.group == "runs" or worker.is_finished for worker in self.app.workers):
                await self.pilot.pause()
                return
            await asyncio.sleep(0.005)
        raise AssertionError("the screens did not settle")

    async def until_true(self, so: Callable[[], object], *, looks: int = 2000) -> None:
        """Wait until something is so."""
        for _ in range(looks):
            await self.pilot.pause()
            if so():
                return
            await asyncio.sleep(0.005)
        raise AssertionError(f"it never came about:\n{self.text}")

    async def until(self, text: str, *, looks: int = 600) -> None:
        """Wait until a text is on the screen."""
        for _ in range(looks):
            await self.pilot.pause()
            if text in self.text:
                return
            await asyncio.sleep(0.005)
        raise AssertionError(f"{text!r} never came:\n{self.text}")

    def shows(self, kind: Callable[..., Screen[None]]) -> bool:
        """Whether the screen in front is of a kind."""
        return self.app.screen.__class__ is kind

    @property
    def lines(self) -> list[str]:
        """The screen as text."""
        return [strip.text.rstrip() for strip in self.app.screen._compositor.render_strips()]

    @property
    def text(self) -> str:
        """The screen as one text."""
        return "\n".join(self.lines)

    def snapshot(self, name: str) -> None:
        """Compare the screen with the snapshot of that name, or with UPDATE_SNAPSHOTS set, write it."""
        width, height = self.app.size
        compare(self.app.export_screenshot(), f"{name}-{width}x{height}.svg")


async def press_enter_often(driver: AppDriver, times: int = 50) -> None:
    """Press Enter again and again, as somebody does who does not read."""
    for _ in range(times):
        await driver.pilot.press("enter")
    await driver.settle()


def compare(screenshot: str, name: str) -> None:
    """Compare a screenshot with the snapshot of that file name, or with UPDATE_SNAPSHOTS set, write it."""
    path = SNAPSHOTS / name
    now = normalised(screenshot)
    if os.environ.get("UPDATE_SNAPSHOTS"):
        SNAPSHOTS.mkdir(exist_ok=True)
        path.write_text(now, encoding="utf-8")
        return
    was = path.read_text(encoding="utf-8") if path.exists() else ""
    if now != was:
        difference = difflib.unified_diff(words_of(was), words_of(now), "snapshot", "screen", lineterm="")
        shown = "\n".join(difference) or "the words are the same, the colours are not"
        raise AssertionError(f"{path.name} differs (UPDATE_SNAPSHOTS=1 accepts it):\n{shown}")


def normalised(svg: str) -> str:
    """A screenshot without what is not ours: fonts fetched from elsewhere, and ids made of a hash.

    A plan's id is a digest of all facts and of the program's version, too.
    """
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"terminal-\d+-", "t-", svg)
    return re.sub(r">[^<]*<", lambda text: _PLAN_ID.sub("0123abcd", text[0]), svg)


_PLAN_ID = re.compile(r"\b(?=[0-9a-f]*[0-9])[0-9a-f]{8}\b")


def words_of(svg: str) -> list[str]:
    """The lines of text in a screenshot."""
    lines: dict[str, str] = {}
    for y, text in re.findall(r'<text class="t-r\d+" x="[\d.]+" y="([\d.]+)"[^>]*>([^<]*)</text>', svg):
        lines[y] = lines.get(y, "") + unescape(text).replace("\xa0", " ").rstrip("\n")
    return list(lines.values())


_QUIET = ("j", "k", "down", "up", "backspace")
"""Keys that ask nothing of the engine."""

_KEY_NAMES = {
    ".": "full_stop",
    "=": "equals_sign",
    "/": "slash",
    ",": "comma",
    "_": "underscore",
    ":": "colon",
    " ": "space",
    "-": "minus",
    "*": "asterisk",
    "[": "left_square_bracket",
    "]": "right_square_bracket",
    "!": "exclamation_mark",
    "(": "left_parenthesis",
    "?": "question_mark",
}
