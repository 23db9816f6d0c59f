"""Every screen of the app over the real engine, opened by name; and what reached the account meanwhile."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

import pytest
from textual import events
from textual.keys import key_to_character

from kops_core import Settings
from kops_tui.screens.page import Page
from kops_tui.screens.registry import CLUSTER_SCREENS
from tests.operations.fault_injection import Answer, Fault, FaultProxy, Request
from tests.operations.test_kill import EVERY_CALL
from tests.tui.conftest import CLUSTER
from tests.tui.driver import AppDriver

_EDIT = (f":spec {CLUSTER}", ":set spec.kubelet.maxPods=80")
"""Makes an unsaved edit on the spec screen."""


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


SCREENS: Mapping[str, tuple[str, ...]] = {
    "fleet": (),
    **{name: (f":{name} {CLUSTER}",) for name in CLUSTER_SCREENS},
    "spec of a group": (f":open {CLUSTER}", "j", "enter"),
    "edited spec": _EDIT,
    "plan of edits": (*_EDIT, "P"),
    "save": (*_EDIT, "s"),
    "YAML of a structure": (f":spec {CLUSTER}", "/subnets", "j", "t"),
    "saved plans": (f":plan {CLUSTER}", "O"),
    "new group": (f":open {CLUSTER}", "n"),
    "copy of a group": (f":open {CLUSTER}", "j", "N"),
    "sizes of a group": (f":open {CLUSTER}", "j", "s"),
    "machine types": (f":open {CLUSTER}", "j", "m"),
    "removal of a group": (f":open {CLUSTER}", "j", "X"),
    "row in full": (f":open {CLUSTER}", "d"),
    "new cluster": (":create other.example.com",),
    "operations": (":operations",),
    "settings": (":settings",),
    "help": (":help",),
}
"""How each screen is opened from the fleet, by name: commands, filters, and keys by Textual's names."""


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
    for step in SCREENS[name]:
        if step.startswith((":", "/")):
            await driver.press(step[0])
            await driver.type(step[1:])
            await driver.press("enter")
        else:
            await driver.press(step)
    assert isinstance(app.screen, Page), f"{name}: {app.screen!r}"
