"""Keysets, secrets and SSH keys, byte for byte as in kOps; secrets never appear in texts."""

from __future__ import annotations

import copy
import hashlib
import json
import pickle
import traceback
from base64 import b64decode, b64encode, urlsafe_b64decode
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from kops_core.api.ssh import md5_fingerprint
from kops_core.api.values import Tree
from kops_core.errors import InvalidSpec, ObjectChanged, ObjectExists, ObjectNotFound, StoreError, UsageError
from kops_core.store.backend import Backend
from kops_core.store.certificates import new_authority, new_keyset, new_serial
from kops_core.store.key_store import KeyStore, Place, new_token, places
from kops_core.store.keysets import Keyset, KeysetItem, age_of, read_keyset, write_keyset
from kops_core.store.memory import MemoryBackend
from kops_core.store.secret import Secret
from tests.store.documents import NOW, cluster

FAST = 1024
"""Bits: enough to test with."""


@pytest.fixture(scope="module")
def ssh_key() -> str:
    public = Ed25519PrivateKey.generate().public_key()
    return f"{public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()} ann@laptop"


def key_store(backend: Backend) -> KeyStore:
    return KeyStore(Place(backend, "c/pki"), Place(backend, "c/secrets"))


@pytest.fixture(scope="module")
def keyset() -> Keyset:
    return new_keyset("kubernetes-ca", NOW, key_size=FAST)


def test_an_authority_as_kops_makes_it() -> None:
    item = new_authority("kubernetes-ca", NOW)
    certificate = x509.load_pem_x509_certificate(item.certificate)
    assert certificate.subject.rfc4514_string() == "CN=kubernetes-ca"
    assert certificate.issuer == certificate.subject
    assert certificate.not_valid_before_utc == NOW - timedelta(hours=48)
    assert certificate.not_valid_after_utc == NOW + timedelta(days=3650)
    assert str(certificate.serial_number) == item.id
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert usage.value.key_cert_sign
    assert usage.value.crl_sign
    assert not usage.value.digital_signature
    constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    assert constraints.critical
    assert (constraints.value.ca, constraints.value.path_length) == (True, None)
    certificate.verify_directly_issued_by(certificate)
    assert item.private_key is not None
    pem = item.private_key.reveal()
    assert pem.startswith(b"-----BEGIN RSA PRIVATE KEY-----\n")
    key = load_pem_private_key(pem, None)
    assert isinstance(key, rsa.RSAPrivateKey)
    assert key.key_size == 2048
    assert key.public_key() == certificate.public_key()


def test_serial_numbers_come_from_the_time() -> None:
    """So that the newer keypair has the higher id, even of one nanosecond's making."""
    serial = new_serial(NOW, lambda bits: (1 << bits) - 1)
    assert serial >> 32 == int(NOW.timestamp()) * 10**9
    assert serial & 0xFFFFFFFF == 0xFFFFFFFF
    assert new_serial(NOW + timedelta(microseconds=1), lambda _: 0) > serial
    assert sorted(["10", "9", "legacy", "100"], key=age_of) == ["legacy", "9", "10", "100"]


def test_the_file_as_kops_writes_it(keyset: Keyset) -> None:
    item = keyset.primary
    assert item.private_key is not None
    assert write_keyset(keyset).decode() == (
        "apiVersion: kops.k8s.io/v1alpha2\n"
        "kind: Keyset\n"
        "metadata:\n"
        "  name: kubernetes-ca\n"
        "spec:\n"
        "  keys:\n"
        f'  - id: "{item.id}"\n'
        f"    privateMaterial: {b64encode(item.private_key.reveal()).decode()}\n"
        f"    publicMaterial: {b64encode(item.certificate).decode()}\n"
        f'  primaryId: "{item.id}"\n'
        "  type: Keypair\n"
    )
    assert read_keyset(write_keyset(keyset), "kubernetes-ca", "x") == keyset


def test_rotating_a_key(keyset: Keyset) -> None:
    """kOps' three steps: a second keypair, promoted, the first distrusted. Each file comes back."""
    old = keyset.primary
    new = new_authority("kubernetes-ca", NOW + timedelta(days=1), key_size=FAST)
    added = keyset.add(new)
    assert added.primary == old
    assert added.certificates == old.certificate + new.certificate
    promoted = added.promote(new.id)
    with pytest.raises(UsageError, match="distrusted"):
        promoted.distrust(new.id, NOW)
    rotated = promoted.distrust(old.id, datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC))
    assert rotated.certificates == new.certificate
    text = write_keyset(rotated)
    assert b'distrustTimestamp: "2026-02-03T04:05:06Z"' in text
    assert read_keyset(text, "kubernetes-ca", "x") == rotated
    with pytest.raises(UsageError, match="distrusted"):
        rotated.promote(old.id)
    assert rotated.trust(old.id).promote(old.id).primary_id == old.id
    with pytest.raises(UsageError, match="no private key"):
        keyset.add(KeysetItem("5", new.certificate, None), primary=True)
    with pytest.raises(UsageError, match="already"):
        keyset.add(old)


def test_public_keys_for_token_verification(keyset: Keyset) -> None:
    new = new_authority("service-account", NOW + timedelta(days=1), key_size=FAST)
    text = keyset.add(new).public_keys
    blocks = text.split("-----BEGIN RSA PUBLIC KEY-----")[1:]
    assert len(blocks) == 2
    pem = f"-----BEGIN PUBLIC KEY-----{blocks[1]}".replace("RSA PUBLIC", "PUBLIC")
    assert load_pem_public_key(pem.encode()) == x509.load_pem_x509_certificate(new.certificate).public_key()
    assert max(map(len, text.splitlines())) == 64


def test_the_key_set_for_verifiers_holds_every_believed_key_by_its_fingerprint(keyset: Keyset) -> None:
    new = new_authority(keyset.name, NOW + timedelta(days=1), key_size=FAST)
    stranger = new_authority("stranger", NOW + timedelta(days=2), key_size=FAST)
    both = keyset.add(new)
    document = json.loads(both.add(stranger).jwks)
    assert [key["kid"] for key in document["keys"]] == sorted(key["kid"] for key in document["keys"])
    assert len(document["keys"]) == 2
    distrusted = json.loads(both.promote(new.id).distrust(keyset.primary_id, NOW).jwks)
    (key,) = distrusted["keys"]
    public = x509.load_pem_x509_certificate(new.certificate).public_key()
    assert isinstance(public, rsa.RSAPublicKey)
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    decoded = {name: urlsafe_b64decode(key[name] + "==") for name in ("kid", "n", "e")}
    assert decoded["kid"] == hashlib.sha256(der).digest()
    assert int.from_bytes(decoded["n"], "big") == public.public_numbers().n
    assert int.from_bytes(decoded["e"], "big") == public.public_numbers().e
    assert (key["use"], key["kty"], key["alg"]) == ("sig", "RSA", "RS256")


def test_a_keyset_is_never_overwritten_by_a_new_one(backend: Backend, keyset: Keyset) -> None:
    """A second apply, or a second machine, must not make new authorities over old ones."""
    store = key_store(backend)
    store.create_keyset(keyset)
    with pytest.raises(ObjectExists):
        store.create_keyset(new_keyset("kubernetes-ca", NOW, key_size=FAST))
    found = store.keyset("kubernetes-ca")
    assert found.keyset == keyset
    new = new_authority("kubernetes-ca", NOW + timedelta(days=1), key_size=FAST)
    store.replace_keyset(found, keyset.add(new))
    with pytest.raises(ObjectChanged):
        store.replace_keyset(found, keyset)
    assert store.keysets() == ["kubernetes-ca"]
    with pytest.raises(ObjectNotFound):
        store.keyset("service-account")


def test_keysets_of_old_kops_are_found(keyset: Keyset) -> None:
    backend = MemoryBackend()
    old = write_keyset(keyset).replace(b"  primaryId", b"  x-primaryId")
    lines = [line for line in old.splitlines(keepends=True) if b"x-primaryId" not in line]
    backend.put("c/pki/private/ca/keyset.yaml", b"".join(lines))
    found = key_store(backend).keyset("kubernetes-ca")
    assert (found.legacy, found.keyset.primary) == (True, keyset.primary)
    key_store(backend).replace_keyset(found, found.keyset)
    assert key_store(backend).keyset("kubernetes-ca").legacy is False


def test_secrets_in_kops_form(backend: Backend) -> None:
    store = key_store(backend)
    store.create_secret("dockerconfig", Secret(b'{"auths":{}}'))
    assert backend.read("c/secrets/dockerconfig").data == b'{"Data":"eyJhdXRocyI6e319"}'
    assert store.secret("dockerconfig").reveal() == b'{"auths":{}}'
    with pytest.raises(ObjectExists):
        store.create_secret("dockerconfig", Secret(b""))
    store.put_secret("dockerconfig", Secret(b"2"))
    assert store.secret("dockerconfig").reveal() == b"2"
    assert store.secrets() == ["dockerconfig"]
    store.delete_secret("dockerconfig")
    with pytest.raises(ObjectNotFound):
        store.delete_secret("dockerconfig")


def test_tokens() -> None:
    tokens = {new_token().reveal() for _ in range(50)}
    assert len(tokens) == 50
    assert all(len(token) == 32 and token.isalnum() for token in tokens)


def test_ssh_keys(backend: Backend, ssh_key: str) -> None:
    store = key_store(backend)
    fingerprint = store.add_ssh_public_key(ssh_key.encode() + b"\n")
    assert fingerprint == md5_fingerprint(ssh_key)
    assert len(fingerprint.split(":")) == 16
    key = f"c/pki/ssh/public/admin/{fingerprint.replace(':', '')}"
    assert backend.read(key).data == ssh_key.encode() + b"\n"
    assert store.ssh_public_keys() == [ssh_key]
    store.delete_ssh_public_keys()
    assert store.ssh_public_keys() == []


@pytest.mark.parametrize(
    "text", ["", "ssh-rsa", "ssh-rsa AAAA", "ssh-rsa !!", "ssh-rsa AAAAC3NzaC1lZDI1NTE5"]
)
def test_what_is_no_ssh_key(text: str) -> None:
    with pytest.raises(InvalidSpec, match="OpenSSH public key"):
        md5_fingerprint(text)


def test_where_a_spec_puts_its_keys() -> None:
    store = MemoryBackend("s3://kops-state")
    opened: list[str] = []

    def open_other(url: str) -> Backend:
        opened.append(url)
        return MemoryBackend(url)

    def folders(tree: Tree) -> list[tuple[str, str]]:
        found = places(store, tree, "a.example.com", open_other)
        return [(place.backend.url, place.folder) for place in found]

    assert folders(cluster()) == [
        ("s3://kops-state", "a.example.com"),
        ("s3://kops-state", "a.example.com/pki"),
        ("s3://kops-state", "a.example.com/secrets"),
    ]
    elsewhere = cluster(configBase="s3://kops-state/team/a", keyStore="s3://vault/a/pki/")
    assert folders(elsewhere) == [
        ("s3://kops-state", "team/a"),
        ("s3://vault/a/pki", ""),
        ("s3://kops-state", "team/a/secrets"),
    ]
    assert opened == ["s3://vault/a/pki"]
    assert folders(cluster(configBase="s3://kops-state-2/a"))[0] == ("s3://kops-state-2/a", "")


def seen_in(error: BaseException) -> str:
    return "".join(traceback.format_exception(error, chain=True)) + repr(error)


def test_nothing_secret_shows(keyset: Keyset) -> None:
    private = keyset.primary.private_key
    assert private is not None
    material = b64encode(private.reveal()).decode()
    backend = MemoryBackend()
    store = key_store(backend)
    store.create_keyset(keyset)
    shown = [repr(value) for value in (keyset, keyset.primary, private, store.keyset("kubernetes-ca"))]
    shown += [str(private), f"{private}", repr(backend.read("c/pki/private/kubernetes-ca/keyset.yaml"))]
    for text in shown:
        assert material[:20] not in text
        assert "PRIVATE KEY" not in text
    for leak in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            leak(private)


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text.replace("  keys:", "  keys: ["),
        lambda text: text.replace("privateMaterial: ", "privateMaterial: !"),
        lambda text: text.replace("privateMaterial: ", "privateMaterial: *"),
        lambda text: text.replace("privateMaterial: ", "privateMaterial: -"),
        lambda text: text.replace("privateMaterial: ", "privateMaterial:\n      x: "),
        lambda text: text.replace("privateMaterial: ", "unknown: "),
        lambda text: text.replace("    privateMaterial: ", "    "),
        lambda text: text.replace("privateMaterial: ", "privateMaterial: |\n      x: "),
    ],
)
def test_a_damaged_keyset_is_reported_without_its_content(keyset: Keyset, damage: object) -> None:
    private = keyset.primary.private_key
    assert private is not None
    material = b64encode(private.reveal()).decode()
    assert callable(damage)
    text = damage(write_keyset(keyset).decode())
    assert text != write_keyset(keyset).decode()
    with pytest.raises(InvalidSpec) as caught:
        read_keyset(text.encode(), "kubernetes-ca", "keyset.yaml")
    assert material[:20] not in seen_in(caught.value)
    assert material[100:120] not in seen_in(caught.value)


@pytest.mark.parametrize(
    "text", [b"hunter2", b'{"Data":"hunter2!"}', b'{"d":"aHVudGVyMg=="}', b'["hunter2"]']
)
def test_a_damaged_secret_is_reported_without_its_content(text: bytes) -> None:
    backend = MemoryBackend()
    backend.put("c/secrets/s", text)
    with pytest.raises(StoreError) as caught:
        key_store(backend).secret("s")
    assert "hunter2" not in seen_in(caught.value)
    assert "aHVudGVyMg" not in seen_in(caught.value)


def test_our_files_are_json_that_others_read() -> None:
    backend = MemoryBackend()
    key_store(backend).create_secret("s", Secret(b"\x00\xff"))
    assert b64decode(json.loads(backend.read("c/secrets/s").data)["Data"]) == b"\x00\xff"
