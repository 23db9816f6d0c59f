"""Fixtures of the terminal UI's tests: the real engine over an embedded AWS with one applied cluster."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kops_core import CancelToken, Engine, Settings
from kops_core.cloud.sandbox.process import Sandbox
from kops_core.cloud.sandbox.seed import seed
from kops_tui.cli.demo import settings_for
from tests.corpus import corpus_dir
from tests.operations.viewers import end_operations

CLUSTER = "small.example.com"
"""The cluster of the ``sandboxed`` fixture: one zone, one control-plane node, one worker, cilium."""


@pytest.fixture
def sandboxed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """An embedded AWS with one small cluster, applied."""
    yield from _start(tmp_path, monkeypatch)


@pytest.fixture(scope="module")
def sandboxed_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """The same for all tests of a module that store nothing."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield from _start(tmp_path_factory.mktemp("shared"), monkeypatch)


def _start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    with Sandbox.start(log=tmp_path / "sandbox.log") as sandbox:
        for name, value in sandbox.env.items():
            monkeypatch.setenv(name, value)
        account = seed(sandbox)
        settings = replace(
            settings_for(sandbox, os.environ, {}),
            state_dir=tmp_path / "state",
            data_dir=tmp_path / "data",
            cache_dir=tmp_path / "cache",
        )
        engine = Engine(settings)
        words = [
            CLUSTER,
            "--zones",
            "us-east-1a",
            "--networking",
            "cilium",
            "--dns-zone",
            account.public_zone,
        ]
        engine.store_cluster(engine.make_cluster(engine.create_options(words)), ssh_public_key=_SSH_KEY)
        workspace = engine.open(CLUSTER)
        workspace.apply(lambda _: None, CancelToken())
        yield settings
        end_operations(settings.state_dir)


@pytest.fixture
def stored(tmp_path: Path) -> Settings:
    """A store of files with one cluster that was never applied, and the recorded facts of an account."""
    facts = corpus_dir() / "facts" / "generated.json"
    if not facts.exists():
        pytest.skip("the conformance corpus is not here: set KOPS_CONFORMANCE_DIR")
    (tmp_path / "store").mkdir()
    settings = Settings(
        stores=(f"file://{tmp_path}/store",),
        write=True,
        operator="ann@bastion",
        cloud_facts=facts,
        state_dir=tmp_path / "state",
    )
    engine = Engine(settings)
    image = "099720109477/ubuntu/images/hvm-ssd/ubuntu-xenial-16.04-amd64-server-20170721"
    sizes = ["--node-size", "m5.large", "--control-plane-size", "m5.large"]
    words = [CLUSTER, "--cloud", "aws", "--zones", "us-east-1a", *sizes, "--image", image, "--dns", "none"]
    engine.store_cluster(engine.make_cluster(engine.create_options(words)))
    return settings


_SSH_KEY = (
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl operator@sandbox\n"
)
"""A public key whose private half nobody has."""
