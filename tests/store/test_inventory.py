"""Tests of finding clusters by one listing: the same as kOps, in few pages."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from kops_core.store.inventory import ListedObject, Page, list_cluster, list_clusters
from kops_core.store.layout import KOPS_FOLDERS
from kops_core.store.listing import cluster_names
from kops_core.store.memory import MemoryBackend
from kops_core.store.s3 import S3Backend
from tests.store.conftest import PAGE

THEN = datetime(2026, 3, 4, tzinfo=UTC)


class Pages:
    """A store of keys alone, in pages of a size."""

    def __init__(self, keys: set[str], size: int) -> None:
        self._keys = sorted(keys)
        self._size = size
        self.asked = 0

    def list_page(self, prefix: str = "", after: str = "") -> Page:
        self.asked += 1
        found = [key for key in self._keys if key.startswith(prefix) and key > after]
        page = tuple(ListedObject(key, key, THEN) for key in found[: self._size])
        return Page(page, len(found) > self._size)


NAMES = st.sampled_from(["config", "a.example.com", "team", "pki", "backups", "instancegroup", "x", "addons"])
KEYS = st.sets(st.lists(NAMES, min_size=1, max_size=5).map("/".join), max_size=16)


@given(KEYS, st.integers(1, 5))
@settings(max_examples=300, deadline=None)
def test_it_finds_what_opening_folders_finds_whatever_the_pages(keys: set[str], size: int) -> None:
    backend = MemoryBackend()
    for key in keys:
        backend.put(key, b"")
    assert {each.name for each in list_clusters(Pages(keys, size))} == set(cluster_names(backend))


@given(KEYS, st.integers(1, 5))
@settings(max_examples=100, deadline=None)
def test_a_cluster_has_its_groups_and_whether_it_was_applied(keys: set[str], size: int) -> None:
    keys |= {
        "a.example.com/config",
        "a.example.com/instancegroup/nodes",
        "a.example.com/cluster-completed.spec",
    }
    found = {each.name: each for each in list_clusters(Pages(keys, size))}
    alone = Pages(keys, size)
    with ThreadPoolExecutor(2) as pool:
        assert list_cluster(alone, "a.example.com", pool) == found["a.example.com"]
    assert found["a.example.com"].applied_at == THEN
    expected = {key for key in keys if key.startswith("a.example.com/instancegroup/") and key.count("/") == 2}
    assert {f"a.example.com/{key}" for key in found["a.example.com"].groups} == expected


def test_backups_cost_a_page_or_two_a_cluster_however_many_there_are() -> None:
    keys = {
        f"c{number}.example.com/{key}"
        for number in range(10)
        for key in ("config", "instancegroup/nodes", *(f"backups/etcd/main/{n:05}/x" for n in range(5000)))
    }
    store = Pages(keys, 1000)
    assert len(list(list_clusters(store))) == 10
    assert store.asked <= 21


def test_without_backups_a_page_holds_many_clusters() -> None:
    keys = {
        f"c{number:03}.example.com/{key}" for number in range(300) for key in ("config", "instancegroup/n")
    }
    store = Pages(keys, 1000)
    assert len(list(list_clusters(store))) == 300
    assert store.asked == 1


def test_all_folders_of_kops_are_left_out_but_those_with_specs() -> None:
    keys = {f"a/{folder}/{number:04}" for folder in KOPS_FOLDERS for number in range(100)} | {"a/config"}
    store = Pages(keys, 10)
    (found,) = list_clusters(store)
    assert len(found.groups) == 100
    assert store.asked < 40


def test_a_bucket_is_listed_below_its_prefix(bucket: S3Backend) -> None:
    names = [f"c{number:03}.example.com" for number in range(PAGE)]
    for name in names:
        bucket.put(f"{name}/config", b"x")
        bucket.put(f"{name}/instancegroup/nodes", b"y")
    found = {each.name: each for each in list_clusters(bucket)}
    assert sorted(found) == names
    listed = found[names[0]].objects["config"]
    assert (listed.key, listed.etag) == (f"{names[0]}/config", bucket.read(f"{names[0]}/config").etag)
