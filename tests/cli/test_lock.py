"""The lock and the history of a cluster from the command line, with a real process that holds the lock."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from kops_core.store.file import FileBackend
from kops_core.store.lock import Lock
from tests.cli.store import CLUSTER, FileStore, cluster_store

WORKER = f"""
import sys, time
from pathlib import Path
from kops_core.engine.operations.journals import journal_of
from kops_core.engine.operations.cluster_lock import locked
from kops_core.operations.clock import SystemClock
from kops_core.store.file import FileBackend
from kops_tui.cli.settings import resolve
import os
settings = resolve({{}}, os.environ, write=True)
store = FileBackend(Path(sys.argv[1]))
clock = SystemClock()
with (
    locked(store, settings, "apply", "{CLUSTER}", clock, on_lost=lambda: None),
    journal_of(settings, "apply", "{CLUSTER}", clock, created=""),
):
    print("ready", flush=True)
    time.sleep(60)
"""


def _worker(store: FileStore) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(store.folder / "store")],
        env=store.environment(PYTHONPATH=str(Path.cwd())),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def test_a_lock_is_shown_with_whether_its_holder_lives_and_removed_only_with_yes(tmp_path: Path) -> None:
    store = cluster_store(tmp_path)
    assert store.run("lock", "show").stdout == "nobody has the lock\n"
    worker = _worker(store)
    try:
        shown = store.run("lock", "show")
        assert "holds the lock for apply, since" in shown.stdout
        assert "it runs on this machine" in shown.stdout
        kept = store.run("lock", "release", code=4)
        assert "still works on the cluster, the apply stops where it is" in kept.stderr
    finally:
        worker.kill()
        worker.communicate()
    assert json.loads(store.run("lock", "show", "-o", "json").stdout)["process"] == "gone"
    assert "nobody works under it any more" in store.run("lock", "release", code=4).stderr
    assert store.process("lock", "release", "--yes").stdout == "the lock is removed\n"
    assert store.run("lock", "release", "--yes").stdout == "nobody has the lock\n"
    rows = json.loads(store.run("history", "-o", "json").stdout)
    assert [(row["kind"], row["what"], row["result"]) for row in rows] == [
        ("operation", "apply", "interrupted")
    ]


def test_what_a_killed_process_left_holds_nobody_up(tmp_path: Path) -> None:
    store = cluster_store(tmp_path)
    worker = _worker(store)
    rotation = ("create", "keypair", "kubernetes-ca", "--primary")
    assert "holds the lock" in store.run(*rotation, code=4).stderr
    worker.kill()
    worker.communicate()
    store.run(*rotation)
    assert store.run("lock", "show").stdout == "nobody has the lock\n"


def test_a_process_killed_before_its_journal_and_one_after_it_hold_nobody_up(tmp_path: Path) -> None:
    store = cluster_store(tmp_path)
    worker = _worker(store)
    worker.kill()
    worker.communicate()
    for journal in store.folder.rglob("*.jsonl"):
        journal.unlink()
    store.run("create", "keypair", "kubernetes-ca", "--primary")


def test_a_machine_of_the_same_name_is_another_machine(tmp_path: Path) -> None:
    store = cluster_store(tmp_path)
    worker = _worker(store)
    worker.kill()
    worker.communicate()
    backend = FileBackend(tmp_path / "store")
    key = f".kops-tui/{CLUSTER}/lock"
    lock = json.loads(backend.read(key).data)
    lock["process"]["boot"] = "another-boot"
    backend.put(key, json.dumps(lock).encode())
    assert "holds the lock" in store.run("create", "keypair", "kubernetes-ca", "--primary", code=4).stderr


def test_a_lock_of_another_machine_and_a_damaged_one(tmp_path: Path) -> None:
    store = cluster_store(tmp_path)
    backend = FileBackend(tmp_path / "store")
    Lock(backend, CLUSTER).acquire("eve@elsewhere", "rolling-update")
    assert "eve@elsewhere holds the lock for rolling-update" in store.run("lock", "show").stdout
    key = next(key for key in backend.keys() if key.endswith("/lock"))  # noqa: SIM118 - no mapping
    backend.put(key, b"{")
    assert "kops-tui lock release" in store.run("lock", "show", code=1).stderr
    store.run("lock", "release", code=1)
    store.run("lock", "release", "--yes")
    assert store.run("lock", "show").stdout == "nobody has the lock\n"


def test_history_names_who_wrote_what_of_a_spec(tmp_path: Path) -> None:
    store = cluster_store(tmp_path)
    assert "nothing was done" in store.run("history").stdout
    changed = tmp_path / "changed.yaml"
    changed.write_text((store.files / "config").read_text().replace("1.35.0", "1.34.0"))
    store.run("replace", "-f", str(changed))
    (row,) = json.loads(store.run("history", CLUSTER, "-o", "json").stdout)
    assert row["kind"] == "revision"
    assert row["what"].startswith("replace")
    assert "@" in row["by"]
    assert "revision" in store.run("history").stdout
