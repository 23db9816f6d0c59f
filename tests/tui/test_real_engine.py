"""The screens over the real engine: its types fit, and a cluster is planned and applied in the sandbox."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from kops_core import Engine, Settings
from kops_tui import ports
from tests.corpus import corpus_dir
from tests.tui.conftest import CLUSTER
from tests.tui.driver import run_app


def the_real_engine_has_the_shape_that_the_screens_ask_for(engine: Engine) -> ports.Engine:
    """Checked by the type checker: nothing to run."""
    return engine


@pytest.mark.full
@pytest.mark.sweep
async def test_the_whole_job_in_the_sandbox(sandboxed: Settings) -> None:
    async with run_app(Engine(sandboxed), now=datetime.now(UTC)) as driver:
        await driver.until("as applied")
        assert "sandbox" in driver.lines[0]
        await driver.press("enter", "j", "enter", "slash")
        await driver.type("machineType")
        await driver.press("enter", "enter", *["backspace"] * 12)
        await driver.type("m5.xlarge")
        await driver.press("enter")
        assert "was " in driver.text
        assert "1 unsaved" in driver.lines[0]
        await driver.press("P")
        assert "launch template nodes-us-east-1a" in driver.text
        assert "m5.xlarge" in driver.text
        await driver.press("A", "y")
        await driver.until("plans again")
        await driver.press("P")
        await driver.until("nothing to do")
        assert "unsaved" not in driver.text, "the operation has saved the edits"
        assert not list(sandboxed.state_dir.glob("drafts/*"))
        await driver.press("colon")
        await driver.type("roll")
        await driver.press("enter", "j")
        assert "needs update" in driver.text
        await driver.press("R")
        await driver.type(CLUSTER)
        await driver.press("enter")
        await driver.until("shows the groups again", looks=12_000)  # machines join, pods leave
        await driver.press("escape")
        assert "0 nodes to replace" in driver.text
        await driver.press("H")
        assert "rolling-update" in driver.text
        await driver.press("colon")
        await driver.type("keys")
        await driver.press("enter")
        assert "service-account" in driver.text
        assert "SHA-256" in driver.text


async def test_every_row_of_a_real_spec_is_explained(tmp_path: Path) -> None:
    cases = corpus_dir()
    if not cases.exists():
        pytest.skip("the conformance corpus is not here: set KOPS_CONFORMANCE_DIR")
    settings = Settings(
        stores=(str(tmp_path / "store"),),
        write=True,
        cloud_facts=cases / "facts" / "upstream-update.json",
        channel=str(next((cases / "channels").glob("*stable*"))),
        state_dir=tmp_path,
    )
    engine = Engine(settings)
    engine.create({"c.yaml": (cases / "upstream/update/minimal-aws/cluster.yaml").read_bytes()})
    async with run_app(engine, (120, 40)) as driver:
        await driver.press("e")
        workspace = driver.app.session.workspace(driver.app.session.known_clusters[0])
        assert workspace is not None
        for row in workspace.rows("cluster"):
            workspace.explain(row.path)
        await driver.press("slash")
        await driver.type("kubelet.cgroupDriver")
        await driver.press("enter", "j")
        assert "inferred by kubelet." in driver.text
        assert "because" in driver.text
