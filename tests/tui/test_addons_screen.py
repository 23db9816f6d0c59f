"""The add-ons of a cluster, over the real engine: store against spec, with and without Kubernetes."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from kops_core import Engine, Settings, parse_path
from kops_core.engine.operations.addons import compare_addons
from kops_tui.screens.addons import AddonsPage, known_addons
from tests.tui.conftest import CLUSTER
from tests.tui.driver import run_app


@pytest.mark.full
async def test_an_add_on_that_the_spec_changes_is_unfolded_object_by_object(sandboxed: Settings) -> None:
    workspace = Engine(sandboxed).open(CLUSTER)
    workspace.set(parse_path("spec.kubeDNS.cpuRequest"), "123m")
    workspace.set(parse_path("spec.certManager.enabled"), "true")
    workspace.save()
    async with run_app(Engine(sandboxed), (130, 40), now=datetime.now(UTC)) as driver:
        await driver.press("enter", "a")
        page = driver.app.screen
        assert isinstance(page, AddonsPage)
        assert "11 add-ons · 2 to be changed by the next apply" in driver.text
        if not page.answered:  # its API is not there yet
            assert "Kubernetes does not answer: " in driver.text
            assert "kube-system   ?  " in driver.text
        [new] = [each for each in driver.lines if "certmanager.io" in each]
        assert "+ create  48 objects" in new
        await driver.press("slash")
        await driver.type("coredns")
        await driver.press("enter", "enter")
        assert "~ Deployment kube-system/coredns" in driver.text
        assert "containers[coredns].resources.requests.cpu  100m → 123m" in driver.text
        await driver.press("enter")
        assert "requests.cpu" not in driver.text
        await driver.press("escape", "g", "enter")
        assert "nothing of its manifest differs" in driver.text
        for _ in range(120):  # the control plane boots
            if page.answered:
                break
            await asyncio.sleep(0.25)
            await driver.press("r")
        assert "10 in the cluster are not what the store has" in driver.text, "the sandbox applies none"
        assert "not applied" in driver.text


def test_an_add_on_that_runs_and_is_not_wanted_is_listed_too() -> None:
    note = '{"id": "k8s-1.12", "manifestHash": "abc", "systemGeneration": 1}'
    found = compare_addons({"kube-system": {"addons.k8s.io/coredns.addons.k8s.io": note}}, b"")
    addons = known_addons(found, None)
    assert addons["coredns.addons.k8s.io"].status is found[0]
    assert found[0].installed == "abc"
    assert not found[0].wanted
