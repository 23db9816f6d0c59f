"""The list of machine types: what each has, the current one under the cursor, and choosing another."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from kops_core import Engine, MachineType, Settings
from kops_tui.screens.cluster import ClusterPage
from kops_tui.screens.machine_types import GroupMachinePage, architectures_of
from tests.tui.conftest import CLUSTER
from tests.tui.driver import SIZES, run_app

NODES = "nodes-us-east-1a"
TYPE = ("instanceGroups", NODES, "spec", "machineType")


def test_architectures_have_the_names_that_nodes_have() -> None:
    assert architectures_of(MachineType("t2.micro", ("i386", "x86_64"))) == "i386 amd64"


@pytest.mark.full
async def test_a_machine_type_is_chosen_as_an_unsaved_edit(sandboxed_once: Settings) -> None:
    engine = Engine(sandboxed_once)
    async with run_app(engine, now=datetime.now(UTC)) as driver:
        await driver.until("as applied")
        await driver.press("enter", "j", "m")
        page = driver.app.screen
        assert isinstance(page, GroupMachinePage)
        assert page.table.key == "t3.medium", "the current one is under the cursor"
        row = next(text for text in driver.lines if "t3.medium" in text and "amd64" in text)
        assert row.split()[-5:] == ["2", "4", "amd64", "-", "yes"]
        await driver.press("enter")
        assert "has that machine type already" in driver.text
        await driver.press("slash")
        await driver.type("arm64")
        await driver.press("enter", "g")
        assert "another architecture than t3.medium" in driver.text
        await driver.press("slash", "ctrl+u")
        await driver.type("g4dn.xlarge")
        await driver.press("enter")
        assert [row.key for row in page.table.rows] == ["g4dn.xlarge"]
        assert [text for text in driver.lines if "g4dn.xlarge " in text][-1].split()[-5:] == [
            "4", "16", "amd64", "1", "yes"
        ]  # fmt: skip
        await driver.press("enter")
        assert driver.shows(ClusterPage)
        workspace = driver.app.session.workspace(CLUSTER)
        assert workspace is not None
        assert workspace.explain(TYPE).value == "g4dn.xlarge"
        assert not workspace.errors()
        assert "1 unsaved" in driver.lines[0]
        assert list(sandboxed_once.state_dir.glob("drafts/*")), "the edit is on disk"
        assert engine.open(CLUSTER).explain(TYPE).value == "t3.medium"


@pytest.mark.full
async def test_what_the_list_looks_like(sandboxed_once: Settings) -> None:
    async with run_app(Engine(replace(sandboxed_once, operator="ops@bastion"))) as driver:
        await driver.press("enter", "j", "m")
        await driver.until("t3.medium now")
        for size in SIZES:
            await driver.resize(size)
            driver.snapshot("machine-types")


@pytest.mark.full
def test_types_are_on_offer_in_all_zones_of_the_group(sandboxed_once: Settings) -> None:
    workspace = Engine(sandboxed_once).open(CLUSTER)
    found = workspace.machine_types(NODES)
    assert all(each.zones is None or "us-east-1a" in each.zones for each in found)
    names = [each.name for each in found]
    assert names.index("m5.large") < names.index("m5.xlarge") < names.index("m5.24xlarge")
    assert len(names) > 500
