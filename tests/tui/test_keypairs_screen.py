"""Rotating a keyset step by step on its screen, over the real engine."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kops_core import CancelToken, Engine, KeypairSummary, Settings
from kops_tui.rotation_steps import RotationStep, next_step
from kops_tui.screens.keypairs import KeypairsPage
from tests.tui.conftest import CLUSTER
from tests.tui.driver import run_app


@pytest.mark.full
async def test_a_keyset_is_rotated_step_by_step(sandboxed: Settings) -> None:
    async with run_app(Engine(sandboxed), (120, 40), now=datetime.now(UTC)) as driver:
        await driver.press("enter", "K")
        page = driver.app.screen
        assert isinstance(page, KeypairsPage)
        await driver.press("G")
        assert page.table.key is not None
        assert page.table.key.keyset == "service-account"
        assert "[create] › apply and roll › promote › apply and roll › distrust" in driver.text
        assert (
            f"kops create keypair service-account --name={CLUSTER} --state=s3://kops-state"
            in page.shell_commands()
        )
        await driver.press("N")
        assert "everything is applied, no node is outdated" in driver.text
        await driver.press("enter", "N", "y")
        assert "so that everything trusts the new keypair" in driver.text
        assert "create › apply and roll › [promote]" in driver.text
        await driver.press("N")
        assert "no: 2 changes are not applied: nodes without it would fall out" in driver.text
        await driver.press(*["enter"] * 50)
        assert _states(sandboxed) == ["primary", "trusted"]
        await driver.type(CLUSTER)
        await driver.press("enter")
        assert _states(sandboxed) == ["trusted", "primary"]
        assert "[distrust]" in driver.text
        Engine(sandboxed).open(CLUSTER).apply(lambda _: None, CancelToken())
        await driver.press("N")
        assert "no: 1 node is outdated: nodes without it" in driver.text
        await driver.type(CLUSTER)
        await driver.press("enter")
        assert _states(sandboxed) == ["distrusted", "primary"]
        assert "[create]" in driver.text, "rotated"


def _states(settings: Settings) -> list[str]:
    found = Engine(settings).keypairs(CLUSTER).summaries(["service-account"], distrusted=True)
    return [each.state for each in found]


@pytest.mark.parametrize(
    ("keyset", "states", "expected"),
    [
        ("kubernetes-ca", ["primary"], RotationStep.CREATE),
        ("kubernetes-ca", ["distrusted", "primary"], RotationStep.CREATE),
        ("kubernetes-ca", ["primary", "trusted"], RotationStep.PROMOTE),
        ("service-account", ["trusted", "primary"], RotationStep.DISTRUST),
        ("service-account", ["trusted", "primary", "trusted"], RotationStep.DISTRUST),
        ("kubelet", ["primary"], None),
        ("kubernetes-ca", [], None),
    ],
)
def test_the_next_step_of_a_rotation(keyset: str, states: list[str], expected: RotationStep | None) -> None:
    keypairs = [
        KeypairSummary(keyset, str(place), state, None, True, None) for place, state in enumerate(states)
    ]
    assert next_step(keypairs) is expected


def test_a_keypair_that_can_not_sign_is_not_promoted() -> None:
    keypairs = [
        KeypairSummary("kubernetes-ca", "1", "primary", None, True, None),
        KeypairSummary("kubernetes-ca", "2", "trusted", None, False, None),
    ]
    assert next_step(keypairs) is RotationStep.CREATE
