"""Tests of etcd's backups: what is listed, what is refused, and the command that etcd-manager reads."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from kops_core.errors import ObjectNotFound, Refused, StoreError
from kops_core.store.etcd_backups import EtcdBackups
from kops_core.store.memory import MemoryBackend

NOW = datetime(2026, 3, 4, 5, 6, 7, 890123, tzinfo=UTC)
OLD, NEW = "2026-03-01T00:15:00Z-000007", "2026-03-02T00:15:00Z-000008"
SPEC = {"memberCount": 3, "etcdVersion": "3.5.21"}


def made(*, spec: bool = True, created: bool = True, data: tuple[str, ...] = (OLD, NEW)) -> MemoryBackend:
    """A backup store with two backups, as etcd-manager leaves it."""
    backend = MemoryBackend("memfs://backups/main")
    for name in (OLD, NEW):
        meta = {"etcdVersion": "3.5.21", "timestamp": "1772323200", "clusterSpec": SPEC}
        backend.put(f"{name}/_etcd_backup.meta", json.dumps(meta).encode())
    for name in data:
        backend.put(f"{name}/etcd.backup.gz", b"\x1f\x8b")
    if spec:
        backend.put("control/etcd-cluster-spec", json.dumps(SPEC).encode())
    if created:
        backend.put("control/etcd-cluster-created", b'{"timestamp": 1}')
    return backend


def opened(backend: MemoryBackend) -> EtcdBackups:
    return EtcdBackups(backend, now=lambda: NOW)


def test_backups_are_listed_newest_first_with_their_time_and_whether_they_are_complete() -> None:
    found = opened(made(data=(NEW,))).newest_first()
    assert [(each.name, each.at) for each in found] == [
        (NEW, datetime(2026, 3, 2, 0, 15, tzinfo=UTC)),
        (OLD, datetime(2026, 3, 1, 0, 15, tzinfo=UTC)),
    ]
    assert not found[0].problem
    assert "etcd.backup.gz" in found[1].problem


def test_a_backup_tells_the_etcd_it_was_made_of() -> None:
    found = opened(made()).read(OLD)
    assert (found.etcd_version, found.members) == ("3.5.21", 3)


def test_the_command_of_a_restore_is_what_etcd_manager_reads() -> None:
    """The form of protobuf's JSON: camel case, and 64-bit numbers as texts."""
    backend = made()
    staged = opened(backend).stage_restore(OLD)
    assert staged.key == "control/2026-03-04T05:06:07Z-000000/_command.json"
    assert json.loads(backend.read(staged.key).data) == {
        "timestamp": "1772600767890123000",
        "restoreBackup": {"clusterSpec": SPEC, "backup": OLD},
    }
    assert [each.backup for each in opened(backend).staged()] == [OLD]


def test_a_second_restore_is_refused_until_the_first_is_withdrawn() -> None:
    backups = opened(made())
    backups.stage_restore(OLD)
    with pytest.raises(Refused, match=f"restore of {OLD} was requested already"):
        backups.stage_restore(NEW)
    assert [each.backup for each in backups.withdraw()] == [OLD]
    assert backups.stage_restore(NEW).backup == NEW


@pytest.mark.parametrize(
    ("backend", "name", "error", "says"),
    [
        (made(data=(NEW,)), OLD, Refused, "no data"),
        (made(spec=False), OLD, Refused, "size of the etcd cluster is not configured"),
        (made(), "2020-01-01T00:00:00Z-000001", ObjectNotFound, "no backup"),
    ],
)
def test_what_cannot_be_restored_is_refused_and_nothing_is_written(
    backend: MemoryBackend, name: str, error: type[Exception], says: str
) -> None:
    before = list(backend.keys())
    with pytest.raises(error, match=says):
        opened(backend).stage_restore(name)
    assert list(backend.keys()) == before


def test_a_lost_mark_of_the_etcd_cluster_is_noticed() -> None:
    assert opened(made(created=False)).lost_control()
    assert not opened(made()).lost_control()
    assert not opened(MemoryBackend()).lost_control()  # a new cluster has neither


@pytest.mark.parametrize("text", [b"{", b"[]", b'{"timestamp": "soon", "restoreBackup": {}}'])
def test_a_damaged_command_is_an_error_that_names_its_file(text: bytes) -> None:
    backend = made()
    backend.put("control/x/_command.json", text)
    with pytest.raises(StoreError) as error:
        opened(backend).staged()
    assert "control/x/_command.json" in error.value.where
