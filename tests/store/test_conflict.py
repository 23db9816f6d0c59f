"""The error of the loser of a write race."""

from __future__ import annotations

from kops_core.api.values import Tree
from kops_core.store.conflict import differences


def test_each_field_is_told_with_both_values() -> None:
    before: Tree = {"spec": {"version": "1", "gone": {"deep": True}}}
    now: Tree = {"spec": {"version": "2", "new": ["x"]}}
    assert differences(before, now) == [
        "spec.gone.deep: True -> unset",
        "spec.new[0]: unset -> 'x'",
        "spec.version: '1' -> '2'",
    ]


def test_a_named_item_put_before_others_is_one_difference() -> None:
    before: Tree = {"subnets": [{"name": "a", "zone": "z1"}, {"name": "b", "zone": "z2"}]}
    now: Tree = {"subnets": [{"name": "c"}, {"name": "a", "zone": "z1"}, {"name": "b", "zone": "z3"}]}
    assert differences(before, now) == ["subnets[0].name: unset -> 'c'", "subnets[2].zone: 'z2' -> 'z3'"]


def test_equal_documents_have_none() -> None:
    assert differences({"a": [1, {"name": "x"}]}, {"a": [1, {"name": "x"}]}) == []
