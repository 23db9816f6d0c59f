"""A spec is shown and edited before the cloud has told its facts, and also if it never does."""

from __future__ import annotations

from pathlib import Path

import pytest

from kops_core import Engine, Settings
from tests.engine.test_interrupted_writes import CLUSTER_YAML
from tests.tui.driver import run_app

NAME = "a.example.com"


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """An engine over a store with one cluster, and without any credentials."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    config = tmp_path / "store" / NAME / "config"
    config.parent.mkdir(parents=True)
    config.write_text(CLUSTER_YAML.format(name=NAME))
    return Engine(
        Settings(
            stores=(f"file://{tmp_path}/store",),
            write=True,
            state_dir=tmp_path / "state",
            cache_dir=tmp_path / "cache",
            environment={},
        )
    )


async def test_the_spec_is_shown_without_credentials_and_says_what_it_waits_for(engine: Engine) -> None:
    async with run_app(engine, size=(120, 40)) as driver:
        await driver.press("e")
        await driver.until("kubernetesVersion")
        assert "1.35.0" in driver.text
        await driver.until("values that depend on the cloud are not known yet")
        await driver.until("no usable AWS credentials")
        assert "the spec is valid" not in driver.text, "nobody can tell without the facts"
