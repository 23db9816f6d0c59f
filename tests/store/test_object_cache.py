"""Tests of the cache of specs: what is kept, what is not, and what a damaged or shared one does."""

from __future__ import annotations

import os
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kops_core.store import object_cache
from kops_core.store.backend import Stored
from kops_core.store.inventory import ListedObject
from kops_core.store.object_cache import ObjectCache

THEN = datetime(2026, 3, 4, tzinfo=UTC)


def stored(key: str = "a.example.com/config", etag: str = '"1"', data: bytes = b"kind: Cluster\n") -> Stored:
    return Stored(key, etag, THEN, data)


def listed(found: Stored) -> ListedObject:
    return ListedObject(found.key, found.etag, found.modified)


def test_an_object_is_found_again_by_store_key_and_etag(tmp_path: Path) -> None:
    cache, one = ObjectCache(tmp_path, "s3://a"), stored()
    assert cache.get(listed(one)) is None
    cache.put(one)
    assert ObjectCache(tmp_path, "s3://a").get(listed(one)) == one
    assert ObjectCache(tmp_path, "s3://b").get(listed(one)) is None
    assert cache.get(listed(stored(etag='"2"'))) is None
    assert cache.get(listed(stored(key="b.example.com/config"))) is None


@pytest.mark.parametrize(
    "key",
    [
        "a.example.com/pki/private/kubernetes-ca/keyset.yaml",
        "a.example.com/secrets/admin",
        "a.example.com/secrets/config",
        "a.example.com/secrets/instancegroup/nodes",
        "a.example.com/secrets/pki/ssh/public/admin/1",
        "a.example.com/pki/private/ca/keyset.yaml#all",
        "a.example.com/pki/config",
        "secrets/config",
        "a.example.com/clusteraddons/default",
        "a.example.com/addons/x/config/secret.yaml",
    ],
)
def test_nothing_but_specs_is_kept(tmp_path: Path, key: str) -> None:
    cache = ObjectCache(tmp_path, "s3://a")
    cache.put(stored(key=key, data=b"secret"))
    assert not [each for each in tmp_path.rglob("*") if each.is_file()]
    assert cache.get(listed(stored(key=key))) is None


def test_only_its_owner_may_read_it_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        ObjectCache(tmp_path / "cache", "s3://a").put(stored())
    finally:
        os.umask(before)
    (file,) = (tmp_path / "cache" / "objects").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("damage", [b"", b"{}\nx", b"\xff\xfe", b"{"])
def test_a_damaged_file_is_as_if_it_were_not_there(tmp_path: Path, damage: bytes) -> None:
    cache, one = ObjectCache(tmp_path, "s3://a"), stored()
    cache.put(one)
    (file,) = (tmp_path / "objects").iterdir()
    file.write_bytes(damage)
    assert cache.get(listed(one)) is None


def test_a_torn_file_is_not_taken_for_the_object(tmp_path: Path) -> None:
    cache, one = ObjectCache(tmp_path, "s3://a"), stored()
    cache.put(one)
    (file,) = (tmp_path / "objects").iterdir()
    file.write_bytes(file.read_bytes()[:-1])
    assert cache.get(listed(one)) is None


def test_a_cache_that_cannot_be_written_fails_nothing(tmp_path: Path) -> None:
    (tmp_path / "objects").write_text("a file where the folder should be")
    cache = ObjectCache(tmp_path, "s3://a")
    cache.put(stored())
    assert cache.get(listed(stored())) is None


def test_it_stays_below_its_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(object_cache, "MOST_FILES", 50)
    monkeypatch.setattr(object_cache, "_CHECK_EVERY", 10)
    cache = ObjectCache(tmp_path, "s3://a")
    for number in range(200):
        one = stored(key=f"c{number}/config")
        cache.put(one)
    assert len(list((tmp_path / "objects").iterdir())) <= 60
    assert cache.get(listed(stored(key="c199/config"))) is not None


def test_two_writers_at_once_leave_whole_objects(tmp_path: Path) -> None:
    one = stored(data=b"x" * 100_000)

    def write() -> None:
        for _ in range(50):
            ObjectCache(tmp_path, "s3://a").put(one)

    writers = [threading.Thread(target=write) for _ in range(4)]
    for each in writers:
        each.start()
    found = [ObjectCache(tmp_path, "s3://a").get(listed(one)) for _ in range(200)]
    for each in writers:
        each.join()
    assert {each for each in found if each is not None} <= {one}
    assert ObjectCache(tmp_path, "s3://a").get(listed(one)) == one
