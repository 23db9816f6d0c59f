"""``delete instancegroup`` in the embedded AWS and Kubernetes: what it shows, refuses and does."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.cli.applied_cluster import CLUSTER, CONTROL_PLANE, NODES, AppliedCluster, applied_cluster

pytestmark = pytest.mark.full

EXTRA = "extra"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppliedCluster]:
    with applied_cluster(tmp_path_factory.mktemp("home")) as found:
        yield found


@pytest.fixture
def cluster(running: AppliedCluster) -> AppliedCluster:
    """With a second group of nodes."""
    if EXTRA not in running.instances():
        if f"instancegroup/{EXTRA}" not in running.keys("instancegroup/"):
            running.run("create", "ig", EXTRA, "--edit=false")
        running.run("update", "cluster", "--yes")
    running.run("validate", "cluster", "--wait", "2m", "--interval", "1s")
    return running


def templates(cluster: AppliedCluster) -> list[str]:
    found = cluster.client("ec2").describe_launch_templates()["LaunchTemplates"]
    return [each["LaunchTemplateName"] for each in found]


def is_whole(cluster: AppliedCluster) -> bool:
    """Whether nothing of the group is gone."""
    return (
        len(cluster.instances()[EXTRA]) == 2
        and f"{EXTRA}.{CLUSTER}" in templates(cluster)
        and f"instancegroup/{EXTRA}" in cluster.keys("")
    )


def test_what_would_be_deleted_is_shown_and_nothing_is(cluster: AppliedCluster) -> None:
    done = cluster.run("delete", "ig", EXTRA, "-o", "json")
    found = json.loads(done.stdout)
    assert set(found["machines"]) == set(cluster.instances()[EXTRA])
    assert len(found["nodes"]) == 2
    assert sorted(found["resources"]) == [f"AutoscalingGroup/{EXTRA}.{CLUSTER}"] + [
        each for each in found["resources"] if each.startswith("LaunchTemplate/")
    ]
    assert "pods on 2 nodes move to other nodes" in done.stderr
    assert is_whole(cluster)
    cluster.run("delete", "ig", EXTRA, "--detailed-exitcode", code=2)
    table = cluster.run("delete", "instancegroup", EXTRA).stdout
    assert table.splitlines()[-1].split() == ["delete", "InstanceGroup", EXTRA]


@pytest.mark.parametrize("yes", [(), ("--yes",)])
def test_the_only_control_plane_and_protected_groups_stay(
    cluster: AppliedCluster, yes: tuple[str, ...]
) -> None:
    assert "the only control plane" in cluster.run("delete", "ig", CONTROL_PLANE, *yes, code=4).stderr
    cluster.run("protect", "ig", EXTRA)
    assert "is protected" in cluster.run("delete", "ig", EXTRA, *yes, code=4).stderr
    cluster.run("protect", "ig", EXTRA, "--off")
    assert "there are:" in cluster.run("delete", "ig", "gone", *yes, code=1).stderr
    assert is_whole(cluster)


def test_where_nodes_can_not_be_drained_nothing_is_deleted(cluster: AppliedCluster) -> None:
    away = ("--api-server", "https://127.0.0.1:9")
    told = cluster.run("delete", "ig", EXTRA, "--yes", *away, code=1).stderr
    assert "--no-drain" in told
    assert is_whole(cluster)


def test_it_is_gone_with_all_it_had_and_the_rest_stays(cluster: AppliedCluster) -> None:
    done = cluster.run("delete", "instancegroups", EXTRA, "--yes")
    assert "drain" in done.stderr
    assert sorted(cluster.instances()) == [CONTROL_PLANE, NODES]
    assert [each for each in templates(cluster) if each.startswith(EXTRA)] == []
    assert [each for each in cluster.keys("") if EXTRA in each] == []
    assert "nothing to do" in cluster.run("update", "cluster").stdout
    assert f"delete instance group {EXTRA}" in cluster.run("history").stdout
    nodes = cluster.run("get", "instances").stdout.splitlines()
    assert {line.split()[-2] for line in nodes[1:]} == {CONTROL_PLANE, NODES}


def test_without_a_drain_the_api_is_not_needed(cluster: AppliedCluster) -> None:
    away = ("--api-server", "https://127.0.0.1:9")
    shown = cluster.run("delete", "ig", EXTRA, "--no-drain", *away)
    assert "are not asked to leave: they are lost" in shown.stderr
    cluster.run("delete", "ig", EXTRA, "--no-drain", "--yes", *away)
    assert EXTRA not in cluster.instances()
