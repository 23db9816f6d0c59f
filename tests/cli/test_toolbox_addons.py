"""``toolbox addons list``: what the control plane has applied, against the state store."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from kops_core.cloud.sandbox.kubernetes.kinds import NAMESPACES
from kops_core.engine.operations.addons import compare_addons
from tests.cli.kubelets import write_kubeconfig
from tests.cli.store import CLUSTER, FACTS, FileStore
from tests.kube.api_server import ApiServer, api_server, authority

CHANNEL = b"""kind: Addons
metadata:
  name: bootstrap
spec:
  addons:
  - id: k8s-1.16
    manifestHash: aaaa
    name: same
  - id: k8s-1.12
    manifestHash: bbbb
    name: other
  - manifestHash: cccc
    name: elsewhere
    namespace: mine
  - id: new-id
    manifestHash: dddd
    name: renamed
  - manifestHash: eeee
    name: old
  - manifestHash: ffff
    name: broken
"""


def note(hash_: str, id_: str = "", generation: int = 1) -> str:
    """What the control plane writes into an annotation."""
    found = {"channel": "s3://store/bootstrap", "manifestHash": hash_, "systemGeneration": generation}
    return json.dumps({**found, **({"id": id_} if id_ else {})})


ANNOTATIONS = {
    "kube-system": {
        "addons.k8s.io/same": note("aaaa", "k8s-1.16"),
        "addons.k8s.io/other": note("0000", "k8s-1.12"),
        "addons.k8s.io/renamed": note("dddd", "old-id"),
        "addons.k8s.io/old": note("eeee", generation=0),
        "addons.k8s.io/broken": "{",
        "addons.k8s.io/gone": note("9999"),
        "something.else/same": "x",
    },
    "default": {},
}
STATES = {
    ("kube-system", "same"): "up to date",
    ("kube-system", "other"): "outdated",
    ("kube-system", "renamed"): "outdated",
    ("kube-system", "old"): "outdated",
    ("kube-system", "broken"): "not applied",
    ("kube-system", "gone"): "not in the store",
    ("mine", "elsewhere"): "not applied",
}


def test_each_addon_is_compared_by_its_id_hash_and_generation() -> None:
    found = compare_addons(ANNOTATIONS, CHANNEL)
    assert {(each.namespace, each.name): each.state for each in found} == STATES
    assert [(each.namespace, each.name) for each in found] == sorted(STATES)
    assert compare_addons({}, b"") == ()


@pytest.fixture
def api(store: FileStore) -> Iterator[ApiServer]:
    with api_server(keyset=authority()) as running:
        write_kubeconfig(running, store.home, CLUSTER)
        objects = running.cluster.store
        for name, found in ANNOTATIONS.items():
            if objects.find(NAMESPACES, "", name) is not None:
                objects.remove(NAMESPACES, "", name)
            objects.create(NAMESPACES, {"metadata": {"name": name, "annotations": found}})
        yield running


def test_the_command(store: FileStore, api: ApiServer) -> None:
    (store.files / "addons").mkdir()
    (store.files / "addons" / "bootstrap-channel.yaml").write_bytes(CHANNEL)
    words = ("toolbox", "addons", "list", "--use-kubeconfig", *FACTS)
    found = json.loads(store.run(*words, "-o", "json").stdout)
    assert {(each["namespace"], each["name"]): each["state"] for each in found} == STATES
    head, *rows = store.run(*words, CLUSTER).stdout.splitlines()
    assert head.split() == ["NAMESPACE", "NAME", "HASH", "CHANNEL", "STATE"]
    assert rows[0].split() == ["kube-system", "broken", "-", "-", "not", "applied"]


def test_a_cluster_that_was_never_applied_lists_what_runs(store: FileStore, api: ApiServer) -> None:
    found = json.loads(
        store.run("toolbox", "addons", "list", "--use-kubeconfig", "-o", "json", *FACTS).stdout
    )
    assert {each["state"] for each in found} == {"not in the store"}


def test_an_api_that_refuses_is_an_error(store: FileStore, api: ApiServer) -> None:
    api.faults = [lambda handler: handler.refuse(403, "you may not")]
    assert "you may not" in store.run("toolbox", "addons", "list", "--use-kubeconfig", *FACTS, code=1).stderr
