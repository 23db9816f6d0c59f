"""The history of a cluster, over the real engine and a store of files: differences between revisions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from kops_core import Engine, Settings, parse_path
from kops_tui.screens.differences import DifferencesPage
from kops_tui.screens.history import HistoryPage
from kops_tui.screens.spec import SpecPage
from tests.tui.conftest import CLUSTER
from tests.tui.driver import AppDriver, run_app

pytestmark = pytest.mark.full


def written(settings: Settings) -> None:
    """Three writes, the last one by a command."""
    for place, pods in enumerate(("80", "90", "100")):
        command = "kops-tui edit cluster --set spec.kubelet.maxPods=100" if place == 2 else ""
        workspace = Engine(replace(settings, command=command)).open(CLUSTER)
        workspace.read_facts()
        workspace.set(parse_path("spec.kubelet.maxPods"), pods)
        workspace.save()


def shown(driver: AppDriver) -> list[str]:
    page = driver.app.screen
    assert isinstance(page, DifferencesPage)
    return [each.partition(": ")[2] for each in page.found if "maxPods" in each]


async def test_any_two_revisions_are_compared(stored: Settings) -> None:
    written(stored)
    async with run_app(Engine(stored), (120, 40), now=datetime.now(UTC)) as driver:
        await driver.press("enter", "H")
        page = driver.app.screen
        assert isinstance(page, HistoryPage)
        assert len(page.table.rows) == 3
        assert "kops-tui edit cluster --set spec.kubelet.maxPods=100" in driver.text, (
            "the command, in the pane"
        )
        await driver.press("v")
        assert shown(driver) == ["90 -> 100"], "what the newest one changed"
        await driver.press("escape", "j", "v")
        assert shown(driver) == ["80 -> 90"], "what the one before it changed"
        await driver.press("escape", "enter")
        assert shown(driver) == ["80 -> 100"], "since before it"
        differences = driver.app.screen
        assert isinstance(differences, DifferencesPage)
        assert differences.shell_commands()[0].startswith("kops-tui diff --before ")
        await driver.press("escape", "g", "space", "j", "space", "v")
        assert shown(driver) == ["unset -> 90"], "from before the oldest edit to before the newest"
        assert "from before" in driver.text
        await driver.press("slash")
        await driver.type("nosuchthing")
        assert "nothing matches" in driver.text
        await driver.press("enter", "escape", "escape", "k", "space", "v")
        assert isinstance(driver.app.screen, HistoryPage)
        assert "mark two lines, not more" in driver.text


async def test_going_back_is_an_unsaved_edit(stored: Settings) -> None:
    written(stored)
    async with run_app(Engine(stored), (120, 40), now=datetime.now(UTC)) as driver:
        await driver.press("enter", "H", "j", "z")
        assert driver.shows(SpecPage)
        workspace = driver.app.session.workspace(CLUSTER)
        assert workspace is not None
        assert workspace.explain(parse_path("spec.kubelet.maxPods")).value == 80
        assert workspace.edits
        assert Engine(stored).open(CLUSTER).explain(parse_path("spec.kubelet.maxPods")).value == 100
