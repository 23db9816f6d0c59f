"""What ``x`` shows can be run: each printed command is parsed by the program's own command line."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime

import click
import pytest

from kops_core import Engine, Settings
from kops_tui.app import KopsApp
from kops_tui.cli import _mode_first
from kops_tui.cli.root import root
from kops_tui.keymap import subclasses
from kops_tui.screens.page import Page
from kops_tui.screens.save import SavePage
from tests.tui.conftest import CLUSTER
from tests.tui.driver import AppDriver, run_app

DOES_NOTHING_OF_ITS_OWN = {"HelpPage", "TextPage", "TextEditPage", "NewMachinePage"}
"""Pages that show a text, or fill in a field of the screen below them."""


def parse(command: str) -> None:
    """Parse a command as the program does, without running it; an unknown command or option fails."""
    program, *words = shlex.split(command)
    if program != "kops-tui":
        assert program == "kops", command
        return
    context = root.make_context(program, _mode_first(words))
    group: click.Command = root
    while isinstance(group, click.Group):
        left = [*context._protected_args, *context.args]
        if not left and group.invoke_without_command:
            return
        name, found, rest = group.resolve_command(context, left)
        assert found is not None, command
        context, group = found.make_context(name, rest, parent=context), found


@pytest.mark.full
def test_every_page_that_does_something_tells_its_commands(sandboxed_once: Settings) -> None:
    assert KopsApp(Engine(sandboxed_once)).registry.clusters, "all screens are loaded"
    told = {
        page.__name__
        for page in subclasses(Page)
        if page.shell_commands is not Page.shell_commands or page.__subclasses__()
    }
    silent = {page.__name__ for page in subclasses(Page)} - told
    assert silent <= DOES_NOTHING_OF_ITS_OWN


async def shown(driver: AppDriver) -> list[str]:
    """The commands of the page in front."""
    page = driver.app.screen
    assert isinstance(page, Page), page
    commands = page.shell_commands()
    for command in commands:
        parse(command)
    return list(commands)


@pytest.mark.full
async def test_what_the_screens_print_can_be_run(sandboxed_once: Settings) -> None:
    async with run_app(Engine(sandboxed_once), now=datetime.now(UTC)) as driver:
        assert await shown(driver)
        for name in driver.app.registry.clusters:
            driver.app.home()
            driver.app.open_screen(name, CLUSTER)
            await driver.settle()
            assert await shown(driver), name
        for key in ("n", "N", "s", "m"):
            driver.app.home()
            driver.app.open_screen("open", CLUSTER)
            await driver.settle()
            await driver.press("j", key)
            assert await shown(driver), key
        for command in ("create a.example.com", "operations", "settings"):
            driver.app.home()
            assert driver.app.run_command(command) is None
            await driver.settle()
            assert await shown(driver), command


@pytest.mark.full
async def test_the_review_of_a_save_prints_each_edit(sandboxed_once: Settings) -> None:
    async with run_app(Engine(sandboxed_once), now=datetime.now(UTC)) as driver:
        await driver.press("e", "colon")
        await driver.type("set spec.kubelet.maxPods=80")
        await driver.press("enter", "colon")
        await driver.type("unset spec.channel")
        await driver.press("enter", "s")
        assert isinstance(driver.app.screen, SavePage)
        ours, kops = await shown(driver)
        assert "--set=spec.kubelet.maxPods=80" in ours
        assert "--unset=spec.channel" in kops
        await driver.press("n", "z", "z")


@pytest.mark.parametrize("wrong", ["kops-tui diff --no-such-option", "kops-tui nothing"])
def test_a_wrong_command_would_be_found(wrong: str) -> None:
    with pytest.raises(click.UsageError):
        parse(wrong)
