"""Rotating keys while others write to the same store, and when the store fails half-way."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kops_core import Engine, KeypairChange, ObjectChanged, Refused, Settings, StoreError
from kops_core.operations.clock import SystemClock
from kops_core.store.certificates import new_authority
from kops_core.store.file import FileBackend
from kops_core.store.keysets import read_keyset, write_keyset
from kops_core.store.lock import Lock
from tests.cli.store import CLUSTER, FileStore, cluster_store

FAST = 1024
"""Bits: enough to test with."""


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return cluster_store(tmp_path)


def settings(store: FileStore, operator: str = "ann@bastion") -> Settings:
    return Settings(
        stores=(f"file://{store.folder}/store",),
        write=True,
        state_dir=store.folder / operator,
        operator=operator,
    )


def file_of(store: FileStore, keyset: str) -> Path:
    return store.files / "pki" / "private" / keyset / "keyset.yaml"


def test_a_writer_that_knows_no_lock_is_not_overwritten(store: FileStore) -> None:
    """kOps itself takes no lock; what it wrote between our reading and our writing stays."""
    Engine(settings(store)).keypairs(CLUSTER).create("kubernetes-ca", lambda _: None, primary=True)
    file = file_of(store, "kubernetes-ca")
    lock = Lock(FileBackend(store.folder / "store"), CLUSTER)
    kops = new_authority("kubernetes-ca", datetime.now(UTC), key_size=FAST)

    class WhileOursIsMade(SystemClock):
        """What is asked for the date once the lock is there is the making of the certificate."""

        def now(self) -> datetime:
            theirs = read_keyset(file.read_bytes(), "kubernetes-ca", "x")
            if len(theirs.items) == 1 and lock.holder() is not None:
                file.write_bytes(write_keyset(theirs.add(kops)))
            return super().now()

    told: list[KeypairChange] = []
    keypairs = Engine(settings(store), clock=WhileOursIsMade()).keypairs(CLUSTER)
    with pytest.raises(ObjectChanged):
        keypairs.create("kubernetes-ca", told.append)
    assert told == []
    found = read_keyset(file.read_bytes(), "kubernetes-ca", "x")
    assert [item.id for item in found.items][1:] == [kops.id]
    assert lock.holder() is None
    (past, *_) = Engine(settings(store)).history(CLUSTER)
    assert (past.what, past.result) == ("create-keypair", "interrupted")


def test_of_two_operators_each_rotates_whole_or_is_told_of_the_other(store: FileStore) -> None:
    Engine(settings(store)).keypairs(CLUSTER).create("kubernetes-ca", lambda _: None, primary=True)
    told: list[KeypairChange] = []
    refused: list[Refused] = []
    start = threading.Barrier(4)

    def rotate(operator: str) -> None:
        keypairs = Engine(settings(store, operator)).keypairs(CLUSTER)
        start.wait()
        try:
            keypairs.create("kubernetes-ca", told.append)
        except Refused as error:
            refused.append(error)

    threads = [
        threading.Thread(target=rotate, args=(f"{name}@host",)) for name in ("ann", "bob", "eve", "joe")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = read_keyset(file_of(store, "kubernetes-ca").read_bytes(), "kubernetes-ca", "x")
    assert {item.id for item in found.items[1:]} == {change.id for change in told}
    assert len(told) + len(refused) == 4
    assert all("holds the lock" in str(error) for error in refused)


def test_what_was_done_before_the_store_failed_is_told(store: FileStore) -> None:
    engine = Engine(settings(store))
    for name in ("apiserver-aggregator-ca", "kubernetes-ca"):
        engine.keypairs(CLUSTER).create(name, lambda _: None, primary=True)
    told: list[KeypairChange] = []

    def tell(change: KeypairChange) -> None:
        told.append(change)
        file_of(store, "kubernetes-ca").unlink()

    with pytest.raises(StoreError):
        engine.keypairs(CLUSTER).create("all", tell)
    assert [change.keyset for change in told] == ["apiserver-aggregator-ca"]
    found = read_keyset(file_of(store, "apiserver-aggregator-ca").read_bytes(), "x", "x")
    assert len(found.items) == 2


def test_a_read_only_session_changes_no_key(store: FileStore) -> None:
    write = Engine(settings(store))
    write.keypairs(CLUSTER).create("kubernetes-ca", lambda _: None, primary=True)
    before = file_of(store, "kubernetes-ca").read_bytes()
    engine = Engine(Settings(stores=settings(store).stores, state_dir=store.folder / "state"))
    keypairs, credentials = engine.keypairs(CLUSTER), engine.credentials(CLUSTER)
    changes: list[Callable[[], object]] = [
        lambda: keypairs.create("all", lambda _: None),
        lambda: keypairs.promote("all", lambda _: None),
        lambda: keypairs.distrust("all", lambda _: None),
        lambda: keypairs.trust("kubernetes-ca", lambda _: None, ["1"]),
        lambda: credentials.create_secret("dockerconfig", b"{}"),
        lambda: credentials.delete_secret("dockerconfig"),
        lambda: credentials.add_ssh_public_key(b""),
        credentials.delete_ssh_public_keys,
    ]
    for change in changes:
        with pytest.raises(Refused, match="read-only"):
            change()
    assert file_of(store, "kubernetes-ca").read_bytes() == before
    (summary,) = keypairs.summaries()
    assert (summary.state, summary.has_private_key) == ("primary", True)
    assert "PRIVATE" not in repr(summary)
