"""Creation of clusters and keypairs, killed at any write and resumed; and invalid files."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kops_core import Engine, KopsError, Settings
from kops_core.errors import ObjectExists
from kops_core.store import file
from kops_core.store.file import FileBackend
from tests.aws.account import Killed
from tests.cli.store import CLUSTER, FileStore, cluster_store

pytestmark = pytest.mark.full

ROOT = Path(__file__).parents[2]
KEYSETS = ("apiserver-aggregator-ca", "kubernetes-ca", "service-account")


def _settings(folder: Path) -> Settings:
    return Settings(
        stores=(f"file://{folder}/store",), write=True, state_dir=folder / "state", operator="ann@bastion"
    )


@contextmanager
def killed_at(write: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The process ends right after so many writes to the store (-1: never); the keys that were written."""
    written: list[str] = []
    flush = file._flush_folder

    def after_write(folder: Path) -> None:
        flush(folder)
        if ".kops-tui" not in folder.parts:
            written.append(str(folder))
            if len(written) == write + 1:
                raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(file, "_flush_folder", after_write)
        yield written


CLUSTER_YAML = (
    "apiVersion: kops.k8s.io/v1alpha2\nkind: Cluster\nmetadata:\n  name: {name}\nspec:\n"
    "  kubernetesVersion: 1.35.0\n  networkCIDR: 10.0.0.0/16\n  nonMasqueradeCIDR: 100.64.0.0/10\n"
    "  cloudProvider: aws\n  networking:\n    cni: {{}}\n  topology:\n    dns:\n      type: None\n"
    "  etcdClusters:\n  - name: main\n    etcdMembers:\n    - name: a\n      instanceGroup: cp\n"
    "  - name: events\n    etcdMembers:\n    - name: a\n      instanceGroup: cp\n"
    "  subnets:\n  - name: a\n    cidr: 10.0.0.0/19\n    type: Public\n    zone: us-east-1a\n"
)
GROUP_YAML = (
    "---\napiVersion: kops.k8s.io/v1alpha2\nkind: InstanceGroup\nmetadata:\n  name: {group}\n  labels:\n"
    "    kops.k8s.io/cluster: {name}\nspec:\n  role: {role}\n  machineType: t3.large\n  minSize: 1\n"
    "  maxSize: 1\n  subnets:\n  - a\n"
)


def manifest(name: str) -> str:
    groups = (("cp", "Master"), ("nodes", "Node"), ("more", "Node"))
    text = CLUSTER_YAML.format(name=name)
    return text + "".join(GROUP_YAML.format(name=name, group=each, role=role) for each, role in groups)


def _objects(folder: Path) -> dict[str, str]:
    """Every object below the clusters' folders; dates are left out."""
    backend = FileBackend(folder / "store")
    keys = [key for key in backend.keys() if not key.startswith(".kops-tui")]  # noqa: SIM118
    return {
        key: "\n".join(
            line for line in backend.read(key).data.decode().splitlines() if "creationTimestamp" not in line
        )
        for key in keys
    }


def test_a_creation_killed_at_any_write_is_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {"all.yaml": manifest("a.example.com").encode()}
    with killed_at(-1, monkeypatch) as written:
        Engine(_settings(tmp_path / "whole")).create(files)
    whole = _objects(tmp_path / "whole")
    assert len(written) == len(whole) == 4
    for write in range(len(written)):
        folder = tmp_path / f"{write}"
        with killed_at(write, monkeypatch), pytest.raises(Killed):
            Engine(_settings(folder)).create(files)
        complete = write == len(written) - 1
        assert Engine(_settings(folder)).fleet.names() == ["a.example.com"] * complete
        if complete:
            with pytest.raises(ObjectExists):
                Engine(_settings(folder)).create(files)
        else:
            Engine(_settings(folder)).create(files)
        assert _objects(folder) == whole, f"killed after write {write}"


def test_what_an_interrupted_creation_left_is_no_part_of_the_next_cluster(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = manifest("a.example.com")
    with killed_at(2, monkeypatch), pytest.raises(Killed):
        Engine(_settings(tmp_path)).create({"all.yaml": text.encode()})
    fewer = text[: text.index("---\n", text.index("name: nodes"))]
    Engine(_settings(tmp_path)).create({"fewer.yaml": fewer.encode()})
    assert [key for key in _objects(tmp_path) if "instancegroup" in key] == [
        "a.example.com/instancegroup/cp",
        "a.example.com/instancegroup/nodes",
    ]


@pytest.mark.parametrize("bad", ["exists", "invalid", "group of nowhere"])
def test_of_files_with_a_bad_second_document_nothing_is_stored(tmp_path: Path, bad: str) -> None:
    engine = Engine(_settings(tmp_path))
    engine.create({"there.yaml": manifest("there.example.com").encode()})
    before = _objects(tmp_path)
    second = {
        "exists": manifest("there.example.com"),
        "invalid": manifest("bad.example.com").replace("10.0.0.0/19", "192.168.0.0/19"),
        "group of nowhere": GROUP_YAML.format(name="no.example.com", group="nodes", role="Node"),
    }[bad]
    text = manifest("first.example.com") + "---\n" + second.removeprefix("---\n")
    with pytest.raises(KopsError, match=r"already|must lie within|no\.example\.com"):
        engine.create({"both.yaml": text.encode()})
    assert _objects(tmp_path) == before


def _keypairs(store: FileStore) -> Counter[str]:
    found = Engine(_settings(store.folder)).keypairs(CLUSTER).summaries()
    return Counter(each.keyset for each in found)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> FileStore:
    """A cluster with a keypair in each of three keysets."""
    store = cluster_store(tmp_path_factory.mktemp("keys"))
    keypairs = Engine(_settings(store.folder)).keypairs(CLUSTER)
    for keyset in KEYSETS:
        keypairs.create(keyset, lambda _: None, primary=True)
    return store


@pytest.mark.parametrize("write", range(len(KEYSETS)))
def test_a_rotation_killed_after_any_write_makes_no_keypair_twice(
    write: int, made: FileStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = _copied(made, tmp_path)
    with killed_at(write, monkeypatch), pytest.raises(Killed):
        Engine(_settings(store.folder)).keypairs(CLUSTER).create("all", lambda _: None)
    assert _keypairs(store).total() == len(KEYSETS) + write + 1
    told: list[tuple[str, str]] = []
    keypairs = Engine(_settings(store.folder)).keypairs(CLUSTER)
    keypairs.create("all", lambda change: told.append((change.keyset, change.done)))
    assert sorted(told) == [(keyset, "created") for keyset in KEYSETS]
    assert _keypairs(store) == dict.fromkeys(KEYSETS, 2)
    keypairs.create("all", lambda _: None)
    assert _keypairs(store) == dict.fromkeys(KEYSETS, 3), "the next rotation is one of its own"


def test_a_keypair_of_an_interrupted_rotation_that_went_on_is_not_taken_for_a_new_one(
    made: FileStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = _copied(made, tmp_path)
    keypairs = Engine(_settings(store.folder)).keypairs(CLUSTER)
    with killed_at(0, monkeypatch), pytest.raises(Killed):
        keypairs.create("kubernetes-ca", lambda _: None)
    keypairs.promote("kubernetes-ca", lambda _: None)
    keypairs.create("kubernetes-ca", lambda _: None)
    assert _keypairs(store)["kubernetes-ca"] == 3


def test_a_process_killed_while_it_rotates_keys_is_gone_on_with(made: FileStore, tmp_path: Path) -> None:
    store = _copied(made, tmp_path)
    environment = store.environment(XDG_STATE_HOME=str(tmp_path / "state"), PYTHONPATH=str(ROOT))
    clock = tmp_path / "clock"
    clock.write_text("0")
    words = ("tests.operations.engine_worker", "ann@bastion", str(clock), "create-keypair", "all")
    command = [sys.executable, "-m", *words]
    killed = subprocess.run([*command, "1"], env=environment, cwd=ROOT, capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert _keypairs(store).total() == len(KEYSETS) + 1
    again = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True)
    assert again.stdout.count(" created") == len(KEYSETS)
    assert _keypairs(store) == dict.fromkeys(KEYSETS, 2)


def _copied(made: FileStore, folder: Path) -> FileStore:
    shutil.copytree(made.folder / "store", folder / "store")
    (folder / "home").mkdir()
    return FileStore(folder)
