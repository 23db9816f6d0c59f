"""An edit changes one value of a user's file and not one byte beside it."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kops_core.api.path import FieldPath, get, leaves, parse, render, set_at, unset_at
from kops_core.api.values import Tree, Value
from kops_core.api.yaml_edit import set_value
from kops_core.api.yaml_reader import read
from kops_core.errors import KopsError, Refused
from tests.api.test_corpus import files

TEXT = """\
# the cluster
apiVersion: kops.k8s.io/v1alpha2
kind: Cluster   # a kind
metadata:
    name: 'a.example.com'   # its name
spec:
    # where people come from
    sshAccess:
    - 10.0.0.0/8   # office
    - "192.0.2.0/24"

    # networking
    networking: {cilium: {}}   # the plugin
    kubelet:
    etcdClusters:
      # the first
      - name: main
        # its members
        etcdMembers: [ {name: a, instanceGroup: cp} ]
      - name: events
    additionalPolicies:
      node: |
        [{"Effect": "Allow"}]  # not a comment
    channel: stable
"""


def unset_value(text: str, at: FieldPath) -> str:
    """The text with the outermost structure set to what it is without one value."""
    after = unset_at(_tree(text), at)
    return set_value(text, at[:1], get(after, at[:1]))  # type: ignore[arg-type]  # a structure


def _tree(text: str) -> Tree:
    (document,) = read(text)
    assert isinstance(document.value, dict)
    return document.value


def comments(text: str) -> list[str]:
    return sorted(part for part in text.split("\n") if "#" in part for part in [part[part.index("#") :]])


@pytest.mark.parametrize(
    ("path", "value", "old", "new"),
    [
        ("metadata.name", "b.example.com", "'a.example.com'   # its", "'b.example.com'   # its"),
        ("spec.channel", "alpha", "channel: stable", "channel: alpha"),
        ("spec.sshAccess[1]", "::/0", '"192.0.2.0/24"', '"::/0"'),
        ("spec.sshAccess[0]", "::/0", "10.0.0.0/8   #", "::/0   #"),
        ("spec.networking.cilium.version", "v1.18", "{cilium: {}}", "{cilium: {version: v1.18}}"),
        ("spec.kubelet", {"maxPods": 5}, "kubelet:\n", "kubelet:\n      maxPods: 5\n"),
        ("spec.etcdClusters[0].version", "3.6", "cp} ]\n", 'cp} ]\n        version: "3.6"\n'),
        ("spec.etcdClusters[0].etcdMembers[0].name", "b", "name: a,", "name: b,"),
        (
            "spec.kubernetesVersion",
            "1.36.0",
            "channel: stable\n",
            "channel: stable\n    kubernetesVersion: 1.36.0\n",
        ),
    ],
)
def test_set_splices(path: str, value: Value, old: str, new: str) -> None:
    assert set_value(TEXT, parse(path), value) == TEXT.replace(old, new)


@pytest.mark.parametrize(
    ("path", "gone"),
    [
        ("spec.channel", "    channel: stable\n"),
        ("spec.kubelet", "    kubelet:\n"),
        ("spec.etcdClusters[1]", "      - name: events\n"),
        ("spec.sshAccess[1]", '    - "192.0.2.0/24"\n'),
    ],
)
def test_unset_takes_the_entry_alone(path: str, gone: str) -> None:
    assert unset_value(TEXT, parse(path)) == TEXT.replace(gone, "")


def test_comments_outlive_what_they_were_about() -> None:
    for path, _ in leaves({"spec": _tree(TEXT)["spec"]}):
        assert comments(unset_value(TEXT, path)) == comments(TEXT) or path[1:2] == ("additionalPolicies",)


def test_no_change_is_the_same_bytes() -> None:
    for path in files("upstream/update/*/cluster.yaml"):
        for text in _documents(path):
            for at, value in leaves(_tree(text))[::40]:
                assert set_value(text, at, value) == text


VALUES: list[Value] = [
    "x",
    "",
    "yes",
    "1.30",
    "a: b",
    "# c",
    "two\nlines\n",
    " pad ",
    True,
    0,
    12,
    None,
    "é☃",
    "'q'",
]
WIDE: list[Value] = [
    *VALUES,
    {"a": 1, "b": ["c", "d: e"]},
    ["p", "q"],
    {},
    [],
    [{"name": "n", "x": {"y": "z"}}],
]


@pytest.mark.parametrize("seed", range(4))
def test_any_edit_of_any_file_is_exact_or_refused(seed: int) -> None:
    """Random edits over the corpus: the file then holds that change and no other."""
    rng = random.Random(seed)
    refused = 0
    paths = files("upstream/update/*/cluster.yaml", "mutated/*/cluster.yaml")
    for path in rng.sample(paths, 12):
        text = rng.choice(_documents(path))
        tree = _tree(text)
        for at, value in _edits(rng, tree):
            wanted = unset_at(tree, at) if value is ... else set_at(tree, at, value)  # type: ignore[arg-type]
            try:
                edited = unset_value(text, at) if value is ... else set_value(text, at, value)  # type: ignore[arg-type]
            except Refused:
                refused += 1
                continue
            assert _tree(edited) == wanted, (path, render(at), value)
            assert comments(edited) == comments(text) or "#" in str(get(tree, at)) + str(value)
    assert refused <= 2


def _documents(path: Path) -> list[str]:
    """The documents of a file, each a text of its own."""
    return [text for text in re.split(r"(?m)^---\n", path.read_text()) if read(text)]


def _edits(rng: random.Random, tree: Tree) -> list[tuple[FieldPath, object]]:
    places = [at for at, _ in leaves(tree) if len(at) > 1]
    inner = sorted({at[:end] for at in places for end in range(2, len(at))}, key=render)
    chosen: list[tuple[FieldPath, object]] = []
    for at in rng.sample(places, min(4, len(places))):
        chosen += [(at, rng.choice(WIDE)), (at, ...)]
    for at in rng.sample(inner, min(4, len(inner))):
        chosen += [(at, ...), (at, rng.choice(WIDE))]
        parent = get(tree, at)
        key: str | int = len(parent) if isinstance(parent, list) else rng.choice(["aaa", "mmm", "zzz"])
        chosen.append(((*at, key), rng.choice(WIDE)))
    return chosen


PLAIN = st.recursive(
    st.sampled_from(VALUES) | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(alphabet="abc.-", min_size=1, max_size=4), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(value=PLAIN, at=st.sampled_from([at for at, _ in leaves(read(TEXT)[0].value)]))
@settings(max_examples=60, deadline=None)
def test_any_value_can_be_set_anywhere(value: Value, at: FieldPath) -> None:
    tree = _tree(TEXT)
    try:
        edited = set_value(TEXT, at, value)
    except KopsError:
        # Text that YAML can't hold (control characters) is refused, never bent.
        assert not str(value).isprintable() or "\\x" in repr(value) or "\\u" in repr(value)
        return
    assert _tree(edited) == set_at(tree, at, value)


def test_line_ends_and_byte_order_mark_stay() -> None:
    windows = "\ufeff" + TEXT.replace("\n", "\r\n")
    edited = set_value(windows, parse("spec.kubelet.maxPods"), 5)
    assert edited == "\ufeff" + set_value(TEXT, parse("spec.kubelet.maxPods"), 5).replace("\n", "\r\n")
    assert set_value(TEXT.rstrip("\n"), ("spec", "channel"), "x").endswith("channel: x")


def test_a_value_behind_an_alias_is_not_touched() -> None:
    text = "a: &x {b: 1}\nc: *x\n"
    with pytest.raises(Refused):
        set_value(text, ("c", "b"), 2)
    assert set_value(text, ("c",), {"b": 2}) == "a: &x {b: 1}\nc:\n  b: 2\n"
