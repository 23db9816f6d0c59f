"""Fleets of real stores: rows kept from before, stores that don't answer, marks, thousands of clusters."""

from __future__ import annotations

import os
import threading
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kops_core import (
    CancelToken,
    ClusterStatus,
    ClusterSummary,
    Engine,
    Fleet,
    FleetWork,
    Settings,
    ValidationRequest,
)
from kops_core.engine.fleet.rows import GroupSummary, Pending
from kops_core.store.lock import Lock
from kops_core.store.open import StoreOpener
from kops_tui.screens.fleet_rows import COLUMNS
from kops_tui.screens.many import ManyPage
from tests.engine.test_interrupted_writes import CLUSTER_YAML
from tests.tui.conftest import CLUSTER
from tests.tui.driver import run_app

pytestmark = pytest.mark.full

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
BIG = 2_000
OTHER = "other.example.com"


def _settings(folder: Path, *names: str) -> Settings:
    for name in names:
        config = folder / "store" / name / "config"
        config.parent.mkdir(parents=True)
        config.write_text(CLUSTER_YAML.format(name=name))
    return Settings(
        stores=(f"file://{folder}/store",),
        write=True,
        state_dir=folder / "state",
        cache_dir=folder / "cache",
        operator="ann@bastion",
        environment={"AWS_EC2_METADATA_DISABLED": "true"},
    )


class StuckFleet(Fleet):
    """A fleet whose stores answer once they are let go."""

    go_on = threading.Event()

    def clusters(self, *, groups: bool = True) -> Iterator[ClusterSummary]:
        self.go_on.wait(20)
        yield from super().clusters(groups=groups)


async def test_rows_of_the_last_run_are_shown_before_a_store_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = _settings(tmp_path, "a.example.com", "b.example.com")
    async with run_app(Engine(settings), now=NOW) as driver:
        assert "2 clusters" in driver.text
    (tmp_path / "store" / "b.example.com" / "config").unlink()
    monkeypatch.setattr("kops_core.engine.engine.Fleet", StuckFleet)
    engine = Engine(settings)
    async with run_app(engine, now=NOW + timedelta(hours=2), settled=False) as driver:
        await driver.until("b.example.com")
        assert "read 2h ago" in driver.lines[1]
        await driver.press_now("j", "e")
        await driver.until("Spec")  # a cluster is opened although its store has not answered the list
        await driver.press_now("escape", "escape")
        StuckFleet.go_on.set()
        await driver.until("1 cluster ")
        assert "b.example.com" not in driver.text
        assert "read now" in driver.lines[1]


async def test_requirement_19_the_lock_of_another_operator_and_edits_left_unsaved_are_told(
    tmp_path: Path,
) -> None:
    settings = _settings(tmp_path, "a.example.com", "b.example.com")
    now = datetime.now(UTC)
    backend = StoreOpener({}).open(settings.stores[0])
    Lock(backend, "a.example.com", now=lambda: now).acquire("bob@desk", "rolling-update")
    async with run_app(Engine(settings), size=(200, 50), now=now) as driver:
        await driver.press("j", "e", "colon")
        await driver.type("set spec.kubelet.maxPods=80")
        await driver.press("enter", "escape")
        assert "locked by bob@desk" in driver.text
        assert "1 unsaved edit" in driver.text
    (draft,) = (tmp_path / "state" / "drafts").glob("*.edits.json")
    draft.rename(draft.with_name(draft.name.replace(str(os.getpid()), "4194304")))  # a process that is gone
    async with run_app(Engine(settings), size=(200, 50), now=now) as driver:
        await driver.press("escape")
        assert "1 unsaved edit" in driver.text, "an earlier run has left it"


async def test_marked_clusters_are_planned_and_validated_with_one_summary(sandboxed: Settings) -> None:
    engine = Engine(sandboxed)
    _store(engine, OTHER)
    request = ValidationRequest(wait=60.0, interval=0.2)
    assert engine.open(CLUSTER).validate(request, lambda _: None, CancelToken()).valid
    async with run_app(engine, size=(120, 40), now=datetime.now(UTC)) as driver:
        await driver.until("never applied")
        await driver.press("space", "space", "P")
        assert driver.shows(ManyPage)
        await driver.until("1 ok")
        assert "Plan 2 clusters" in driver.lines[1]
        assert "1 needs you" in driver.text
        assert "nothing to do" in driver.text
        assert "never applied" in driver.text
        await driver.press("x")
        assert f"kops update cluster --name={CLUSTER}" in driver.text
        await driver.press("escape", "escape", "K")
        await driver.until("1 failed")
        assert "written to" in driver.text
        assert any(each.is_file() for each in sandboxed.data_dir.rglob("*"))
        await driver.press("escape", "v")
        await driver.until("valid, 2 nodes")
        assert "1 failed" in driver.text, "what was never applied has no API"


async def test_an_upgrade_of_marked_clusters_is_edits_until_they_are_saved(sandboxed: Settings) -> None:
    engine = Engine(sandboxed)
    _store(engine, OTHER)
    for name in (CLUSTER, OTHER):
        workspace = engine.open(name)
        workspace.set_field("cluster", "spec.kubernetesVersion", "1.35.0")
        workspace.save()
    async with run_app(engine, size=(120, 40), now=datetime.now(UTC)) as driver:
        await driver.press("space", "space", "u")
        await driver.until("2 needs you")
        assert "KubernetesVersion 1.35.0 ->" in driver.text
        assert _version(engine, CLUSTER) == "1.35.0"
        await driver.press("s", "enter")
        assert _version(engine, CLUSTER) == "1.35.0", "the first answer is no"
        await driver.press("s", "y")
        await driver.until("saved: plan it next")
        assert _version(engine, CLUSTER).startswith("1.36")
        assert _version(engine, OTHER).startswith("1.36")


def _store(engine: Engine, name: str) -> None:
    """Store a new cluster, and do not apply it."""
    words = [name, "--zones", "us-east-1a", "--networking", "cilium", "--dns-zone", "example.com"]
    engine.store_cluster(engine.make_cluster(engine.create_options(words)))


def _version(engine: Engine, name: str) -> str:
    return next(row.kubernetes_version for row in engine.fleet.clusters() if row.name == name)


class BigFleet(Fleet):
    """Thousands of clusters, whose store and clouds answer in an instant."""

    def clusters(self, *, groups: bool = True) -> Iterator[ClusterSummary]:
        of_all = tuple(GroupSummary(f"nodes-{n}", "Node", "m5.large", 1, 2, ("a",)) for n in range(10))
        for number in range(BIG):
            yield ClusterSummary(
                "s3://big",
                f"c{number:04}.example.com",
                f"1.{33 + number % 4}.2",
                "aws",
                "cilium",
                ("us-east-1a",),
                of_all,
                10,
                True,
                changed_at=NOW - timedelta(minutes=number),
            )

    def glances(self, summaries: Collection[ClusterSummary]) -> Iterator[ClusterStatus]:
        for each in summaries:  # one in three has nodes to roll
            roll = ("nodes-1",) if int(each.name[1:5]) % 3 == 0 else ()
            pending = Pending.ROLL if roll else Pending.UP_TO_DATE
            yield ClusterStatus(each.name, NOW, pending, 0, roll, (3, 3), (20, 20))

    def work(self, summaries: Collection[ClusterSummary]) -> FleetWork:
        return FleetWork()


@pytest.fixture
def big(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """Two thousand clusters with twenty thousand instance groups."""
    monkeypatch.setattr("kops_core.engine.engine.Fleet", BigFleet)
    return Engine(replace(_settings(tmp_path), refresh=0))


async def test_two_thousand_clusters_are_filtered_sorted_and_scrolled(big: Engine) -> None:
    async with run_app(big, size=(120, 40), now=NOW) as driver:
        await driver.until("2000 clusters")
        await driver.until("1-32/2000")
        assert "667 roll" in driver.text, "one line tells how many need what"
        await driver.press("slash")
        await driver.type("c19.*to roll")
        await driver.press("enter")
        assert "33 of 2000" in driver.lines[1]
        await driver.press("escape", "G")
        assert "c1999.example.com" in driver.text
        await driver.press(*["o"] * 7)
        assert "NEEDS▼" in driver.text
        await driver.press("g")
        assert "group to roll" in driver.lines[3]


@pytest.mark.parametrize("width", [80, 90, 100, 110, 120, 130, 150, 170, 200])
def test_the_columns_fit_each_width_with_their_titles_whole(width: int) -> None:
    shown = [column for column in COLUMNS if column.least <= width]
    assert sum(column.width + 2 for column in shown) - 2 + 3 <= width
    assert all(len(column.title) < column.width or column.sort == 0 for column in shown if column.width > 4)
