"""Forbidden changes of an existing cluster are refused by every command that stores it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kops_core import Engine, InvalidSpec, Settings, Workspace, parse_path
from kops_core.api import yaml_reader
from kops_core.api.path import get
from tests.cli.store import FACTS, FileStore
from tests.corpus import corpus_dir

NAME = "a.example.com"
"""No cloud: etcd's volumes are taken to exist once the cluster was applied."""
APPLIED = "cluster-completed.spec"


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    made = FileStore(tmp_path)
    made.home.mkdir()
    (tmp_path / "store").mkdir()
    words = ("--zones", "us-east-1a", *FACTS, "--networking", "cilium")
    sizes = ("--node-size", "m5.large", "--control-plane-size", "m5.large")
    image = ("--image", "099720109477/ubuntu/images/hvm-ssd/ubuntu-xenial-16.04-amd64-server-20170721")
    made.run(
        "create", "cluster", NAME, *words, *sizes, *image, "--kubernetes-version", "1.35.0", "--cloud", "aws"
    )
    (made.files / APPLIED).write_text("kind: Cluster\n")
    return made


def _open(store: FileStore) -> Workspace:
    return Engine(_settings(store)).open(NAME)


def _settings(store: FileStore) -> Settings:
    return Settings(
        stores=(f"file://{store.folder}/store",),
        write=True,
        cloud_facts=corpus_dir() / "facts" / "generated.json",
        state_dir=store.folder / "state",
        cache_dir=store.folder / "cache",
    )


Change = Callable[[str], str]

CHANGES: dict[str, tuple[Change, str, bool]] = {
    "an etcd cluster is removed": (
        lambda text: text[: text.index("  - cpuRequest: 100m\n")] + text[text.index("  iam:\n") :],
        "the etcd cluster events can't be removed",
        False,
    ),
    "a member is renamed": (
        lambda text: text.replace("name: a\n", "name: renamed\n"),
        "can't be renamed",
        True,
    ),
    "a member moves": (
        lambda text: text.replace(
            "instanceGroup: control-plane-us-east-1a", "instanceGroup: nodes-us-east-1a"
        ),
        "a member can't move",
        True,
    ),
    "an image is set": (
        lambda text: text.replace(
            "    name: main\n", "    image: example.com/etcd:1\n    name: main\n    version: 3.5.21\n"
        ),
        "the image of an etcd cluster can't be changed",
        True,
    ),
    "a label is one of ours": (
        lambda text: text.replace("spec:\n", "spec:\n  cloudLabels:\n    KubernetesCluster: x\n", 1),
        "KubernetesCluster",
        False,
    ),
}


def _replaced(store: FileStore, text: str) -> str:
    file = store.folder / "new.yaml"
    file.write_text(text)
    return store.run("replace", "-f", str(file), *FACTS, code=1).stderr


def _saved(store: FileStore, text: str) -> str:
    work = _open(store)
    work.replace_document("cluster", text)
    with pytest.raises(InvalidSpec) as refused:
        work.save()
    assert work.edits == 1
    return str(refused.value)


def _planned_unsaved(store: FileStore, text: str) -> str:
    work = _open(store)
    work.replace_document("cluster", text)
    with pytest.raises(InvalidSpec) as refused:
        work.plan()
    return str(refused.value)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("way", [_replaced, _saved, _planned_unsaved])
def test_it_is_refused_and_nothing_is_written(
    store: FileStore, way: Callable[[FileStore, str], str], change: str
) -> None:
    changed, told, _ = CHANGES[change]
    before = (store.files / "config").read_text()
    after = changed(before)
    assert after != before
    assert told in way(store, after)
    assert (store.files / "config").read_text() == before


@pytest.mark.parametrize("change", [name for name, (_, _, applied) in CHANGES.items() if applied])
def test_members_and_images_are_free_before_the_first_apply(store: FileStore, change: str) -> None:
    (store.files / APPLIED).unlink()
    after = CHANGES[change][0]((store.files / "config").read_text())
    (store.folder / "new.yaml").write_text(after)
    store.run("replace", "-f", str(store.folder / "new.yaml"), *FACTS)
    stored = yaml_reader.read((store.files / "config").read_bytes(), "")[0].value
    assert get(stored, ("spec",)) == get(yaml_reader.read(after, "")[0].value, ("spec",))


@pytest.mark.parametrize(
    "words",
    [
        ("--unset", "spec.etcdClusters"),
        ("--set", "spec.etcdClusters[0].etcdMembers[0].instanceGroup=nodes-us-east-1a"),
        ("--set", "spec.kubernetesVersion=one"),
        ("--set", "spec.etcdClusters[0].image=example.com/etcd:1"),
    ],
)
def test_single_fields_too(store: FileStore, words: tuple[str, ...]) -> None:
    before = (store.files / "config").read_text()
    done = store.run("edit", "cluster", *words, *FACTS, code=1)
    assert "Forbidden" in done.stderr or "Invalid value" in done.stderr or "Required" in done.stderr
    assert (store.files / "config").read_text() == before


def test_a_group_that_is_wrong_is_not_stored(store: FileStore) -> None:
    group = store.files / "instancegroup" / "nodes-us-east-1a"
    before = group.read_text()
    done = store.run(
        "edit", "instancegroup", "nodes-us-east-1a", "--set", "spec.maxSize=0", "--set", "spec.minSize=9",
        *FACTS, code=1,
    )  # fmt: skip
    assert "spec.maxSize" in done.stderr or "spec.minSize" in done.stderr
    assert group.read_text() == before


def test_what_was_wrong_before_does_not_stand_in_the_way_of_mending_something_else(store: FileStore) -> None:
    config = store.files / "config"
    config.write_text(config.read_text().replace("kubernetesVersion: 1.35.0", "kubernetesVersion: one"))
    work = _open(store)
    assert work.errors()
    work.set(parse_path("spec.channel"), "alpha")
    work.save()
    assert "channel: alpha" in config.read_text()
    assert "kubernetesVersion: one" in config.read_text()
