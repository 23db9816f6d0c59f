"""``upgrade cluster``: what it proposes and writes, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.kubelets import kubelet, write_kubeconfig
from tests.cli.store import CLUSTER, FileStore
from tests.corpus import corpus_dir
from tests.kube.api_server import ApiServer, api_server, authority

JAMMY = "099720109477/ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-amd64-server-20220101"
NOBLE = "099720109477/ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20260714"
GROUPS = ("control-plane-us-east-1a", "nodes-us-east-1a")
CHANNEL = str(corpus_dir() / "channels" / "stable.yaml")


class Upgrades(FileStore):
    """A store with a cluster of 1.34.2, and facts with the images of the channel."""

    @property
    def facts(self) -> tuple[str, str]:
        return "--cloud-facts", str(self.folder / "facts.json")

    def upgrade(self, *words: str, code: int = 0) -> str:
        return self.run("upgrade", "cluster", *self.facts, *words, code=code).stdout

    def refusal(self, *words: str, code: int = 4) -> str:
        return self.run("upgrade", "cluster", *self.facts, *words, code=code).stderr

    def notes(self, *words: str) -> str:
        return self.run("upgrade", "cluster", *self.facts, *words).stderr

    def applied(self, version: str) -> None:
        """As if that version had been applied."""
        (self.files / "cluster-completed.spec").write_text(
            f"apiVersion: kops.k8s.io/v1alpha2\nkind: Cluster\nspec:\n  kubernetesVersion: {version}\n"
        )

    def specs(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.files.rglob("*") if path.is_file()}


@pytest.fixture
def store(tmp_path: Path) -> Upgrades:
    made = Upgrades(tmp_path)
    made.home.mkdir()
    (tmp_path / "store").mkdir()
    facts = json.loads((corpus_dir() / "facts" / "generated.json").read_text())
    facts["images"] += [
        {**facts["images"][0], "id": f"ami-{number}", "name": image.partition("/")[2]}
        for number, image in enumerate((JAMMY, NOBLE, "own"))
    ]
    (tmp_path / "facts.json").write_text(json.dumps(facts))
    made.run(
        "create", "cluster", CLUSTER, "--zones", "us-east-1a", "--cloud", "aws", "--dns", "none",
        "--node-size", "m5.large", "--control-plane-size", "m5.large", "--image", JAMMY,
        "--kubernetes-version", "1.34.2", *made.facts,
    )  # fmt: skip
    return made


@pytest.fixture
def api(store: Upgrades) -> Iterator[ApiServer]:
    """The cluster's API, and a kubeconfig for it."""
    with api_server(keyset=authority()) as running:
        write_kubeconfig(running, store.home, CLUSTER)
        yield running


def test_the_recommendation_is_shown_as_kops_does_and_nothing_is_written(store: Upgrades) -> None:
    before = store.specs()
    told = store.upgrade("--channel", CHANNEL, code=0)
    rows = [line.split() for line in told.partition("\n\n")[0].splitlines()]
    assert rows == [
        ["ITEM", "PROPERTY", "OLD", "NEW"],
        ["Cluster", "Channel", "stable", CHANNEL],
        ["Cluster", "KubernetesVersion", "1.34.2", "1.35.7"],
        *([f"InstanceGroup/{group}", "Image", JAMMY, NOBLE] for group in GROUPS),
    ]
    assert store.specs() == before


def test_what_is_inferred_from_the_version_is_shown_before_it_is_saved(store: Upgrades) -> None:
    shown = json.loads(store.upgrade("-o", "json"))
    moved = {each["path"]: (each["old"], each["new"]) for each in shown["inferred"]}
    name = "registry.k8s.io/kube-apiserver"
    assert moved["spec.kubeAPIServer.image"] == (f"{name}:v1.34.2", f"{name}:v1.35.7")
    assert not [path for path in moved if "generation" in path or path.endswith("kubernetesVersion")]


def test_it_is_saved_with_a_revision_and_then_there_is_nothing_left(store: Upgrades) -> None:
    store.upgrade("--yes", "--kubernetes-version", "v1.35.7")
    assert "kubernetesVersion: 1.35.7\n" in (store.files / "config").read_text()
    for group in GROUPS:
        assert f"image: {NOBLE}\n" in (store.files / "instancegroup" / group).read_text()
    assert "set spec.kubernetesVersion" in store.run("history").stdout
    again = store.run("upgrade", "cluster", *store.facts, "--kubernetes-version", "1.35.7")
    assert (again.stdout, "no upgrade is needed" in again.stderr) == ("", True)


def test_exit_codes(store: Upgrades) -> None:
    store.upgrade("--detailed-exitcode", code=2)
    store.upgrade("--yes", "--kubernetes-version", "1.36.0", code=4)
    store.upgrade("--kubernetes-version", "newest", code=64)


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        ("1.36.0", "one minor release at a time"),
        ("1.33.9", "can't go back"),
        ("1.34.1", "can't go back"),
    ],
)
def test_neither_a_minor_release_is_skipped_nor_gone_back(store: Upgrades, wanted: str, why: str) -> None:
    before = store.specs()
    assert why in store.refusal("--yes", "--kubernetes-version", wanted)
    assert store.specs() == before


def test_the_release_between_is_named(store: Upgrades) -> None:
    assert "upgrade to 1.35.7 first" in store.refusal("--kubernetes-version", "1.36.0")


def test_a_version_that_this_kops_does_not_have_is_refused_with_the_field(store: Upgrades) -> None:
    before = store.specs()
    words = ("--kubernetes-version", "1.35.7", "--yes", "--kops-version", "1.34.0")
    told = store.refusal(*words, code=1)
    assert "spec.kubernetesVersion: Forbidden" in told
    assert "newer kOps" in told
    assert store.specs() == before


def test_nothing_beyond_kops_own_version_is_recommended(store: Upgrades) -> None:
    told = store.upgrade("--kops-version", "1.34.9")
    assert "1.34.10" in told
    assert "1.35" not in told


def test_an_image_of_the_operators_own_stays_and_that_is_said(store: Upgrades) -> None:
    store.run("edit", "ig", GROUPS[1], "--set", "spec.image=099720109477/own", *store.facts)
    done = store.run("upgrade", "cluster", *store.facts)
    assert f"InstanceGroup/{GROUPS[0]}" in done.stdout
    assert f"InstanceGroup/{GROUPS[1]}" not in done.stdout
    assert f"the image of {GROUPS[1]} is your own, 099720109477/own" in done.stderr


def test_the_channel_is_followed_from_then_on(store: Upgrades) -> None:
    store.upgrade("--channel", "alpha", "--yes")
    assert "  channel: alpha\n" in (store.files / "config").read_text()


def test_an_upgrade_that_is_not_applied_yet_comes_first(store: Upgrades) -> None:
    store.applied("1.33.4")
    assert "last applied with 1.33.4" in store.refusal("--kubernetes-version", "1.35.7")
    done = store.run("upgrade", "cluster", *store.facts)
    assert "apply 1.34.2 and roll the nodes first" in done.stderr
    assert "1.34.10" in done.stdout
    assert "1.35" not in done.stdout


def test_control_plane_nodes_that_were_not_rolled_come_first(store: Upgrades, api: ApiServer) -> None:
    store.applied("1.34.2")
    api.has([kubelet("a", "v1.34.2", "control-plane"), kubelet("b", "v1.33.0", "control-plane")], [])
    told = store.refusal("--kubernetes-version", "1.35.7", "--use-kubeconfig")
    assert "a control-plane node still runs 1.33.0" in told


@pytest.mark.parametrize(("version", "refused"), [("v1.31.9", True), ("v1.32.0", False)])
def test_kubelets_may_be_three_minor_releases_behind(
    store: Upgrades, api: ApiServer, version: str, refused: bool
) -> None:
    store.applied("1.34.2")
    api.has([kubelet("a", "v1.34.2", "control-plane"), kubelet("n", version)], [])
    words = ("--kubernetes-version", "1.35.7", "--use-kubeconfig")
    if refused:
        assert "a node still runs 1.31.9" in store.refusal(*words)
    else:
        assert "1.35.7" in store.upgrade(*words)


def test_nodes_are_not_asked_where_no_release_is_crossed(store: Upgrades, api: ApiServer) -> None:
    store.applied("1.34.2")
    store.upgrade("--kubernetes-version", "1.34.9", "--use-kubeconfig")
    assert api.asked == []


def test_an_api_that_does_not_answer_is_told_of_and_stops_nothing(store: Upgrades, api: ApiServer) -> None:
    store.applied("1.34.2")
    api.faults = [lambda handler: handler.refuse(403, "no")]
    done = store.run("upgrade", "cluster", *store.facts, "--use-kubeconfig")
    assert "1.35.7" in done.stdout
    assert "it is not known which versions the nodes run" in done.stderr
