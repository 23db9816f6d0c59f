"""A JSON Web Key Set (RFC 7517) of public keys for verifiers of tokens, in kOps' form."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Iterable

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import Certificate, load_pem_x509_certificate
from cryptography.x509.oid import NameOID


def key_set(certificates: Iterable[bytes], common_name: str) -> str:
    """The RSA keys of PEM certificates with a common name, by key id; one value a line."""
    found = (load_pem_x509_certificate(each) for each in certificates)
    keys = [
        _web_key(key)
        for each in found
        if _common_name(each) == common_name and isinstance(key := each.public_key(), RSAPublicKey)
    ]
    return json.dumps({"keys": sorted(keys, key=lambda each: each["kid"])}, indent=0)


def _common_name(certificate: Certificate) -> str:
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else ""


def _web_key(key: RSAPublicKey) -> dict[str, str]:
    """A key as JWK; its id is the SHA-256 of its DER form, as in kOps and Kubernetes."""
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    numbers = key.public_numbers()
    return {
        "use": "sig",
        "kty": "RSA",
        "kid": _encoded(hashlib.sha256(der).digest()),
        "alg": "RS256",
        "n": _encoded(_big_endian(numbers.n)),
        "e": _encoded(_big_endian(numbers.e)),
    }


def _big_endian(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def _encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
