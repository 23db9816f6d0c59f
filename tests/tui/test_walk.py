"""The life of a cluster by keys alone, in the sandbox: from its creation to its deletion."""

from __future__ import annotations

import asyncio
import json
import os
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest

from kops_core import Engine, OperationState, Settings, get_path
from kops_core.cloud.sandbox.process import Sandbox
from kops_core.cloud.sandbox.seed import seed
from kops_tui.cli.demo import settings_for
from kops_tui.screens.cluster import ClusterPage
from kops_tui.screens.fleet import FleetPage
from kops_tui.screens.spec import SpecPage
from tests.operations.viewers import end_operations
from tests.tui.driver import AppDriver, run_app

pytestmark = pytest.mark.sweep

NAME = "walk.example.com"
OLD = "1.35.7"
LONG = 3000
"""Looks at the screen until an operation has ended: machines join, pods leave."""


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """An embedded AWS without clusters."""
    with Sandbox.start(log=tmp_path / "sandbox.log") as sandbox:
        for name, value in sandbox.env.items():
            monkeypatch.setenv(name, value)
        seed(sandbox)
        made = replace(settings_for(sandbox, os.environ, {}), state_dir=tmp_path / "state")
        yield made
        end_operations(made.state_dir)


def set_faults(**faults: object) -> None:
    """Make things go wrong in the cluster's Kubernetes."""
    url = f"{os.environ['AWS_ENDPOINT_URL']}/kops-tui/kubernetes/{NAME}"
    urllib.request.urlopen(urllib.request.Request(url, json.dumps(faults).encode(), method="POST")).close()


def of_account(service: str) -> Any:
    """A client of the embedded account."""
    return boto3.client(service, region_name="us-east-1", endpoint_url=os.environ["AWS_ENDPOINT_URL"])  # type: ignore[call-overload]


async def fill(driver: AppDriver, *texts: str) -> None:
    """Type into the fields of a form from the cursor on."""
    for text in texts:
        await driver.press("enter")
        await driver.type(text)
        await driver.press("enter")


async def command(driver: AppDriver, text: str) -> None:
    await driver.press("colon")
    await driver.type(text)
    await driver.press("enter")


async def apply(driver: AppDriver) -> None:
    """Plan, apply, and see that nothing is left."""
    await driver.press("P", "A")
    assert "Apply " in driver.text, driver.text
    await driver.press("y")
    await driver.until("plans again", looks=LONG)
    await driver.press("P")
    await driver.until("nothing to do")
    await command(driver, f"open {NAME}")
    await driver.until("1/1")


async def valid(driver: AppDriver) -> None:
    """Validate until the cluster is valid."""
    await driver.press("v")
    for _ in range(300):
        if " valid " in driver.text:
            break
        await asyncio.sleep(0.2)
        await driver.press("r")
    assert "nothing is wrong" in driver.text, driver.text


async def roll(driver: AppDriver) -> None:
    """Roll the group under the cursor."""
    await driver.press("R")
    await driver.type(NAME)
    await driver.press("enter")


async def create(driver: AppDriver, ssh_key: Path) -> None:
    await driver.press("n")
    await fill(driver, NAME, "us-east-1a")
    await driver.press("j")
    await fill(driver, OLD)
    await driver.press("slash")
    await driver.type("public key")
    await driver.press("enter", "G")
    await fill(driver, str(ssh_key))
    await driver.press("slash", "ctrl+u", "enter")
    await driver.until("resources: ")
    await driver.press("s", "y")
    assert driver.shows(ClusterPage)


async def upgrade_by_one_minor(driver: AppDriver) -> None:
    """The control plane first: the plan holds back the other nodes until it runs the new version."""
    await driver.press("u")
    await driver.until(f"KubernetesVersion {OLD} -> 1.36.")
    await driver.press("s", "y")
    await command(driver, f"open {NAME}")
    await apply(driver)
    await driver.press("R")
    await driver.until("1 node to replace")
    await roll(driver)
    await driver.until("shows the groups again", looks=LONG)
    await command(driver, f"open {NAME}")
    await apply(driver)


async def test_the_life_of_a_cluster(settings: Settings, tmp_path: Path) -> None:
    engine = Engine(settings)
    ssh_key = tmp_path / "id.pub"
    ssh_key.write_text(_SSH_KEY)
    async with run_app(Engine(settings), (120, 40), now=lambda: datetime.now(UTC)) as driver:
        await create(driver, ssh_key)
        assert engine.fleet.names() == [NAME]
        await apply(driver)
        await valid(driver)

        await driver.press("escape", "n")
        await fill(driver, "large")
        await driver.press("s")
        assert "1 unsaved" in driver.lines[0]
        await apply(driver)
        assert "large" in engine.stored(NAME).instance_groups

        await upgrade_by_one_minor(driver)
        assert version(engine).startswith("1.36.")

        set_faults(frozen_budgets=["shop/web"])
        await driver.press("R")
        await driver.until("3 nodes to replace")
        await driver.press("j")
        await roll(driver)
        await driver.until("by PDB web", looks=LONG)

    # The terminal is lost: the roll goes on.
    (lost,) = [each for each in engine.operations.all() if each.state is OperationState.RUNNING]
    assert lost.handle.kind == "rolling-update"

    async with run_app(Engine(settings), (120, 40), now=lambda: datetime.now(UTC)) as driver:
        await driver.until("is under way: F2 shows it")
        await driver.press("f2")
        await driver.until("by PDB web")
        set_faults(frozen_budgets=[])
        await driver.until("shows the groups again", looks=LONG)
        ended = {each.handle.id: each.state for each in engine.operations.all()}
        assert ended[lost.handle.id] is OperationState.FINISHED
        await command(driver, f"open {NAME}")
        await valid(driver)

        await driver.press("H", "slash")
        await driver.type("kubernetesVersion")
        await driver.press("enter", "z")
        assert driver.shows(SpecPage)
        await driver.press("s", "y")
        assert version(engine) == OLD, "the revision from before the upgrade"

        await command(driver, f"delete {NAME}")
        await driver.until(" delete")
        await driver.press("D")
        await driver.type(NAME)
        await driver.press("enter")
        await driver.until("leads back to the fleet", looks=LONG)
        await driver.press("escape")
        assert driver.shows(FleetPage)
        assert NAME not in driver.text
    assert engine.fleet.names() == []
    assert of_account("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"] == []
    tagged = [{"Name": "tag:KubernetesCluster", "Values": [NAME]}]
    assert of_account("ec2").describe_vpcs(Filters=tagged)["Vpcs"] == []


def version(engine: Engine) -> str:
    """The stored version of Kubernetes."""
    return str(get_path(engine.stored(NAME).cluster, ("spec", "kubernetesVersion")))


_SSH_KEY = (
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl operator@sandbox\n"
)
"""A public key whose private half nobody has."""
