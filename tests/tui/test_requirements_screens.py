"""Requirements on what every screen shows: the context, the sizes, the colours, its commands for a shell."""

from __future__ import annotations

import asyncio
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kops_core import Engine, Settings
from kops_tui.cli.root import COMMANDS
from kops_tui.screens.page import Page
from kops_tui.screens.plan import PlanPage
from kops_tui.screens.spec import SpecPage
from kops_tui.terminal import Colours, Terminal
from kops_tui.widgets.rows import Rows
from tests.tui.conftest import CLUSTER
from tests.tui.driver import AppDriver, run_app
from tests.tui.every_screen import SCREENS, open_only
from tests.tui.stores import CLUSTERS, make_store

NO_CLUSTER = ("fleet", "operations", "settings", "help", "new cluster")
"""Screens that are about no cluster."""
NO_COMMAND = ("help", "row in full", "YAML of a structure", "saved plans", "copy of a group")
"""Screens without a command: of texts, and of a copy that is edited before it is stored."""


@dataclass(frozen=True)
class Picture:
    """A screen at several sizes."""

    design: list[str]
    """At 80x24."""
    styles: set[str]
    """The colours in it."""
    small: list[str]
    """At 60x20."""
    wide: list[str]
    """At 200x50."""
    columns: tuple[int, int]
    """How many columns of lists are shown at 80 and at 200."""
    commands: tuple[str, ...]
    """For a shell."""


@pytest.fixture(scope="module")
def pictures(sandboxed_once: Settings) -> Iterator[Mapping[str, Picture]]:
    """Every screen of a read-only session, under NO_COLOR."""
    settings = replace(sandboxed_once, write=False, operator="ann@bastion")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NO_COLOR", "1")
        yield asyncio.run(_take(settings))


async def _take(settings: Settings) -> Mapping[str, Picture]:
    found = {}
    terminal = Terminal(colours=Colours.NONE)
    async with run_app(Engine(settings), terminal=terminal, now=datetime.now(UTC)) as driver:
        for name in SCREENS:
            await open_only(driver, name)
            design, styles, columns = driver.lines, _colours(driver), _columns(driver)
            page = driver.app.screen
            assert isinstance(page, Page)
            await driver.resize((60, 20))
            small = driver.lines
            await driver.resize((200, 50))
            found[name] = Picture(
                design, styles, small, driver.lines, (columns, _columns(driver)), page.shell_commands()
            )
            await driver.resize((80, 24))
            assert driver.app.screen is page, name
    return found


def _columns(driver: AppDriver) -> int:
    return sum(
        sum(column.least <= driver.app.size.width for column in rows.columns)
        for rows in driver.app.screen.query(Rows).results(Rows)
    )


def _colours(driver: AppDriver) -> set[str]:
    strips = driver.app.screen._compositor.render_strips()
    styles = [segment.style for strip in strips for segment in strip if segment.style is not None]
    return {
        str(colour)
        for style in styles
        for colour in (style.color, style.bgcolor)
        if colour is not None and not colour.is_default
    }


def _requirement_02_the_context_is_on_the_first_line_of_every_screen(name: str, shown: Picture) -> None:
    first = shown.design[0]
    assert re.match(r" (s3://)?kops", first), "the store"
    assert "ann@bast" in first, "the operator"
    assert re.search(r" \d{5}", first), "the account"
    assert " RO sandbox" in first
    assert name in NO_CLUSTER or CLUSTER[:6] in first
    assert shown.wide[0].count("us-east-1") == 1


async def test_requirement_02_a_production_cluster_is_said_to_be_one_by_a_word(tmp_path: Path) -> None:
    settings = make_store(tmp_path)
    async with run_app(Engine(settings), terminal=Terminal(colours=Colours.NONE)) as driver:
        driver.app.open_screen("spec", CLUSTERS[0])
        await driver.settle()
        assert "RW prod" in driver.lines[0]
        driver.app.open_screen("spec", CLUSTERS[1])
        await driver.settle()
        assert "prod" not in driver.lines[0]


def _requirement_18_every_screen_tells_the_commands_that_do_the_same(name: str, shown: Picture) -> None:
    commands = shown.commands
    assert commands or name in NO_COMMAND
    for each in commands:
        program, *words = shlex.split(each)
        assert program in ("kops-tui", "kops", "kubectl"), each
        if program == "kops-tui":
            assert words[0].startswith("--") or words[0] in COMMANDS, each


def _requirement_21_two_lines_of_heading_one_of_keys_and_a_message_if_too_small(
    name: str, shown: Picture
) -> None:
    assert len(shown.design) == 24
    assert all(len(each) <= 80 for each in shown.design)
    assert shown.design[1].startswith(" Fleet")
    assert re.search(r"(\?|esc|enter) (help|take|back|leave)", shown.design[-1]), "the keys"
    assert not re.search(r"\? help|esc back", shown.design[-2]), "one line of them"
    assert any("needs 80 columns and 24 lines" in each for each in shown.small)
    assert all(len(each) <= 60 for each in shown.small)
    assert shown.columns[1] >= shown.columns[0]


def _requirement_21_a_wide_terminal_shows_more_columns(pictures: Mapping[str, Picture]) -> None:
    assert "NETWORK" not in "\n".join(pictures["fleet"].design)
    assert "NETWORK" in "\n".join(pictures["fleet"].wide)
    narrow, wide = pictures["open"].columns
    assert wide > narrow
    assert "INFERRED" in "\n".join(pictures["spec"].wide)


async def test_requirement_21_the_selection_stays_when_the_terminal_changes_its_size(tmp_path: Path) -> None:
    settings = make_store(tmp_path)
    async with run_app(Engine(settings)) as driver:
        await driver.press("j", "j")
        rows = driver.app.screen.query_one(Rows)
        here = rows.key
        for size in ((200, 50), (60, 20), (80, 24), (120, 40)):
            await driver.resize(size)
            assert rows.key == here
        assert any(each.startswith("❯") and CLUSTERS[2] in each for each in driver.lines)
        driver.app.open_screen("spec", CLUSTERS[2])
        await driver.settle()
        page = driver.app.screen
        assert isinstance(page, SpecPage)
        page.go_to("spec.networkCIDR")
        for size in ((200, 50), (60, 20), (80, 24)):
            await driver.resize(size)
            assert page.table.key == ("spec", "networkCIDR")


def _requirement_22_no_screen_uses_a_colour_under_no_color(name: str, shown: Picture) -> None:
    assert shown.styles == set()


@pytest.mark.full
@pytest.mark.sweep
def test_requirements_02_18_21_and_22_on_every_screen(pictures: Mapping[str, Picture]) -> None:
    # In one test: each worker would open all screens for its own.
    for name, shown in pictures.items():
        _requirement_02_the_context_is_on_the_first_line_of_every_screen(name, shown)
        _requirement_18_every_screen_tells_the_commands_that_do_the_same(name, shown)
        _requirement_21_two_lines_of_heading_one_of_keys_and_a_message_if_too_small(name, shown)
        _requirement_22_no_screen_uses_a_colour_under_no_color(name, shown)
    _requirement_21_a_wide_terminal_shows_more_columns(pictures)


@pytest.mark.full
async def test_requirement_24_a_copy_and_a_dump_write_a_file_and_say_its_path(
    sandboxed_once: Settings,
) -> None:
    out = sandboxed_once.state_dir / "out"
    async with run_app(Engine(sandboxed_once), (120, 40), now=datetime.now(UTC)) as driver:
        await open_only(driver, "row in full")
        await driver.press("c")
        assert str(out / "text.txt") in driver.text.replace("\n", "")
        assert "control-plane" in (out / "text.txt").read_text()
        await driver.press("f8")
        assert "screen.svg" in driver.text
        assert "<svg" in (out / "screen.svg").read_text()
        await open_only(driver, "plan")
        assert isinstance(driver.app.screen, PlanPage)
        for key, suffix in (("w", ".txt"), ("J", ".json")):
            await driver.press(key)
            told = driver.text.replace("\n", "")
            assert suffix in told
            assert "written to" in told
        assert all(path.stat().st_mode & 0o077 == 0 for path in out.iterdir())
