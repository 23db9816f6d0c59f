"""Marked changes of a plan over the real engine: they and what they need are applied, the rest is left."""

from __future__ import annotations

from datetime import UTC, datetime

import boto3
import pytest

from kops_core import CauseKind, Engine, ResourceKey, Settings, Workspace
from kops_tui.screens.plan import PlanPage
from tests.tui.conftest import CLUSTER
from tests.tui.driver import AppDriver, run_app
from tests.tui.test_plan_causes import NEWER, block, edit, plan

pytestmark = pytest.mark.full

_TEMPLATE = ResourceKey("LaunchTemplate", f"control-plane-us-east-1a.masters.{CLUSTER}")
_MASTERS = ResourceKey("SecurityGroupRule", f"from-10.0.0.0/8-ingress-tcp-22to22-masters.{CLUSTER}")
_RULE = ResourceKey("SecurityGroupRule", f"from-10.0.0.0/8-ingress-tcp-22to22-nodes.{CLUSTER}")


def ssh_networks() -> set[str]:
    """The networks from which SSH is open, as the account has it."""
    rules = boto3.client("ec2").describe_security_group_rules()["SecurityGroupRules"]
    return {each["CidrIpv4"] for each in rules if each.get("FromPort") == 22 and "CidrIpv4" in each}


async def go_to(driver: AppDriver, text: str) -> None:
    """Put the cursor on the row of a plan that has a text."""
    await driver.press("g")
    for _ in range(40):
        if any(each.startswith("❯") and text in each for each in driver.lines):
            return
        await driver.press("j")
    raise AssertionError(f"no row has {text!r}:\n{driver.text}")


async def test_requirement_14_a_marked_cause_is_applied_and_the_other_is_still_pending(
    sandboxed: Settings,
) -> None:
    async with run_app(Engine(sandboxed), (120, 50), now=datetime.now(UTC)) as driver:
        await driver.press("enter")
        edit(driver, "spec.kubernetesVersion", NEWER)
        edit(driver, "spec.sshAccess", "10.0.0.0/8")
        await plan(driver)

        await driver.press("J")  # saved, to be compared with what is left

        # Marks: a whole cause, taken away again by the same key; what waits for pruning has none.
        await go_to(driver, "sshAccess")
        await driver.press("space")
        assert "2 marked" in driver.text
        assert sum(each.startswith(("  *", "❯*", " *")) for each in driver.lines) == 3
        page = driver.app.screen
        assert isinstance(page, PlanPage)
        planned, applied = page.shell_commands()
        assert planned.startswith(
            f"kops-tui --plan --target-resource={_MASTERS} --target-resource={_RULE} --name"
        )
        assert applied.startswith("kops-tui --apply --target-resource=")
        await go_to(driver, "sshAccess")
        await driver.press("space")
        assert "marked" not in driver.text
        await go_to(driver, "STAYS OPEN")
        await driver.press("space")
        assert "it waits for pruning" in driver.text

        # A file of nodes brings the template that has its hash; the question tells it, and enter cancels.
        await go_to(driver, "nodeupconfig-control-plane")
        await driver.press("space", "A")
        assert "needs  1 more: launch template control-plane-us-east-1a.masters" in driver.text
        assert "leaves 5 as they are" in driver.text
        await driver.press("enter")
        await go_to(driver, "nodeupconfig-control-plane")
        await driver.press("space")

        await go_to(driver, "sshAccess")
        await driver.press("space", "A")
        assert "Apply 2 changes of plan" in driver.text
        assert "needs" not in driver.text
        assert "2 edits first: all of them, also what is not applied" in driver.text
        await driver.press("y")
        await driver.until("plans again")
        assert ssh_networks() == {"0.0.0.0/0", "10.0.0.0/8"}

        await driver.press("P")
        assert "marked" not in driver.text
        upgrade = block(driver, "kubernetesVersion")
        assert upgrade[0].endswith("control-plane-us-east-1a rolls")
        assert any("launch template control-plane-us-east-1a" in each for each in upgrade)
        assert "unsaved" not in driver.text
        assert "+ rule" not in driver.text
        access = block(driver, "sshAccess")
        assert len([each for each in access if each.endswith("STAYS OPEN until pruned")]) == 4

        await driver.press("equals_sign")
        assert CLUSTER in driver.text
        await driver.press("enter")
        assert "no longer in this plan  2" in driver.text
        assert "+ rule from-10.0.0.0/8-ingress-tcp-22to22-nodes  create" in driver.text
        assert "only in this plan" not in driver.text
        assert "launch template" not in driver.text, "it is in both"

        # Opened again, it is as it was; one that is damaged is told apart.
        (sandboxed.state_dir / "out" / "plan-bad.json").write_text("{}")
        await driver.press("escape", "escape", "O")
        assert "plan-bad.json: this is not a saved plan" in driver.text
        await driver.press("enter")
        assert "it can't be read" in driver.text
        await driver.press("j", "enter")
        assert "saved plan " in driver.text
        assert "unsaved" in block(driver, "sshAccess")[0]
        assert any("+ rule from-10.0.0.0/8" in each for each in block(driver, "sshAccess"))
        await driver.press("A", "space", "enter")
        assert "Apply" not in driver.text

    again = Engine(sandboxed).open(CLUSTER)
    left = again.plan().plan
    keys = {change.key for change in left.pending}
    assert _TEMPLATE in keys
    assert _RULE not in keys
    assert {group.kind for group in left.causes} == {CauseKind.SAVED}
    plain = again.plan(causes=False).plan
    assert plain.causes == ()
    assert plain.changes == left.changes
    assert isinstance(driver.app.session.workspace(CLUSTER), Workspace)
