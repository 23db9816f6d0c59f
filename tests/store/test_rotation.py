"""Rotation: which keypairs are trusted after each step, in every order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
)

from kops_core.errors import UsageError
from kops_core.store import rotation
from kops_core.store.certificates import ClientCertificate, issue_client, new_authority, new_keyset
from kops_core.store.keysets import Keyset, KeysetItem, read_keyset, write_keyset
from kops_core.store.pem import expect_pair, facts_of, read_certificate, read_private_key
from kops_core.store.secret import Secret
from tests.store.documents import NOW
from tests.store.openssl import belong_together, openssl, text_of, verifies

FAST = 1024
"""Bits: enough to test with."""
NAME = "kubernetes-ca"
POOL = 6


@cache
def authority(number: int) -> KeysetItem:
    """An authority made a day after the one before, as ``create keypair`` makes it."""
    return new_authority(NAME, NOW + timedelta(days=number), key_size=FAST, numbered=True)


@cache
def leaf(number: int) -> x509.Certificate:
    made = issue_client(authority(number), "ann", [], timedelta(hours=1), NOW, key_size=FAST)
    return x509.load_pem_x509_certificate(made.certificate)


def believed(certificate: x509.Certificate, bundle: bytes) -> bool:
    def signed() -> Iterator[bool]:
        for each in x509.load_pem_x509_certificates(bundle):
            try:
                certificate.verify_directly_issued_by(each)
            except (ValueError, InvalidSignature):
                yield False
            else:
                yield True

    return any(signed())


class Rotating(RuleBasedStateMachine):
    """Every step an operator may do, in any order, beside a model of what should be trusted.

    The model: by id, which authority of the pool, whether it has a key, whether it is trusted.
    """

    ids = Bundle("ids")

    @initialize(target=ids)
    def first(self) -> str:
        self.now = NOW + timedelta(days=POOL)
        item = authority(0)
        self.keyset, made = self._added(None, 0, primary=True)
        assert made == item.id
        self.model = {made: (0, True, True)}
        return made

    def _added(self, keyset: Keyset | None, number: int, *, primary: bool) -> tuple[Keyset, str]:
        item = authority(number)
        self.now += timedelta(seconds=1)
        return rotation.added(keyset, NAME, item.certificate, item.private_key, primary=primary, now=self.now)

    def _known(self) -> set[int]:
        return {number for number, _, _ in self.model.values()}

    @rule(target=ids, number=st.integers(1, POOL - 1), primary=st.booleans())
    def create(self, number: int, primary: bool) -> object:
        if number in self._known():
            return multiple()
        self.keyset, made = self._added(self.keyset, number, primary=primary)
        self.model[made] = (number, True, True)
        assert (self.keyset.primary_id == made) == primary
        if primary:
            assert int(made) == max(map(int, self.model))
        return made

    @rule(target=ids, number=st.integers(1, POOL - 1))
    def create_without_key(self, number: int) -> object:
        if number in self._known():
            return multiple()
        certificate = authority(number).certificate
        self.keyset, made = rotation.added(self.keyset, NAME, certificate, None, primary=False, now=self.now)
        assert made not in self.model
        self.model[made] = (number, False, True)
        with pytest.raises(UsageError, match="no private key"):
            rotation.promoted(self.keyset, made)
        return made

    @rule()
    def promote_newest(self) -> None:
        self.keyset = rotation.promoted(self.keyset)
        fit = [each for each, (_, has_key, trusted) in self.model.items() if has_key and trusted]
        assert self.keyset.primary_id == max(fit, key=int)

    @rule(item_id=ids)
    def promote(self, item_id: str) -> None:
        _, has_key, trusted = self.model[item_id]
        if has_key and trusted:
            self.keyset = rotation.promoted(self.keyset, item_id)
            assert self.keyset.primary_id == item_id
        else:
            with pytest.raises(UsageError, match=r"no private key|distrusted"):
                rotation.promoted(self.keyset, item_id)

    @rule()
    def distrust_older(self) -> None:
        primary, _, _ = self.model[self.keyset.primary_id]
        self.keyset = rotation.distrusted(self.keyset, [], self.now)
        for each, (number, has_key, trusted) in self.model.items():
            self.model[each] = (number, has_key, trusted and number >= primary)

    @rule(item_id=ids)
    def distrust(self, item_id: str) -> None:
        if item_id == self.keyset.primary_id:
            with pytest.raises(UsageError, match="can't be distrusted"):
                rotation.distrusted(self.keyset, [item_id], self.now)
            return
        self.keyset = rotation.distrusted(self.keyset, [item_id], self.now)
        self.model[item_id] = (*self.model[item_id][:2], False)

    @rule(item_id=ids)
    def trust(self, item_id: str) -> None:
        self.keyset = rotation.trusted(self.keyset, [item_id])
        self.model[item_id] = (*self.model[item_id][:2], True)

    @rule()
    def unknown_ids_are_refused(self) -> None:
        with pytest.raises(UsageError, match="no keypair 77"):
            rotation.promoted(self.keyset, "77")
        with pytest.raises(UsageError, match="no keypair 77"):
            rotation.distrusted(self.keyset, ["77"], self.now)
        with pytest.raises(UsageError, match="no keypair 77"):
            rotation.trusted(self.keyset, ["77"])

    @invariant()
    def old_and_new_are_believed_exactly_when_they_should_be(self) -> None:
        bundle = self.keyset.certificates
        for number, _, trusted in self.model.values():
            assert believed(leaf(number), bundle) == trusted

    @invariant()
    def what_the_primary_signs_is_believed(self) -> None:
        primary = self.keyset.primary
        number, has_key, trusted = self.model[primary.id]
        assert has_key
        assert trusted
        assert primary.distrusted_at is None
        assert believed(leaf(number), self.keyset.certificates)

    @invariant()
    def the_file_says_the_same(self) -> None:
        assert read_keyset(write_keyset(self.keyset), NAME, "x") == self.keyset
        assert set(self.model) == {item.id for item in self.keyset.items}


Rotating.TestCase.settings = settings(max_examples=40, stateful_step_count=15, deadline=None)
TestRotating = Rotating.TestCase


def client(signer: KeysetItem) -> ClientCertificate:
    return issue_client(signer, "kubecfg-ann", ["system:masters"], timedelta(hours=18), datetime.now(UTC))


def test_openssl_agrees_through_a_whole_rotation(tmp_path: Path) -> None:
    """2048 bits, no argument of ours taken on trust: chains, key usage, keys and their certificates."""
    now = datetime.now(UTC)
    keyset = new_keyset(NAME, now - timedelta(days=1))
    old = client(keyset.primary)
    assert belong_together(old.certificate, old.private_key.reveal())
    assert verifies(old.certificate, keyset.certificates, tmp_path)
    assert not verifies(old.certificate, keyset.certificates, tmp_path, "sslserver")

    made = new_authority(NAME, now, numbered=True)
    both, new_id = rotation.added(keyset, NAME, made.certificate, made.private_key, primary=False, now=now)
    assert new_id == made.id
    new = client(both.item(new_id))
    promoted = rotation.promoted(both)
    done = rotation.distrusted(promoted, [], now)
    trusting = [
        (keyset, True, False),
        (both, True, True),
        (promoted, True, True),
        (done, False, True),
        (rotation.trusted(done, [old_id := keyset.primary_id]), True, True),
    ]
    for each, believes_old, believes_new in trusting:
        assert verifies(old.certificate, each.certificates, tmp_path) == believes_old
        assert verifies(new.certificate, each.certificates, tmp_path) == believes_new
    assert done.item(old_id).distrusted_at == now

    for item in done.items:
        assert item.private_key is not None
        assert belong_together(item.certificate, item.private_key.reveal())
        text = text_of(item.certificate)
        assert re.search(r"Basic Constraints: critical\s+CA:TRUE\n", text)
        assert re.search(r"Key Usage: critical\s+Certificate Sign, CRL Sign\n", text)
    assert f"Subject: serialNumber={new_id},CN={NAME}" in text_of(made.certificate)
    text = text_of(new.certificate)
    assert f"Issuer: serialNumber={new_id},CN={NAME}" in text
    assert "Subject: CN=kubecfg-ann,O=system:masters" in text
    assert re.search(r"Key Usage: critical\s+Digital Signature\n", text)
    assert re.search(r"Extended Key Usage: ?\s+TLS Web Client Authentication\n", text)
    assert re.search(r"Basic Constraints: critical\s+CA:FALSE\n", text)


def test_a_client_of_an_authority_that_others_made(tmp_path: Path) -> None:
    """Whatever digest its identifier is of (kOps' is another than ours), or without any."""
    (tmp_path / "openssl.cnf").write_text("[req]\ndistinguished_name = dn\n[dn]\n")
    for identifier in ("C0:FF:EE", "none"):
        done = openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-config", str(tmp_path / "openssl.cnf"), "-subj", "/CN=theirs",
            "-addext", "basicConstraints=critical,CA:TRUE", "-addext", f"subjectKeyIdentifier={identifier}",
            "-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "ca.pem"),
        )  # fmt: skip
        assert done.returncode == 0, done.stderr.decode()
        both = (tmp_path / "key.pem").read_bytes() + (tmp_path / "ca.pem").read_bytes()
        certificate, key = read_certificate(both, "x"), read_private_key(both, "x")
        assert key.reveal().startswith(b"-----BEGIN EC PRIVATE KEY-----")
        keyset, item_id = rotation.added(None, NAME, certificate, key, primary=True, now=datetime.now(UTC))
        made = client(keyset.item(item_id))
        believes = openssl(
            "verify", "-no-CApath", "-no-CAstore", "-CAfile", str(tmp_path / "ca.pem"), stdin=made.certificate
        )
        assert believes.returncode == 0, believes.stderr.decode()


def test_a_given_key_gets_a_certificate_and_a_given_certificate_no_key() -> None:
    mine = authority(0).private_key
    made = new_authority(NAME, NOW, private_key=mine, numbered=True)
    assert made.private_key == mine
    assert mine is not None
    expect_pair(made.certificate, mine, NAME)


def test_what_may_not_be_added() -> None:
    keyset = Keyset(NAME, authority(0).id, (authority(0),))
    ours, other = authority(1), authority(2)

    def add(certificate: bytes, key: Secret | None, name: str = NAME, *, primary: bool = False) -> None:
        rotation.added(keyset, name, certificate, key, primary=primary, now=NOW)

    with pytest.raises(UsageError, match="another private key"):
        add(ours.certificate, other.private_key)
    with pytest.raises(UsageError, match="needs a private key"):
        add(ours.certificate, None, primary=True)
    client_only = issue_client(authority(0), "ann", [], timedelta(hours=1), NOW, key_size=FAST)
    with pytest.raises(UsageError, match="has to be an authority"):
        add(client_only.certificate, client_only.private_key)
    add(client_only.certificate, client_only.private_key, "service-account")
    with pytest.raises(UsageError, match="has to be the primary one"):
        rotation.added(None, NAME, ours.certificate, ours.private_key, primary=False, now=NOW)


def test_a_certificate_from_the_future_gets_an_id_of_now() -> None:
    """Else every keypair made later would seem older."""
    keyset = Keyset(NAME, authority(0).id, (authority(0),))
    late = authority(5)
    after, item_id = rotation.added(
        keyset, NAME, late.certificate, late.private_key, primary=False, now=NOW + timedelta(days=1)
    )
    assert int(authority(0).id) < int(item_id) < int(late.id)
    assert facts_of(after.item(item_id).certificate, NAME).serial == int(late.id)


@pytest.mark.parametrize(
    ("name", "yes"),
    [
        ("kubernetes-ca", True),
        ("service-account", True),
        ("etcd-manager-ca-main", True),
        ("apiserver-aggregator-ca", True),
        ("discovery-ca", True),
        ("kubelet", False),
        ("master", False),
    ],
)
def test_which_keysets_are_rotated(name: str, yes: bool) -> None:
    assert rotation.rotatable(name) is yes


def test_files_that_are_no_keys_are_refused_without_their_content() -> None:
    private = authority(0).private_key
    assert private is not None
    body = private.reveal().splitlines()[3].decode()
    damaged = private.reveal().replace(b"A", b"!", 3)
    for data in (b"", b"hunter2", damaged, private.reveal()[:200], authority(0).certificate):
        with pytest.raises(UsageError, match="no private key that can be used") as caught:
            read_private_key(data, "key.pem")
        assert caught.value.__cause__ is None
        assert caught.value.__context__ is None
        assert body not in str(caught.value)
    encrypted = openssl("rsa", "-aes128", "-traditional", "-passout", "pass:x", stdin=private.reveal()).stdout
    assert b"ENCRYPTED" in encrypted
    with pytest.raises(UsageError, match="without a passphrase"):
        read_private_key(encrypted, "key.pem")
    for data in (b"", private.reveal(), authority(0).certificate.replace(b"M", b"N")):
        with pytest.raises(UsageError, match="no certificate"):
            read_certificate(data, "ca.pem")


def test_how_long_a_client_certificate_lives() -> None:
    made = issue_client(authority(0), "ann", [], timedelta(hours=18), NOW, key_size=FAST)
    assert "KEY" not in repr(made)
    assert made.expires_at == NOW + timedelta(hours=18)
    with pytest.raises(UsageError, match="can't live"):
        issue_client(authority(0), "ann", [], timedelta(), NOW)
    certificate_only = KeysetItem("5", authority(0).certificate, None)
    with pytest.raises(UsageError, match="can't sign"):
        issue_client(certificate_only, "ann", [], timedelta(hours=1), NOW)


def _certificate(serial: int) -> bytes:
    """An authority with a serial number of its own, made with the key of another."""
    like = x509.load_pem_x509_certificate(authority(1).certificate)
    private = authority(1).private_key
    assert private is not None
    key = serialization.load_pem_private_key(private.reveal(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    builder = x509.CertificateBuilder(
        like.issuer,
        like.subject,
        key.public_key(),
        serial,
        like.not_valid_before_utc,
        like.not_valid_after_utc,
    ).add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


@pytest.mark.parametrize("above", [-1, 0, 1, 2, 1 << 31, 1 << 32, 1 << 64])
def test_a_serial_number_is_an_id_unless_it_is_later_than_any_of_now(above: int) -> None:
    """A serial number is the time in nanoseconds and 32 more bits."""
    now = NOW + timedelta(days=1)
    nanoseconds = (now - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1000
    latest = nanoseconds << 32 | 0xFFFFFFFF
    keyset = Keyset(NAME, authority(0).id, (authority(0),))
    _, item_id = rotation.added(
        keyset, NAME, _certificate(latest + above), authority(1).private_key, primary=True, now=now
    )
    assert (item_id == str(latest + above)) == (above <= 0)
    assert int(authority(0).id) < int(item_id) <= latest
