"""Records the README's first five minutes in the sandbox as one animated SVG: ``make walk``."""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from html import escape
from pathlib import Path

from kops_core import Engine
from kops_core.cloud.sandbox.process import Sandbox
from kops_tui.cli.demo import seed_demo, settings_for
from tests.operations.viewers import end_operations
from tests.tui.driver import SNAPSHOTS, AppDriver, normalised, run_app

SIZE = (100, 30)
SECONDS = 2.5
"""How long a frame is shown."""
CLUSTER = "us1.example.com"
_LOOKS = 12_000
"""Looks at the screen until a roll has ended."""


@dataclass(frozen=True)
class Frame:
    """A screenshot, and what was pressed to get there."""

    caption: str
    svg: str


def animated(frames: Sequence[Frame], seconds: float = SECONDS) -> str:
    """One SVG that shows frames of one size in turn, for ever; the first where nothing is animated."""
    first = frames[0].svg
    size = _found(r'viewBox="0 0 ([\d.]+ [\d.]+)"', first)
    window = _found(r"(<rect fill=\"#[0-9a-f]+\" stroke=.*?/>)", first)
    origin = _found(r'<g transform="(translate\([^"]*\))" clip-path="url\(#t-clip-terminal\)">', first)
    middle = float(size.split()[0]) / 2
    classes: dict[str, str] = {}
    groups = [
        f'<g class="f" style="animation-delay:{number * seconds:g}s">'
        f'<text class="h" x="{middle:g}" y="27">{escape(frame.caption)}</text>'
        f'<g class="m" transform="{origin}">{_content(frame.svg, classes)}</g></g>'
        for number, frame in enumerate(frames)
    ]
    share = 100 / len(frames)
    style = "".join(
        [
            ".m{font:20px Fira Code,monospace;white-space:pre}",
            ".h{font:bold 18px arial,sans-serif;fill:#c5c8c6;text-anchor:middle}",
            *(f".{name}{{{rules}}}" for rules, name in classes.items()),
            f"@keyframes s{{0%{{visibility:visible}}{share:.4f}%,100%{{visibility:hidden}}}}",
            f".f{{visibility:hidden;animation:s {len(frames) * seconds:g}s step-end infinite}}",
            ".f:first-of-type{visibility:visible}",
            "@media (prefers-reduced-motion:reduce){.f{animation:none}}",
        ]
    )
    return (
        f'<svg viewBox="0 0 {size}" xmlns="http://www.w3.org/2000/svg"><style>{style}</style>\n{window}\n'
        + "\n".join(groups)
        + "\n</svg>\n"
    )


def _content(svg: str, classes: dict[str, str]) -> str:
    """Text and backgrounds of a screenshot. classes: those of all frames, by their rules; added to."""
    own = dict(re.findall(r"\.t-(r\d+) \{ (.*?) \}", svg))
    body = _found(r'<g class="t-matrix">(.*?)</g>', svg)
    behind = re.findall(r"<rect fill=[^>]*/>", svg[svg.index("t-clip-terminal)") : svg.index('"t-matrix"')])
    pieces = [re.sub(r' shape-rendering="[^"]*"', "", each) for each in behind]
    pattern = r'<text class="t-(r\d+)"( x="[^"]*" y="[^"]*" textLength="[^"]*")[^>]*>(.*?)</text>'
    for name, place, text in re.findall(pattern, body, flags=re.DOTALL):
        if text.replace("&#160;", "").strip():
            style = classes.setdefault(own[name], f"c{len(classes)}")
            shown = text.replace("&#160;", "\xa0").rstrip("\n")
            pieces.append(f'<text class="{style}"{place}>{shown}</text>')
    return "".join(pieces)


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text, flags=re.DOTALL)
    assert match is not None, pattern
    return match[1]


class _Recorder:
    """Presses keys and keeps the screens."""

    def __init__(self, driver: AppDriver) -> None:
        self.driver = driver
        self.frames: list[Frame] = []

    def keep(self, caption: str) -> None:
        self.frames.append(Frame(caption, normalised(self.driver.app.export_screenshot())))

    async def go_to(self, text: str) -> None:
        """Move the cursor down to a row."""
        for _ in range(40):
            if any(each.startswith("❯") and text in each for each in self.driver.lines):
                return
            await self.driver.press("j")
        raise AssertionError(f"no row with {text!r}:\n{self.driver.text}")

    async def command(self, text: str) -> None:
        await self.driver.press("colon")
        await self.driver.type(text)
        await self.driver.press("enter")


async def _walk(recorder: _Recorder) -> None:
    """The first five minutes of the README."""
    driver, keep = recorder.driver, recorder.keep
    await driver.until("never applied")
    await recorder.go_to(CLUSTER)
    keep("the fleet")
    await driver.press("enter")
    await driver.until("1/1")
    keep("enter: a cluster")
    await driver.press("P")
    await driver.until("from the saved spec")
    await driver.press("n")
    keep("P: its plan, by cause")
    await driver.press("A")
    keep("A: apply, after a question")
    await driver.press("y")
    await driver.until("plans again")
    keep("y: applied")
    await recorder.command(f"open {CLUSTER}")
    await driver.press("R")
    await driver.until("needs update")
    keep("R: nodes to replace, and why")
    await driver.press("R")
    await driver.type(CLUSTER)
    await driver.press("enter")
    await driver.until("by PDB", looks=_LOOKS)
    keep("R again: pods leave as their budgets allow")
    await driver.until("shows the groups again", looks=_LOOKS)
    keep("rolled, drained and validated")
    await recorder.command(f"open {CLUSTER}")
    await driver.press("e", "slash")
    await driver.type("kubernetesVersion")
    await driver.press("enter", "enter", *["backspace"] * 12)
    await driver.type("1.36.3")
    await driver.press("enter")
    keep("e: the spec, a new version typed")
    await driver.press("escape", "c")
    keep("c: the inferred values that it moves, and why")
    await driver.press("z")
    await recorder.command("fleet")
    await driver.press("n", "j")
    for text in ("new.example.com", "us-east-1a,us-east-1b"):
        await driver.press("enter")
        await driver.type(text)
        await driver.press("enter")
    await driver.until("resources: ")
    keep("n: a new cluster, with what it would create")
    await driver.press("question_mark")
    keep("?: the keys of any screen")


async def record(folder: Path) -> str:
    """The walk in a sandbox of its own. folder: for its log and state."""
    os.environ["XDG_STATE_HOME"] = str(folder)
    with Sandbox.start(log=folder / "sandbox.log") as sandbox:
        seed_demo(sandbox, lambda _: None)
        settings = replace(
            settings_for(sandbox, os.environ, {}), state_dir=folder / "walk", operator="ann@bastion"
        )
        try:
            async with run_app(Engine(settings), SIZE, now=lambda: datetime.now(UTC)) as driver:
                recorder = _Recorder(driver)
                await _walk(recorder)
        finally:
            end_operations(settings.state_dir)
    return animated(recorder.frames)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = SNAPSHOTS / "walk.svg"
        path.write_text(asyncio.run(record(Path(folder))), encoding="utf-8")


if __name__ == "__main__":
    main()
