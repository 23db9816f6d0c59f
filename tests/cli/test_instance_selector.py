"""``toolbox instance-selector``: which machine types are chosen, and the groups that they make."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kops_core.api.documents import read_documents
from kops_core.errors import UsageError
from kops_core.infer.create.selection import Criteria, MachineType, select
from tests.cli.applied_cluster import CLUSTER as APPLIED
from tests.cli.applied_cluster import applied_cluster
from tests.cli.store import CLUSTER, FACTS, FileStore

pytestmark = pytest.mark.full

SMALL = MachineType("m5.large", vcpus=2, memory_mib=8192, interfaces=3, placement=("spread",), ena=True)
TYPES = (
    SMALL,
    replace(SMALL, name="m5.xlarge", vcpus=4, memory_mib=16384),
    replace(SMALL, name="c5.xlarge", vcpus=4, memory_mib=8192),
    replace(SMALL, name="m6g.large", architectures=("arm64",)),
    replace(SMALL, name="t3.large", burstable=True),
    replace(SMALL, name="g4dn.xlarge", vcpus=4, memory_mib=16384, gpus=1, gpu_memory_mib=16384),
    replace(SMALL, name="m5.metal", vcpus=96, memory_mib=393216, bare_metal=True),
    replace(SMALL, name="m1.small", vcpus=1, memory_mib=1740, ena=False, usage_classes=("on-demand",)),
    replace(SMALL, name="m5a.large", zones=frozenset({"us-east-1a"})),
)


@pytest.mark.parametrize(
    ("criteria", "names"),
    [
        (Criteria(vcpus=(2, 2)), ["m5.large", "m5a.large", "t3.large"]),
        (Criteria(vcpus=(2, 2), zones=("us-east-1a", "us-east-1b")), ["m5.large", "t3.large"]),
        (Criteria(memory_mib=(None, 4096)), ["m1.small"]),
        (Criteria(gpus=(1, None)), ["g4dn.xlarge"]),
        (Criteria(gpu_memory_mib=(16384, 16384)), ["g4dn.xlarge"]),
        (Criteria(architecture="arm64"), ["m6g.large"]),
        (Criteria(burstable=True), ["t3.large"]),
        (Criteria(ena=False), ["m1.small"]),
        (Criteria(vcpus=(None, 1), usage_class="on-demand"), ["m1.small"]),
        (Criteria(gib_per_vcpu=2), ["c5.xlarge", "m1.small"]),
        (Criteria(allow=r"^m5\.", deny="metal"), ["m5.large", "m5.xlarge"]),
        (Criteria(base="m5.large"), ["m5.large", "m5a.large", "t3.large"]),
        (Criteria(flexible=True), ["c5.xlarge", "m5.xlarge"]),
        (Criteria(flexible=True, vcpus=(2, 2)), ["m5.large", "m5a.large", "t3.large"]),
        (Criteria(bare_metal=True), ["m5.metal"]),
        (Criteria(placement="cluster"), []),
    ],
)
def test_machine_types_are_chosen_by_what_they_have(criteria: Criteria, names: list[str]) -> None:
    if not names:
        with pytest.raises(UsageError, match="no machine type"):
            select(TYPES, criteria, at_most=20)
    else:
        assert select(TYPES, criteria, at_most=20) == names


def test_an_unknown_base_is_an_error() -> None:
    with pytest.raises(UsageError, match="there is no machine type x"):
        select(TYPES, Criteria(base="x"), at_most=20)


@given(
    st.lists(
        st.builds(MachineType, st.text(min_size=1), vcpus=st.integers(1, 9), memory_mib=st.integers(1, 99)),
        min_size=1,
    ),
    st.integers(1, 9),
    st.integers(1, 5),
)
def test_whatever_is_chosen_meets_the_criteria_and_is_no_more_than_asked_for(
    types: list[MachineType], least: int, at_most: int
) -> None:
    fitting = sorted(each.name for each in types if each.vcpus >= least)
    try:
        assert select(types, Criteria(vcpus=(least, None)), at_most=at_most) == fitting[:at_most]
    except UsageError:
        assert not fitting


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
