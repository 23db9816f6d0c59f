"""Deletion of a cluster's state: all keys are listed, and objects of others are kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.store import CLUSTER, FileStore, cluster_store

pytestmark = pytest.mark.full

DELETE = ("delete", "cluster", CLUSTER, "--unregister")
FINGERPRINT = "0123456789abcdef0123456789abcdef"


def _files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def _fill(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("of somebody")


def test_the_preview_lists_each_key_of_the_clusters_own_folder(tmp_path: Path) -> None:
    store = cluster_store(tmp_path)
    _fill(store.files, "pki/private/kubernetes-ca/keyset.yaml", "secrets/admin", "addons/x.yaml")
    told = store.run(*DELETE).stdout
    assert f"- State/file://{tmp_path}/store/{CLUSTER}\n" in told
    for key in ("config", "pki/private/kubernetes-ca/keyset.yaml", "secrets/admin", "addons/x.yaml"):
        assert f"  {CLUSTER}/{key}\n" in told
    location, kubeconfig = json.loads(store.run(*DELETE, "-o", "json").stdout)["changes"]
    assert len(location["fields"][0]["before"].splitlines()) == 4
    assert (location["action"], location["confirm"]) == ("delete", "")
    assert (kubeconfig["kind"], kubeconfig["needs"]) == ("Kubeconfig", [f"State/{location['name']}"])
    assert len(_files(store.files)) == 4
    store.run(*DELETE, "--yes")
    assert _files(store.files) == set()


def test_nothing_is_deleted_while_an_instance_group_can_not_be_read(tmp_path: Path) -> None:
    """It may be protected."""
    store = cluster_store(tmp_path)
    group = store.files / "instancegroup" / "nodes"
    group.parent.mkdir()
    group.write_text("spec: [\n")
    before = _files(store.files)
    refused = store.run(*DELETE, "--yes", code=1).stderr
    assert "instancegroup/nodes" in refused
    assert _files(store.files) == before


def _outside(tmp_path: Path, field: str, url: str) -> FileStore:
    return cluster_store(tmp_path, f"  {field}: {url}\n")


def test_keys_elsewhere_go_only_by_name_and_only_when_their_location_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "anything"
    mine = {
        "private/kubernetes-ca/keyset.yaml",
        "private/etcd-manager-ca-main/keyset.yaml",
        "issued/kubelet/6543210987654321.crt",
        f"ssh/public/admin/{FINGERPRINT}",
    }
    others = {
        "notes.txt",
        "private/diary.txt",
        "private/my-own-ca/keyset.yaml",
        "private/kubernetes-ca/backup.tar",
        "ssh/public/admin/authorized_keys",
        "ssh/public/bob/key",
    }
    _fill(folder, *mine, *others)
    url = f"file://{folder}"
    store = _outside(tmp_path, "keyStore", url)
    told = store.run(*DELETE).stdout
    assert f"- State/{url}\n        outside of the cluster's own folder\n" in told
    for key in mine:
        assert f"  {key}\n" in told
    for key in others:
        assert key not in told
    refused = store.run(*DELETE, "--yes", code=4).stderr
    assert f"--yes-delete-keys-in {url}" in refused
    for wrong in (f"file://{tmp_path}", f"{url}/private", "s3://other"):
        store.run(*DELETE, "--yes", "--yes-delete-keys-in", wrong, code=4)
    assert _files(folder) == mine | others
    assert (store.files / "config").is_file()
    store.run(*DELETE, "--yes", "--yes-delete-keys-in", url)
    assert _files(folder) == others
    assert not (store.files / "config").exists()


def test_secrets_elsewhere_too(tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    _fill(folder, "admin", "dockerconfig", "system:dns", "passwords.kdbx", "deep/admin")
    url = f"file://{folder}"
    store = _outside(tmp_path, "secretStore", url)
    store.run(*DELETE, "--yes", code=4)
    store.run(*DELETE, "--yes", "--yes-delete-keys-in", url)
    assert _files(folder) == {"passwords.kdbx", "deep/admin"}


@pytest.mark.parametrize("field", ["keyStore", "secretStore"])
def test_the_folder_of_another_cluster_is_left_alone_whatever_is_said(field: str, tmp_path: Path) -> None:
    other = tmp_path / "store" / "b.example.com"
    _fill(other, "config", "pki/private/kubernetes-ca/keyset.yaml", "secrets/admin")
    below = {"keyStore": "pki", "secretStore": "secrets"}[field]
    url = f"file://{tmp_path}/store/b.example.com/{below}"
    store = _outside(tmp_path, field, url)
    assert "in the folder of cluster b.example.com" in store.run(*DELETE).stdout
    before = _files(other)
    store.run(*DELETE, "--yes", "--yes-delete-keys-in", url)
    assert _files(other) == before
    assert not (store.files / "config").exists()


def test_of_a_discovery_store_only_the_issuers_documents_go(tmp_path: Path) -> None:
    folder = tmp_path / "public"
    documents = {"openid/v1/jwks", ".well-known/openid-configuration"}
    _fill(folder, *documents, "index.html", "openid/v1/other")
    url = f"file://{folder}"
    store = cluster_store(tmp_path, f"  serviceAccountIssuerDiscovery:\n    discoveryStore: {url}\n")
    told = store.run(*DELETE).stdout
    assert f"- State/{url}\n" in told
    store.run(*DELETE, "--yes")
    assert _files(folder) == {"index.html", "openid/v1/other"}
