"""``fleet`` and ``what-if``: what the fleet's screen and the spec's tell, for scripts."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest

from tests.cli.applied_cluster import CLUSTER as APPLIED
from tests.cli.applied_cluster import AppliedCluster, applied_cluster
from tests.cli.store import CLUSTER, FACTS, FileStore

pytestmark = pytest.mark.full


def test_what_another_value_would_change_is_told_and_not_stored(store: FileStore) -> None:
    before = (store.files / "config").read_bytes()
    table = store.run("what-if", CLUSTER, "--set", "spec.kubernetesVersion=1.36.1", *FACTS)
    assert "spec.kubeProxy.image" in table.stdout
    assert "kube-proxy:v1.36.1" in table.stdout
    told = json.loads(
        store.run("what-if", CLUSTER, "--set", "spec.kubernetesVersion=1.36.1", "-o", "json", *FACTS).stdout
    )
    moved = {each["path"]: each["after"] for each in told["moved"]}
    assert moved["spec.kubeProxy.image"] == "registry.k8s.io/kube-proxy:v1.36.1"
    assert told["errors"] == []
    refused = store.run("what-if", CLUSTER, "--set", "spec.kubernetesVersion=1.20.0", *FACTS, code=2)
    assert "error: " in refused.stderr
    assert "spec.kubernetesVersion" in refused.stderr
    assert (store.files / "config").read_bytes() == before


def test_what_if_asks_for_a_value(store: FileStore) -> None:
    told = store.run("what-if", CLUSTER, "--set", "spec.kubernetesVersion", *FACTS, code=64)
    assert "no value" in told.stderr


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppliedCluster]:
    """A cluster that was applied to an embedded AWS."""
    with applied_cluster(tmp_path_factory.mktemp("home")) as found:
        yield found


def test_the_fleet_tells_what_each_cluster_needs(applied: AppliedCluster) -> None:
    time.sleep(1.1)  # the store tells times by the second, and the edit has to be later than the apply
    applied.run("edit", "cluster", APPLIED, "--set", "spec.kubelet.maxPods=80")
    rows = json.loads(applied.run("fleet", "-o", "json", "--detailed-exitcode", code=2).stdout)
    assert [each["name"] for each in rows] == [APPLIED]
    assert {"kind": "changes", "text": "changes to apply"} in rows[0]["needs"]
    assert rows[0]["nodes"] == {"ready": 1, "wanted": 1}
    (line,) = applied.run("fleet", "-o", "ndjson").stdout.splitlines()
    assert json.loads(line) == rows[0]
    table = applied.run("fleet").stdout.splitlines()
    assert table[0].split() == ["NAME", "KUBERNETES", "CONTROL", "PLANE", "NODES", "NEEDS", "STORE"]
    assert "changes to apply" in table[1]
