"""Tests of backups: what they hold, what is copied again, what is kept, and writing keys back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kops_core.errors import ObjectNotFound, StoreError
from kops_core.store.backend import Backend, Stored
from kops_core.store.backups import KEPT, Backup, ClusterBackups
from kops_core.store.key_store import Place
from kops_core.store.s3 import S3Backend

pytestmark = pytest.mark.full

NAME = "a.example.com"
BEGAN = datetime(2026, 3, 4, tzinfo=UTC)
SPECS = {"config": b"kind: Cluster", "instancegroup/nodes": b"kind: InstanceGroup"}
CA = f"{NAME}/pki/private/kubernetes-ca/keyset.yaml"


@pytest.fixture
def store(backend: Backend) -> Backend:
    backend.put(CA, b"the authority")
    backend.put(f"{NAME}/pki/ssh/public/admin/abc", b"ssh-ed25519 AAAA")
    backend.put(f"{NAME}/secrets/admin", b"a token")
    return backend


def backups(store: Backend) -> ClusterBackups:
    return ClusterBackups(
        store, NAME, keys=Place(store, f"{NAME}/pki"), secrets=Place(store, f"{NAME}/secrets")
    )


def make(store: Backend, hour: int = 0, specs: dict[str, bytes] = SPECS, created: str = "then") -> Backup:
    at = BEGAN + timedelta(hours=hour)
    stored = {key: Stored(key, "", at, data) for key, data in specs.items()}
    return backups(store).make(stored, at=at, by="ann@laptop", why="apply", created=created)


def test_a_backup_holds_specs_keysets_and_secrets(store: Backend) -> None:
    made = make(store)
    read = backups(store).read(made.id)
    assert read == made
    assert {key: backups(store).content(read, key) for key in read.copies} == {
        **SPECS,
        "pki/private/kubernetes-ca/keyset.yaml": b"the authority",
        "pki/ssh/public/admin/abc": b"ssh-ed25519 AAAA",
        "secrets/admin": b"a token",
    }


def test_copies_of_private_keys_keep_the_path_that_policies_are_about(store: Backend) -> None:
    make(store)
    copies = [key for key in store.keys(".kops-tui") if store.read(key).data == b"the authority"]
    assert copies
    assert all("/pki/private/" in key for key in copies)


def test_only_what_changed_is_copied_again(store: Backend) -> None:
    first = make(store)
    assert make(store, 1) == first, "nothing changed, nothing is made"
    before = set(store.keys(".kops-tui"))
    second = make(store, 2, {**SPECS, "config": b"kind: Cluster # edited"})
    added = set(store.keys(".kops-tui")) - before
    assert added == {second.copies["config"].key, f".kops-tui/{NAME}/backups/{second.id}.json"}
    assert backups(store).content(second, "secrets/admin") == b"a token"


def test_a_new_cluster_of_the_name_shares_no_copy(store: Backend) -> None:
    first, second = make(store), make(store, 1, created="now")
    assert not {each.key for each in first.copies.values()} & {each.key for each in second.copies.values()}


def test_the_oldest_backups_go_with_copies_that_no_other_needs(store: Backend) -> None:
    made = [make(store, hour, {**SPECS, "config": b"%d" % hour}) for hour in range(KEPT + 3)]
    kept = backups(store).newest_first()
    assert [each.id for each in kept] == [each.id for each in reversed(made)][:KEPT]
    for each in kept:
        for key in each.copies:
            backups(store).content(each, key)
    needed = {copy.key for each in kept for copy in each.copies.values()}
    assert {key for key in store.keys(f".kops-tui/{NAME}/backups") if not key.endswith(".json")} == needed
    with pytest.raises(ObjectNotFound):
        backups(store).read(made[0].id)


def test_keys_are_written_back_and_newer_ones_stay(store: Backend) -> None:
    made = make(store)
    store.put(CA, b"rotated")
    store.delete(f"{NAME}/secrets/admin")
    store.put(f"{NAME}/secrets/dockerconfig", b"newer")
    done = backups(store).restore_private(backups(store).read(made.id))
    assert sorted(done) == ["pki/private/kubernetes-ca/keyset.yaml", "secrets/admin"]
    assert store.read(CA).data == b"the authority"
    assert store.read(f"{NAME}/secrets/admin").data == b"a token"
    assert store.read(f"{NAME}/secrets/dockerconfig").data == b"newer"


def test_a_copy_that_was_tampered_with_is_not_restored(store: Backend) -> None:
    made = make(store)
    store.put(made.copies["pki/private/kubernetes-ca/keyset.yaml"].key, b"somebody else's authority")
    store.put(CA, b"rotated")
    with pytest.raises(StoreError, match="not what was backed up"):
        backups(store).restore_private(made)
    assert store.read(CA).data == b"rotated"


def test_no_backup_shows_what_it_holds(store: Backend) -> None:
    assert "authority" not in repr(make(store))


def test_what_a_bucket_lists_with_the_same_etag_is_not_read_again(bucket: S3Backend) -> None:
    bucket.put(CA, b"the authority")
    bucket.put(f"{NAME}/secrets/admin", b"a token")
    first = make(bucket)
    read: list[str] = []

    class Watched(S3Backend):
        def read(self, key: str) -> Stored:
            read.append(key)
            return super().read(key)

    bucket.__class__ = Watched
    bucket.put(f"{NAME}/secrets/admin", b"another token")
    second = make(bucket, 1)
    assert [each for each in read if not each.startswith(".kops-tui/")] == [f"{NAME}/secrets/admin"]
    assert (
        second.copies["pki/private/kubernetes-ca/keyset.yaml"]
        == first.copies["pki/private/kubernetes-ca/keyset.yaml"]
    )
    assert backups(bucket).content(second, "secrets/admin") == b"another token"
