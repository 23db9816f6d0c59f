"""The keys of kOps in a store, word by word: another spelling is another cluster, or none."""

from __future__ import annotations

import pytest

from kops_core.errors import InvalidSpec, StoreError
from kops_core.store import layout
from kops_core.store.codec import decode, decode_one, encode, encode_all, unknown_fields
from kops_core.store.etcd_backups import EtcdBackup
from kops_core.store.folder_record import read_folder_record, write_folder_record
from kops_core.store.identity import created_in
from kops_core.store.memory import MemoryBackend


def test_the_names_of_files_and_folders_are_those_of_kops() -> None:
    assert {
        *("addons", "clusteraddons", "pki", "secrets", "instancegroup", "igconfig", "manifests", "backups")
    } == layout.KOPS_FOLDERS
    assert {"config", "cluster-completed.spec", "kops-version.txt", "cluster.spec"} == layout.KOPS_FILES
    assert layout.instance_group("nodes") == "instancegroup/nodes"
    assert layout.ADDITIONAL_OBJECTS == "clusteraddons/default"
    assert layout.CLUSTER_LABEL == "kops.k8s.io/cluster"
    assert layout.ours("c.example.com", "lock") == ".kops-tui/c.example.com/lock"
    assert (*("pki", "secrets", "igconfig", "backups", "manifests", "addons"),) == (
        layout.PKI,
        layout.SECRETS,
        layout.IG_CONFIG,
        layout.BACKUPS,
        layout.MANIFESTS,
        layout.ADDONS,
    )


@pytest.mark.parametrize(
    ("text", "created"),
    [
        ("metadata:\n  creationTimestamp: 2026-01-01T00:00:00Z\n", "2026-01-01T00:00:00Z"),
        ("metadata:\n  creationTimestamp: '2026-01-01T00:00:00Z'  \n", "2026-01-01T00:00:00Z"),
        ('metadata:\n    creationTimestamp: "2026-01-01T00:00:00+00:00"\n', "2026-01-01T00:00:00+00:00"),
        ("creationTimestamp: 2026-01-01T00:00:00Z\n", ""),
        ("metadata:\n  creationTimestamp: null\n", ""),
        ("metadata:\n  name: a\n", ""),
        ("", ""),
    ],
)
def test_the_incarnation_of_a_cluster_is_read_from_its_text(text: str, created: str) -> None:
    assert created_in(text) == created


GROUP = b"apiVersion: kops.k8s.io/v1alpha2\nkind: InstanceGroup\nmetadata:\n  name: a\nspec: {}\n"
OTHER = GROUP.replace(b"name: a", b"name: b")


def test_an_object_is_one_document_of_its_kind() -> None:
    assert decode_one(GROUP, "x", "InstanceGroup").kind == "InstanceGroup"
    for data, kind, said in (
        (b"", "InstanceGroup", "one document is expected, not 0"),
        (GROUP + b"---\n" + OTHER, "InstanceGroup", "one document is expected, not 2"),
        (GROUP, "Cluster", "a Cluster is expected, not a InstanceGroup"),
    ):
        with pytest.raises(InvalidSpec, match=said):
            decode_one(data, "x", kind)


def test_fields_of_another_version_are_kept_and_named() -> None:
    odd = GROUP.replace(b"spec: {}", b"spec:\n  odd: 1")
    documents = decode(odd + b"---\n" + OTHER, "x")
    assert [each.path for each in unknown_fields(documents)] == ["spec.odd"]
    assert b"odd: 1" in encode(documents[0].tree)
    assert encode_all([documents[1].tree, documents[1].tree]).count(b"kind: InstanceGroup") == 2


def test_the_record_of_a_folder_is_of_one_incarnation() -> None:
    backend = MemoryBackend()
    assert read_folder_record(backend, "c", created="1") is None
    write_folder_record(backend, "c", created="1", specs={"config": b"a: 1\n"})
    assert read_folder_record(backend, "c", created="1") == {"config": b"a: 1\n"}
    assert read_folder_record(backend, "c", created="2") is None
    for damaged in (b"", b"[]", b"{}", b'{"created": "1"}', b'{"created": "1", "specs": 7}'):
        backend.put(".kops-tui/c/folder.json", damaged)
        with pytest.raises(StoreError, match="is damaged") as refused:
            read_folder_record(backend, "c", created="1")
        assert refused.value.where == ".kops-tui/c/folder.json"
        assert "--overwrite" in refused.value.remedy


def test_a_backup_is_sound_until_something_is_known_against_it() -> None:
    assert EtcdBackup("x", None) == EtcdBackup("x", None, etcd_version="", members=0, problem="")
