"""Every field that a validation asks for is a field of v1alpha2, and no document makes it fail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kops_core.api.path import FieldPath, leaves, render, set_at
from kops_core.api.schema import schema
from kops_core.api.values import Tree, Value
from kops_core.errors import UsageError
from kops_core.validate.additional import validate_additional_object
from kops_core.validate.cluster import validate_cluster
from kops_core.validate.field import Field
from kops_core.validate.instance_group import validate_with_cluster
from kops_core.validate.update import validate_cluster_update
from tests.validate import samples, test_cluster, test_components, test_instance_group, test_network

_NOT_FIELDS = {
    "spec.etcdClusters[0].backupStore",
    "spec.additionalPolicies.node[0]",
    "spec.additionalPolicies.node[0].Effect",
}
"""Where kOps' own message points though no such field can be written, and what lies inside a JSON text."""

_OF_CLUSTERS = [*test_cluster.ROWS, *test_components.ROWS, *test_network.ROWS]

_JUNK: st.SearchStrategy[Value] = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 300) | st.text("a1./:-%=#[", max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("ab.", max_size=3), inner, max_size=3)
    ),
    max_leaves=5,
)


@contextmanager
def _asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[FieldPath]]:
    """The paths that validations ask for meanwhile."""
    seen: set[FieldPath] = set()
    at, key = Field.at, Field.key

    def watched_at(self: Field, path: str) -> Field:
        found = at(self, path)
        seen.add(found.path)
        return found

    def watched_key(self: Field, part: str | int) -> Field:
        found = key(self, part)
        seen.add(found.path)
        return found

    with monkeypatch.context() as patch:
        patch.setattr(Field, "at", watched_at)
        patch.setattr(Field, "key", watched_key)
        yield seen


@pytest.mark.parametrize("kind", ["Cluster", "InstanceGroup"])
def test_every_field_asked_for_exists(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with _asked(monkeypatch) as seen:
        if kind == "Cluster":
            for changes, _ in _OF_CLUSTERS:
                validate_cluster(samples.cluster(changes), strict=True)
        else:
            for changes, _ in test_instance_group.ALONE:
                validate_with_cluster(samples.group(changes), {})
    unknown = {render(parts) for parts in seen if parts and not _exists(kind, parts)}
    of_other_kind = {
        text for text in unknown if kind == "InstanceGroup" and _exists("Cluster", _parts(text, seen))
    }
    assert not unknown - of_other_kind - _NOT_FIELDS
    assert len(seen) > 50


@settings(max_examples=250, deadline=None)
@given(st.data())
def test_junk_gives_errors_and_no_exception(data: st.DataObject) -> None:
    cluster, group = samples.cluster(), samples.group()
    rows = [*_OF_CLUSTERS, *((changes, "") for changes, _ in test_instance_group.ALONE)]
    changes = data.draw(st.sampled_from([row for row, _ in rows if row]))
    is_cluster = any(changes is row for row, _ in _OF_CLUSTERS)
    target = samples.cluster(changes) if is_cluster else samples.group(changes)
    places = [parts for parts, _ in leaves(target) if len(parts) > 1]
    spoilt: Tree = set_at(target, data.draw(st.sampled_from(places)), data.draw(_JUNK))
    cluster, group = (spoilt, group) if is_cluster else (cluster, spoilt)
    for strict in (False, True):
        found = [
            *validate_cluster(cluster, strict=strict),
            *validate_with_cluster(group, cluster, strict=strict),
            *validate_cluster_update(cluster, samples.cluster(), etcd_created=["main"]),
        ]
        assert all(error.path and error.message and error.kind for error in found)


def test_what_an_existing_cluster_can_not_change() -> None:
    before = samples.cluster({"spec.etcdClusters[0].image": "x", "spec.etcdClusters[0].version": "3.5.21"})
    after = samples.cluster(
        {
            "spec.etcdClusters[0].image": "y",
            "spec.etcdClusters[0].version": "3.5.22",
            "spec.etcdClusters[0].etcdMembers[0].instanceGroup": "other",
            "spec.etcdClusters[1]": {
                "name": "leases",
                "etcdMembers": [{"name": "a", "instanceGroup": "control-plane"}],
            },
            "spec.cloudLabels": {"Name": "x"},
        }
    )
    always = samples.expected("spec.etcdClusters: Forbidden; spec.cloudLabels.Name: Forbidden")
    assert samples.places(validate_cluster_update(after, before)) == always
    assert samples.places(
        validate_cluster_update(after, before, etcd_created=["main"])
    ) == always | samples.expected(
        "spec.etcdClusters[0].image: Forbidden;"
        "spec.etcdClusters[0].version: Forbidden;"
        "spec.etcdClusters[0].etcdMembers[0].instanceGroup: Forbidden"
    )


def test_the_scheduler_configuration_leaves_the_kubeconfig_to_kops() -> None:
    tree: Tree = {
        "apiVersion": "kubescheduler.config.k8s.io/v1",
        "kind": "KubeSchedulerConfiguration",
        "clientConnection": {"kubeconfig": "/x"},
    }
    assert samples.places(validate_additional_object(tree)) == samples.expected(
        "clientConnection.kubeconfig: Invalid value"
    )
    others: tuple[Tree, ...] = (
        {**tree, "kind": "ConfigMap"},
        {**tree, "apiVersion": "example.com/v1"},
        {**tree, "clientConnection": {"kubeconfig": ""}},
        {**tree, "clientConnection": {"qps": 50}},
    )
    for sound in others:
        assert not validate_additional_object(sound)


def _exists(kind: str, parts: FieldPath) -> bool:
    try:
        schema().field(kind, parts)
    except UsageError:
        return False
    return True


def _parts(text: str, seen: set[FieldPath]) -> FieldPath:
    return next(parts for parts in seen if render(parts) == text)
