"""Clusters stored from files: values that kOps adds once are stored, inferred ones are not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.cli.store import FileStore
from tests.corpus import corpus_dir

NAME = "a.example.com"
CLUSTER = {
    "apiVersion": "kops.k8s.io/v1alpha2",
    "kind": "Cluster",
    "metadata": {"name": NAME},
    "spec": {
        "cloudProvider": "aws",
        "networking": {"cilium": {}},
        "etcdClusters": [
            {"name": name, "etcdMembers": [{"name": "a", "instanceGroup": "cp"}]}
            for name in ("main", "events")
        ],
        "subnets": [{"name": zone, "zone": zone, "type": "Public"} for zone in ("us-east-1b", "us-east-1a")],
    },
}


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    (tmp_path / "store").mkdir()
    (tmp_path / "home").mkdir()
    return FileStore(tmp_path)


def _stored(store: FileStore, *, command: tuple[str, ...] = ("create",), **spec: object) -> dict[str, object]:
    file = store.folder / "cluster.yaml"
    file.write_text(json.dumps({**CLUSTER, "spec": {**CLUSTER["spec"], **spec}}))  # type: ignore[dict-item]
    facts = str(corpus_dir() / "facts" / "generated.json")
    store.run(*command, "-f", str(file), "--cloud-facts", facts, "--channel", "stable")
    document = YAML(typ="safe").load((store.folder / "store" / NAME / "config").read_text())
    found: dict[str, object] = document["spec"]
    return found


@pytest.mark.parametrize("command", [("create",), ("replace", "--force")])
def test_ranges_and_version_are_settled_when_a_cluster_is_stored(
    store: FileStore, command: tuple[str, ...]
) -> None:
    spec = _stored(store, command=command)
    assert (spec["networkCIDR"], spec["nonMasqueradeCIDR"]) == ("172.20.0.0/16", "100.64.0.0/10")
    # In the order of their zones, not of the file.
    subnets = spec["subnets"]
    assert isinstance(subnets, list)
    assert [(each["name"], each["cidr"]) for each in subnets] == [
        ("us-east-1b", "172.20.128.0/17"),
        ("us-east-1a", "172.20.0.0/17"),
    ]
    assert str(spec["kubernetesVersion"]).startswith("1.")
    assert spec["masterPublicName"] == f"api.{NAME}"
    etcd = spec["etcdClusters"]
    assert isinstance(etcd, list)
    assert [each["manager"] for each in etcd] == [{"backupRetentionDays": 90}] * 2
    assert {"configBase", "keyStore", "channel", "kubelet"}.isdisjoint(spec)


def test_what_is_set_stays(store: FileStore) -> None:
    spec = _stored(
        store, networkCIDR="10.1.0.0/16", kubernetesVersion="1.34.2", masterPublicName="k8s.example.com"
    )
    assert (spec["networkCIDR"], spec["kubernetesVersion"]) == ("10.1.0.0/16", "1.34.2")
    assert spec["masterPublicName"] == "k8s.example.com"


def test_a_shared_network_is_looked_up(store: FileStore) -> None:
    subnets = [{"name": "a", "id": "subnet-0shared000000000a", "type": "Public"}]
    spec = _stored(store, networkID="vpc-0shared0000000000", subnets=subnets)
    assert spec["networkCIDR"] == "10.40.0.0/16"
    assert spec["subnets"] == [
        {
            "cidr": "10.40.0.0/20",
            "id": "subnet-0shared000000000a",
            "name": "a",
            "type": "Public",
            "zone": "us-east-1a",
        }
    ]


def test_a_network_that_can_not_be_divided_is_refused_and_nothing_is_stored(store: FileStore) -> None:
    file = store.folder / "cluster.yaml"
    file.write_text(json.dumps({**CLUSTER, "spec": {**CLUSTER["spec"], "networkCIDR": "10.0.0.0"}}))  # type: ignore[dict-item]
    done = store.run("create", "-f", str(file), code=1)
    assert "spec.networkCIDR" in done.stderr
    assert list((store.folder / "store").rglob("config")) == []


def test_the_place_of_a_cluster_that_names_none_is_where_it_was_found(store: FileStore) -> None:
    _stored(store)
    facts = str(corpus_dir() / "facts" / "generated.json")
    done = store.run("validate", "spec", "--cloud-facts", facts, code=1)
    assert "configBase" not in done.told
    file = store.folder / "store" / NAME / "config"
    shown = store.run(
        "infer", "-f", str(file), "--cloud-facts", facts, "--explain", "spec.keyStore", "-o", "json"
    )
    assert f"{store.folder}/store/{NAME}/pki" in shown.stdout
    assert "file://" not in shown.stdout.partition("value")[2].partition("\n")[0]
