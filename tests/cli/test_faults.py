"""Errors of files and devices are reported with cause, place and advice, without a traceback."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from unittest.mock import patch

import pytest

from tests.cli.store import FACTS, PROGRAM, FileStore


def test_a_group_that_is_not_there_is_named_with_those_that_are(store: FileStore) -> None:
    done = store.run("edit", "instancegroup", "nosuch", "--set", "spec.maxSize=2", *FACTS, code=1)
    assert "there is no instance group nosuch" in done.stderr
    assert "nodes-us-east-1a" in done.stderr


@pytest.mark.parametrize(
    ("number", "told"),
    [(errno.ENOSPC, "make room"), (errno.EROFS, "yours to write"), (errno.EACCES, "yours to write")],
)
def test_a_disk_that_takes_nothing_is_told_wherever_it_is_met(
    store: FileStore, number: int, told: str
) -> None:
    out = store.folder / "out.json"
    words = ("plan", *FACTS, "-f", str(store.folder / "all.yaml"), "--out", str(out))
    group = (store.files / "instancegroup" / "nodes-us-east-1a").read_text()
    control = (store.files / "instancegroup" / "control-plane-us-east-1a").read_text()
    text = (store.files / "config").read_text()
    (store.folder / "all.yaml").write_text(f"{text}---\n{group}---\n{control}")

    def refuse(self: Path, *_: object, **__: object) -> int:
        raise OSError(number, os.strerror(number), str(self))

    with patch.object(Path, "write_text", refuse):
        done = store.run(*words, code=1, AWS_ENDPOINT_URL="http://127.0.0.1:9")
    assert f"error: {out}: {os.strerror(number)}" in done.stderr
    assert told in done.stderr
    assert "fault of kops-tui" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_a_full_device_for_the_output_is_an_error_once(store: FileStore) -> None:
    import subprocess

    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [str(PROGRAM), "get", "clusters"],
            stdout=full,
            stderr=subprocess.PIPE,
            env=store.environment(),
            text=True,
            check=False,
        )
    assert ended.returncode == 1
    assert ended.stderr == "error: No space left on device\n  make room on the disk, then run it again; " \
        "it goes on where it stopped\n"  # fmt: skip


def test_a_disk_that_is_full_when_a_store_writes_leaves_what_was_there(store: FileStore) -> None:
    before = (store.files / "config").read_bytes()
    with patch("os.fsync", side_effect=OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))):
        done = store.run("edit", "cluster", "--set", "spec.channel=alpha", *FACTS, code=1)
    assert "No space left on device" in done.stderr
    assert str(store.folder) in done.stderr
    assert (store.files / "config").read_bytes() == before
    store.run("edit", "cluster", "--set", "spec.channel=alpha", *FACTS)
