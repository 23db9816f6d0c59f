"""``get instances`` of a cluster in the embedded AWS, with and without its Kubernetes API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cli.applied_cluster import CLUSTER, CONTROL_PLANE, NODES, AppliedCluster, applied_cluster

pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppliedCluster]:
    with applied_cluster(tmp_path_factory.mktemp("home")) as running:
        running.run("validate", "cluster", "--wait", "2m", "--interval", "1s")
        yield running


def listed(cluster: AppliedCluster, *words: str) -> list[dict[str, Any]]:
    found = json.loads(cluster.run("get", "instances", "-o", "json", *words).stdout)
    assert isinstance(found, list)
    return found


def test_each_machine_with_its_node(cluster: AppliedCluster) -> None:
    rows = listed(cluster)
    machines = cluster.instances()
    assert {row["id"] for row in rows} == {id_ for ids in machines.values() for id_ in ids}
    for row in rows:
        assert row["id"] in machines[row["instanceGroup"]]
        assert row["roles"] == [{CONTROL_PLANE: "control-plane", NODES: "node"}[row["instanceGroup"]]]
        assert row["nodeName"], "the API was asked"
        assert row["internalIP"]
        assert (row["status"], row["state"]) == ("UpToDate", "")


def test_the_columns_of_kops(cluster: AppliedCluster) -> None:
    head, *rows = cluster.run("get", "instances", CLUSTER).stdout.splitlines()
    assert head.split() == [
        "ID", "NODE-NAME", "STATUS", "ROLES", "STATE", "INTERNAL-IP", "EXTERNAL-IP", "INSTANCE-GROUP",
        "MACHINE-TYPE",
    ]  # fmt: skip
    assert [row.split()[0] for row in rows] == sorted(row.split()[0] for row in rows)
    assert "nodeName: " in cluster.run("get", "instances", "-o", "yaml").stdout


def test_without_the_api_the_machines_are_listed_all_the_same(cluster: AppliedCluster) -> None:
    done = cluster.run("get", "instances", "-o", "json", "--api-server", "https://127.0.0.1:9")
    assert "warning: nodes are not known" in done.stderr
    rows = json.loads(done.stdout)
    assert {row["nodeName"] for row in rows} == {""}
    assert {row["id"] for row in rows} == {row["id"] for row in listed(cluster)}


def test_machines_that_are_out_of_date(cluster: AppliedCluster) -> None:
    cluster.run("edit", "ig", NODES, "--set", "spec.rootVolumeSize=33")
    cluster.run("update", "cluster", "--yes")
    assert {(row["instanceGroup"], row["status"]) for row in listed(cluster)} == {
        (CONTROL_PLANE, "UpToDate"),
        (NODES, "NeedsUpdate"),
    }
