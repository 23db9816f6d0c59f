"""A fixture of an empty store of each kind."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from kops_core.cloud.sandbox.process import Sandbox
from kops_core.store.backend import Backend
from kops_core.store.file import FileBackend
from kops_core.store.memory import MemoryBackend
from kops_core.store.overlay import OverlayBackend
from kops_core.store.s3 import S3Backend
from tests.sandbox.clients import s3_client

PAGE = 50
"""Keys in a page of an S3 listing here (AWS: 1000), so that a few make several pages."""


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    log = tmp_path_factory.mktemp("sandbox") / "server.log"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", str(PAGE))
        sandbox = Sandbox.start(log=log)
    with sandbox:
        yield sandbox


@pytest.fixture
def bucket(sandbox: Sandbox) -> S3Backend:
    client = s3_client(sandbox)
    name = f"store-{uuid.uuid4().hex[:12]}"
    client.create_bucket(Bucket=name)
    return S3Backend(client, name, "team/a")


@pytest.fixture(params=["memory", "file", "overlay", "s3"])
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Backend:
    match request.param:
        case "memory":
            return MemoryBackend()
        case "file":
            return FileBackend(tmp_path / "store")
        case "overlay":
            return OverlayBackend(FileBackend(tmp_path / "below"))
        case _:
            bucket: S3Backend = request.getfixturevalue("bucket")
            return bucket
