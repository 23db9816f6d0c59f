"""Tests of what is told of the buckets that a cluster depends on, and of how often they are asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kops_core.engine.operations.store_safety import store_warnings
from kops_core.errors import StoreError
from kops_core.store.backend import Backend
from kops_core.store.memory import MemoryBackend
from kops_core.store.s3_versions import ObjectVersion

NAME = "a.example.com"


@dataclass
class Bucket(MemoryBackend):
    """A bucket with lifecycle rules by the folder that they delete."""

    root: str
    rules: Mapping[str, str] = field(default_factory=dict)
    versioned: bool = True
    denied: bool = False
    asked: int = 0

    def __post_init__(self) -> None:
        super().__init__(self.root)

    def versions(self, folder: str) -> Iterator[ObjectVersion]:
        yield from ()

    def read_version(self, version: ObjectVersion) -> bytes:
        return b""

    def keeps_versions(self) -> bool:
        return self.versioned

    def expiring(self, folders: Sequence[str]) -> Mapping[str, str]:
        self.asked += 1
        if self.denied:
            raise StoreError("S3 refuses access (AccessDenied)")
        return {folder: self.rules[folder] for folder in folders if folder in self.rules}


def warnings(store: Backend, backups: Mapping[str, str], *others: Bucket) -> list[str]:
    by_url = {each.url: each for each in others}
    return list(store_warnings(store, NAME, backups, by_url.__getitem__))


BACKUPS = {etcd: f"s3://store/{NAME}/backups/etcd/{etcd}" for etcd in ("main", "events")}


def test_a_bucket_that_keeps_everything_is_asked_once_and_says_nothing() -> None:
    store = Bucket("s3://store")
    assert warnings(store, BACKUPS) == []
    assert store.asked == 1


def test_each_folder_that_a_rule_deletes_is_told() -> None:
    rules = {NAME: "old", f"{NAME}/backups/etcd/events/control": "tidy"}
    told = warnings(Bucket("s3://store", rules), BACKUPS)
    assert [each.partition(";")[0] for each in told] == [
        "s3://store: the lifecycle rule old deletes the cluster's specs",
        "s3://store: the lifecycle rule tidy deletes the control files of the etcd cluster events, "
        "after which it would start empty",
    ]


def test_a_backup_store_elsewhere_is_asked_for_itself() -> None:
    store, other = Bucket("s3://store"), Bucket("s3://other/etcd", {"control": "tidy"})
    (told,) = warnings(store, {"main": other.url}, other)
    assert told.startswith("s3://other/etcd: the lifecycle rule tidy deletes the control files")


def test_missing_versions_and_missing_permissions_are_told() -> None:
    told = warnings(Bucket("s3://store", versioned=False, denied=True), BACKUPS)
    assert [each.partition(",")[0] for each in told] == [
        "s3://store: the bucket keeps no old versions",
        "s3://store: nobody knows whether the bucket expires objects: S3 refuses access (AccessDenied)",
    ]


def test_a_store_of_files_has_neither() -> None:
    assert warnings(MemoryBackend("memfs://store"), {}) == []
