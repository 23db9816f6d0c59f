"""Keysets: the certificate authorities and signing keys of a cluster, in kOps' format.

A keyset has several keypairs during a rotation: the primary one signs, all that are not distrusted are
trusted. The id of a keypair is its certificate's serial number, derived from the time, so ids sort by age.
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final

from kops_core.api.documents import API_VERSION
from kops_core.api.values import Tree, Value
from kops_core.errors import FieldError, InvalidSpec, UsageError
from kops_core.store.codec import decode_one, encode
from kops_core.store.secret import Secret


@dataclass(frozen=True)
class KeysetItem:
    """A keypair of a keyset."""

    id: str
    """Usually the certificate's serial number."""
    certificate: bytes
    """PEM; empty if there is none."""
    private_key: Secret | None = field(repr=False)
    """PEM; None for a certificate that is only trusted."""
    distrusted_at: datetime | None = None


SERVICE_ACCOUNT: Final = "service-account"
"""The keyset whose keys sign the tokens of service accounts."""


@dataclass(frozen=True)
class PublicKeyset:
    """What everybody may know of a keyset, in the forms in which nodes and others are told."""

    primary_id: str
    certificates: str
    """All trusted certificates, PEM, oldest first."""
    public_keys: str = ""
    """Their public keys, PEM; only of ``service-account``."""
    jwks: str = ""
    """The same as a JSON Web Key Set; only of ``service-account``."""


@dataclass(frozen=True)
class Keyset:
    """All keypairs of one name."""

    name: str
    primary_id: str
    items: tuple[KeysetItem, ...]
    """By age, oldest first."""

    @property
    def primary(self) -> KeysetItem:
        """The keypair that signs. Raises UsageError if there is none of that id."""
        return self.item(self.primary_id)

    def item(self, item_id: str) -> KeysetItem:
        """The keypair of an id. Raises UsageError if there is none."""
        for item in self.items:
            if item.id == item_id:
                return item
        raise UsageError(f"the keyset {self.name} has no keypair {item_id}", where=self.name)

    @property
    def certificates(self) -> bytes:
        """All trusted certificates, PEM, oldest first."""
        return b"".join(item.certificate for item in self.items if item.distrusted_at is None)

    @property
    def public_keys(self) -> str:
        """The public keys of all trusted certificates, PEM, oldest first, in kOps' form."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
        from cryptography.x509 import load_pem_x509_certificate

        texts = []
        for item in self.items:
            if item.certificate and item.distrusted_at is None:
                key = load_pem_x509_certificate(item.certificate).public_key()
                der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
                texts.append(_pem("RSA PUBLIC KEY", der))
        return "".join(texts)

    @property
    def jwks(self) -> str:
        """The same keys as a JSON Web Key Set, without those of certificates with another name."""
        from kops_core.store.jwks import key_set

        believed = (item.certificate for item in self.items if item.distrusted_at is None)
        return key_set((each for each in believed if each), self.name)

    @property
    def public(self) -> PublicKeyset:
        """What everybody may know of it."""
        if self.name != SERVICE_ACCOUNT:
            return PublicKeyset(self.primary_id, self.certificates.decode())
        return PublicKeyset(self.primary_id, self.certificates.decode(), self.public_keys, self.jwks)

    def promote(self, item_id: str) -> Keyset:
        """A copy with another keypair as primary. Raises UsageError if it can't sign."""
        return replace(self, primary_id=item_id).checked()

    def distrust(self, item_id: str, at: datetime) -> Keyset:
        """A copy with a keypair distrusted. Raises UsageError if it is the primary one."""
        return self._with(replace(self.item(item_id), distrusted_at=self.item(item_id).distrusted_at or at))

    def trust(self, item_id: str) -> Keyset:
        """A copy with a keypair trusted again."""
        return self._with(replace(self.item(item_id), distrusted_at=None))

    def add(self, item: KeysetItem, *, primary: bool = False) -> Keyset:
        """A copy with one more keypair.

        Raises UsageError if its id exists, or if it is primary and can't sign.
        """
        if any(known.id == item.id for known in self.items):
            raise UsageError(f"the keyset {self.name} has a keypair {item.id} already", where=self.name)
        items = tuple(sorted((*self.items, item), key=lambda one: age_of(one.id)))
        return Keyset(self.name, item.id if primary else self.primary_id, items).checked()

    def checked(self) -> Keyset:
        """The keyset itself. Raises UsageError unless its primary keypair can sign and is trusted."""
        primary = self.primary
        reasons = {
            "has no private key": primary.private_key is None,
            "has no certificate": not primary.certificate,
            "is distrusted": primary.distrusted_at is not None,
        }
        for reason, holds in reasons.items():
            if holds:
                raise UsageError(
                    f"the keypair {primary.id} can't be the primary one of {self.name}: it {reason}",
                    where=self.name,
                )
        return self

    def _with(self, item: KeysetItem) -> Keyset:
        items = tuple(item if known.id == item.id else known for known in self.items)
        return replace(self, items=items).checked()


def age_of(item_id: str) -> tuple[bool, int, str]:
    """The sort key of an id: numbers last, by value."""
    return (True, int(item_id), "") if item_id.isdecimal() else (False, 0, item_id)


def read_keyset(data: bytes, name: str, source: str) -> Keyset:
    """Parses the file of a keyset. Raises InvalidSpec, without any of the content."""
    try:
        document = decode_one(data, source, "Keyset")
        if document.unknown:  # writing the keyset would lose their content
            raise InvalidSpec(document.unknown)
    except InvalidSpec as error:
        # Messages of the YAML reader may contain the content.
        message = "the keyset can't be read"
        errors = [FieldError(one.kind, one.path, message, one.source, one.line) for one in error.errors]
        raise InvalidSpec(errors) from None
    tree = document.tree
    spec = tree.get("spec")
    keys = spec.get("keys") if isinstance(spec, dict) else None
    if not isinstance(spec, dict) or not isinstance(keys, list):
        raise InvalidSpec([FieldError("Required value", "spec.keys", "the keyset has no keys", source)])
    items = [_item(key, position, source) for position, key in enumerate(keys)]
    primary = spec.get("primaryId")
    found = tuple(sorted(items, key=lambda item: age_of(item.id)))
    if not isinstance(primary, str):
        # Keysets of kOps before 1.22 name no primary keypair: it is the newest with a key.
        signing = [item.id for item in found if item.private_key is not None]
        primary = signing[-1] if signing else ""
    return Keyset(name, primary, found)


def _item(key: Value, position: int, source: str) -> KeysetItem:
    path = f"spec.keys[{position}]"
    if not isinstance(key, dict):
        raise InvalidSpec([FieldError("Invalid value", path, "a key is a mapping", source)])
    private = _material(key, "privateMaterial", path, source)
    distrusted = key.get("distrustTimestamp")
    return KeysetItem(
        id=str(key.get("id", "")),
        certificate=_material(key, "publicMaterial", path, source),
        private_key=Secret(private) if private else None,
        distrusted_at=datetime.fromisoformat(distrusted) if isinstance(distrusted, str) else None,
    )


def _material(key: dict[str, Value], name: str, path: str, source: str) -> bytes:
    text = key.get(name, "")
    try:
        return b64decode(str(text), validate=True)
    except binascii.Error:
        raise InvalidSpec([FieldError("Invalid value", f"{path}.{name}", "is not base64", source)]) from None


def write_keyset(keyset: Keyset) -> bytes:
    """The file of a keyset, as kOps writes it. Raises UsageError as ``checked`` does."""
    keys: list[Value] = [_key(item) for item in keyset.checked().items]
    tree: Tree = {
        "apiVersion": API_VERSION,
        "kind": "Keyset",
        "metadata": {"name": keyset.name},
        "spec": {"keys": keys, "primaryId": keyset.primary_id, "type": "Keypair"},
    }
    return encode(tree)


def _key(item: KeysetItem) -> Tree:
    key: Tree = {"id": item.id}
    if item.distrusted_at is not None:
        key["distrustTimestamp"] = item.distrusted_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if item.certificate:
        key["publicMaterial"] = b64encode(item.certificate).decode()
    if item.private_key is not None:
        key["privateMaterial"] = b64encode(item.private_key.reveal()).decode()
    return key


def _pem(label: str, der: bytes) -> str:
    text = b64encode(der).decode()
    lines: Sequence[str] = [text[at : at + 64] for at in range(0, len(text), 64)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""])
