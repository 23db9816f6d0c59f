"""``toolbox instance-selector``: which machine types are chosen, and the groups that they make."""

from __future__ import annotations

import pytest

from kops_core.api.documents import read_documents
from tests.cli.applied_cluster import CLUSTER as APPLIED
from tests.cli.applied_cluster import applied_cluster
from tests.cli.store import CLUSTER, FACTS, FileStore

pytestmark = pytest.mark.full


def test_a_group_is_made_as_kops_makes_it(store: FileStore) -> None:
    words = ("--vcpus", "2", "--memory-min", "8gb", "--node-volume-size", "50", "--usage-class", "spot")
    printed = store.run("toolbox", "instance-selector", "spot", *words, "--dry-run", *FACTS).stdout
    (document,) = read_documents(printed, "printed")
    spec = document.tree["spec"]
    assert isinstance(spec, dict)
    assert spec["machineType"] == "m5.large"
    assert spec["mixedInstancesPolicy"] == {
        "instances": ["m5.large", "t3.large"],
        "onDemandBase": 0,
        "onDemandAboveBase": 0,
        "spotAllocationStrategy": "capacity-optimized",
    }
    assert (spec["minSize"], spec["maxSize"], spec["rootVolumeSize"]) == (1, 10, 50)
    assert spec["cloudLabels"] == {
        "k8s.io/cluster-autoscaler/enabled": "1",
        f"k8s.io/cluster-autoscaler/{CLUSTER}": "1",
    }
    kubelet = spec["kubelet"]
    assert isinstance(kubelet, dict)
    assert kubelet["nodeLabels"] == {"kops.k8s.io/instancegroup": "spot", "node-role.kubernetes.io/node": ""}
    assert not (store.files / "instancegroup" / "spot").exists()


def test_several_groups_with_more_memory_each_are_stored(store: FileStore) -> None:
    words = ("--ig-count", "2", "--vcpus-to-memory-ratio", "1:2", "--cluster-autoscaler=false")
    store.run("toolbox", "instance-selector", "ig", *words, *FACTS)
    one, two = ((store.files / "instancegroup" / f"ig{number}").read_text() for number in (1, 2))
    assert "machineType: c5.2xlarge\n" in one
    assert "machineType: m5.large\n" in two
    assert "cluster-autoscaler" not in one


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        (("--vcpus", "1000"), 64, "no machine type"),
        (("--memory", "much"), 64, "no amount of memory"),
        (("--vcpus-to-memory-ratio", "2"), 64, "no ratio"),
        (("--allow-list", "("), 64, "no regular expression"),
        (("--subnets", "nowhere"), 64, "no subnet nowhere"),
    ],
)
def test_what_can_not_be_met_is_refused(
    store: FileStore, words: tuple[str, ...], code: int, why: str
) -> None:
    told = store.run("toolbox", "instance-selector", "ig", *words, *FACTS, code=code).stderr
    assert why in told
    assert not (store.files / "instancegroup" / "ig").exists()


def test_the_types_of_an_account(tmp_path_factory: pytest.TempPathFactory) -> None:
    with applied_cluster(tmp_path_factory.mktemp("home")) as cluster:
        words = ("--vcpus", "2", "--memory", "8", "--allow-list", r"^m5\.", "--dry-run")
        told = cluster.run("toolbox", "instance-selector", "extra", *words, "-o", "json").stdout
        assert '"machineType": "m5.large"' in told
        assert f"k8s.io/cluster-autoscaler/{APPLIED}" in told
