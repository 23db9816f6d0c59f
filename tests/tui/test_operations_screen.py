"""The list of operations, over the real engine: folders of operations as their processes leave them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from kops_core import Engine, Settings
from kops_core.engine.background.requests import ApplyRequest, RollRequest
from kops_core.operations.events import Event, Finished, Phase, Started, StepChanged
from kops_tui.screens.operations import OperationsPage
from kops_tui.screens.progress import ProgressPage
from kops_tui.screens.rolling import RollingUpdatePage
from kops_tui.styled_text import ago
from tests.operations.viewers import end_operations
from tests.tui.driver import run_app
from tests.tui.recorded import record_operation
from tests.tui.world import NOW

pytestmark = pytest.mark.full

DEMO, PROD = "demo.example.com", "prod.example.com"
STOPPED = NOW - timedelta(hours=2)


def half_done(kind: str, cluster: str, steps: int) -> list[Event]:
    return [
        Started(STOPPED, "op", kind, cluster, "ann@bastion", steps),
        *(StepChanged(STOPPED, "op", f"i-{number}", Phase.DONE) for number in range(22)),
        StepChanged(STOPPED, "op", "i-22", Phase.RUNNING, "draining: 2 pods to leave"),
    ]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    store = tmp_path / "store"
    store.mkdir()
    return Settings(stores=(str(store),), write=True, operator="ann@bastion", state_dir=tmp_path / "state")


async def test_an_interrupted_apply_goes_on_after_a_question(settings: Settings) -> None:
    record_operation(
        settings,
        ApplyRequest(DEMO, subject="4f1c"),
        half_done("apply", DEMO, 107),
        NOW - timedelta(hours=2.5),
    )
    done = [
        *half_done("apply", PROD, 22),
        Finished(STOPPED, "op", True, 22, "22 done, nothing is left to do"),
    ]
    record_operation(settings, ApplyRequest(PROD), done, NOW - timedelta(hours=30))
    async with run_app(Engine(settings), (120, 40)) as driver:
        assert "apply of demo.example.com stopped at 22 of 107 two hours ago" in driver.text
        await driver.press(*["enter"] * 5)
        assert not driver.app.runs, "not now is the first answer"
        await driver.press("f2")
        assert driver.shows(OperationsPage), "nothing runs"
        assert "interrupted" in driver.text
        assert "22/107" in driver.text
        assert "A goes on" in driver.text
        assert "i-22  draining: 2 pods to leave" in driver.text
        await driver.press("j")
        assert "22 done, nothing is left to do" in driver.text
        await driver.press("A")
        assert "there is nothing to go on with" in driver.text
        await driver.press("k", "c")
        assert "marks no nodes" in driver.text
        await driver.press("A")
        assert "Go on with the apply of demo.example.com?" in driver.text
        await driver.press("y")
        assert driver.shows(ProgressPage)
        assert driver.app.runs[-1].cluster == DEMO
    end_operations(settings.state_dir)


async def test_what_an_interrupted_roll_left_is_cleaned_up_once_the_cluster_was_named(
    settings: Settings,
) -> None:
    record_operation(
        settings,
        RollRequest(DEMO, ("nodes",)),
        half_done("rolling-update", DEMO, 40),
        NOW - timedelta(hours=3),
    )
    async with run_app(Engine(settings), (120, 40)) as driver:
        await driver.press("escape", "colon")
        await driver.type("operations")
        await driver.press("enter", "c", *["enter"] * 5)
        assert "Clean up after the rolling-update" in driver.text
        assert not driver.app.runs
        await driver.type(DEMO)
        await driver.press("enter")
        assert driver.shows(RollingUpdatePage)
        request = driver.app.runs[-1].request
        assert isinstance(request, RollRequest)
        assert request.groups == ("nodes",)
        assert request.settings is not None
        assert request.settings.clean_up
    end_operations(settings.state_dir)


async def test_what_something_newer_followed_on_does_not_go_on(settings: Settings) -> None:
    record_operation(
        settings, RollRequest(DEMO), half_done("rolling-update", DEMO, 40), NOW - timedelta(hours=3)
    )
    record_operation(
        settings, ApplyRequest(DEMO), half_done("apply", DEMO, 40), NOW - timedelta(hours=1), runs=True
    )
    async with run_app(Engine(settings), (120, 40)) as driver:
        await driver.press("f2")
        assert driver.shows(ProgressPage), "the one that runs"
        await driver.press("escape", "colon")
        await driver.type("operations")
        await driver.press("enter")
        assert "1 running, 1 interrupted" in driver.lines[1]
        await driver.press("j", "A")
        assert "something was started on demo.example.com after it: apply, running" in driver.text
        await driver.press("k", "enter")
        assert driver.shows(ProgressPage)
        assert len(driver.app.runs) == 1, "it is followed already"


async def test_two_that_run_are_listed(settings: Settings) -> None:
    record_operation(
        settings, ApplyRequest(DEMO), half_done("apply", DEMO, 40), NOW - timedelta(hours=1), runs=True
    )
    record_operation(
        settings, ApplyRequest(PROD), half_done("apply", PROD, 40), NOW - timedelta(hours=1), runs=True
    )
    async with run_app(Engine(settings), (120, 40)) as driver:
        await driver.press("f2")
        assert driver.shows(OperationsPage)
        page = driver.app.screen
        assert isinstance(page, OperationsPage)
        assert f"kops-tui attach {page.table.key}" in page.shell_commands()
        await driver.press("slash")
        await driver.type("prod")
        assert "demo.example.com" not in driver.text


@pytest.mark.parametrize(
    ("minutes", "told"),
    [
        (0, "just now"),
        (1, "one minute ago"),
        (59, "59 minutes ago"),
        (150, "two hours ago"),
        (60 * 24, "one day ago"),
    ],
)
def test_how_long_ago_in_words(minutes: float, told: str) -> None:
    assert ago(NOW - timedelta(minutes=minutes), NOW) == told
