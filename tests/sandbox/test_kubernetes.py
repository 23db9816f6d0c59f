"""The sandbox's Kubernetes in its own process: the clusters that were applied there, as the program and
kubectl see them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.cli.applied_cluster import CLUSTER, NODES, VERSION, AppliedCluster, applied_cluster

pytestmark = pytest.mark.full

NEWER = "1.36.1"
with_kubectl = pytest.mark.skipif(shutil.which("kubectl") is None, reason="there is no kubectl in PATH")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppliedCluster]:
    with applied_cluster(tmp_path_factory.mktemp("home")) as running:
        running.run("validate", "cluster", "--wait", "60s", "--interval", "300ms")
        yield running


def set_faults(cluster: AppliedCluster, name: str = CLUSTER, **faults: object) -> None:
    """Makes things go wrong, by the sandbox's path for it."""
    url = f"{cluster.variables['AWS_ENDPOINT_URL']}/kops-tui/kubernetes/{name}"
    request = urllib.request.Request(url, json.dumps(faults).encode(), method="POST")
    urllib.request.urlopen(request, timeout=30).close()


def validation(cluster: AppliedCluster) -> dict[str, Any]:
    """What ``validate cluster`` says, whether it is valid or not."""
    problem: AssertionError | None = None
    for code in (0, 2) * 5:  # it may become valid, or invalid, between two of them
        try:
            told = cluster.run("validate", "cluster", "-o", "json", code=code)
        except AssertionError as other:
            problem = other
            continue
        found = json.loads(told.stdout)
        assert isinstance(found, dict)
        assert bool(found.get("failures")) is (code == 2)
        return found
    raise problem or AssertionError("it was not validated")


def soon(true: Callable[[], bool]) -> bool:
    """Whether something becomes true within a minute."""
    until = time.monotonic() + 60
    while not true():
        if time.monotonic() > until:
            return False
        time.sleep(0.2)
    return True


def kubectl(cluster: AppliedCluster, *words: str) -> str:
    file = cluster.home / "kubeconfig"
    cluster.run("export", "kubeconfig", CLUSTER, "--admin", "--kubeconfig", str(file))
    environment = {"PATH": os.environ["PATH"], "HOME": str(cluster.home), "KUBECONFIG": str(file)}
    return subprocess.run(
        ["kubectl", *words], env=environment, capture_output=True, text=True, check=True, timeout=60
    ).stdout


@with_kubectl
def test_an_exported_kubeconfig_works_with_kubectl(cluster: AppliedCluster) -> None:
    instances = {each for group in cluster.instances().values() for each in group}
    nodes = json.loads(kubectl(cluster, "get", "nodes", "-o", "json"))["items"]
    assert {each["metadata"]["name"] for each in nodes} == instances
    assert {each["spec"]["providerID"] for each in nodes} == {
        f"aws:///us-east-1a/{each}" for each in instances
    }
    for each in sorted(instances):
        kubectl(cluster, "taint", "node", each, "example.com/check=1:PreferNoSchedule")
        kubectl(cluster, "taint", "node", each, "example.com/check-")
    groups = {each["metadata"]["labels"]["kops.k8s.io/instancegroup"] for each in nodes}
    assert groups == cluster.instances().keys()


def test_faults_are_set_by_a_path(cluster: AppliedCluster) -> None:
    node = cluster.instances()[NODES][0]
    set_faults(cluster, not_ready=[node])
    (failure,) = (each for each in validation(cluster)["failures"] if each["type"] == "Node")
    assert failure["name"] == node
    set_faults(cluster, not_ready=[])
    assert not validation(cluster).get("failures")
    set_faults(cluster, away=3600)
    away = cluster.run("validate", "cluster", code=1)
    assert "the connection to the API server broke" in away.stderr
    set_faults(cluster, away=0)
    cluster.run("validate", "cluster")
    for name, faults, told in (
        (CLUSTER, {"nonsense": 1}, "there is no such fault"),
        ("other.example.com", {"away": 1}, "there is no cluster other.example.com"),
    ):
        with pytest.raises(urllib.error.HTTPError) as raised:
            set_faults(cluster, name, **faults)
        assert told in raised.value.read().decode()


@with_kubectl
def test_a_replaced_instance_is_a_node_of_the_version_that_was_applied_when_it_started(
    cluster: AppliedCluster,
) -> None:
    def versions() -> dict[str, str]:
        nodes = json.loads(kubectl(cluster, "get", "nodes", "-o", "json"))["items"]
        return {each["metadata"]["name"]: each["status"]["nodeInfo"]["kubeletVersion"] for each in nodes}

    before = versions()
    assert set(before.values()) == {f"v{VERSION}"}
    cluster.run("edit", "cluster", "--set", f"spec.kubernetesVersion={NEWER}")
    cluster.run("update", "cluster", "--yes", "--ignore-kubelet-version-skew")
    assert versions() == before, "nothing was replaced yet"
    old = cluster.instances()[NODES][0]
    cluster.client("ec2").terminate_instances(InstanceIds=[old])
    (new,) = (each for each in cluster.instances()[NODES] if each != old)
    assert soon(lambda: versions().get(new) == f"v{NEWER}" and old not in versions())
    assert soon(lambda: not validation(cluster).get("failures"))
