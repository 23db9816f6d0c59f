"""A cluster is opened, read and edited without the cloud; facts are read when something needs one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kops_core import CloudError, Engine, FactsNotRead, Settings, Workspace, parse_path
from tests.engine.test_workspace import NAME, Open, open_, settings

__all__ = ["open_", "settings"]


@pytest.fixture
def without_cloud(
    settings: Settings, open_: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Workspace:
    """The cluster as somebody opens it who has no credentials."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    return Engine(replace(settings, cloud_facts=None)).open(NAME)


def test_a_cluster_opens_and_shows_its_spec_without_credentials(without_cloud: Workspace) -> None:
    assert not without_cloud.facts_read
    rows = {row.name: row for row in without_cloud.rows("cluster")}
    assert rows["kubernetesVersion"].yours == "1.35.0"
    assert "kubernetesVersion: 1.35.0" in without_cloud.document("cluster")


def test_an_edit_can_be_made_and_saved_without_credentials(without_cloud: Workspace, open_: Open) -> None:
    without_cloud.set(parse_path("spec.kubernetesVersion"), "1.35.1")
    without_cloud.save()
    assert open_().inference.value("spec.kubernetesVersion") == "1.35.1"


def test_what_depends_on_a_fact_waits_for_it_and_is_no_error_of_the_spec(without_cloud: Workspace) -> None:
    with pytest.raises(FactsNotRead, match="waiting for the cloud"):
        without_cloud.errors()
    with pytest.raises(FactsNotRead):
        without_cloud.review()
    with pytest.raises(CloudError):
        without_cloud.read_facts()
    with pytest.raises(CloudError):
        without_cloud.plan()


def test_inferred_values_are_the_same_whenever_the_facts_came(open_: Open, without_cloud: Workspace) -> None:
    told = open_()
    for each in (told, without_cloud):
        each.unset(("instanceGroups", "nodes-us-east-1a", "spec", "machineType"))
    waiting = without_cloud.inference
    with pytest.raises(FactsNotRead):
        _ = waiting.instance_groups
    # What was computed before the facts came must not stay.
    arrived = waiting.after(replace(waiting.inputs, facts=told.inference.inputs.facts))
    assert arrived.cluster == told.inference.cluster
    assert arrived.instance_groups == told.inference.instance_groups
