"""Kubeconfigs from the command line: file, permissions, and certificates checked with OpenSSL."""

from __future__ import annotations

import json
import os
import stat
from base64 import b64decode
from pathlib import Path

import pytest

from kops_core.api import yaml_reader
from kops_core.api.path import get, parse
from kops_core.api.values import Tree
from tests.cli.store import CLUSTER, FileStore, cluster_store
from tests.store.openssl import belong_together, text_of, verifies


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> FileStore:
    """One cluster with an authority that is being rotated: two are trusted, the older signs."""
    made = cluster_store(tmp_path_factory.mktemp("kubeconfig"))
    made.run("create", "keypair", "kubernetes-ca", "--primary")
    made.run("create", "keypair", "kubernetes-ca")
    return made


def tree_of(file: Path) -> Tree:
    found = yaml_reader.read(file.read_bytes())[0].value
    assert isinstance(found, dict)
    return found


def data(tree: Tree, path: str) -> bytes:
    found = get(tree, parse(path))
    assert isinstance(found, str)
    return b64decode(found)


def test_an_administrator_gets_a_file_of_their_own(store: FileStore, tmp_path: Path) -> None:
    done = store.process("export", "kubeconfig", "--admin", CLUSTER)
    file = store.home / ".local" / "share" / "kops-tui" / "kubeconfig" / f"{CLUSTER}.yaml"
    assert f"export KUBECONFIG={file}" in done.stderr
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert [each.name for each in file.parent.iterdir()] == [file.name]
    tree = tree_of(file)
    assert (tree["current-context"], tree["kind"]) == (CLUSTER, "Config")
    assert get(tree, parse("contexts[0]")) == {
        "name": CLUSTER,
        "context": {"cluster": CLUSTER, "user": CLUSTER},
    }
    bundle = data(tree, "clusters[0].cluster.certificate-authority-data")
    assert bundle.count(b"BEGIN CERTIFICATE") == 2
    certificate = data(tree, "users[0].user.client-certificate-data")
    key = data(tree, "users[0].user.client-key-data")
    assert belong_together(certificate, key)
    assert verifies(certificate, bundle, tmp_path)
    text = text_of(certificate)
    assert "CN=kubecfg-" in text
    assert "O=system:masters" in text
    assert "Issuer: serialNumber=" in text
    told = done.told + "".join(path.read_text() for path in store.home.rglob("*.jsonl"))
    assert key.splitlines()[4].decode() not in told

    again = store.run("export", "kubecfg", CLUSTER)
    assert "who you are" not in again.stderr
    assert data(tree_of(file), "users[0].user.client-key-data") == key
    refused = store.run("export", "kubeconfig", "--admin=2h", "--user", "x", code=64)
    assert "can't go together" in refused.stderr


def test_files_that_the_operator_names_are_merged(store: FileStore, tmp_path: Path) -> None:
    mine, second, link = tmp_path / "mine", tmp_path / "second", tmp_path / "link"
    mine.write_text(
        "# keep\ncurrent-context: other\nusers:\n- {name: dex, user: {token: hunter2}}\nclusters: []\n"
    )
    mine.chmod(0o644)
    link.symlink_to(mine)
    done = store.run("export", "kubeconfig", "--kubeconfig", str(link), "--user", "dex", "--internal")
    assert "KUBECONFIG=" not in done.stderr
    assert "hunter2" not in done.told
    assert link.is_symlink()
    assert stat.S_IMODE(mine.stat().st_mode) == 0o600
    tree = tree_of(mine)
    assert mine.read_text().startswith("# keep\n")
    assert get(tree, parse("users[0].user.token")) == "hunter2"
    assert get(tree, parse("contexts[0].context.user")) == "dex"
    assert get(tree, parse("clusters[0].cluster.server")) == f"https://api.internal.{CLUSTER}"
    assert tree["current-context"] == CLUSTER

    # A cluster stays in the file that it is in; the current context is the first file's.
    second.write_text("current-context: other\n")
    listed = os.pathsep.join([str(second), str(mine), "", str(tmp_path / "absent")])
    store.run("export", "kubeconfig", "--auth-plugin", KUBECONFIG=listed)
    assert tree_of(second) == {"current-context": CLUSTER}
    assert get(tree_of(mine), parse("users[1].user.exec.command")) == "kops-tui"
    assert not (tmp_path / "absent").exists()
    missing = store.run("export", "kubeconfig", "--user", "eve", KUBECONFIG=listed, code=64)
    assert "no user eve" in missing.stderr


def test_a_kubeconfig_that_is_being_written_is_left_alone(store: FileStore, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.write_text("users: [{name: x, user: {token: hunter2}}]\n")
    (tmp_path / "mine.lock").touch()
    done = store.run("--debug", "export", "kubeconfig", "--kubeconfig", str(mine), code=4)
    assert "being written by somebody else" in done.stderr
    (tmp_path / "mine.lock").unlink()
    mine.write_text("a: &a {token: hunter2}\nclusters: *a\n")
    before = mine.read_text()
    bad = store.run("--debug", "export", "kubeconfig", "--kubeconfig", str(mine), code=64)
    assert "hunter2" not in done.told + bad.told
    assert mine.read_text() == before
    assert [each.name for each in tmp_path.iterdir()] == ["mine"]


def test_what_kubectl_asks_for(store: FileStore, tmp_path: Path) -> None:
    words = ("helpers", "kubectl-auth", f"--cluster={CLUSTER}", f"--state=file://{store.folder}/store")
    credential = json.loads(store.process(*words, KOPS_STATE_STORE="").stdout)
    assert (credential["apiVersion"], credential["kind"]) == (
        "client.authentication.k8s.io/v1beta1",
        "ExecCredential",
    )
    status = credential["status"]
    certificate, key = (status[name].encode() for name in ("clientCertificateData", "clientKeyData"))
    assert belong_together(certificate, key)
    store.run("export", "kubeconfig", "--kubeconfig", str(tmp_path / "config"))
    bundle = data(tree_of(tmp_path / "config"), "clusters[0].cluster.certificate-authority-data")
    assert verifies(certificate, bundle, tmp_path)


def test_every_cluster_of_the_store(tmp_path: Path) -> None:
    store = cluster_store(tmp_path)
    store.run("create", "keypair", "kubernetes-ca", "--primary")
    done = store.run("export", "kubeconfig", "--all", "--kubeconfig", str(tmp_path / "config"))
    assert f"wrote {CLUSTER}" in done.stderr
    refused = store.run("export", "kubeconfig", "--all", CLUSTER, code=64)
    assert "can't go together" in refused.stderr
    (store.files / "pki" / "private" / "kubernetes-ca" / "keyset.yaml").unlink()
    missing = store.run("export", "kubeconfig", code=1)
    assert "no keyset kubernetes-ca yet" in missing.stderr
    assert f"kops-tui update cluster {CLUSTER} --yes" in missing.stderr
