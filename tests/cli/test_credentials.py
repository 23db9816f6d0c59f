"""Secrets and SSH public keys from the command line, over a store of files."""

from __future__ import annotations

import json
import stat
from base64 import b64decode
from pathlib import Path

import pytest

from tests.cli.store import CLUSTER, FileStore, cluster_store

DOCKER = '{"auths": {"registry.example.com": {"auth": "aHVudGVyMjpodW50ZXIy"}}}\n'
ENCRYPTION = "kind: EncryptionConfiguration\nresources: [{providers: [{aescbc: {keys: [hunter2]}}]}]\n"
CILIUM = "keys: 3 rfc4106(gcm(aes)) hunter2 128\n"
SECRET = "hunter2"
ONE = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl ann@laptop"
OTHER = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJm eve@laptop"


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return cluster_store(tmp_path)


@pytest.mark.parametrize(
    ("name", "content"),
    [("dockerconfig", DOCKER), ("encryptionconfig", ENCRYPTION), ("ciliumpassword", CILIUM)],
)
def test_a_secret_comes_and_goes(store: FileStore, name: str, content: str) -> None:
    run = store.process if name == "dockerconfig" else store.run
    made = run("create", "secret", name, "-f", "-", stdin=content)
    file = store.files / "secrets" / name
    assert b64decode(json.loads(file.read_bytes())["Data"]).decode() == content
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert f"rolling-update cluster {CLUSTER} --yes" in made.stderr
    again = store.run("create", "secret", name, CLUSTER, "-f", "-", stdin=content, code=1)
    assert "replace it with --force" in again.stderr
    file_given = store.folder / "given"
    file_given.write_text(content + "\n")
    replaced = store.run("create", "secret", name, "-f", str(file_given), "--force")
    assert b64decode(json.loads(file.read_bytes())["Data"]).decode() == content + "\n"

    listed = run("get", "secrets")
    assert listed.stdout.split() == ["NAME", name]
    told = [made, again, replaced, listed]
    assert run("get", "secret", name, "-o", "plaintext").stdout == content + "\n\n"
    told.append(run("delete", "secret", name))
    assert not file.exists()
    told.append(store.run("delete", "secret", "secret", name, code=1))
    told.append(store.run("get", "secrets", code=1))
    assert not any(SECRET in each.told or "aHVudGVyM" in each.told for each in told)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("dockerconfig", "hunter2"),
        ("dockerconfig", '["hunter2"]'),
        ("dockerconfig", '{"hunter2": }'),
        ("dockerconfig", ""),
        ("encryptionconfig", "hunter2"),
        ("encryptionconfig", "- hunter2"),
        ("encryptionconfig", "a: {hunter2"),
        ("encryptionconfig", "a: 1\n---\nhunter2: 2\n"),
        ("ciliumpassword", "a: *hunter2"),
    ],
)
def test_what_is_no_such_secret_is_refused_without_its_content(
    store: FileStore, name: str, content: str
) -> None:
    done = store.run("--debug", "create", "secret", name, "-f", "-", stdin=content, code=64)
    assert "has to be" in done.stderr
    assert SECRET not in done.told
    assert not (store.files / "secrets").exists()


def test_names_lead_nowhere_else(store: FileStore) -> None:
    done = store.run("delete", "secret", "../config", code=1)
    assert "no secret ../config" in done.stderr
    assert (store.files / "config").exists()
    store.run("delete", "secret", "one", "two", code=64)


def test_ssh_public_keys(store: FileStore, tmp_path: Path) -> None:
    for name, key in (("one.pub", ONE), ("other.pub", OTHER)):
        (tmp_path / name).write_text(key + "\n")
    first = store.process("create", "sshpublickey", CLUSTER, "-i", str(tmp_path / "one.pub"))
    assert "several" not in first.stderr
    other = ("admin", "-i", str(tmp_path / "other.pub"))
    second = store.run("create", "secret", "--name", CLUSTER, "sshpublickey", *other, KOPS_CLUSTER_NAME="")
    assert "several SSH public keys" in second.stderr
    table = store.process("get", "sshpublickeys", CLUSTER).stdout.split()
    rows = json.loads(store.run("get", "ssh", "-o", "json").stdout)
    assert table == ["ID", *(row["id"] for row in rows)]
    assert {row["publicKey"] for row in rows} == {ONE, OTHER}
    assert all(len(row["id"].split(":")) == 16 for row in rows)
    store.process("delete", "sshpublickey", CLUSTER)
    assert store.run("get", "sshpublickeys", "-o", "json").stdout == "[]\n"
    missing = store.run("get", "sshpublickeys", code=1)
    assert "no SSH public key" in missing.stderr


@pytest.mark.parametrize("content", [b"-----BEGIN RSA PRIVATE KEY-----\nhunter2\n", b"\xff\xfe hunter2", b""])
def test_a_private_key_is_not_taken_for_a_public_one(
    store: FileStore, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "key").write_bytes(content)
    done = store.run("--debug", "create", "sshpublickey", "-i", str(tmp_path / "key"), code=1)
    assert "OpenSSH public key" in done.stderr
    assert SECRET not in done.told


def test_a_key_in_a_file_is_stored_with_its_cluster_as_kops_does(store: FileStore) -> None:
    file = store.folder / "key.yaml"
    file.write_text(
        "apiVersion: kops.k8s.io/v1alpha2\nkind: SSHCredential\n"
        f"metadata:\n  name: ann\n  labels:\n    kops.k8s.io/cluster: {CLUSTER}\n"
        f"spec:\n  publicKey: {ONE}\n"
    )
    assert f"sshpublickey/{CLUSTER}" in store.run("create", "-f", str(file)).told
    (kept,) = (store.files / "pki" / "ssh" / "public" / "admin").iterdir()
    assert kept.read_text() == ONE
    store.run("replace", "-f", str(file))
    assert [kept] == list((store.files / "pki" / "ssh" / "public" / "admin").iterdir())
    file.write_text(file.read_text().replace(ONE, "no key"))
    assert "Traceback" not in store.run("create", "-f", str(file), code=1).told
