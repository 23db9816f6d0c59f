"""The diff of manifests: exactly the differing objects are listed."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kops_core.model.kind_spec import Risk
from kops_core.model.template import Key
from kops_core.plan.changes import Action, Change, FieldChange, Plan, Reason
from kops_core.plan.manifest_diff import changes_of, object_changes
from kops_core.plan.render import text
from kops_core.plan.saved import dumps, loads

_WORDS = st.sampled_from(["a", "b", "name", "c.d/e", "x-y"])
_SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "1", "true", "v1", "l\nm"])
_VALUES: st.SearchStrategy[Any] = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS, inner, max_size=3),
    max_leaves=8,
)
_OBJECTS = st.dictionaries(
    st.tuples(st.sampled_from(["Deployment", "Role"]), st.sampled_from(["", "kube-system"]), _WORDS),
    st.dictionaries(_WORDS, _VALUES, max_size=3),
    max_size=4,
)


def _text(objects: dict[tuple[str, str, str], Any]) -> str:
    documents = []
    for (kind, namespace, name), spec in objects.items():
        metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
        documents.append({"apiVersion": "apps/v1", "kind": kind, "metadata": metadata, "spec": spec})
    return "---\n".join(json.dumps(each) + "\n" for each in documents)


def _between(before: str | None, after: str | None) -> FieldChange:
    return FieldChange("contents", before, after, "yaml")


def _named(kind: str, namespace: str, name: str) -> str:
    return f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}"


@given(_OBJECTS, _OBJECTS)
@settings(max_examples=150, deadline=None)
def test_every_object_that_differs_is_told_with_what_differs_and_no_other(one: Any, other: Any) -> None:
    found = {each.name: each for each in object_changes(_between(_text(one), _text(other)))}
    exact = {key: json.dumps(spec, sort_keys=True) for key, spec in one.items()}
    wanted = {key: json.dumps(spec, sort_keys=True) for key, spec in other.items()}
    expected = {
        _named(*key): Action.CREATE
        if key not in exact
        else Action.DELETE
        if key not in wanted
        else Action.UPDATE
        for key in exact.keys() | wanted.keys()
        if exact.get(key) != wanted.get(key)
    }
    assert {name: each.action for name, each in found.items()} == expected
    for each in found.values():
        assert bool(each.fields) == (each.action is Action.UPDATE)
        assert all(value.before != value.after for value in each.fields)


@given(_OBJECTS, _OBJECTS)
@settings(max_examples=50, deadline=None)
def test_seen_from_the_other_side_it_is_the_other_way_round(one: Any, other: Any) -> None:
    there = object_changes(_between(_text(one), _text(other)))
    back = object_changes(_between(_text(other), _text(one)))
    turned = {Action.CREATE: Action.DELETE, Action.DELETE: Action.CREATE, Action.UPDATE: Action.UPDATE}
    assert {each.name: turned[each.action] for each in there} == {each.name: each.action for each in back}
    values = {(each.name, v.path, v.before, v.after) for each in there for v in each.fields}
    assert values == {(each.name, v.path, v.after, v.before) for each in back for v in each.fields}


DEPLOYMENT = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "dns", "namespace": "kube-system", "annotations": {"a.b/c": "1"}},
    "spec": {"containers": [{"name": "main", "image": "dns:1"}, {"name": "side", "args": ["-v", "-x"]}]},
}
ACCOUNT = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "dns"}}


def addon_plan(prune: bool) -> Plan:
    after: Any = copy.deepcopy(DEPLOYMENT)
    after["metadata"]["annotations"]["a.b/c"] = "2"
    after["spec"]["containers"] = [{"name": "side", "args": ["-v"]}, {"name": "main", "image": "dns:2"}]
    entry: Any = {"name": "dns", "id": "v1", "manifest": "dns/v1-2.0.yaml"}
    if prune:
        entry["prune"] = {"kinds": [{"kind": "ServiceAccount"}]}
    channel = json.dumps({"kind": "Addons", "spec": {"addons": [entry]}})
    before = f"{json.dumps(DEPLOYMENT)}\n---\n{json.dumps(ACCOUNT)}\n"

    def change(kind: str, name: str, one: str, other: str) -> Change:
        fields = (_between(one, other),)
        return Change(Key(kind, name), Action.UPDATE, Reason.DIFFERS, fields, risk=Risk.LIVE)

    return Plan(
        "c.example.com",
        "0",
        datetime(2026, 1, 1, tzinfo=UTC),
        (
            change("AddonManifest", "c.example.com-addons-dns-v1", before, json.dumps(after)),
            change("BootstrapChannel", "c.example.com-addons-bootstrap", "kind: Addons\n", channel),
        ),
    )


def test_a_plan_tells_objects_field_by_field_and_that_they_go_live() -> None:
    shown = text(addon_plan(prune=True))
    for line in (
        "! goes live within minutes, without a rolling update",
        "~ Deployment kube-system/dns",
        'metadata.annotations["a.b/c"]: "1" -> "2"',
        "spec.containers[main].image: dns:1 -> dns:2",
        "spec.containers[side].args[]: -x -> (unset)",
        "spec.containers (order): main, side -> side, main",
        "- ServiceAccount dns  (pruned: the cluster loses it)",
    ):
        assert line in shown
    assert "stays in the cluster" in text(addon_plan(prune=False))


def test_json_has_the_same_objects_and_is_read_back_as_the_same_plan() -> None:
    plan = addon_plan(prune=True)
    first = json.loads(dumps(plan))["changes"][0]["fields"][0]["objects"]
    assert [(each["action"], each["name"], each["pruned"]) for each in first] == [
        ("update", "Deployment kube-system/dns", None),
        ("delete", "ServiceAccount dns", True),
    ]
    assert first[0]["fields"][0].keys() == {"path", "before", "after"}
    assert loads(dumps(plan)) == plan


def test_what_is_no_yaml_or_equal_in_content_is_told_by_its_lines() -> None:
    assert object_changes(_between("a: [", "a: 1\n")) == ()
    assert object_changes(_between("a: 1 # one\n", "a: 1\n")) == ()
    (changed,) = changes_of(
        addon_plan(prune=True).changes[1], _between("a: 1\n", "a: 2\n"), addon_plan(prune=True)
    )
    assert (changed.name, [each.path for each in changed.fields]) == ("", ["a"])
