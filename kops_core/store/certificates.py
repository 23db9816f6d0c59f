"""Creates certificates: self-signed authorities, and client certificates that an authority signs.

Forms, validity and serial numbers are those of kOps (``pkg/pki``).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from kops_core.errors import UsageError
from kops_core.store.keysets import Keyset, KeysetItem
from kops_core.store.pem import PrivateKey, load_private_key, pem_of_certificate, pem_of_key
from kops_core.store.secret import Secret

if TYPE_CHECKING:
    from cryptography.x509 import CertificateBuilder, KeyUsage, Name

KEY_SIZE: Final = 2048
"""Bits of an RSA key (kOps: ``pkg/pki/privatekey.go``)."""
VALID_BEFORE: Final = timedelta(hours=48)
VALID_FOR: Final = timedelta(days=3650)
"""A certificate is valid from two days before it is made, an authority for ten years
(kOps: ``pkg/pki/csr.go``)."""


@dataclass(frozen=True)
class ClientCertificate:
    """A client certificate with its key. It is never stored."""

    certificate: bytes
    """PEM."""
    private_key: Secret = field(repr=False)
    """PEM."""
    expires_at: datetime


def new_serial(now: datetime, random_bits: Callable[[int], int] = secrets.randbits) -> int:
    """A serial number for an authority: nanoseconds since 1970, then 32 random bits."""
    nanoseconds = int((now - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1)) * 1000
    return nanoseconds << 32 | random_bits(32)


def new_keyset(name: str, now: datetime, *, key_size: int = KEY_SIZE) -> Keyset:
    """A keyset with one new authority of the same name, as in kOps."""
    item = new_authority(name, now, key_size=key_size)
    return Keyset(name, item.id, (item,))


def new_authority(
    name: str,
    now: datetime,
    *,
    key_size: int = KEY_SIZE,
    private_key: Secret | None = None,
    numbered: bool = False,
) -> KeysetItem:
    """A self-signed certificate authority and its key (takes about 0.1 s).

    private_key: PEM of the key to use instead of a new one. numbered: with the serial number in the
    subject, as later keypairs of a keyset have it: so that authorities of one name can be distinguished.
    """
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    key = _new_key(key_size) if private_key is None else load_private_key(private_key.reveal(), name)
    serial = new_serial(now)
    names = [x509.NameAttribute(NameOID.COMMON_NAME, name)]
    if numbered:
        names.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, str(serial)))
    subject = x509.Name(names)
    builder = (
        _builder(subject, subject, key, serial)
        .not_valid_before(now - VALID_BEFORE)
        .not_valid_after(now + VALID_FOR)
        .add_extension(_usage(sign_certificates=True), critical=True)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return KeysetItem(str(serial), _signed(builder, key), pem_of_key(key))


def issue_client(
    signer: KeysetItem,
    common_name: str,
    organizations: Sequence[str],
    lifetime: timedelta,
    now: datetime,
    *,
    key_size: int = KEY_SIZE,
) -> ClientCertificate:
    """A new key with a certificate for clients. To Kubernetes the common name is the user and the
    organizations are groups.

    Raises UsageError for a lifetime that is not positive, or a signer without certificate and key.
    """
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    if lifetime <= timedelta():
        raise UsageError(f"a certificate can't live for {lifetime}", remedy="give a duration such as 18h")
    if signer.private_key is None or not signer.certificate:
        raise UsageError(f"the keypair {signer.id} can't sign: it needs a certificate and a private key")
    authority = x509.load_pem_x509_certificate(signer.certificate)
    signing = load_private_key(signer.private_key.reveal(), f"keypair {signer.id}")
    key = _new_key(key_size)
    subject = x509.Name(
        [
            *(x509.NameAttribute(NameOID.ORGANIZATION_NAME, each) for each in organizations),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )
    builder = (
        _builder(subject, authority.subject, key, secrets.randbits(127) + 1)
        .not_valid_before(now - VALID_BEFORE)
        .not_valid_after(now + lifetime)
        .add_extension(_usage(sign_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    )
    try:
        # Not computed from the key: authorities of kOps and others may use another digest for theirs.
        identifier = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        by_id = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)
        builder = builder.add_extension(by_id, critical=False)
    except x509.ExtensionNotFound:
        pass
    return ClientCertificate(_signed(builder, signing), pem_of_key(key), now + lifetime)


def _new_key(size: int) -> PrivateKey:
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(public_exponent=65537, key_size=size)


def _builder(subject: Name, issuer: Name, key: PrivateKey, serial: int) -> CertificateBuilder:
    from cryptography.x509 import CertificateBuilder

    return (
        CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(serial)
    )


def _usage(*, sign_certificates: bool) -> KeyUsage:
    from cryptography.x509 import KeyUsage

    return KeyUsage(
        digital_signature=not sign_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=sign_certificates,
        crl_sign=sign_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _signed(builder: CertificateBuilder, key: PrivateKey) -> bytes:
    from cryptography.hazmat.primitives import hashes

    return pem_of_certificate(builder.sign(key, hashes.SHA256()))
