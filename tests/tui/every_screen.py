"""Every screen of the app over the real engine, opened by name; and what reached the account meanwhile."""

from __future__ import annotations

import os
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

import pytest
from textual import events
from textual.keys import key_to_character

from kops_core import Settings, parse_path
from kops_tui.screens.page import Page
from kops_tui.screens.registry import CLUSTER_SCREENS
from kops_tui.screens.spec import SpecPage
from tests.operations.fault_injection import Answer, Fault, FaultProxy, Request
from tests.operations.test_kill import EVERY_CALL
from tests.tui.conftest import CLUSTER
from tests.tui.driver import AppDriver

Opener = Callable[[AppDriver], Awaitable[None]]


class Watched(Fault):
    """Writes down the requests that change something; what asks only passes unseen."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.changes: list[str] = []
        self.reads = 0

    def before(self, request: Request) -> Answer | None:
        with self._lock:
            if request.changes:
                self.changes.append(f"{request.service} {request.operation}")
            else:
                self.reads += 1
        return None


@contextmanager
def watched(settings: Settings) -> Iterator[tuple[Settings, Watched]]:
    """The account of settings behind a proxy that sees every request."""
    with FaultProxy.of(os.environ["AWS_ENDPOINT_URL"]) as front, pytest.MonkeyPatch.context() as patch:
        seen = Watched()
        front.fault = seen
        patch.setenv("AWS_ENDPOINT_URL", front.url)
        yield replace(settings, environment={**settings.environment, "AWS_ENDPOINT_URL": front.url}), seen


def _registered(name: str) -> Opener:
    async def show(driver: AppDriver) -> None:
        driver.app.open_screen(name, CLUSTER)
        await driver.settle()

    return show


def _by_keys(first: str, *keys: str) -> Opener:
    async def show(driver: AppDriver) -> None:
        if first:
            await _registered(first)(driver)
        await driver.press(*keys)

    return show


def _by_command(text: str) -> Opener:
    async def show(driver: AppDriver) -> None:
        assert driver.app.run_command(text) is None
        await driver.settle()

    return show


async def _edit(driver: AppDriver) -> None:
    """Make an unsaved edit on the spec screen."""
    await _registered("spec")(driver)
    page = driver.app.screen
    assert isinstance(page, SpecPage)
    page.set_field("spec.kubelet.maxPods", "80")
    await driver.settle()


async def _plan_of_edits(driver: AppDriver) -> None:
    await _edit(driver)
    await driver.press("P")


async def _save(driver: AppDriver) -> None:
    await _edit(driver)
    await driver.press("s")


async def _item(driver: AppDriver) -> None:
    await _registered("spec")(driver)
    page = driver.app.screen
    assert isinstance(page, SpecPage)
    page.go_to("spec.subnets[0]")
    assert page.table.key == parse_path("spec.subnets[0]")
    await driver.press("t")


SCREENS: Mapping[str, Opener] = {
    "fleet": _by_keys(""),
    **{name: _registered(name) for name in CLUSTER_SCREENS},
    "spec of a group": _by_keys("open", "j", "enter"),
    "edited spec": _edit,
    "plan of edits": _plan_of_edits,
    "save": _save,
    "YAML of a structure": _item,
    "saved plans": _by_keys("plan", "O"),
    "new group": _by_keys("open", "n"),
    "copy of a group": _by_keys("open", "j", "N"),
    "sizes of a group": _by_keys("open", "j", "s"),
    "machine types": _by_keys("open", "j", "m"),
    "removal of a group": _by_keys("open", "j", "X"),
    "row in full": _by_keys("open", "d"),
    "new cluster": _by_command("create other.example.com"),
    "operations": _by_command("operations"),
    "settings": _by_command("settings"),
    "help": _by_command("help"),
}
"""How each screen is opened from the fleet, by name."""


_MAIN = (
    *("fleet", "open", "spec", "edited spec", "plan", "save", "roll", "delete", "protect", "operations"),
    *("removal of a group", "new cluster", "machine types"),
)
PRESSED = tuple(SCREENS) if EVERY_CALL else _MAIN
"""The screens on which each key is pressed: all of them in the sweep (``KOPS_SWEEP=full``)."""


async def press_fast(driver: AppDriver, *keys: str) -> None:
    """Press keys as the terminal sends them, one behind the other, and wait until all is settled."""
    for key in keys:
        driver.app.post_message(events.Key(key, key_to_character(key)))
    await driver.settle()


async def open_only(driver: AppDriver, name: str) -> None:
    """Show a screen with the fleet alone below it, and no edits left over."""
    app = driver.app
    app.home()
    app.session.new_cluster.clear()
    for workspace in app.session.workspaces:
        while workspace.edits:
            workspace.undo()
    await driver.settle()
    await SCREENS[name](driver)
    assert isinstance(app.screen, Page), f"{name}: {app.screen!r}"
