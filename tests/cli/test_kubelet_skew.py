"""Worker groups wait for the control plane during an upgrade of Kubernetes, from plan to plan."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.applied_cluster import CLUSTER, CONTROL_PLANE, NODES, VERSION, AppliedCluster, applied_cluster
from tests.cli.kubelets import kubelet
from tests.kube.api_server import ApiServer, api_server

pytestmark = pytest.mark.full

WANTED = "1.36.3"
WORKERS = f"igconfig/node/{NODES}/nodeupconfig.yaml"
MASTERS = f"igconfig/control-plane/{CONTROL_PLANE}/nodeupconfig.yaml"


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppliedCluster]:
    with applied_cluster(tmp_path_factory.mktemp("home")) as running:
        yield running


@pytest.fixture
def cluster(seeded: AppliedCluster) -> AppliedCluster:
    """Without the edits of another test; only the last test applies."""
    seeded.run("edit", "cluster", "--set", f"spec.kubernetesVersion={VERSION}")
    return seeded


@pytest.fixture
def api(cluster: AppliedCluster) -> Iterator[ApiServer]:
    with api_server(keyset=cluster.keyset, names=[f"api.internal.{CLUSTER}"]) as running:
        yield running


def upgrade_spec(cluster: AppliedCluster) -> None:
    cluster.run("edit", "cluster", "--set", f"spec.kubernetesVersion={WANTED}")


def control_plane_runs(api: ApiServer, *versions: str) -> None:
    nodes = [kubelet(f"cp{at}", f"v{each}", "control-plane") for at, each in enumerate(versions)]
    api.has([*nodes, kubelet("worker", f"v{VERSION}")], [])


def plan(cluster: AppliedCluster, api: ApiServer, *words: str) -> dict[str, Any]:
    done = cluster.run("update", "cluster", "--api-server", api.url, "-o", "json", *words)
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


def changed(found: dict[str, Any]) -> dict[str, str]:
    """Names of changed node configurations and launch templates, with the text of their change."""
    return {
        each["name"]: json.dumps(each["fields"])
        for each in found["changes"]
        if each["action"] not in ("no-op",) and each["kind"] in ("ManagedFile", "LaunchTemplate")
    }


def apply(cluster: AppliedCluster, api: ApiServer) -> None:
    cluster.run("update", "cluster", "--yes", "--api-server", api.url)


def test_what_the_operator_says_and_what_is_not_known(cluster: AppliedCluster, api: ApiServer) -> None:
    upgrade_spec(cluster)
    control_plane_runs(api, VERSION)
    ignored = plan(cluster, api, "--ignore-kubelet-version-skew")
    assert (ignored["warnings"], api.asked) == ([], [])
    assert f"nodeupconfig-{NODES}" in changed(ignored)

    api.faults = [lambda handler: handler.refuse(403, "you may not")]
    unknown = plan(cluster, api)
    assert f"nodeupconfig-{NODES}" in changed(unknown), "as kOps: it is taken for no upgrade"
    assert [
        "it is not known which version the control plane runs" in each for each in unknown["warnings"]
    ] == [True]
    text = cluster.run("update", "cluster", "--api-server", api.url).stdout
    assert "it is not known which version the control plane runs" in " ".join(text.split())


def test_terraform_waits_too(cluster: AppliedCluster, api: ApiServer, tmp_path: Path) -> None:
    upgrade_spec(cluster)
    control_plane_runs(api, VERSION)
    out = tmp_path / "module"
    cluster.run("update", "cluster", "--target", "terraform", "--out", str(out), "--api-server", api.url)
    written = {path.name: path.read_text() for path in (out / "data").iterdir()}
    (workers,) = [text for name, text in written.items() if f"nodeupconfig-{NODES}" in name]
    (masters,) = [text for name, text in written.items() if f"nodeupconfig-{CONTROL_PLANE}" in name]
    assert f"KubernetesVersion: {VERSION}\n" in workers
    assert f"KubernetesVersion: {WANTED}\n" in masters


def test_workers_wait_for_the_control_plane_and_follow_after_its_roll(
    cluster: AppliedCluster, api: ApiServer
) -> None:
    assert plan(cluster, api)["warnings"] == []
    assert api.asked == [], "nothing can be skewed"

    upgrade_spec(cluster)
    control_plane_runs(api, WANTED, VERSION)
    first = plan(cluster, api)
    assert [f"still runs Kubernetes {VERSION}" in each for each in first["warnings"]] == [True]
    assert f"nodeupconfig-{NODES}" not in changed(first)
    assert f"{NODES}.{CLUSTER}" not in changed(first)
    assert WANTED in changed(first)[f"nodeupconfig-{CONTROL_PLANE}"]

    apply(cluster, api)
    assert f"KubernetesVersion: {WANTED}\n" in cluster.stored(MASTERS)
    assert f"kubernetesVersion: {WANTED}\n" in cluster.stored("cluster-completed.spec")
    held = cluster.stored(WORKERS)
    assert f"KubernetesVersion: {VERSION}\n" in held
    assert f"/v{VERSION}/bin/linux/amd64/kubelet" in held
    assert WANTED not in held.partition("KubeProxy:")[0]

    again = plan(cluster, api)
    assert (changed(again), len(again["warnings"])) == ({}, 1), "the next plan waits still"

    control_plane_runs(api, WANTED, WANTED)
    last = plan(cluster, api)
    assert last["warnings"] == []
    assert WANTED in changed(last)[f"nodeupconfig-{NODES}"]
    assert f"{NODES}.{CLUSTER}" in changed(last)
    apply(cluster, api)
    assert f"KubernetesVersion: {WANTED}\n" in cluster.stored(WORKERS)

    api.asked.clear()
    assert changed(plan(cluster, api)) == {}
    assert api.asked == [], "the upgrade is over"
