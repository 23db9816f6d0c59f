"""Tests of reading a cluster by one listing: what it tells, what it costs, what is kept of it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kops_core.errors import ObjectNotFound
from kops_core.store.backend import Backend, Stored
from kops_core.store.certificates import new_keyset
from kops_core.store.inventory import ListedObject, Page
from kops_core.store.key_store import KeyStore, Place
from kops_core.store.listed import ListedBackend
from kops_core.store.memory import MemoryBackend
from kops_core.store.object_cache import ObjectCache
from kops_core.store.s3 import S3Backend
from kops_core.store.secret import Secret

NAME = "a.example.com"


class Counted(MemoryBackend):
    """A store that lists in pages, and counts the calls of each kind."""

    def __init__(self, size: int = 1000) -> None:
        super().__init__("memfs://counted")
        self._size = size
        self.calls: Counter[str] = Counter()

    def list_page(self, prefix: str = "", after: str = "") -> Page:
        self.calls["list"] += 1
        found = [key for key in MemoryBackend.keys(self) if key.startswith(prefix) and key > after]
        page = [MemoryBackend.read(self, key) for key in found[: self._size]]
        listed = tuple(ListedObject(each.key, each.etag, each.modified) for each in page)
        return Page(listed, len(found) > self._size)

    def read(self, key: str) -> Stored:
        self.calls["read"] += 1
        return super().read(key)


def listed(store: Counted, cache: ObjectCache | None = None) -> ListedBackend:
    return ListedBackend(store, NAME, cache)


NAMES = st.sampled_from(["config", "pki", "secrets", "backups", "etcd", "addons", "x", "zz"])
KEYS = st.sets(st.lists(NAMES, min_size=1, max_size=4).map("/".join), max_size=24)


@given(KEYS, st.integers(1, 6), st.sets(st.sampled_from(["x", "pki/x", "backups/x"]), max_size=2))
@settings(max_examples=300, deadline=None)
def test_it_tells_what_the_store_tells_whatever_the_pages(keys: set[str], size: int, made: set[str]) -> None:
    store = Counted(size)
    for key in keys:
        store.put(f"{NAME}/{key}", key.encode())
        store.put(f"b.example.com/{key}", b"")
    there = listed(store)
    list(there.keys(NAME))
    for key in made:
        there.put(f"{NAME}/{key}", b"new")
    folders = {key.rpartition("/")[0] for key in keys} | {"", "pki", "backups", "backups/etcd", "none"}
    for folder in (f"{NAME}/{each}".rstrip("/") for each in folders):
        assert list(there.keys(folder)) == list(store.keys(folder))
        assert set(there.children(folder)) == set(store.children(folder))
    for key in (f"{NAME}/{each}" for each in keys | made | {"none", "backups/none"}):
        assert _read(there, key) == _read(store, key)
        assert not there.holds(key, b"something else")


def _read(store: Backend, key: str) -> bytes | None:
    try:
        return store.read(key).data
    except ObjectNotFound:
        return None


def test_what_the_listing_tells_costs_no_call() -> None:
    store = Counted()
    store.put(f"{NAME}/secrets/admin", b"token")
    there = listed(store)
    with pytest.raises(ObjectNotFound):
        there.read(f"{NAME}/secrets/none")
    assert [each.name for each in there.children(f"{NAME}/secrets")] == ["admin"]
    assert list(there.keys(f"{NAME}/pki")) == []
    assert store.calls == {"list": 1}


def test_ten_thousand_backups_cost_two_pages() -> None:
    store = Counted()
    for number in range(10_000):
        store.put(f"{NAME}/backups/etcd/main/{number:05}/x", b"")
    for key in ("config", "secrets/admin", "backups/etcd/main/control/etcd-cluster-spec"):
        store.put(f"{NAME}/{key}", b"there")
    there = listed(store)
    assert [each.name for each in there.children(f"{NAME}/secrets")] == ["admin"]
    assert store.calls == {"list": 2}
    assert there.read(f"{NAME}/backups/etcd/main/control/etcd-cluster-spec").data == b"there"


def test_contents_are_known_by_the_etag(bucket: S3Backend) -> None:
    """Of S3, whose etag is the MD5; a store that encrypts has others, and is read."""
    bucket.put(f"{NAME}/addons/x.yaml", b"kind: List\n")
    there = ListedBackend(bucket, NAME, None)
    assert there.holds(f"{NAME}/addons/x.yaml", b"kind: List\n")
    assert not there.holds(f"{NAME}/addons/x.yaml", b"kind: Other\n")
    assert not there.holds(f"{NAME}/addons/none", b"")
    there.put(f"{NAME}/addons/x.yaml", b"kind: Other\n")
    assert not there.holds(f"{NAME}/addons/x.yaml", b"kind: List\n")


def keyset_store(store: Backend) -> KeyStore:
    return KeyStore(Place(store, f"{NAME}/pki"), Place(store, f"{NAME}/secrets"))


@pytest.mark.parametrize("name", ["kubernetes-ca", "service-account"])
def test_public_parts_of_keysets_are_read_once_and_nothing_else_of_them_is_kept(
    tmp_path: Path, name: str
) -> None:
    store, cache = Counted(), ObjectCache(tmp_path, "s3://a")
    keyset = new_keyset(name, datetime(2026, 3, 4, tzinfo=UTC))
    keyset_store(store).create_keyset(keyset)
    keyset_store(store).create_secret("config", Secret(b"do-not-keep-me"))
    first = keyset_store(listed(store, cache)).public_keyset(name)
    assert first == keyset.public == keyset_store(store).public_keyset(name)
    assert bool(first.jwks) == bool(first.public_keys) == (name == "service-account")
    store.calls.clear()
    assert keyset_store(listed(store, cache)).public_keyset(name) == first
    assert store.calls == {"list": 1}

    there = keyset_store(listed(store, cache))
    assert there.secret("config").reveal() == b"do-not-keep-me"
    assert there.keyset(name).keyset.primary.private_key is not None
    kept = b"".join(each.read_bytes() for each in tmp_path.rglob("*") if each.is_file())
    assert b"BEGIN CERTIFICATE" in kept
    for secret in (b"PRIVATE", b"privateMaterial", b"do-not-keep-me", b"Keyset"):
        assert secret not in kept


def test_a_keyset_that_changed_is_read_again(tmp_path: Path) -> None:
    store, cache = Counted(), ObjectCache(tmp_path, "s3://a")
    at = datetime(2026, 3, 4, tzinfo=UTC)
    keyset_store(store).create_keyset(new_keyset("kubernetes-ca", at))
    before = keyset_store(listed(store, cache)).public_keyset("kubernetes-ca")
    stored = keyset_store(store).keyset("kubernetes-ca")
    other = new_keyset("kubernetes-ca", at + timedelta(days=1)).primary
    keyset_store(store).replace_keyset(stored, stored.keyset.add(other, primary=True))
    after = keyset_store(listed(store, cache)).public_keyset("kubernetes-ca")
    assert after.primary_id == other.id != before.primary_id
    assert after.certificates.count("BEGIN CERTIFICATE") == 2
