"""Tests of the commands for etcd's backups, over a state store of files."""

from __future__ import annotations

import json

from tests.cli.store import CLUSTER, FACTS, FileStore

BACKUP = "2026-03-01T00:15:00Z-000007"


def with_backup(store: FileStore, etcd: str = "main") -> None:
    """What etcd-manager leaves of one backup, in the place that follows from the spec."""
    folder = store.files / "backups" / "etcd" / etcd
    (folder / BACKUP).mkdir(parents=True)
    (folder / "control").mkdir()
    (folder / BACKUP / "_etcd_backup.meta").write_text('{"etcdVersion": "3.5.21", "clusterSpec": {}}')
    (folder / BACKUP / "etcd.backup.gz").write_bytes(b"data")
    (folder / "control" / "etcd-cluster-spec").write_text('{"memberCount": 1, "etcdVersion": "3.5.21"}')
    (folder / "control" / "etcd-cluster-created").write_text('{"timestamp": 1}')


def test_a_restore_is_told_first_requested_with_yes_and_can_be_withdrawn(store: FileStore) -> None:
    with_backup(store)
    listed = json.loads(store.run("etcd", "backups", "-o", "json", *FACTS).stdout)
    assert [(each["etcd"], each["name"]) for each in listed] == [("main", BACKUP)]

    told = store.run("etcd", "restore", "main", BACKUP, *FACTS, code=4)
    assert "since is lost" in told.stderr
    folder = store.files / "backups" / "etcd" / "main" / "control"
    assert not list(folder.glob("*/_command.json"))

    store.run("etcd", "restore", "main", BACKUP, "--yes", *FACTS)
    (command,) = folder.glob("*/_command.json")
    assert json.loads(command.read_text())["restoreBackup"]["backup"] == BACKUP
    assert "is requested since" in store.run("etcd", "backups", *FACTS).stderr

    store.run("etcd", "withdraw", "main", *FACTS)
    assert not list(folder.glob("*/_command.json"))


def test_an_eaten_control_file_is_warned_of(store: FileStore) -> None:
    with_backup(store)
    (store.files / "backups" / "etcd" / "main" / "control" / "etcd-cluster-created").unlink()
    assert "start it empty" in store.run("etcd", "backups", *FACTS).stderr


def test_an_unknown_etcd_cluster_is_refused_with_those_that_exist(store: FileStore) -> None:
    assert "main, events" in store.run("etcd", "restore", "mian", BACKUP, *FACTS, code=1).stderr
    assert CLUSTER in store.run("etcd", "backups", "--etcd", "mian", *FACTS, code=1).stderr
