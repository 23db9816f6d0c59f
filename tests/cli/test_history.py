"""Tests of ``history``, ``diff`` and ``restore`` over a state store of files."""

from __future__ import annotations

import json

import pytest

from tests.cli.store import CLUSTER, FACTS, FileStore

NODES = "nodes-us-east-1a"


def edit(store: FileStore, what: str) -> str:
    """Sets a field; the id of that write."""
    store.run("edit", "cluster", "--set", what, *FACTS)
    return writes(store)[0]["id"]


def writes(store: FileStore) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(store.run("history", "-o", "json").stdout)
    return [each for each in found if each["kind"] == "revision"]


def test_a_write_is_listed_with_its_command_and_can_be_compared_and_undone(store: FileStore) -> None:
    first = edit(store, "spec.kubernetesVersion=1.34.1")
    edit(store, "spec.sshAccess=10.0.0.0/8")
    assert [each["command"] for each in writes(store)] == [
        f"kops-tui edit cluster --set {each} {' '.join(FACTS)}"
        for each in ("spec.sshAccess=10.0.0.0/8", "spec.kubernetesVersion=1.34.1")
    ]
    told = store.run("diff", "--before", first).stdout
    assert "spec.kubernetesVersion" in told
    assert "spec.sshAccess" in told

    before = (store.files / "config").read_bytes()
    assert "spec.kubernetesVersion" in store.run("restore", "--before", first).stdout
    assert (store.files / "config").read_bytes() == before, "nothing is stored without --yes"
    store.run("restore", "--before", first, "--yes")
    assert store.run("diff", "--before", first).stdout == "nothing differs\n"
    assert writes(store)[0]["what"] == f"restore what was before {first}", "restoring is a write, too"


def test_restoring_brings_groups_back_and_keeps_new_ones_unless_told(store: FileStore) -> None:
    new = store.folder / "new.yaml"
    new.write_text(
        (store.files / "instancegroup" / NODES).read_text().replace(f"name: {NODES}", "name: extra")
    )
    first = edit(store, "spec.sshAccess=10.0.0.0/8")
    store.run("create", "-f", str(new))
    (store.files / "instancegroup" / NODES).unlink()  # as kOps' delete leaves it

    assert f"+ instance group {NODES}" in store.run("restore", "--before", first, "--yes").stdout
    groups = {each.name for each in (store.files / "instancegroup").iterdir()}
    assert {NODES, "extra"} <= groups
    told = store.run("restore", "--before", first, "--yes", "--prune-instance-groups").stdout
    assert "- instance group extra" in told
    assert not (store.files / "instancegroup" / "extra").exists()


def test_files_are_compared_with_the_store(store: FileStore) -> None:
    file = store.folder / "cluster.yaml"
    file.write_text(store.run("get", "clusters", CLUSTER, "-o", "yaml").stdout)
    assert store.run("diff", "-f", str(file), "--detailed-exitcode").stdout == "nothing differs\n"
    file.write_text(file.read_text().replace("kubernetesVersion: ", "kubernetesVersion: 1.33.0 # "))
    assert "-> '1.33.0'" in store.run("diff", "-f", str(file), "--detailed-exitcode", code=2).stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("diff",), "--before ID or -f FILE"),
        (("restore",), "--before ID or --backup ID"),
        (("restore", "--before", "x", "--keys"), "only backups hold keysets"),
    ],
)
def test_a_restore_of_nothing_in_particular_is_bad_usage(
    store: FileStore, words: tuple[str, ...], says: str
) -> None:
    assert says in store.run(*words, code=64).stderr


@pytest.mark.parametrize("write", ["20200101T000000.000000Z-abcdef", "config@nothing", "../../etc"])
def test_an_unknown_write_is_refused(store: FileStore, write: str) -> None:
    store.run("restore", "--before", write, "--yes", code=64 if ".." in write else 1)
