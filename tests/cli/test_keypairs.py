"""Rotating keys from the command line, over a store of files."""

from __future__ import annotations

import json
import stat
from base64 import b64encode
from pathlib import Path

import pytest

from kops_core.store.keysets import Keyset, read_keyset
from tests.cli.store import CLUSTER, FileStore, cluster_store
from tests.store.openssl import belong_together, openssl, verifies

pytestmark = pytest.mark.full

KEYSETS = ("kubernetes-ca", "service-account")


def keyset(store: FileStore, name: str) -> Keyset:
    return read_keyset((store.files / "pki" / "private" / name / "keyset.yaml").read_bytes(), name, name)


def private_texts(store: FileStore) -> list[str]:
    """Pieces of every private key in the store, as PEM and as the store has it."""
    found = []
    for file in (store.files / "pki" / "private").rglob("keyset.yaml"):
        for item in read_keyset(file.read_bytes(), file.parent.name, "x").items:
            assert item.private_key is not None
            pem = item.private_key.reveal()
            found += [pem.splitlines()[5].decode(), b64encode(pem).decode()[100:140]]
    return found


def test_a_whole_rotation(tmp_path: Path) -> None:
    """One story, for each step stands on the one before."""
    store = cluster_store(tmp_path)
    refused = store.run("create", "keypair", "kubernetes-ca", code=64)
    assert "the first keypair of a keyset has to be the primary one" in refused.stderr
    said = [store.run("create", "keypair", name, "--primary") for name in KEYSETS]
    (store.files / "pki" / "private" / "kubelet").mkdir()
    (store.files / "pki" / "private" / "kubelet" / "keyset.yaml").write_text(
        (store.files / "pki" / "private" / "kubernetes-ca" / "keyset.yaml")
        .read_text()
        .replace("name: kubernetes-ca", "name: kubelet")
    )
    (store.files / "pki" / "private" / "old-ca").mkdir()
    (store.files / "pki" / "private" / "old-ca" / "6977545226837259959.key").touch()
    before = {name: keyset(store, name) for name in (*KEYSETS, "kubelet")}

    made = store.process("create", "keypair", "all")
    said.append(made)
    both = {name: keyset(store, name) for name in KEYSETS}
    assert made.stdout.splitlines() == [f"created {name} {each.items[1].id}" for name, each in both.items()]
    assert keyset(store, "kubelet") == before["kubelet"]
    for name, each in both.items():
        assert each.items[0].id == each.primary_id == before[name].primary_id
        for item in each.items:
            assert item.private_key is not None
            assert belong_together(item.certificate, item.private_key.reveal())
            assert verifies(item.certificate, each.certificates, tmp_path, "any")
    steps = [line.partition("#")[0].split() for line in made.stderr.splitlines() if "kops-tui" in line]
    assert steps == [
        ["kops-tui", "update", "cluster", CLUSTER, "--yes"],
        ["kops-tui", "rolling-update", "cluster", CLUSTER, "--yes"],
        ["kops-tui", "export", "kubeconfig", CLUSTER],
        ["kops-tui", "promote", "keypair", "all", "--name", CLUSTER],
    ]

    new = {name: each.items[1].id for name, each in both.items()}
    said.append(store.process("promote", "keypair", "all"))
    assert {name: keyset(store, name).primary_id for name in KEYSETS} == new
    again = store.run("promote", "keypair", "all")
    assert again.stdout == ""
    assert "next:" not in again.stderr

    said.append(store.process("distrust", "keypair", "all"))
    for name in KEYSETS:
        old, kept = keyset(store, name).items
        assert (old.id, old.distrusted_at is None) == (before[name].primary_id, False)
        assert (kept.id, kept.distrusted_at) == (new[name], None)
    primary = store.run("distrust", "keypair", "kubernetes-ca", new["kubernetes-ca"], code=64)
    assert "can't be distrusted" in primary.stderr

    told = store.process("get", "keypairs", *KEYSETS, "-o", "json")
    said.append(told)
    assert [(row["name"], row["id"], row["isPrimary"], row["isCA"]) for row in json.loads(told.stdout)] == [
        (name, new[name], True, True) for name in KEYSETS
    ]
    certificate = keyset(store, "kubernetes-ca").items[0].certificate
    fingerprint = openssl("x509", "-noout", "-fingerprint", "-sha256", stdin=certificate).stdout.decode()
    table = store.run("get", "keypair", "--distrusted", "-o", "yaml")
    said.append(table)
    assert fingerprint.strip().partition("=")[2] in table.stdout

    said.append(store.process("trust", "keypair", "kubernetes-ca", before["kubernetes-ca"].primary_id))
    assert keyset(store, "kubernetes-ca").items[0].distrusted_at is None
    assert "rolling-update cluster a.example.com --yes" in said[-1].stderr

    journals = list(store.home.rglob("*.jsonl"))
    assert {path.name.partition(".keyp")[0].split(".")[3] for path in journals} == {
        "create-keypair",
        "promote-keypair",
        "distrust-keypair",
        "trust-keypair",
    }
    texts = [*(each.told for each in said), *(path.read_text() for path in journals)]
    for secret in private_texts(store):
        assert not any(secret in text for text in texts)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (store.files / "pki").rglob("keyset.yaml")}
    modes.discard(stat.S_IMODE((store.files / "pki" / "private" / "kubelet" / "keyset.yaml").stat().st_mode))
    assert modes == {0o600}


def test_what_operators_bring(tmp_path: Path) -> None:
    store = cluster_store(tmp_path)
    certificate, key = tmp_path / "ca.pem", tmp_path / "ca-key.pem"
    openssl(
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=ours",
        "-keyout", str(key), "-out", str(certificate),
    )  # fmt: skip
    given = ("--cert", str(certificate), "--key", str(key))
    store.run("create", "keypair", "kubernetes-ca", *given, "--primary")
    (item,) = keyset(store, "kubernetes-ca").items
    assert item.certificate == certificate.read_bytes()
    assert item.private_key is not None
    assert item.private_key.reveal().startswith(b"-----BEGIN RSA PRIVATE KEY-----")

    secret = key.read_text().splitlines()[4]
    swapped = ("--cert", str(key), "--key", str(certificate))
    debugged = store.process("--debug", "create", "keypair", "kubernetes-ca", *swapped, code=64)
    assert "UsageError" in debugged.stderr
    assert secret not in debugged.told
    bad = store.run("create", "keypair", "all", *given, code=64)
    assert "is for one keyset" in bad.stderr
    store.run("create", "keypair", "kubelet", code=64)
    missing = store.run("create", "keypair", "kubernetes-ca", "--cert", "/nonexistent/ca.pem", code=64)
    assert "/nonexistent/ca.pem" in missing.stderr


def test_while_another_operation_holds_the_lock(tmp_path: Path) -> None:
    store = cluster_store(tmp_path)
    store.run("create", "keypair", "kubernetes-ca", "--primary")
    lock = tmp_path / "store" / ".kops-tui" / CLUSTER / "lock"
    lock.write_text(
        json.dumps(
            {
                "id": "1",
                "by": "eve@laptop",
                "operation": "apply",
                "since": "2026-01-01T00:00:00+00:00",
                "until": "2999-01-01T00:00:00+00:00",
            }
        )
    )
    before = keyset(store, "kubernetes-ca")
    refused = store.run("create", "keypair", "all", code=4)
    assert "eve@laptop holds the lock" in refused.stderr
    assert keyset(store, "kubernetes-ca") == before
