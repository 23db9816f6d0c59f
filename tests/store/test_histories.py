"""Every kind of store under the same histories: each call does and answers what it does in the others."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import boto3
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from moto import mock_aws

from kops_core.cloud.sandbox.moto_patches import close_gaps
from kops_core.errors import KopsError
from kops_core.store.backend import Backend, Child
from kops_core.store.file import FileBackend
from kops_core.store.memory import MemoryBackend
from kops_core.store.overlay import OverlayBackend
from kops_core.store.s3 import S3Backend

EXAMPLES = 150 if os.environ.get("KOPS_SWEEP") == "full" else 12
BUCKET = "histories"
KEYS = st.sampled_from(["top", "c/config", "c/instancegroup/nodes", "c/instancegroup/plane", "cx/config"])
"""None is a folder of another one: files can't be both."""
FOLDERS = st.sampled_from(["", "c", "c/instancegroup", "cx", "nothing"])
DATA = st.sampled_from([b"", b"1", b"2"])
FORGED = st.sampled_from(["", '"d41d8cd98f00b204e9800998ecf8427e"', '"0"', "e3b0c442"])
"""Etags that no read has given: one of them is S3's of empty content, unless the object has it."""

Call = Callable[[Backend], object]


class Histories(RuleBasedStateMachine):
    """The same calls to one store of each kind, and what a dict with conditions would say."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        s3 = boto3.client(
            "s3", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
        )
        self.stores: dict[str, Backend] = {
            "memory": MemoryBackend(),
            "file": FileBackend(self.folder / "store"),
            "S3": S3Backend(s3, BUCKET, self.folder.name),
            "overlay": OverlayBackend(MemoryBackend()),
        }
        self.model: dict[str, bytes] = {}
        self.etags: dict[str, dict[str, str]] = {}
        """Of each store, the etags of the reads that were kept, by key."""

    def teardown(self) -> None:
        for name, store in self.stores.items():
            assert sorted(store.keys()) == sorted(self.model), name
            assert all(store.read(key).data == data for key, data in self.model.items()), name
        shutil.rmtree(self.folder)

    def everywhere(self, call: Call, expected: str) -> None:
        """Makes a call in each store; each gives what is expected: the name of an error, or nothing."""
        for name, store in self.stores.items():
            assert _outcome(call, store) == expected, name

    @rule(key=KEYS, data=DATA)
    def create(self, key: str, data: bytes) -> None:
        self.everywhere(lambda store: store.create(key, data), "ObjectExists" if key in self.model else "")
        self.model.setdefault(key, data)

    @rule(key=KEYS, data=DATA)
    def put(self, key: str, data: bytes) -> None:
        self.everywhere(lambda store: store.put(key, data), "")
        self.model[key] = data

    @rule(key=KEYS)
    def read_and_keep_the_etag(self, key: str) -> None:
        if key in self.model:
            self.etags[key] = {name: store.read(key).etag for name, store in self.stores.items()}

    @rule(key=KEYS, data=DATA)
    def replace_what_was_read(self, key: str, data: bytes) -> None:
        expected = self.condition(key)
        if expected is not None:
            for name, store in self.stores.items():
                assert _outcome(partial(_replace, key, data, self.etags[key][name]), store) == expected, name
            if not expected:
                self.model[key] = data

    @rule(key=KEYS)
    def delete_what_was_read(self, key: str) -> None:
        expected = self.condition(key)
        if expected is not None:
            for name, store in self.stores.items():
                assert _outcome(partial(_delete, key, self.etags[key][name]), store) == expected, name
            if not expected:
                del self.model[key]

    def condition(self, key: str) -> str | None:
        """What a call gives that is conditional on the last read; None if there was no read.

        Etags are of contents: what was written again with the same contents is the same object.
        """
        if key not in self.etags:
            return None
        if key not in self.model:
            return "ObjectNotFound"
        memory = self.stores["memory"].read(key).etag
        return "" if memory == self.etags[key]["memory"] else "ObjectChanged"

    @rule(key=KEYS, data=DATA, etag=FORGED)
    def replace_by_an_etag_that_nobody_read(self, key: str, data: bytes, etag: str) -> None:
        if self.model.get(key) != b"":
            expected = "ObjectChanged" if key in self.model else "ObjectNotFound"
            self.everywhere(lambda store: store.replace(key, data, etag), expected)

    @rule(key=KEYS, etag=FORGED)
    def delete_by_an_etag_that_nobody_read(self, key: str, etag: str) -> None:
        if self.model.get(key) != b"":
            expected = "ObjectChanged" if key in self.model else "ObjectNotFound"
            self.everywhere(lambda store: store.delete(key, etag), expected)

    @rule(key=KEYS)
    def delete(self, key: str) -> None:
        self.everywhere(lambda store: store.delete(key), "")
        self.model.pop(key, None)

    @rule(keys=st.sets(KEYS, max_size=3))
    def delete_several(self, keys: set[str]) -> None:
        self.everywhere(lambda store: store.delete_all(iter(keys)), "")
        for key in keys:
            self.model.pop(key, None)

    @rule(folder=FOLDERS)
    def list_a_folder(self, folder: str) -> None:
        inside = f"{folder}/" if folder else ""
        keys = sorted(key for key in self.model if key.startswith(inside))
        names = {key.removeprefix(inside).partition("/")[::2] for key in keys}
        children = {Child(name, folder=bool(rest)) for name, rest in names}
        for name, store in self.stores.items():
            assert sorted(store.keys(folder)) == keys, name
            found = list(store.children(folder))
            shown = {child for child in found if not _is_left_over(store, folder, child)}
            assert shown == children, name
            assert len(found) == len(set(found)), name

    @rule(key=KEYS)
    def read(self, key: str) -> None:
        for name, store in self.stores.items():
            if key in self.model:
                stored = store.read(key)
                assert (stored.key, stored.data) == (key, self.model[key]), name
            else:
                assert _outcome(lambda it: it.read(key), store) == "ObjectNotFound", name


def _replace(key: str, data: bytes, etag: str, store: Backend) -> None:
    store.replace(key, data, etag)


def _delete(key: str, etag: str, store: Backend) -> None:
    store.delete(key, etag)


def _outcome(call: Call, store: Backend) -> str:
    try:
        call(store)
    except KopsError as error:
        return type(error).__name__
    return ""


def _is_left_over(store: Backend, folder: str, child: Child) -> bool:
    """Whether it is an empty folder: on a file system one stays when its last file goes."""
    key = f"{folder}/{child.name}" if folder else child.name
    return child.folder and isinstance(store, FileBackend) and not list(store.keys(key))


@pytest.fixture
def bucket() -> Iterator[None]:
    with mock_aws():
        close_gaps()
        boto3.client(
            "s3", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
        ).create_bucket(Bucket=BUCKET)
        yield


@pytest.mark.usefixtures("bucket")
def test_all_stores_do_the_same_under_the_same_history() -> None:
    run_state_machine_as_test(
        Histories, settings=settings(max_examples=EXAMPLES, stateful_step_count=25, deadline=None)
    )
