"""Keysets as kOps keeps them: certificate authorities with their keys, in one YAML object.

Format and numbers are kOps' (``pkg/pki``, ``upup/pkg/fi/keyset.go``): RSA 2048, valid from two
days before, for ten years, ids are the certificates' serial numbers.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from kops_core.api.values import Tree, Value
from kops_core.errors import StoreError
from kops_core.store.codec import decode_one, encode

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.x509 import Certificate, Name

_KEY_BITS = 2048
_VALID_BEFORE = timedelta(days=2)
_VALID_FOR = timedelta(days=3650)


@dataclass(frozen=True)
class Keyset:
    """The public side of a keyset."""

    primary: str
    """Id of the item in use: the serial number of its certificate, decimal."""
    certificates: str
    """PEM of every trusted certificate, oldest id first."""
    public_keys: str
    """PEM of every trusted public key, in the same order."""


def location(name: str) -> str:
    """Where a keyset is kept, below its cluster's folder."""
    return f"pki/private/{name}/keyset.yaml"


def read_keyset(data: bytes, source: str) -> Keyset:
    """The public side of a stored keyset. Raises StoreError if it makes no sense."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
    from cryptography.x509 import load_pem_x509_certificate

    spec = decode_one(data, source, "Keyset").tree.get("spec")
    items = spec.get("keys") if isinstance(spec, dict) else None
    if not isinstance(spec, dict) or not isinstance(items, list):
        raise StoreError("this is no keyset", where=source)
    trusted = [item for item in items if isinstance(item, dict) and not item.get("distrustTimestamp")]
    trusted.sort(key=lambda item: int(str(item.get("id"))))
    if not trusted:
        raise StoreError("no item of the keyset is trusted", where=source)
    pems = [b64decode(str(item.get("publicMaterial", ""))) for item in trusted]
    keys = [load_pem_x509_certificate(pem).public_key() for pem in pems]
    public = [key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo) for key in keys]
    primary = spec.get("primaryID") or trusted[-1].get("id")
    return Keyset(str(primary), b"".join(pems).decode(), b"".join(public).decode())


def new_keyset(name: str, subject: str, now: datetime) -> bytes:
    """A keyset with one new self-signed authority. It holds the private key: for the store only."""
    from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = generate_private_key(public_exponent=65537, key_size=_KEY_BITS)
    certificate = _authority(_name(subject), key, now)
    id_ = str(certificate.serial_number)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    item: Mapping[str, Value] = {
        "id": id_,
        "privateMaterial": b64encode(private).decode(),
        "publicMaterial": b64encode(certificate.public_bytes(Encoding.PEM)).decode(),
    }
    keyset: Tree = {
        "apiVersion": "kops.k8s.io/v1alpha2",
        "kind": "Keyset",
        "metadata": {"creationTimestamp": None, "name": name},
        "spec": {"keys": [dict(item)], "primaryID": id_, "type": "Keypair"},
    }
    return encode(keyset)


def _name(subject: str) -> Name:
    """A subject as kOps writes it, like ``cn=kubernetes-ca`` or ``o=…,cn=…``."""
    from cryptography.x509 import Name, NameAttribute
    from cryptography.x509.oid import NameOID

    kinds = {"cn": NameOID.COMMON_NAME, "o": NameOID.ORGANIZATION_NAME}
    parts = [part.partition("=") for part in subject.split(",")]
    return Name([NameAttribute(kinds[kind.strip().lower()], value) for kind, _, value in parts])


def _authority(name: Name, key: RSAPrivateKey, now: datetime) -> Certificate:
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256

    now = now.astimezone(UTC)
    public = key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(public)
        .serial_number(_serial(now))
        .not_valid_before(now - _VALID_BEFORE)
        .not_valid_after(now + _VALID_FOR)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                key_cert_sign=True,
                crl_sign=True,
                digital_signature=False,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .sign(key, SHA256())
    )


def _serial(now: datetime) -> int:
    """A serial number that grows with time, so that the newest item of a keyset has the highest id."""
    import secrets

    return (int(now.timestamp()) << 32) | secrets.randbits(32)
