"""Which nodes have to be replaced, over the real engine: the groups that need it, and those that do not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kops_core import CancelToken, Engine, Settings, parse_path
from kops_tui.screens.rolling import OutdatedNodesPage
from tests.tui.conftest import CLUSTER
from tests.tui.driver import run_app

pytestmark = pytest.mark.full


async def test_the_cursor_starts_on_what_needs_rolling_and_the_rest_says_that_it_needs_nothing(
    sandboxed: Settings,
) -> None:
    async with run_app(Engine(sandboxed), (100, 30), now=datetime.now(UTC)) as driver:
        await driver.press("R")
        page = driver.app.screen
        assert isinstance(page, OutdatedNodesPage)
        assert driver.text.count("nothing to do") == 2
        await driver.press("R")
        assert "nothing to replace in control-plane-us-east-1a" in driver.text
        workspace = Engine(sandboxed).open(CLUSTER)
        workspace.set(parse_path("instanceGroups.nodes-us-east-1a.spec.rootVolumeSize"), "40")
        workspace.apply(lambda _: None, CancelToken())
        await driver.press("escape", "R")
        again = driver.app.screen
        assert isinstance(again, OutdatedNodesPage)
        assert again.table.key == "nodes-us-east-1a"
        assert "~ 1 needs update" in driver.text
        assert driver.text.count("nothing to do") == 1
        assert (
            "kops rolling-update cluster --instance-group nodes-us-east-1a --yes" in again.shell_commands()[1]
        )
        await driver.press("k", "r")
        assert again.table.key == "control-plane-us-east-1a", "it stays where the operator put it"
