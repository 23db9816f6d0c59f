"""A spec that can't be read: `E` opens its text, and what was mended is stored after a yes."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from kops_core import Engine, Settings
from tests.engine.test_interrupted_writes import CLUSTER_YAML
from tests.tui.driver import run_app

NAME = "a.example.com"
GOOD = CLUSTER_YAML.format(name=NAME)


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A store with a cluster whose text is no YAML."""
    config = tmp_path / "store" / NAME / "config"
    config.parent.mkdir(parents=True)
    config.write_text(GOOD + "  tags: [\n")
    return config


def _engine(folder: Path, edit: str) -> Engine:
    """An engine whose operator's editor runs a line of Python on the text."""
    script = f"import sys, pathlib; p = pathlib.Path(sys.argv[1]); t = p.read_text(); p.write_text({edit})"
    return Engine(
        Settings(
            stores=(f"file://{folder}/store",),
            write=True,
            state_dir=folder / "state",
            cloud_facts=folder / "facts.json",
            environment={"EDITOR": f"{sys.executable} -c {shlex.quote(script)}"},
        )
    )


async def test_its_text_is_opened_and_stored_only_after_a_yes(tmp_path: Path, broken: Path) -> None:
    (tmp_path / "facts.json").write_text("{}")
    before = broken.read_text()
    engine = _engine(tmp_path, "t.replace('  tags: [\\n', '')")
    async with run_app(engine, size=(120, 40)) as driver:
        assert NAME in driver.text
        await driver.press("e", "E")
        await driver.until(f"Store cluster of {NAME} as you edited it?")
        assert "-  tags: [" in driver.text
        await driver.press("escape")
        assert broken.read_text() == before
        (draft,) = (tmp_path / "state" / "drafts").iterdir()
        assert draft.read_text() == GOOD
        assert draft.stat().st_mode & 0o077 == 0
        await driver.press("E")
        await driver.until("Store cluster")
        await driver.press("y")
        await driver.settle()
        assert "tags: [" not in broken.read_text(), driver.text
        assert not draft.exists()
        assert "1.35.0" in driver.text, "the mended spec is shown"


async def test_what_the_store_refuses_is_kept_for_the_next_try(tmp_path: Path, broken: Path) -> None:
    (tmp_path / "facts.json").write_text("{}")
    before = broken.read_text()
    engine = _engine(tmp_path, "t.replace('tags: [', 'tagz: 1')")
    async with run_app(engine, size=(120, 40)) as driver:
        await driver.press("e", "E")
        await driver.until("Store cluster")
        await driver.press("y")
        await driver.settle()
        assert broken.read_text() == before
        (draft,) = (tmp_path / "state" / "drafts").iterdir()
        assert "tagz" in draft.read_text()
