"""An upgrade of Kubernetes in the embedded AWS and Kubernetes, from the proposal to the last node."""

from __future__ import annotations

import json

import pytest

from tests.cli.applied_cluster import CONTROL_PLANE, NODES, VERSION, AppliedCluster, applied_cluster
from tests.operations.test_kill import EVERY_CALL

pytestmark = pytest.mark.full


def kubelets(cluster: AppliedCluster) -> dict[str, set[str]]:
    """Versions of kubelets by role."""
    dump = json.loads(
        cluster.run("toolbox", "dump", "--k8s-resources", "--cloud-resources=false", "-o", "json").stdout
    )
    found: dict[str, set[str]] = {"control-plane": set(), "node": set()}
    for each in dump["nodes"]:
        role = "control-plane" if "node-role.kubernetes.io/control-plane" in each["labels"] else "node"
        found[role].add(each["kubelet_version"].removeprefix("v"))
    return found


def roll(cluster: AppliedCluster, *words: str) -> None:
    quick = ("--node-interval=0", "--control-plane-interval=0", "--post-drain-delay=0s", "--validate-count=1")
    cluster.run("rolling-update", "cluster", "--yes", *quick, *words)


@pytest.mark.skipif(not EVERY_CALL, reason="KOPS_SWEEP=full: a minute")
def test_the_control_plane_goes_first_and_then_the_nodes(tmp_path_factory: pytest.TempPathFactory) -> None:
    with applied_cluster(tmp_path_factory.mktemp("home")) as cluster:
        cluster.run("validate", "cluster", "--wait", "2m", "--interval", "1s")
        assert kubelets(cluster) == {"control-plane": {VERSION}, "node": {VERSION}}

        proposed = json.loads(cluster.run("upgrade", "cluster", "-o", "json", "--yes").stdout)
        (wanted,) = [each["new"] for each in proposed["items"] if each["property"] == "KubernetesVersion"]
        assert wanted.startswith("1.36.")

        cluster.run("update", "cluster", "--yes")
        roll(cluster, "--instance-group-roles", "control-plane")
        assert kubelets(cluster) == {"control-plane": {wanted}, "node": {VERSION}}

        plan = cluster.run("update", "cluster").stdout
        assert NODES in plan
        assert "still runs" not in plan
        cluster.run("update", "cluster", "--yes")
        roll(cluster, "--instance-group", NODES)
        assert kubelets(cluster) == {"control-plane": {wanted}, "node": {wanted}}
        assert CONTROL_PLANE in cluster.run("validate", "cluster").stdout
        assert "nothing to do" in cluster.run("update", "cluster").stdout
        assert "no upgrade is needed" in cluster.run("upgrade", "cluster").stderr
