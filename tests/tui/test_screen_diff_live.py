"""The terminal shows after a long session what it shows when everything is painted again."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.tui.test_terminal_output import running

pytestmark = pytest.mark.full

KEYS = (
    b"jjjkGg" + b"jk" * 6,
    b"\r",
    b"e",
    b"P",
    b"v",
    b"H",
    b"K",
    b"i",
    b"a",
    b"?",
    b"d",
    b"x",
    b"o",
    b"/us",
    b"/",
    b":pl\t\t",
    b":spec ",
    b"\x1b[6~",
    b"\x1b[5~",
    b"\t",
    b"l",
    b"y",
    b"f",
    b"n",
    b"N",
    b"[",
    b"]",
    b"-",
    b" ",
)
"""Keys that look at things: nothing is stored, and none is pressed in a dialog."""


@pytest.mark.sweep
def test_the_screen_is_as_after_painting_all_of_it(tmp_path: Path) -> None:
    chance = random.Random(14)
    home = {f"XDG_{kind}_HOME": str(tmp_path / kind) for kind in ("STATE", "CONFIG", "CACHE", "DATA")}
    with running(tmp_path, (80, 24), app=("-m", "tests.tui.sandboxed_app"), **home) as terminal:
        terminal.until(b"never applied", limit=60)
        for number in range(1, 201):
            terminal.press(chance.choice(KEYS), quiet=0.02)
            if chance.random() < 0.3:
                terminal.press(b"\x1b", quiet=0.12)  # a lone Esc: not the beginning of another key
            if number % 50 == 0:
                terminal.read(quiet=2.5, limit=60)  # until no answer of the account is painted any more
                before = terminal.cells
                painted = terminal.press(b"\x1b[24~")
                assert len(painted) > 1_500, "F12 paints everything"
                assert terminal.cells == before, f"after {number} keys:\n{terminal.text}"
