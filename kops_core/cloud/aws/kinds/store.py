"""What lies in the state store: files, keysets and tokens."""

from __future__ import annotations

import json
import secrets
import string
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

from kops_core.cloud import keysets
from kops_core.cloud.aws.adapter import Adapter, Made, Work, known, never
from kops_core.cloud.aws.reading import Reading
from kops_core.errors import ObjectExists, StoreError
from kops_core.model.kinds import AddonManifest, BootstrapChannel, Keypair, ManagedFile, Secret
from kops_core.plan.snapshot import Observed

_F = TypeVar("_F", bound=ManagedFile)
_TOKEN_LENGTH = 32
"""Of kOps' tokens, letters and digits."""


def _observe_file(reading: Reading, desired: Sequence[_F]) -> list[Observed]:
    stored = reading.each(lambda file: reading.store.read(file.location, file.base), desired)
    return [
        Observed(replace(wanted, contents=found.data.decode(errors="replace")), found.key)
        for wanted, found in zip(desired, stored, strict=True)
        if found is not None
    ]


def _put_file(work: Work, desired: ManagedFile) -> Made:
    backend, key = work.store.place(desired.location, desired.base)
    backend.put(key, known(desired.contents).encode(), public=bool(desired.public))
    return Made(key)


def _update_file(work: Work, desired: ManagedFile, observed: Observed, changed: frozenset[str]) -> None:
    _put_file(work, desired)


def _delete_file(work: Work, observed: Observed) -> None:
    file = observed.resource
    if isinstance(file, ManagedFile):
        backend, key = work.store.place(file.location, file.base)
        backend.delete(key)


def _observe_keypair(reading: Reading, desired: Sequence[Keypair]) -> list[Observed]:
    stored = reading.each(lambda each: reading.store.read(keysets.location(each.name)), desired)
    return [
        Observed(wanted, *_public(found.data, found.key))
        for wanted, found in zip(desired, stored, strict=True)
        if found is not None
    ]


def _public(data: bytes, source: str) -> tuple[str, dict[str, str]]:
    keyset = keysets.read_keyset(data, source)
    outputs = {"certificates": keyset.certificates, "public_keys": keyset.public_keys}
    return keyset.primary, outputs


def _create_keypair(work: Work, desired: Keypair) -> Made:
    backend, key = work.store.place(keysets.location(desired.name))
    data = keysets.new_keyset(desired.name, desired.subject or f"cn={desired.name}", datetime.now(UTC))
    try:
        backend.create(key, data)
    except ObjectExists:
        # Somebody was faster; theirs may be in use already.
        data = backend.read(key).data
    return Made(*_public(data, key))


def _observe_secret(reading: Reading, desired: Sequence[Secret]) -> list[Observed]:
    if not desired:
        return []
    folder = f"{reading.store.cluster}/secrets"
    names = {child.name for child in reading.store.backend.children(folder)}
    return [Observed(wanted, f"{folder}/{wanted.name}") for wanted in desired if wanted.name in names]


def _create_secret(work: Work, desired: Secret) -> Made:
    letters = string.ascii_letters + string.digits
    token = "".join(secrets.choice(letters) for _ in range(_TOKEN_LENGTH))
    backend, key = work.store.place(f"secrets/{desired.name}")
    data = json.dumps({"Data": b64encode(token.encode()).decode()}, separators=(",", ":"))
    try:
        backend.create(key, data.encode())
    except ObjectExists:
        return Made(key)
    return Made(key)


def _keep(work: Work, observed: Observed) -> None:
    raise StoreError("keys and tokens are never deleted by a plan", where=str(observed.resource.key))


ADAPTERS = (
    Adapter(ManagedFile, _observe_file, _put_file, _update_file, _delete_file),
    Adapter(AddonManifest, _observe_file, _put_file, _update_file, _delete_file),
    Adapter(BootstrapChannel, _observe_file, _put_file, _update_file, _delete_file),
    Adapter(Keypair, _observe_keypair, _create_keypair, never("a keyset is never changed by a plan"), _keep),
    Adapter(Secret, _observe_secret, _create_secret, never("a token is never changed by a plan"), _keep),
)
