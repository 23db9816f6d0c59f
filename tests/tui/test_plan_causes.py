"""A plan by cause over the real engine: what follows from each edit and the account, the worst first."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime

import boto3
import pytest

from kops_core import Engine, Settings, Workspace, parse_path
from tests.tui.conftest import CLUSTER
from tests.tui.driver import AppDriver, run_app

pytestmark = pytest.mark.full

NEWER = "1.37.0"


def edit(driver: AppDriver, path: str, text: str) -> None:
    """Make an unsaved edit in the workspace that the screens share."""
    workspace = driver.app.session.workspace(CLUSTER)
    assert isinstance(workspace, Workspace)
    workspace.set(parse_path(path), text)
    workspace.look_up()


async def plan(driver: AppDriver) -> None:
    """Show a plan, made once the cluster's Kubernetes has come up: before, it is not known what runs."""
    await driver.press("P")
    for _ in range(100):
        if "still runs Kubernetes" in driver.text:
            return
        await asyncio.sleep(0.3)
        await driver.press("r")
    raise AssertionError(driver.text)


def block(driver: AppDriver, heading: str) -> list[str]:
    """The heading of a plan that begins so, and the lines under it."""
    lines = [each[3:] for each in driver.lines]
    start = next((at for at, each in enumerate(lines) if each.startswith(f"▾ {heading}")), None)
    assert start is not None, driver.text
    end = next(at for at, each in enumerate(lines[start + 1 :], start + 1) if not each.startswith("   "))
    return lines[start:end]


async def test_requirements_10_and_11_each_cause_has_what_follows_and_which_nodes_it_rolls(
    sandboxed: Settings,
) -> None:
    async with run_app(Engine(sandboxed), (120, 50), now=datetime.now(UTC)) as driver:
        await driver.press("enter")
        edit(driver, "spec.sshAccess", "10.0.0.0/8")
        edit(driver, "spec.kubernetesVersion", NEWER)
        edit(driver, "instanceGroups.nodes-us-east-1a.spec.machineType", "m5.xlarge")
        await plan(driver)

        upgrade, access = block(driver, "kubernetesVersion"), block(driver, "sshAccess")
        assert re.search(rf"1\.36\.\d+ → {NEWER}  unsaved +control-plane-us-east-1a rolls$", upgrade[0])
        assert any("~ launch template control-plane-us-east-1a.masters" in each for each in upgrade)
        assert any(
            re.search(r"nodeupconfig-control-plane.*1\.36\.\d+ → .*1\.37\.0", each) for each in upgrade
        )
        (title, template) = block(driver, "nodes-us-east-1a: machineType")
        assert re.search(r"t3\.medium → m5\.xlarge  unsaved +nodes-us-east-1a rolls$", title)
        assert template.endswith("launch template nodes-us-east-1a  instance_type t3.medium → m5.xlarge")
        assert re.search(r"\[0\.0\.0\.0/0, ::/0\] → 10\.0\.0\.0/8  unsaved +at once$", access[0])
        assert any("+ rule from-10.0.0.0/8-ingress-tcp-22to22-masters" in each for each in access)
        open_rules = [each for each in access if each.endswith("STAYS OPEN until pruned")]
        assert len(open_rules) == 4
        assert driver.text.index("kubernetesVersion") < driver.text.index("sshAccess")
        worst = driver.lines[3] + driver.lines[4]
        assert worst.startswith(" API away while its only node is replaced · rolls 2 nodes: i-")
        assert "(control-plane-us-east-1a)" in worst
        assert "4 firewall rules stay open" in driver.text

        await driver.press("b")
        assert "▾ launch templates" in driver.text
        assert "they wait for pruning" in driver.text
        await driver.press("b")

        # Folded, filtered, found by its cause.
        await driver.press("slash")
        await driver.type("sshAccess")
        await driver.press("enter")
        assert "launch template" not in driver.text
        assert "machineType" not in driver.text
        assert "STAYS OPEN" in driver.text
        await driver.press("g", "left")
        assert "STAYS OPEN" not in driver.text
        await driver.press("right", "escape")

        # Changed in the account, and saved but not applied.
        scaling = boto3.client("autoscaling")
        (name,) = (
            each["AutoScalingGroupName"]
            for each in scaling.describe_auto_scaling_groups()["AutoScalingGroups"]
            if each["AutoScalingGroupName"].startswith("nodes-")
        )
        scaling.update_auto_scaling_group(AutoScalingGroupName=name, MaxSize=7)
        workspace = driver.app.session.workspace(CLUSTER)
        assert workspace is not None
        workspace.save()
        await driver.press("r")
        assert "unsaved" not in driver.text
        assert re.search(rf"1\.36\.\d+ → {NEWER} +control-plane", block(driver, "kubernetesVersion")[0])
        assert re.search(r"t3\.medium → m5\.xlarge +nodes", block(driver, "nodes-us-east-1a: machineType")[0])
        assert len([each for each in block(driver, "sshAccess") if "STAYS OPEN" in each]) == 4
        account = block(driver, "changed in the account")
        assert any("auto-scaling" in each or "autoscaling group" in each for each in account), account
        assert any("max_size 7 → 1" in each for each in account)

        # Without the record of the last apply it is not known who changed it; what was edited is.
        record = f".kops-tui/{CLUSTER}/applied.json"
        boto3.client("s3").put_object(Bucket="kops-state", Key=record, Body=b"{")
        await driver.press("r")
        assert "changed in the account" not in driver.text
        assert "maxSize 7 → 1  changed in the spec or in the account" in driver.text
        assert any("launch template" in each for each in block(driver, "kubernetesVersion"))
