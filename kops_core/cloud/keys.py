"""Observes and creates keysets and tokens, which are in the state store of every cloud."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from kops_core.errors import ObjectExists, ObjectNotFound
from kops_core.model.store_resources import Keypair, Secret
from kops_core.plan.snapshot import Observed
from kops_core.store.certificates import new_keyset
from kops_core.store.key_store import KeyStore, new_token
from kops_core.store.keysets import PublicKeyset


def observed_keypair(key_store: KeyStore, wanted: Keypair) -> Observed | None:
    """A keyset with its public parts; None if there is none. Raises StoreError, InvalidSpec."""
    try:
        return _observed(wanted, key_store.public_keyset(wanted.name))
    except ObjectNotFound:
        return None


def made_keypair(key_store: KeyStore, wanted: Keypair, now: datetime) -> Observed:
    """Creates a keyset, unless somebody else has created it: theirs may be in use already.

    Raises StoreError.
    """
    keyset = new_keyset(wanted.name, now)
    try:
        key_store.create_keyset(keyset)
    except ObjectExists:
        return _observed(wanted, key_store.public_keyset(wanted.name))
    return _observed(wanted, keyset.public)


def observed_secrets(key_store: KeyStore, wanted: Sequence[Secret]) -> list[Observed]:
    """The existing tokens. Their values are not read. Raises StoreError."""
    names = set(key_store.secrets()) if wanted else set()
    return [Observed(each, each.name) for each in wanted if each.name in names]


def made_secret(key_store: KeyStore, wanted: Secret) -> Observed:
    """Creates a random token, unless it exists by now. Raises StoreError."""
    with suppress(ObjectExists):
        key_store.create_secret(wanted.name, new_token())
    return Observed(wanted, wanted.name)


def _observed(wanted: Keypair, keyset: PublicKeyset) -> Observed:
    public = {
        "certificates": keyset.certificates,
        "public_keys": keyset.public_keys,
        "jwks": keyset.jwks,
    }
    return Observed(wanted, keyset.primary_id, public)
