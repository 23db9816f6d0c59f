"""Writers that race, and writers that die: real processes on files, threads on S3."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kops_core.api.path import get, parse
from kops_core.errors import ObjectChanged, ObjectExists
from kops_core.store.backend import Backend
from kops_core.store.file import SCRATCH, FileBackend
from kops_core.store.memory import MemoryBackend
from kops_core.store.s3 import S3Backend
from kops_core.store.state import StateStore
from tests.store.documents import cluster, group, with_spec

pytestmark = pytest.mark.full

NAME = "a.example.com"


def count_up(backend: Backend, writer: str, times: int) -> list[str]:
    """Adds 1 to a group's maxSize, so many times; what was said when another was faster."""
    store = StateStore(backend, author=writer)
    lost: list[str] = []
    done = 0
    while done < times:
        stored = store.read_cluster(NAME)
        size = get(stored.instance_groups["nodes"], parse("spec.maxSize"))
        assert isinstance(size, int)
        groups = {"nodes": with_spec(stored.instance_groups["nodes"], maxSize=size + 1)}
        try:
            store.replace(stored, instance_groups=groups, what=f"{writer} counts")
            done += 1
        except ObjectChanged as error:
            lost.append(str(error))
    return lost


def result(backend: Backend) -> object:
    stored = StateStore(backend, author="judge").read_cluster(NAME)
    return get(stored.instance_groups["nodes"], parse("spec.maxSize"))


WRITER = """
import sys
from pathlib import Path
from kops_core.store.file import FileBackend
from tests.store.test_races import count_up
sys.stdin.readline()
print("\\n\\0".join(count_up(FileBackend(Path(sys.argv[1])), sys.argv[2], 12)))
"""


def test_processes_on_files_lose_no_update(tmp_path: Path) -> None:
    backend = FileBackend(tmp_path)
    StateStore(backend, author="setup").create(cluster(), [group(maxSize=0)])
    root = Path(__file__).parents[2]
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), f"w{number}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=root,
        )
        for number in range(4)
    ]
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    said = [writer.communicate()[0] for writer in writers]
    assert [writer.returncode for writer in writers] == [0] * 4
    assert result(backend) == 48
    losers = [line for text in said for line in text.split("\0") if line.strip()]
    assert losers, "nobody lost: this was no race"
    assert all("spec.maxSize: " in line and " counts)" in line for line in losers)
    assert list(backend.keys(SCRATCH)) == []


@pytest.mark.parametrize("kind", ["memory", "s3"])
def test_threads_lose_no_update(kind: str, request: pytest.FixtureRequest) -> None:
    backend: Backend = MemoryBackend() if kind == "memory" else request.getfixturevalue("bucket")
    StateStore(backend, author="setup").create(cluster(), [group(maxSize=0)])
    with ThreadPoolExecutor(4) as pool:
        lost = list(pool.map(lambda number: count_up(backend, f"w{number}", 5), range(4)))
    assert result(backend) == 20
    if kind == "s3":
        assert any(lost), "nobody lost: this was no race"
    assert all("spec.maxSize: " in line for lines in lost for line in lines)


def test_one_of_many_creates(backend: Backend) -> None:
    start = threading.Barrier(8)

    def create(number: int) -> bool:
        start.wait()
        try:
            backend.create("lock", str(number).encode())
        except ObjectExists:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        won = [number for number, first in enumerate(pool.map(create, range(8))) if first]
    assert [str(number).encode() for number in won] == [backend.read("lock").data]


ENDLESS = """
import sys
from pathlib import Path
from kops_core.store.file import FileBackend
backend = FileBackend(Path(sys.argv[1]))
print("ready", flush=True)
while True:
    for letter in b"ab":
        backend.put("object", bytes([letter]) * 400_000)
"""


def test_killed_in_the_middle_of_a_write(tmp_path: Path) -> None:
    """The object is the old one or the new one, and the store can be written at once."""
    chance = random.Random(7)
    backend = FileBackend(tmp_path)
    backend.put("object", b"a" * 400_000)
    for _ in range(12):
        with subprocess.Popen(
            [sys.executable, "-c", ENDLESS, str(tmp_path)], stdout=subprocess.PIPE
        ) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(chance.uniform(0.001, 0.04))
            writer.send_signal(signal.SIGKILL)
        data = backend.read("object").data
        assert data in (b"a" * 400_000, b"b" * 400_000)
        assert [child.name for child in backend.children() if child.name != ".kops-tui"] == ["object"]
        backend.put("object", data)


def test_the_remains_of_a_crash_are_swept(tmp_path: Path) -> None:
    backend = FileBackend(tmp_path)
    backend.put("object", b"")
    left = tmp_path / SCRATCH / "left"
    left.write_bytes(b"half")
    os.utime(left, (0, 0))
    fresh = tmp_path / SCRATCH / "of-another-writer"
    fresh.write_bytes(b"half")
    backend.put("object", b"1")
    assert not left.exists()
    assert fresh.exists()


def test_a_reader_never_sees_half_a_write(tmp_path: Path) -> None:
    backend = FileBackend(tmp_path)
    backend.put("object", b"a" * 300_000)
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            for letter in b"ab":
                backend.put("object", bytes([letter]) * 300_000)

    with ThreadPoolExecutor(1) as pool:
        pool.submit(write)
        seen = {backend.read("object").data for _ in range(150)}
        stop.set()
    assert seen <= {b"a" * 300_000, b"b" * 300_000}


def test_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    backend = FileBackend(tmp_path / "store")
    backend.create("c/pki/private/ca/keyset.yaml", b"secret")
    backend.put("c/openid/v1/jwks", b"public", public=True)
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "store").rglob("*")}
    assert modes["keyset.yaml"] == 0o600
    assert modes["private"] == 0o700
    assert modes["jwks"] == 0o644
    backend.replace("c/openid/v1/jwks", b"public 2", backend.read("c/openid/v1/jwks").etag)
    assert (tmp_path / "store/c/openid/v1/jwks").stat().st_mode & 0o777 == 0o644


def test_two_roots_over_one_folder_share_the_lock(tmp_path: Path) -> None:
    """``/store`` and ``/store/team`` hold the same object under different keys."""
    whole, part = FileBackend(tmp_path), FileBackend(tmp_path / "team")
    part.create("n", b"0")

    def count(backend: FileBackend, key: str) -> None:
        done = 0
        while done < 40:
            stored = backend.read(key)
            try:
                backend.replace(key, str(int(stored.data) + 1).encode(), stored.etag)
                done += 1
            except ObjectChanged:
                pass

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(count, (whole, part), ("team/n", "n")))
    assert part.read("n").data == b"80"


def test_of_many_conditional_writes_one_wins(bucket: S3Backend) -> None:
    """Many conditional writes of one moment: exactly one wins."""
    etag = bucket.create("n", b"0")
    start = threading.Barrier(8)

    def write(number: int) -> bool:
        start.wait()
        try:
            bucket.replace("n", f"{number}".encode() * 1000, etag)
        except ObjectChanged:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(write, range(8))) == 1
