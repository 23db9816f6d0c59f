"""The order by dependencies, and cycles."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kops_core.plan.order import PlanFault, in_order, without_circles

graphs = st.dictionaries(st.integers(0, 9), st.lists(st.integers(0, 12), max_size=4), max_size=10)


@given(graphs)
def test_each_comes_once_and_after_what_it_needs_unless_that_is_a_circle(graph: dict[int, list[int]]) -> None:
    needs = without_circles(graph)
    order = in_order(needs)
    assert sorted(order) == sorted(graph)
    for key, needed in needs.items():
        assert all(order.index(each) < order.index(key) for each in needed)


@given(graphs)
def test_only_circles_lose_needs(graph: dict[int, list[int]]) -> None:
    within = {
        key: tuple(dict.fromkeys(each for each in needed if each in graph)) for key, needed in graph.items()
    }
    try:
        in_order(graph)
    except PlanFault:
        assert without_circles(graph) != within
    else:
        assert without_circles(graph) == within


@given(st.permutations(range(8)))
def test_what_needs_nothing_stays_in_the_order_given(keys: list[int]) -> None:
    assert in_order(dict.fromkeys(keys, ())) == tuple(keys)


def test_what_is_needed_by_the_first_comes_just_before_it() -> None:
    assert in_order({"template": ("role",), "volume": (), "role": ("vpc",), "vpc": ()}) == (
        "volume",
        "vpc",
        "role",
        "template",
    )


def test_a_circle_is_a_fault_that_names_its_ring() -> None:
    with pytest.raises(PlanFault, match=r"(a -> b -> c -> a|b -> c -> a -> b|c -> a -> b -> c)"):
        in_order({"a": ("b",), "b": ("c",), "c": ("a",), "d": ("a",)})
