"""The applied state: writing, reading, damage, and deletion with its cluster."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kops_core.errors import StoreError
from kops_core.store.applied_state import AppliedRecord, completed_digest, read_applied, write_applied
from kops_core.store.memory import MemoryBackend
from kops_core.store.state import StateStore
from tests.store.documents import cluster

RECORD = AppliedRecord(
    datetime(2026, 1, 2, 3, 4, tzinfo=UTC), "ann@laptop", completed_digest("x"), {"VPC/c": {"tags": "0" * 64}}
)


def test_it_is_read_as_it_was_written_and_the_last_one_counts() -> None:
    backend = MemoryBackend()
    assert read_applied(backend, "c.example.com") is None
    write_applied(backend, "c.example.com", AppliedRecord(RECORD.at, "eve@laptop", "", {}))
    write_applied(backend, "c.example.com", RECORD)
    assert read_applied(backend, "c.example.com") == RECORD
    assert read_applied(backend, "d.example.com") is None


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b'{"at": "today"}', b'{"at": 1, "fingerprints": []}'])
def test_a_damaged_one_is_named(data: bytes) -> None:
    backend = MemoryBackend()
    backend.put(".kops-tui/c.example.com/applied.json", data)
    with pytest.raises(StoreError, match=r"applied\.json"):
        read_applied(backend, "c.example.com")


def test_it_goes_with_its_cluster_and_does_not_keep_kops_from_deleting_it() -> None:
    store = StateStore(MemoryBackend(), author="ann@laptop")
    made = store.create(cluster(), [])
    write_applied(store.backend, made.name, RECORD)
    assert not [key for key in store.backend.keys(made.name) if "applied" in key]
    store.delete(made.name)
    assert read_applied(store.backend, made.name) is None
