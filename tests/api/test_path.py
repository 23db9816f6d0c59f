"""Field paths: parsing and rendering, and properties of get, set and unset."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kops_core.api.path import ANY, FieldPath, get, leaves, overlaps, parse, render, set_at, unset_at
from kops_core.api.values import UNSET, Tree, Value
from kops_core.errors import UsageError

KEYS = st.text(min_size=1, max_size=6) | st.sampled_from(
    ["a", "b", "kops.k8s.io/x", 'say "x"', "a\\b", "[0]", "0"]
)
PATHS = st.lists(KEYS.filter(lambda key: key != "*") | st.integers(0, 3), min_size=1, max_size=5).map(tuple)
TREES = st.dictionaries(
    st.sampled_from("abc"),
    st.recursive(
        st.integers(0, 3),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
        ),
        max_leaves=8,
    ),
    max_size=3,
)


@given(PATHS)
def test_a_path_s_text_is_that_path(parts: FieldPath) -> None:
    assert parse(render(parts)) == parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ()),
        ("spec.etcdClusters[0].version", ("spec", "etcdClusters", 0, "version")),
        ("spec.etcdClusters[*].version", ("spec", "etcdClusters", ANY, "version")),
        ("spec.etcdClusters[main].version", ("spec", "etcdClusters", "main", "version")),
        ('metadata.labels["kops.k8s.io/cluster"]', ("metadata", "labels", "kops.k8s.io/cluster")),
        ("instanceGroups.*.spec", ("instanceGroups", "*", "spec")),
    ],
)
def test_paths_are_read(text: str, parts: FieldPath) -> None:
    assert parse(text) == parts


@pytest.mark.parametrize("text", ["a..b", "a[", "a]", "a[]", ".", "a.", '["x"', "a[0]b"])
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse(text)


@given(tree=TREES, data=st.data(), value=st.integers(10, 12))
def test_put_changes_one_place_and_no_argument(tree: Tree, data: st.DataObject, value: Value) -> None:
    parts = data.draw(st.sampled_from([at for at, _ in leaves(tree)]))
    if not parts:
        return
    before = repr(tree)
    changed = set_at(tree, parts, value)
    assert repr(tree) == before
    assert get(changed, parts) == value
    gone = unset_at(changed, parts)
    if isinstance(parts[-1], str):
        assert get(gone, parts) is UNSET
        assert set_at(gone, parts, value) == changed
    for at, leaf in leaves(tree):
        if not overlaps(at, parts):
            assert get(changed, at) == leaf


def test_put_makes_parents_and_refuses_what_does_not_fit() -> None:
    assert set_at({}, ("a", "b", 0, "c"), 1) == {"a": {"b": [{"c": 1}]}}
    for tree, parts in (({"a": 1}, ("a", "b")), ({"a": [1]}, ("a", 2)), ({"a": {}}, ("a", 0))):
        with pytest.raises(UsageError):
            set_at(tree, parts, 1)  # type: ignore[arg-type]


def test_drop_without_such_a_value_is_the_same_tree() -> None:
    tree: Tree = {"a": {"b": 1}}
    assert unset_at(tree, ("a", "x")) is tree
    assert unset_at(tree, ("a", "b")) == {"a": {}}
