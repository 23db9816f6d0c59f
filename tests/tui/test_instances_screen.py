"""The instances of a cluster, over the real engine: nodes, outdated launch templates, deleting one."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from kops_core import CancelToken, Engine, Settings, parse_path
from kops_tui.screens.instances import InstancesPage
from kops_tui.screens.rolling import RollingUpdatePage
from tests.tui.conftest import CLUSTER
from tests.tui.driver import run_app

pytestmark = pytest.mark.full


async def test_machines_with_their_nodes_and_one_that_is_deleted(sandboxed: Settings) -> None:
    engine = Engine(sandboxed)
    workspace = engine.open(CLUSTER)
    workspace.set(parse_path("instanceGroups.nodes-us-east-1a.spec.machineType"), "m5.xlarge")
    workspace.look_up()
    workspace.apply(lambda _: None, CancelToken())
    async with run_app(Engine(replace(sandboxed, write=False)), (80, 24), now=datetime.now(UTC)) as driver:
        await driver.press("colon")
        await driver.type(f"instances {CLUSTER}")
        await driver.press("enter", "X")
        assert "read-only" in driver.text
        assert "ControlPlane" in driver.text
    async with run_app(Engine(sandboxed), (150, 40), now=datetime.now(UTC)) as driver:
        await driver.press("enter", "i")
        assert driver.shows(InstancesPage)
        assert "2 instances · 1 outdated" in driver.lines[1]
        page = driver.app.screen
        assert isinstance(page, InstancesPage)
        for _ in range(120):  # the control plane boots
            if page.with_nodes and all(each.instance.node for each in page.machines.values()):
                break
            assert page.with_nodes or "nodes are not known" in driver.text
            await asyncio.sleep(0.25)
            await driver.press("r")
        assert all(each.instance.node for each in page.machines.values())
        await driver.press("slash")
        await driver.type("nodes-us")
        await driver.press("enter")
        [row] = page.table.rows
        assert (
            "needs update: launch template version 1 → 2: machine type t3.medium → m5.xlarge" in driver.text
        )
        assert row.key in driver.text
        assert (
            f"kops delete instance {row.key} --yes --name={CLUSTER} --state=s3://kops-state"
            in page.shell_commands()
        )
        await driver.press("enter")
        assert "Spec › nodes-us-east-1a" in driver.lines[1]
        await driver.press("escape", "X", *["enter"] * 5)
        assert not driver.app.runs
        assert "nodes-us-east-1a, 1 instance" in driver.text
        await driver.type(CLUSTER)
        await driver.press("enter")
        assert driver.shows(RollingUpdatePage)
        await driver.until("nothing is left to do", looks=12_000)
        await driver.press("escape")
        assert driver.shows(InstancesPage)
        assert row.key not in driver.text, "read again"
        assert "up to date" in driver.text
