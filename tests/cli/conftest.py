"""Fixtures of a file store with one cluster, created by the program itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.store import CLUSTER, FACTS, FileStore


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    made = FileStore(tmp_path)
    made.home.mkdir()
    (tmp_path / "store").mkdir()
    sizes = ("--node-size", "m5.large", "--control-plane-size", "m5.large", "--cloud", "aws")
    image = ("--image", "099720109477/ubuntu/images/hvm-ssd/ubuntu-xenial-16.04-amd64-server-20170721")
    made.run("create", "cluster", CLUSTER, "--zones", "us-east-1a", *FACTS, *sizes, *image, "--dns", "none")
    return made
