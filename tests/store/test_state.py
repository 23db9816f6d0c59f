"""Clusters in a store: kOps' bytes and metadata, objects that a write changes, conflicts."""

from __future__ import annotations

import pytest

from kops_core.api.documents import read_documents
from kops_core.api.path import get, parse
from kops_core.api.values import Tree
from kops_core.errors import InvalidSpec, ObjectChanged, ObjectExists, ObjectNotFound, Refused
from kops_core.store.backend import Backend
from kops_core.store.memory import MemoryBackend
from kops_core.store.reading import StoredCluster, Unreadable
from kops_core.store.state import StateStore
from tests.corpus import cases
from tests.store.documents import Clock, cluster, group, with_spec

NAME = "a.example.com"


def etags(stored: StoredCluster) -> dict[str, str]:
    return {key: each.etag for key, each in stored.objects.items()}


def state_store(backend: Backend, author: str = "ann@laptop") -> StateStore:
    return StateStore(backend, author=author, now=Clock())


def test_what_kops_would_store(backend: Backend) -> None:
    store = state_store(backend)
    store.create(cluster(), [group()])
    assert sorted(key for key in backend.keys("") if not key.startswith(".")) == [
        f"{NAME}/config",
        f"{NAME}/instancegroup/nodes",
    ]
    assert backend.read(f"{NAME}/instancegroup/nodes").data.decode() == (
        "apiVersion: kops.k8s.io/v1alpha2\n"
        "kind: InstanceGroup\n"
        "metadata:\n"
        '  creationTimestamp: "2026-01-01T00:00:01Z"\n'
        "  labels:\n"
        "    kops.k8s.io/cluster: a.example.com\n"
        "  name: nodes\n"
        "spec:\n"
        "  maxSize: 1\n"
        "  minSize: 1\n"
        "  role: Node\n"
        "  subnets:\n"
        "  - us-east-1a\n"
    )


def test_metadata_follows_the_spec(backend: Backend) -> None:
    """creationTimestamp is set once; generation counts changes of the spec, not of labels."""
    store = state_store(backend)
    first = store.create(cluster(), [])
    created = get(first.cluster, parse("metadata.creationTimestamp"))
    second = store.replace(first, cluster=with_spec(first.cluster, channel="alpha"), what="edit")
    third = store.replace(second, cluster=cluster(channel="beta"), what="replace from a file")
    assert get(second.cluster, parse("metadata.generation")) == 1
    assert get(third.cluster, parse("metadata.generation")) == 2
    assert get(third.cluster, parse("metadata.creationTimestamp")) == created
    metadata = third.cluster["metadata"]
    assert isinstance(metadata, dict)
    labelled: Tree = {**third.cluster, "metadata": {**metadata, "labels": {"team": "a"}}}
    fourth = store.replace(third, cluster=labelled, what="label")
    assert get(fourth.cluster, parse("metadata.generation")) == 2


def test_an_edit_without_a_change_touches_nothing(backend: Backend) -> None:
    """The bytes of a hand-written document stay, though kOps would write them otherwise."""
    head = b"# by hand\nkind: Cluster\napiVersion: kops.k8s.io/v1alpha2\n"
    text = head + b"metadata: {name: a.example.com}\nspec: {}\n"
    backend.create(f"{NAME}/config", text)
    store = state_store(backend)
    stored = store.read_cluster(NAME)
    again = store.replace(stored, cluster=stored.cluster, instance_groups={}, what="nothing")
    assert etags(again) == etags(stored)
    assert backend.read(f"{NAME}/config").data == text
    assert store.revisions(NAME).ids() == []


def test_a_write_touches_only_what_differs(backend: Backend) -> None:
    store = state_store(backend)
    before = store.create(cluster(), [group("a"), group("b"), group("c")])
    groups = {
        "a": before.instance_groups["a"],
        "b": with_spec(before.instance_groups["b"], maxSize=9),
        "d": group("d"),
    }
    after = store.replace(before, cluster=before.cluster, instance_groups=groups, what="regroup")
    assert sorted(after.instance_groups) == ["a", "b", "d"]
    same = {key for key in etags(before) if etags(before)[key] == etags(after).get(key)}
    assert same == {"config", "instancegroup/a"}


def test_the_loser_is_told_who_changed_what(backend: Backend) -> None:
    ann, bob = state_store(backend), state_store(backend, "bob@desk")
    mine = ann.create(cluster(), [group()])
    theirs = bob.read_cluster(NAME)
    bob.replace(
        theirs,
        instance_groups={"nodes": with_spec(theirs.instance_groups["nodes"], maxSize=7)},
        what="scale out",
    )
    groups = {"nodes": with_spec(mine.instance_groups["nodes"], machineType="m5.large")}
    with pytest.raises(ObjectChanged) as caught:
        ann.replace(mine, cluster=with_spec(mine.cluster, channel="alpha"), instance_groups=groups, what="x")
    text = str(caught.value)
    for part in ("bob@desk", "scale out", "spec.maxSize: 1 -> 7", "instancegroup/nodes"):
        assert part in text
    # Neither object was written: all are looked at before the first is.
    assert etags(ann.read_cluster(NAME))["config"] == etags(mine)["config"]


def test_a_change_by_kops_itself_is_told_with_its_time(backend: Backend) -> None:
    store = state_store(backend)
    mine = store.create(cluster(), [])
    changed = mine.objects["config"].data.replace(b"1.35.0", b"1.36.1")
    backend.put(f"{NAME}/config", changed)
    with pytest.raises(ObjectChanged) as caught:
        store.replace(mine, cluster=with_spec(mine.cluster, channel="alpha"), what="edit")
    assert "somebody did at 20" in str(caught.value)
    assert "spec.kubernetesVersion: '1.35.0' -> '1.36.1'" in str(caught.value)


def test_what_vanished_or_appeared_is_a_conflict_too(backend: Backend) -> None:
    store, other = state_store(backend), state_store(backend, "bob@desk")
    mine = store.create(cluster(), [group()])
    other.replace(other.read_cluster(NAME), instance_groups={"new": group("new")}, what="swap groups")
    with pytest.raises(ObjectChanged, match="it is gone"):
        groups = {"nodes": with_spec(mine.instance_groups["nodes"], maxSize=2)}
        store.replace(mine, instance_groups=groups, what="edit")
    with pytest.raises(ObjectChanged, match="bob@desk"):
        groups = {**mine.instance_groups, "new": group("new", maxSize=5)}
        store.replace(mine, instance_groups=groups, what="add")


def test_a_cluster_is_created_once(backend: Backend) -> None:
    store = state_store(backend)
    store.create(cluster(), [])
    with pytest.raises(ObjectExists):
        store.create(cluster(), [])
    with pytest.raises(ObjectNotFound):
        store.read_cluster("b.example.com")


def test_no_object_is_renamed_by_a_write(backend: Backend) -> None:
    store = state_store(backend)
    stored = store.create(cluster(), [group()])
    with pytest.raises(InvalidSpec, match="renamed"):
        store.replace(stored, cluster=cluster("b.example.com"), what="rename")
    with pytest.raises(InvalidSpec, match="renamed"):
        store.replace(stored, instance_groups={"nodes": group("other")}, what="rename")


def test_one_bad_group_does_not_hide_the_cluster(backend: Backend) -> None:
    store = state_store(backend)
    store.create(cluster(), [group("good")])
    backend.put(f"{NAME}/instancegroup/bad", b"kind: [")
    backend.put(f"{NAME}/instancegroup/stray", b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n")
    stored = store.read_cluster(NAME)
    assert list(stored.instance_groups) == ["good"]
    assert len(stored.errors) == 2
    # What could not be read is not taken for deleted.
    store.replace(stored, instance_groups={}, what="drop the good one")
    assert sorted(child.name for child in backend.children(f"{NAME}/instancegroup")) == ["bad", "stray"]


def test_fields_of_another_kops_are_named() -> None:
    backend = MemoryBackend()
    store = state_store(backend)
    store.create(cluster(), [])
    text = backend.read(f"{NAME}/config").data.replace(b"spec:\n", b"spec:\n  fieldOfTomorrow: 1\n")
    backend.put(f"{NAME}/config", text)
    stored = store.read_cluster(NAME)
    assert [error.path for error in stored.unknown] == ["spec.fieldOfTomorrow"]
    assert get(stored.cluster, parse("spec.fieldOfTomorrow")) == 1


def test_ours_is_out_of_kops_way(backend: Backend) -> None:
    """kOps refuses to delete a cluster with a file it does not know, and takes */config for clusters."""
    store = state_store(backend)
    stored = store.create(cluster(), [])
    store.replace(stored, cluster=with_spec(stored.cluster, channel="alpha"), what="edit")
    outside = [key for key in backend.keys("") if not key.startswith(f"{NAME}/")]
    assert outside
    assert all(key.startswith(".kops-tui/") and not key.endswith("/config") for key in outside)


def test_deleting_spares_what_is_not_of_kops(backend: Backend) -> None:
    store = state_store(backend)
    stored = store.create(cluster(), [group()])
    store.replace(stored, cluster=with_spec(stored.cluster, channel="alpha"), what="edit")
    store.create(cluster("a.example.com.other"), [])
    for key in (
        "pki/private/ca/keyset.yaml",
        "backups/etcd/main/1",
        "cluster-completed.spec",
        "cluster.spec",
    ):
        backend.put(f"{NAME}/{key}", b"")
    backend.put(f"{NAME}/notes.txt", b"")
    with pytest.raises(Refused, match=r"notes\.txt"):
        store.delete(NAME)
    assert store.read_cluster(NAME).instance_groups
    backend.delete(f"{NAME}/notes.txt")
    store.delete(NAME)
    assert list(backend.keys(NAME)) == []
    assert list(store.clusters()) == ["a.example.com.other"]
    assert len(store.revisions(NAME).ids()) == 1


def test_reading_everything_says_what_can_not_be_read(backend: Backend) -> None:
    store = state_store(backend)
    for name in ("a.example.com", "b.example.com"):
        store.create(cluster(name), [group()])
    backend.put("c.example.com/config", b"kind: [")
    found = {one.name: one for one in store.read_all()}
    assert isinstance(found["a.example.com"], StoredCluster)
    assert isinstance(found["c.example.com"], Unreadable)
    assert sorted(found) == ["a.example.com", "b.example.com", "c.example.com"]


@pytest.mark.parametrize("case", ["minimal-aws", "ha", "complex", "many-addons", "unmanaged"])
def test_kops_own_clusters_come_back(case: str) -> None:
    """From the corpus: what was stored is read again, equal, and storing it again changes nothing."""
    folder = next(path for path in cases("upstream/update") if path.name == case)
    documents = read_documents((folder / "cluster.yaml").read_bytes(), case, keep_unknown=True)
    of_kind = {
        kind: [one.tree for one in documents if one.kind == kind] for kind in ("Cluster", "InstanceGroup")
    }
    others = [one.tree for one in documents if not one.is_ours]
    store = state_store(MemoryBackend())
    stored = store.create(of_kind["Cluster"][0], of_kind["InstanceGroup"], others)
    assert stored.errors == []
    assert len(stored.instance_groups) == len(of_kind["InstanceGroup"])
    assert stored.additional_objects == others
    again = state_store(MemoryBackend()).create(
        stored.cluster, list(stored.instance_groups.values()), stored.additional_objects
    )
    assert {key: one.data for key, one in again.objects.items()} == {
        key: one.data for key, one in stored.objects.items()
    }
