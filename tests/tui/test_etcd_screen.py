"""The backups of etcd, over the real engine and a store of files as etcd-manager leaves it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kops_core import Engine, Settings
from kops_tui.screens.etcd import EtcdPage
from tests.tui.conftest import CLUSTER
from tests.tui.driver import run_app

pytestmark = pytest.mark.full

OLDER, NEWER = "2026-03-01T00:15:00Z-000007", "2026-03-01T12:00:00Z-000019"
NOW = datetime(2026, 3, 1, 14, tzinfo=UTC)


def with_backups(settings: Settings, etcd: str = "main") -> Path:
    """What etcd-manager leaves of two backups, one of them without its data; its control folder."""
    folder = Path(settings.stores[0].removeprefix("file://")) / CLUSTER / "backups" / "etcd" / etcd
    for name in (OLDER, NEWER):
        (folder / name).mkdir(parents=True)
        (folder / name / "_etcd_backup.meta").write_text(
            '{"etcdVersion": "3.5.21", "clusterSpec": {"memberCount": 3}}'
        )
    (folder / OLDER / "etcd.backup.gz").write_bytes(b"data")
    control = folder / "control"
    control.mkdir()
    (control / "etcd-cluster-spec").write_text('{"memberCount": 1, "etcdVersion": "3.5.21"}')
    (control / "etcd-cluster-created").write_text('{"timestamp": 1}')
    return control


async def test_a_restore_is_requested_once_the_cluster_was_named_and_withdrawn(stored: Settings) -> None:
    control = with_backups(stored)
    async with run_app(Engine(stored), (120, 40), now=NOW) as driver:
        await driver.press("enter", "b")
        page = driver.app.screen
        assert isinstance(page, EtcdPage)
        assert "main: 2 backups, the last two hours ago · events: 0 backups" in driver.text
        assert "it has no data" in driver.text
        assert [row.key.backup for row in page.table.rows] == [NEWER, OLDER, ""]
        await driver.press("W")
        assert "no restore of main is requested" in driver.text
        await driver.press("j", "R")
        assert "3.5.21, 3 members" in driver.text
        assert "main would go back to 2026-03-01 00:15:00 UTC" in driver.text
        await driver.press(*["enter"] * 50)
        assert not list(control.glob("*/_command.json"))
        await driver.type(CLUSTER)
        await driver.press("enter")
        (command,) = control.glob("*/_command.json")
        assert json.loads(command.read_text())["restoreBackup"]["backup"] == OLDER
        assert "restore requested" in driver.text
        assert "restart the etcd-manager pods of main" in driver.text
        await driver.press("W", "enter")
        assert list(control.glob("*/_command.json")), "cancel is the first answer"
        await driver.press("W", "y")
        assert not list(control.glob("*/_command.json"))
        assert f"withdrew the restore of {OLDER}" in driver.text
        await driver.press("G", "R")
        assert "events has no backup yet" in driver.text


async def test_a_backup_without_data_is_not_requested(stored: Settings) -> None:
    control = with_backups(stored)
    async with run_app(Engine(stored), (120, 40), now=NOW) as driver:
        await driver.press("enter", "b", "R")
        await driver.type(CLUSTER)
        await driver.press("enter")
        assert "the backup can't be restored: it has no data" in driver.text
        assert not list(control.glob("*/_command.json"))


async def test_a_lost_control_file_is_warned_of(stored: Settings) -> None:
    (with_backups(stored) / "etcd-cluster-created").unlink()
    async with run_app(Engine(stored), (80, 24), now=NOW) as driver:
        await driver.press("enter", "b")
        assert "main would start empty: its control file is gone" in driver.text
        assert "restore a backup first" in driver.text
