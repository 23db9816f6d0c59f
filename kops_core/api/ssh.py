"""SSH public keys in OpenSSH form: one line of type, key and comment."""

from __future__ import annotations

import hashlib
from base64 import b64decode
from binascii import Error as Base64Error

from kops_core.errors import FieldError, InvalidSpec


def key_blob(public_key: str) -> bytes:
    """The binary key, as SSH encodes it. Raises InvalidSpec if the text is no public key."""
    parts = public_key.split()
    try:
        kind, blob = parts[0], b64decode(parts[1], validate=True)
        length = int.from_bytes(blob[:4])
        if blob[4 : 4 + length].decode() != kind:
            raise ValueError("the key is of another type than it says")
    except (IndexError, Base64Error, ValueError) as error:
        message = "is not an OpenSSH public key (one line: type, key, comment)"
        raise InvalidSpec([FieldError("Invalid value", "spec.publicKey", message)]) from error
    return blob


def md5_fingerprint(public_key: str) -> str:
    """The MD5 fingerprint, with colons: part of kOps' names, not used for security. Raises InvalidSpec."""
    return md5_with_colons(key_blob(public_key))


def md5_with_colons(data: bytes) -> str:
    """The MD5 digest in hexadecimal, a colon between bytes."""
    return hashlib.md5(data, usedforsecurity=False).digest().hex(":")
