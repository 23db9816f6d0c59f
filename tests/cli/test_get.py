"""``get all`` and ``get assets``: what is listed, compared with what kOps' nodes and pods download."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.store import CLUSTER, FACTS, FileStore
from tests.corpus import cases, corpus_dir
from tests.entry import opened

NO_ACCOUNT = "http://127.0.0.1:9"
"""The endpoint of an emulated AWS that does not answer; hashes of downloads are made up."""
MIRRORED = [
    case
    for case in cases("mutated")
    if re.search(r"containerRegistry|containerProxy|fileRepository", (case / "cluster.yaml").read_text())
]
CASES = [
    *((corpus_dir() / "upstream" / "update" / name, "upstream/update") for name in ("minimal-aws", "ha")),
    *((case, "mutated") for case in MIRRORED),
]


def downloaded(case: Path) -> tuple[set[str], dict[str, str]]:
    """Images and files, with their hashes, in what kOps wrote for a case."""
    images: set[str] = set()
    files: dict[str, str] = {}
    for path in (case / "terraform" / "data").iterdir():
        text = path.read_text()
        if "-addons-" in path.name or "_manifests-" in path.name:
            images.update(
                re.findall(r"^\s*(?:- )?(?:image|reference): [\"']?([^\s\"']+)", text, re.MULTILINE)
            )
        elif "nodeupconfig" in path.name:
            images.update(re.findall(r"^\s*sandboxImage: (\S+)", text, re.MULTILINE))
            images.update(re.findall(r"^\s*image: (\S+/kube-\S+)", text, re.MULTILINE))
            files |= {
                url.partition(",")[0]: sha for sha, url in re.findall(r"([0-9a-f]{64})@(https?://\S+)", text)
            }
    return images, files


@pytest.mark.parametrize(("case", "suite"), CASES, ids=lambda each: getattr(each, "name", ""))
def test_all_that_kops_pods_and_nodes_download_is_listed(case: Path, suite: str) -> None:
    found = opened(case, suite).assets()
    images, files = downloaded(case)
    assert {each.download for each in found.images} >= images
    listed = {each.download: each.sha for each in found.files}
    assert {url: listed.get(url) for url in files} == files


def test_where_it_is_published_does_not_depend_on_where_it_is_taken_from(store: FileStore) -> None:
    def listed() -> dict[str, list[dict[str, str]]]:
        told = store.run("get", "assets", "-o", "json", *FACTS, AWS_ENDPOINT_URL=NO_ACCOUNT).stdout
        found = json.loads(told)
        assert isinstance(found, dict)
        return found

    plain = listed()
    assert all(each["canonical"] == each["download"] for each in [*plain["images"], *plain["files"]])
    assert "registry.k8s.io/etcd:" in json.dumps(plain["images"])
    for path, value in (
        ("spec.assets.containerRegistry", "registry.example.com/kops"),
        ("spec.assets.fileRepository", "https://files.example.com/kops"),
    ):
        store.run("edit", "cluster", "--set", f"{path}={value}", *FACTS)
    mirrored = listed()
    for kind, place in (
        ("images", "registry.example.com/kops/"),
        ("files", "https://files.example.com/kops/"),
    ):
        assert [each["canonical"] for each in mirrored[kind]] == [each["canonical"] for each in plain[kind]]
        assert all(each["download"].startswith(place) for each in mirrored[kind])
    assert {each["sha"] for each in mirrored["files"]} == {each["sha"] for each in plain["files"]}


def test_assets_as_a_table(store: FileStore) -> None:
    images, files = store.run("get", "assets", *FACTS, AWS_ENDPOINT_URL=NO_ACCOUNT).stdout.split("\n\n")
    assert images.split()[:2] == ["CANONICAL", "DOWNLOAD"]
    assert files.split()[:3] == ["CANONICAL", "DOWNLOAD", "SHA"]


@pytest.mark.parametrize("words", [("all",), (), ("all", CLUSTER), (CLUSTER,)])
def test_all_of_a_cluster_goes_back_by_replace(store: FileStore, words: tuple[str, ...]) -> None:
    (store.files / "clusteraddons").mkdir()
    (store.files / "clusteraddons" / "default").write_text(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: mine\n  namespace: kube-system\n"
    )
    before = {path: path.read_bytes() for path in store.files.rglob("*") if path.is_file()}
    output = ("-o", "yaml")
    # A flag of kOps' ``get`` may stand before or after what is listed.
    told = store.run("get", *words, *output).stdout
    assert told == store.run("get", *output, *words).stdout
    kinds = re.findall("^kind: (.*)$", told, re.MULTILINE)
    assert kinds == ["Cluster", "InstanceGroup", "InstanceGroup", "ConfigMap"]
    store.run("replace", "-f", "-", *FACTS, stdin=told)
    assert {path: path.read_bytes() for path in store.files.rglob("*") if path.is_file()} == before
    listed = json.loads(store.run("get", *words, "-o", "json").stdout)
    assert [each["kind"] for each in listed] == kinds


def test_all_of_a_cluster_as_tables(store: FileStore) -> None:
    told = store.run("get", "all").stdout
    assert told.startswith("Cluster\nNAME")
    assert "\n\nInstance Groups\nNAME" in told
    assert "Addon Objects" not in told


def test_a_form_that_a_command_does_not_have_is_refused(store: FileStore) -> None:
    store.run("get", "-o", "yaml", "secrets", code=64)
