"""The common behaviour of backends: the same cases over memory, files and S3."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kops_core.errors import ObjectChanged, ObjectExists, ObjectNotFound, UsageError
from kops_core.store.backend import Backend, Child
from tests.store.conftest import PAGE


def test_what_is_created_is_read(backend: Backend) -> None:
    etag = backend.create("c.example.com/config", b"a: 1\n")
    stored = backend.read("c.example.com/config")
    assert (stored.key, stored.data, stored.etag) == ("c.example.com/config", b"a: 1\n", etag)
    assert abs(stored.modified - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.parametrize("data", [b"", b"\x00\xff\n\r\n", b"x" * 3_000_000])
def test_bytes_come_back_as_they_went(backend: Backend, data: bytes) -> None:
    backend.put("blob", data)
    assert backend.read("blob").data == data


def test_the_second_to_create_is_told(backend: Backend) -> None:
    backend.create("k", b"first")
    with pytest.raises(ObjectExists):
        backend.create("k", b"first")
    assert backend.read("k").data == b"first"


def test_replace_needs_the_etag_that_was_read(backend: Backend) -> None:
    first = backend.create("k", b"1")
    second = backend.replace("k", b"2", first)
    assert second != first
    with pytest.raises(ObjectChanged):
        backend.replace("k", b"3", first)
    assert backend.read("k").data == b"2"
    assert backend.read("k").etag == second


def test_replacing_what_is_gone_is_refused(backend: Backend) -> None:
    etag = backend.create("k", b"1")
    backend.delete("k")
    with pytest.raises(ObjectNotFound):
        backend.replace("k", b"2", etag)
    with pytest.raises(ObjectNotFound):
        backend.read("k")


def test_delete_with_an_etag_spares_what_changed(backend: Backend) -> None:
    first = backend.create("k", b"1")
    second = backend.replace("k", b"2", first)
    with pytest.raises(ObjectChanged):
        backend.delete("k", first)
    backend.delete("k", second)
    with pytest.raises(ObjectNotFound):
        backend.delete("k", second)
    backend.delete("k")  # without an etag: whether it was there or not
    backend.delete("no/such/folder")


def test_a_folder_is_no_object(backend: Backend) -> None:
    backend.create("a/b", b"")
    with pytest.raises(ObjectNotFound):
        backend.read("a")
    with pytest.raises(ObjectNotFound):
        backend.read("a/b/c")


def test_listing(backend: Backend) -> None:
    for key in ("c1/config", "c1/instancegroup/nodes", "c2/config", "c1x/config", "top"):
        backend.create(key, b"")
    assert sorted(backend.keys("c1")) == ["c1/config", "c1/instancegroup/nodes"]
    assert sorted(backend.keys()) == ["c1/config", "c1/instancegroup/nodes", "c1x/config", "c2/config", "top"]
    assert set(backend.children("c1")) == {Child("config", folder=False), Child("instancegroup", folder=True)}
    ours = {child for child in backend.children() if child.name != ".kops-tui"}
    assert ours == {Child("top", folder=False), *(Child(name, folder=True) for name in ("c1", "c2", "c1x"))}
    assert list(backend.keys("nothing")) == []
    assert list(backend.children("nothing")) == []


def test_a_long_listing_comes_in_pages(backend: Backend) -> None:
    keys = [f"many/{number:04}" for number in range(2 * PAGE + 3)]
    for key in keys:
        backend.put(key, b"")
    assert sorted(backend.keys("many")) == keys
    assert len(list(backend.children("many"))) == len(keys)


def test_more_objects_are_deleted_than_one_call_takes(backend: Backend) -> None:
    """S3 takes 1000 keys a call; those that are not there do no harm."""
    for number in (0, 999, 1000, 1200):
        backend.put(f"many/{number:04}", b"")
    backend.put("many/kept", b"")
    backend.delete_all(f"many/{number:04}" for number in range(1203))
    assert list(backend.keys("many")) == ["many/kept"]


@pytest.mark.parametrize(
    "key", ["", "/etc/passwd", "../up", "a/../../b", "a//b", "a/", "./a", "a\nb", "a\0b", "a\\b"]
)
def test_no_key_leaves_the_store(backend: Backend, key: str) -> None:
    with pytest.raises(UsageError):
        backend.put(key, b"")
