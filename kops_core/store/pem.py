"""Keys and certificates in PEM: parses the operator's files, writes as kOps does.

No error of this module, nor its cause, contains what could not be parsed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from kops_core.errors import UsageError
from kops_core.store.secret import Secret

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.x509 import Certificate, Name

PrivateKey: TypeAlias = "RSAPrivateKey | EllipticCurvePrivateKey"
"""The keys that kOps stores."""

_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----", re.DOTALL)
_KEY_LABELS = (b"RSA PRIVATE KEY", b"EC PRIVATE KEY", b"PRIVATE KEY")


@dataclass(frozen=True)
class CertificateFacts:
    """The fields of a certificate, all of them public."""

    subject: str
    """As kOps prints it, e.g. ``SERIALNUMBER=6977,CN=kubernetes-ca``."""
    issuer: str
    alternate_names: tuple[str, ...]
    authority: bool
    """Whether it may sign others."""
    serial: int
    not_before: datetime
    not_after: datetime
    key_length: int
    """Bits of an RSA key; 0 for another."""
    fingerprint: str
    """SHA-256 of the certificate, in hexadecimal with colons, as OpenSSL prints it."""


def read_certificate(data: bytes, source: str) -> bytes:
    """The first certificate of a PEM file, as kOps stores it. Raises UsageError."""
    return pem_of_certificate(_load_certificate(data, source))


def read_private_key(data: bytes, source: str) -> Secret:
    """The first private key of a PEM file, as kOps stores it. Raises UsageError."""
    return pem_of_key(load_private_key(data, source))


def expect_pair(certificate: bytes, private_key: Secret, source: str) -> None:
    """Raises UsageError unless the certificate is of that key."""
    public = _load_certificate(certificate, source).public_key()
    if public != load_private_key(private_key.reveal(), source).public_key():
        raise UsageError("the certificate belongs to another private key", where=source)


def facts_of(certificate: bytes, source: str) -> CertificateFacts:
    """The fields of a certificate in PEM. Raises UsageError."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import Encoding

    found = _load_certificate(certificate, source)
    try:
        constraints = found.extensions.get_extension_for_class(x509.BasicConstraints).value
        authority = constraints.ca
    except x509.ExtensionNotFound:
        authority = False
    key = found.public_key()
    return CertificateFacts(
        subject=_name(found.subject),
        issuer=_name(found.issuer),
        alternate_names=tuple(sorted(_alternate_names(found))),
        authority=authority,
        serial=found.serial_number,
        not_before=found.not_valid_before_utc,
        not_after=found.not_valid_after_utc,
        key_length=key.key_size if isinstance(key, RSAPublicKey) else 0,
        fingerprint=hashlib.sha256(found.public_bytes(Encoding.DER)).digest().hex(":").upper(),
    )


def load_private_key(data: bytes, source: str) -> PrivateKey:
    """The first private key of a PEM file. Raises UsageError."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    block = _block(data, _KEY_LABELS)
    try:
        key = load_pem_private_key(block, None) if block else None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, (RSAPrivateKey, EllipticCurvePrivateKey)):
        raise UsageError(
            "there is no private key that can be used",
            where=source,
            remedy="give an RSA or elliptic curve key in PEM, without a passphrase",
        )
    return key


def pem_of_key(key: PrivateKey) -> Secret:
    """A private key as kOps stores it."""
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return Secret(key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()))


def pem_of_certificate(certificate: Certificate) -> bytes:
    """A certificate as kOps stores it."""
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.PEM)


def _load_certificate(data: bytes, source: str) -> Certificate:
    from cryptography.x509 import load_pem_x509_certificate

    block = _block(data, (b"CERTIFICATE",))
    try:
        found = load_pem_x509_certificate(block) if block else None
    except ValueError:
        # The file may contain a key as well, so no part of it is passed on.
        found = None
    if found is None:
        raise UsageError(
            "there is no certificate that can be read", where=source, remedy="give a certificate in PEM"
        )
    return found


def _block(data: bytes, labels: Sequence[bytes]) -> bytes:
    """The first block with one of the labels; empty if there is none."""
    return next((each.group() for each in _BLOCK.finditer(data) if each.group(1) in labels), b"")


def _name(name: Name) -> str:
    from cryptography.x509.oid import NameOID

    return name.rfc4514_string({NameOID.SERIAL_NUMBER: "SERIALNUMBER"})


def _alternate_names(certificate: Certificate) -> list[str]:
    from cryptography import x509

    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return [
        *names.get_values_for_type(x509.DNSName),
        *names.get_values_for_type(x509.RFC822Name),
        *map(str, names.get_values_for_type(x509.IPAddress)),
    ]
