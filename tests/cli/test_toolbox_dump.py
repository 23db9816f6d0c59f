"""``toolbox dump`` of a cluster in the sandbox, with an ``ssh`` that tells what it was asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.applied_cluster import CLUSTER, NODES, AppliedCluster, applied_cluster

pytestmark = pytest.mark.full

SSH = """#!/bin/sh
echo "$@" >> "$SSH_LOG"
cat > "$SSH_LOG.script"
case "$*" in *"$SSH_AWAY"*) echo "ssh: connect to host: No route to host" >&2; exit 255;; esac
case "$*" in *"$SSH_SLOW"*) exec sleep 60;; esac
echo
echo "==== kops-tui: kubelet"
echo "kubelet of $*"
echo
echo "==== kops-tui: aws-routed-eni/ipamd"
echo "addresses"
"""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppliedCluster]:
    with applied_cluster(tmp_path_factory.mktemp("home")) as running:
        running.run("validate", "cluster", "--wait", "2m", "--interval", "1s")
        yield running


@pytest.fixture
def ssh(tmp_path: Path, cluster: AppliedCluster) -> dict[str, str]:
    """Environment variables with an ``ssh`` of our own first in the path."""
    program = tmp_path / "bin" / "ssh"
    program.parent.mkdir()
    program.write_text(SSH)
    program.chmod(0o755)
    (tmp_path / "key").write_text("a key")
    return {
        "PATH": f"{program.parent}:{cluster.variables['PATH']}",
        "SSH_LOG": str(tmp_path / "log"),
        "SSH_AWAY": "nobody",
        "SSH_SLOW": "nobody",
    }


def dumped(cluster: AppliedCluster, *words: str) -> dict[str, Any]:
    found = json.loads(cluster.run("toolbox", "dump", "-o", "json", *words).stdout)
    assert isinstance(found, dict)
    return found


def test_what_the_cluster_has_in_its_cloud(cluster: AppliedCluster) -> None:
    found = dumped(cluster)
    machines = cluster.instances()
    assert {each["id"]: each["instanceGroup"] for each in found["instances"]} == {
        id_: group for group, ids in machines.items() for id_ in ids
    }
    assert {role for each in found["instances"] for role in each["roles"]} == {"control-plane", "node"}
    kinds = {each["type"] for each in found["resources"]}
    assert {"VPC", "Subnet", "AutoscalingGroup", "LaunchTemplate", "Instance"} <= kinds
    assert found["vpc"]["id"].startswith("vpc-")
    assert {each["zone"] for each in found["subnets"]} == {"us-east-1a"}
    assert "nodes" not in found
    assert dumped(cluster, "--cloud-resources=false") == {}


def test_nodes_and_pods_on_request(cluster: AppliedCluster) -> None:
    found = dumped(cluster, "--k8s-resources", "--cloud-resources=false")
    assert {each["name"] for each in found["nodes"]} == {
        row["nodeName"] for row in json.loads(cluster.run("get", "instances", "-o", "json").stdout)
    }
    assert found["pods"]
    assert sum("node-role.kubernetes.io/control-plane" in each["labels"] for each in found["nodes"]) == 1
    assert "resources" not in found


def test_without_kubernetes_the_rest_is_told(cluster: AppliedCluster) -> None:
    done = cluster.run("toolbox", "dump", CLUSTER, "--k8s-resources", "--api-server", "https://127.0.0.1:9")
    assert "warning: Kubernetes is left out" in done.stderr
    assert "instances:" in done.stdout


def test_no_secret_is_in_it(cluster: AppliedCluster) -> None:
    told = cluster.run("toolbox", "dump", "--k8s-resources").stdout
    key = cluster.keyset.primary.private_key
    assert key is not None
    assert "PRIVATE KEY" not in told
    assert key.reveal().decode().splitlines()[1] not in told


def test_logs_are_collected_through_the_control_plane(
    cluster: AppliedCluster, ssh: dict[str, str], tmp_path: Path
) -> None:
    words = ("--dir", str(tmp_path / "dump"), "--private-key", str(tmp_path / "key"), "--ssh-user", "admin")
    done = cluster.run("toolbox", "dump", *words, **_environment(ssh))
    count = sum(map(len, cluster.instances().values()))
    assert f"wrote the logs of {count} of {count} machines" in done.stderr
    folders = [each for each in (tmp_path / "dump").iterdir() if each.is_dir()]
    assert len(folders) == count
    for folder in folders:
        assert (folder / "kubelet.log").read_text().startswith("kubelet of ")
        assert (folder / "aws-routed-eni-ipamd.log").read_text() == "addresses\n"
    asked = Path(ssh["SSH_LOG"]).read_text().splitlines()
    assert all(f"-i {tmp_path / 'key'}" in line and "BatchMode=yes" in line for line in asked)
    assert all(line.split()[-3].startswith("admin@") for line in asked)
    assert "journalctl" in Path(f"{ssh['SSH_LOG']}.script").read_text()


def test_machines_that_do_not_answer_are_told_of_and_the_others_read(
    cluster: AppliedCluster, ssh: dict[str, str], tmp_path: Path
) -> None:
    rows = json.loads(cluster.run("get", "instances", "-o", "json").stdout)
    address = {row["instanceGroup"]: row for row in rows}
    away = address[NODES]["internalIP"]
    words = (
        "--dir",
        str(tmp_path / "dump"),
        "--private-key",
        str(tmp_path / "key"),
        "--node-dump-timeout",
        "2s",
    )
    done = cluster.run("toolbox", "dump", *words, **_environment({**ssh, "SSH_AWAY": f"@{away} sh"}))
    assert "No route to host" in done.stderr
    assert f"wrote the logs of {len(rows) - 1} of {len(rows)} machines" in done.stderr
    done = cluster.run(
        "toolbox", "dump", *words, "--max-nodes", "1", **_environment({**ssh, "SSH_SLOW": "sh -s"})
    )
    assert "no answer within 2 s" in done.stderr
    assert "wrote the logs of 0 of 1 machines" in done.stderr


def test_without_a_key_nothing_is_asked(cluster: AppliedCluster, tmp_path: Path) -> None:
    words = ("--dir", str(tmp_path / "dump"), "--private-key", str(tmp_path / "gone"))
    assert "no such key" in cluster.run("toolbox", "dump", *words, code=64).stderr


def _environment(variables: dict[str, str]) -> dict[str, Any]:
    return dict(variables)
