"""Records of an earlier cluster of the same name are not used."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kops_core.api.path import set_at
from kops_core.store.identity import created_in
from kops_core.store.memory import MemoryBackend
from kops_core.store.reading import StoredCluster
from kops_core.store.state import StateStore
from tests.store.documents import cluster

NAME = "a.example.com"


class Clock:
    def __init__(self) -> None:
        self.at = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


def _edited(store: StateStore, before: StoredCluster, channel: str) -> StoredCluster:
    after = set_at(before.cluster, ("spec", "channel"), channel)
    return store.replace(before, cluster=after, what=f"set {channel}")


def _history(store: StateStore) -> list[str]:
    return [each.what for each in store.revisions(NAME).newest_first()]


def test_revisions_of_a_cluster_that_kops_deleted_are_not_the_new_ones() -> None:
    backend, clock = MemoryBackend(), Clock()
    store = StateStore(backend, author="ann@laptop", now=clock)
    _edited(store, _edited(store, store.create(cluster(), []), "a"), "b")
    assert _history(store) == ["set b", "set a"]
    # kOps deletes the cluster's own folder, and knows of no other.
    for key in list(backend.keys(NAME)):
        backend.delete(key)
    assert list(backend.keys(".kops-tui"))
    made = store.create(cluster(), [])
    assert _history(store) == []
    _edited(store, made, "c")
    assert _history(store) == ["set c"]


def test_a_cluster_keeps_its_history_when_its_timestamp_is_written_over() -> None:
    store = StateStore(MemoryBackend(), author="ann@laptop", now=Clock())
    before = _edited(store, store.create(cluster(), []), "a")
    moved = set_at(before.cluster, ("metadata", "creationTimestamp"), "2020-02-02T02:02:02Z")
    _edited(store, store.replace(before, cluster=moved, what="from a file"), "b")
    assert _history(store) == ["set b", "from a file", "set a"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('metadata:\n  creationTimestamp: "2026-01-01T00:00:00Z"\n  name: x\n', "2026-01-01T00:00:00Z"),
        ("metadata:\n    creationTimestamp: 2026-01-01T00:00:00Z\n", "2026-01-01T00:00:00Z"),
        ("metadata:\n  creationTimestamp: null\n", ""),
        ("metadata:\n  name: x\n", ""),
        ("", ""),
    ],
)
def test_the_timestamp_of_a_document(text: str, found: str) -> None:
    assert created_in(text) == found
