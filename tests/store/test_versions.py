"""Versions of objects in a bucket that keeps them, and what wrappers of a store pass on."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import boto3
import pytest
from moto import mock_aws

from kops_core.errors import ObjectNotFound, StoreError
from kops_core.store.listed import ListedBackend
from kops_core.store.overlay import OverlayBackend
from kops_core.store.s3 import S3Backend
from tests.store.test_listed import NAME, Counted


@pytest.fixture
def client() -> Iterator[object]:
    with mock_aws():
        yield boto3.client(
            "s3", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
        )


@pytest.mark.parametrize("prefix", ["", "team/a"])
def test_each_write_and_each_deletion_is_a_version(client: object, prefix: str) -> None:
    bucket = f"store-{uuid4().hex}"  # an emulator that another test began may still hold the bucket of before
    assert hasattr(client, "create_bucket")
    client.create_bucket(Bucket=bucket)
    store = S3Backend(client, bucket, prefix)  # type: ignore[arg-type]
    assert not store.keeps_versions()
    client.put_bucket_versioning(  # type: ignore[attr-defined]
        Bucket=bucket, VersioningConfiguration={"Status": "Enabled"}
    )
    assert store.keeps_versions()
    for data in (b"1", b"2"):
        store.put("c/config", data)
    store.delete("c/config")
    store.put("c/other", b"x")
    store.put("d/config", b"y")
    found = sorted(store.versions("c"), key=lambda each: (each.key, each.at))
    assert [(each.key, each.deleted) for each in found] == [
        ("c/config", False),
        ("c/config", False),
        ("c/config", True),
        ("c/other", False),
    ]
    contents = {store.read_version(each) for each in found if not each.deleted}
    assert contents == {b"1", b"2", b"x"}
    assert all(each.at.utcoffset() is not None for each in found)
    with pytest.raises(ObjectNotFound):
        store.read("c/config")


def test_an_error_names_the_object_or_the_folder_that_was_asked_for(client: object) -> None:
    store = S3Backend(client, "missing", "team")  # type: ignore[arg-type]
    for call, where in (
        (lambda: list(store.keys("c/pki")), "s3://missing/team/c/pki"),
        (lambda: list(store.children("c")), "s3://missing/team/c"),
        (lambda: list(store.versions("c")), "s3://missing/team/c"),
        (lambda: store.list_page("c/"), "s3://missing/team/c/"),
        (lambda: store.read("c/config"), "s3://missing/team/c/config"),
        (lambda: store.put("c/config", b""), "s3://missing/team/c/config"),
        (lambda: store.delete("c/config"), "s3://missing/team/c/config"),
        (lambda: store.delete_all(["c/config"]), "s3://missing/team/c/config"),
    ):
        with pytest.raises(StoreError, match="the bucket does not exist") as refused:
            call()
        assert refused.value.where == where
        assert refused.value.remedy


class Publicity(Counted):
    """A store that notes which objects everybody may read."""

    def __init__(self) -> None:
        super().__init__()
        self.public: dict[str, bool] = {}

    def create(self, key: str, data: bytes, *, public: bool = False) -> str:
        self.public[key] = public
        return super().create(key, data)

    def put(self, key: str, data: bytes, *, public: bool = False) -> str:
        self.public[key] = public
        return super().put(key, data)


def test_what_is_written_through_a_listing_is_public_only_if_it_was_asked_for() -> None:
    store = Publicity()
    listed = ListedBackend(store, NAME, None)
    listed.create(f"{NAME}/a", b"")
    listed.put(f"{NAME}/b", b"")
    listed.create(f"{NAME}/c", b"", public=True)
    listed.put(f"{NAME}/d", b"", public=True)
    assert list(store.public.values()) == [False, False, True, True]


def test_what_was_written_through_a_listing_is_read_from_the_store() -> None:
    store = Counted()
    store.put(f"{NAME}/a", b"1")
    listed = ListedBackend(store, NAME, None)
    assert listed.read(f"{NAME}/a").data == b"1"
    for data, write in (
        (b"2", lambda: listed.put(f"{NAME}/a", b"2")),
        (b"3", lambda: listed.replace(f"{NAME}/a", b"3", listed.read(f"{NAME}/a").etag)),
    ):
        write()  # type: ignore[no-untyped-call]
        assert listed.read(f"{NAME}/a").data == data
    listed.create(f"{NAME}/b", b"new")
    assert listed.read(f"{NAME}/b").data == b"new"
    listed.delete(f"{NAME}/a")
    listed.delete_all(iter([f"{NAME}/b"]))
    for key in "ab":
        with pytest.raises(ObjectNotFound):
            listed.read(f"{NAME}/{key}")


def test_an_overlay_leaves_what_everybody_may_read_as_it_is_below() -> None:
    store = Publicity()
    OverlayBackend(store).put("a", b"", public=True)
    assert store.public == {}
