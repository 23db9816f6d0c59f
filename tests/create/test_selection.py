"""Which machine types meet criteria."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kops_core.api.values import Tree
from kops_core.errors import UsageError
from kops_core.infer.create.selection import Criteria, MachineType, machine_types_of, select

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


def test_what_facts_do_not_say_of_a_machine_type_is_none() -> None:
    """So that a minimum is never met by a machine that nobody knows."""
    told: Tree = {"name": "m5.large", "architectures": ["x86_64"], "vcpus": 2, "memoryMiB": 8192}
    (known, unknown) = machine_types_of([{**told, "gpus": [{"count": 1}, {"count": 2}]}, {"name": "x1"}])
    assert (known.vcpus, known.memory_mib, known.gpus, known.interfaces) == (2, 8192, 3, 0)
    assert (unknown.vcpus, unknown.memory_mib, unknown.gpus, unknown.interfaces) == (0, 0, 0, 0)
    assert unknown == replace(MachineType("x1"), architectures=unknown.architectures)
    for least in (Criteria(vcpus=(1, None)), Criteria(memory_mib=(1, None)), Criteria(gpus=(1, None))):
        assert select([known, unknown], least, at_most=9) == ["m5.large"]


@pytest.mark.parametrize("field", ["vcpus", "memory_mib", "gpus"])
def test_like_another_type_means_about_as_large_in_each_respect(field: str) -> None:
    """From four fifths to six fifths of it, and as many GPUs, where nothing else is asked for."""
    base = replace(SMALL, name="base", vcpus=100, memory_mib=102_400, gpus=2)
    apart = 1 if field == "gpus" else None
    size = getattr(base, field)
    others = [
        replace(base, name=f"a{percent}", **{field: size + apart if apart else size * percent // 100})
        for percent in ((50,) if apart else (50, 200))
    ]
    assert select([*others, base], Criteria(base="base"), at_most=9) == ["base"]
    wanted: dict[str, Any] = {field: (getattr(others[0], field),) * 2}
    asked = replace(Criteria(base="base"), **wanted)
    assert select([*others, base], asked, at_most=9) == [others[0].name]
