"""``create`` and ``edit instancegroup``, also in an editor: what is stored, and that nothing is lost."""

from __future__ import annotations

import json
import os
import pty
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from kops_core import Engine, Settings
from kops_core.api.documents import read_documents
from tests.cli.store import CLUSTER, FACTS, PROGRAM, FileStore
from tests.corpus import corpus_dir

GROUP = "nodes-us-east-1a"
IMAGE = "099720109477/ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20260714"


@pytest.fixture(autouse=True)
def texts_are_kept_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def editor(folder: Path, *replacements: tuple[str, str]) -> str:
    """A command that makes the next replacement in a file at each call, and logs what it was given."""
    script = folder / "editor.py"
    script.write_text(
        "import json, pathlib, sys\n"
        f"steps = pathlib.Path({str(folder / 'steps')!r})\n"
        f"log = pathlib.Path({str(folder / 'log')!r})\n"
        "file = pathlib.Path(sys.argv[1])\n"
        "left = json.loads(steps.read_text())\n"
        "before = json.loads(log.read_text()) if log.exists() else []\n"
        "log.write_text(json.dumps([*before, file.read_text()]))\n"
        "if left:\n"
        "    old, new = left.pop(0)\n"
        "    assert old in file.read_text(), old\n"
        "    file.write_text(file.read_text().replace(old, new))\n"
        "    steps.write_text(json.dumps(left))\n"
    )
    (folder / "steps").write_text(json.dumps(replacements))
    return f"{sys.executable} {script}"


def shown(folder: Path) -> list[str]:
    """What the editor was given each time."""
    found = json.loads((folder / "log").read_text())
    assert isinstance(found, list)
    return found


def kept_file(told: str) -> Path:
    """The file that a command said it has kept."""
    (line,) = [each for each in told.splitlines() if each.startswith("what you typed is kept in ")]
    return Path(line.removeprefix("what you typed is kept in ").strip())


def group(store: FileStore, name: str) -> str:
    return (store.files / "instancegroup" / name).read_text()


def at_terminal(store: FileStore, command: str, *words: str) -> tuple[int, str]:
    """Runs the program at a terminal, with an editor: its exit code, and what it wrote."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [str(PROGRAM), *words, *FACTS],
        env=store.environment(EDITOR=command, TMPDIR=str(store.folder)),
        stdin=follower,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        told, _ = process.communicate(timeout=60)
    finally:
        process.kill()
        os.close(follower)
        os.close(leader)
    return process.returncode, told


def test_a_new_group_has_what_kops_stores_in_it(store: FileStore) -> None:
    printed = store.run("create", "ig", "extra", "--dry-run", "-o", "yaml", *FACTS).stdout
    (document,) = read_documents(printed, "printed")
    assert document.tree["metadata"] == {"name": "extra", "labels": {"kops.k8s.io/cluster": CLUSTER}}
    assert document.tree["spec"] == {
        "role": "Node",
        "manager": "CloudGroup",
        "machineType": "t3.medium",
        "image": IMAGE,
        "minSize": 2,
        "maxSize": 2,
        "subnets": ["us-east-1a"],
        "nodeLabels": {"kops.k8s.io/instancegroup": "extra"},
        "kubelet": {"anonymousAuth": False, "nodeLabels": {"node-role.kubernetes.io/node": ""}},
    }
    assert not (store.files / "instancegroup" / "extra").exists()
    store.run("create", "instancegroup", "extra", "--edit=false", *FACTS)
    (stored,) = read_documents(group(store, "extra"), "stored")
    assert stored.tree["spec"] == document.tree["spec"]


def test_its_completed_form_is_that_of_a_group_that_says_nothing(store: FileStore) -> None:
    """What kOps pins in a new group does not make it another one."""
    store.run("create", "ig", "extra", "--no-edit", *FACTS)
    (store.files / "instancegroup" / "plain").write_text(
        "apiVersion: kops.k8s.io/v1alpha2\nkind: InstanceGroup\nmetadata:\n  name: plain\n"
        "spec:\n  role: Node\n  nodeLabels:\n    kops.k8s.io/instancegroup: extra\n"
    )
    facts = corpus_dir() / "facts" / "generated.json"
    settings = Settings(stores=(f"file://{store.folder}/store",), cloud_facts=facts)
    completed = Engine(settings).open(CLUSTER).inference.instance_groups
    assert completed["extra"]["spec"] == completed["plain"]["spec"]


@pytest.mark.parametrize(
    ("role", "stored"), [("control-plane", "Master"), ("ControlPlane", "Master"), ("Nodes", "Node")]
)
def test_roles_are_taken_as_kops_takes_them(store: FileStore, role: str, stored: str) -> None:
    words = ("--role", role, "--subnet", "us-east-1a", "--edit=false")
    done = store.run("create", "instancegroups", "extra", *words, *FACTS)
    assert f"role: {stored}\n" in group(store, "extra")
    assert ("etcdClusters" in done.stderr) == (stored == "Master")


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        (("extra", "--role", "king"), 64, "no role"),
        (("extra", "--role", "control-plane"), 64, "has to lie in a subnet"),
        (("extra", "--role", "apiserver"), 64, "APIServerNodes"),
        (("extra", "--dry-run"), 64, "--dry-run needs a form"),
        (("extra", "--subnet", "nowhere"), 1, "spec.subnets"),
        ((GROUP,), 1, "already"),
        (("Extra_",), 1, "name"),
    ],
)
def test_a_group_that_can_not_be_is_refused(
    store: FileStore, words: tuple[str, ...], code: int, why: str
) -> None:
    before = sorted(path.name for path in (store.files / "instancegroup").iterdir())
    assert why in store.run("create", "ig", *words, "--edit=false", *FACTS, code=code).stderr
    assert sorted(path.name for path in (store.files / "instancegroup").iterdir()) == before


def test_a_new_group_is_stored_as_it_was_edited(store: FileStore, tmp_path: Path) -> None:
    command = editor(tmp_path, ("maxSize: 2", "maxSize: 7"))
    store.run("create", "ig", "extra", *FACTS, EDITOR=command)
    assert "maxSize: 7\n" in group(store, "extra")
    assert "minSize: 2" in shown(tmp_path)[0]


def test_a_new_group_is_stored_also_if_it_was_not_edited(store: FileStore, tmp_path: Path) -> None:
    store.run("create", "ig", "extra", *FACTS, EDITOR=editor(tmp_path))
    assert "maxSize: 2\n" in group(store, "extra")


def test_an_edited_document_is_stored(store: FileStore, tmp_path: Path) -> None:
    command = editor(tmp_path, ("maxSize: 1", "maxSize: 4"))
    done = store.run("edit", "ig", GROUP, *FACTS, EDITOR="false", KUBE_EDITOR=command)
    assert "saved; " in done.stdout
    assert "maxSize: 4\n" in group(store, GROUP)
    assert f"edit {GROUP}" in store.run("history").stdout


def test_the_cluster_is_edited_in_the_same_way(store: FileStore, tmp_path: Path) -> None:
    command = editor(tmp_path, ("channel: stable", "channel: alpha"))
    store.run("edit", "cluster", *FACTS, EDITOR=command)
    assert "channel: alpha\n" in (store.files / "config").read_text()


def test_a_document_that_was_left_as_it_is_is_not_written(store: FileStore, tmp_path: Path) -> None:
    before = group(store, GROUP)
    done = store.run("edit", "ig", GROUP, *FACTS, EDITOR=editor(tmp_path))
    assert (done.stdout, group(store, GROUP)) == ("nothing changed\n", before)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("maxSize:", "maxSiz:"), "did you mean 'maxSize'?"),
        (("maxSize: 1", "maxSize: [1"), "YAML"),
        (("maxSize: 1", "maxSize: many"), "spec.maxSize"),
        (("minSize: 1", "minSize: 9"), "spec.maxSize"),
        ((f"name: {GROUP}", "name: other"), "renamed"),
    ],
)
def test_errors_leave_the_store_alone_and_keep_what_was_typed(
    store: FileStore, tmp_path: Path, change: tuple[str, str], why: str
) -> None:
    before = group(store, GROUP)
    done = store.run("edit", "ig", GROUP, *FACTS, EDITOR=editor(tmp_path, change), code=1)
    assert why in done.stderr
    kept = kept_file(done.stderr)
    assert change[1] in kept.read_text()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert group(store, GROUP) == before


def test_at_a_terminal_the_editor_opens_again_with_the_errors_until_they_are_gone(
    store: FileStore, tmp_path: Path
) -> None:
    command = editor(tmp_path, ("maxSize:", "maxSiz:"), ("maxSiz: 1", "maxSize: one"), ("one", "6"))
    code, told = at_terminal(store, command, "edit", "ig", GROUP)
    assert code == 0, told
    assert "maxSize: 6\n" in group(store, GROUP)
    first, second, third = shown(tmp_path)
    assert "# error:" not in first
    assert "# error:" in second.splitlines()[0]
    assert "did you mean 'maxSize'?" in second
    assert "maxSiz:" in second, "what was typed is still there"
    assert "maxSiz'" not in third, "errors that are gone are not shown again"


def test_a_text_with_errors_that_is_left_as_it_is_is_given_up(store: FileStore, tmp_path: Path) -> None:
    code, told = at_terminal(store, editor(tmp_path, ("maxSize:", "maxSiz:")), "edit", "ig", GROUP)
    assert code == 1
    assert "maxSiz:" in kept_file(told).read_text()


def test_what_was_typed_is_kept_where_somebody_else_was_faster(store: FileStore, tmp_path: Path) -> None:
    other = store.files / "instancegroup" / GROUP
    script = tmp_path / "slow.py"
    script.write_text(
        "import pathlib, sys\n"
        "file = pathlib.Path(sys.argv[1])\n"
        "file.write_text(file.read_text().replace('maxSize: 1', 'maxSize: 4'))\n"
        f"other = pathlib.Path({str(other)!r})\n"
        "other.write_text(other.read_text().replace('maxSize: 1', 'maxSize: 3'))\n"
    )
    done = store.run("edit", "ig", GROUP, *FACTS, EDITOR=f"{sys.executable} {script}", code=1)
    assert "maxSize: 4" in kept_file(done.stderr).read_text()
    assert "maxSize: 3\n" in group(store, GROUP)


def test_an_editor_that_fails_changes_nothing(store: FileStore) -> None:
    before = group(store, GROUP)
    assert "ended with code 1" in store.run("edit", "ig", GROUP, *FACTS, EDITOR="false", code=1).stderr
    done = store.run("edit", "ig", GROUP, *FACTS, EDITOR="/nonexistent/editor", code=1)
    assert "can't be started" in done.stderr
    assert group(store, GROUP) == before


def test_without_a_terminal_and_an_editor_nothing_is_opened(store: FileStore) -> None:
    assert "no terminal" in store.run("edit", "ig", GROUP, *FACTS, code=64).stderr
    assert "no terminal" in store.run("create", "ig", "extra", *FACTS, code=64).stderr
