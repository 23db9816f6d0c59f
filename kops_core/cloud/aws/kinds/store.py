"""What lies in the state store: files, keysets and tokens."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

from kops_core.cloud.aws.adapter import Adapter, Made, Work, known, never
from kops_core.cloud.aws.reading import Reading
from kops_core.errors import ObjectExists, ObjectNotFound, StoreError
from kops_core.model.kinds import AddonManifest, BootstrapChannel, Keypair, ManagedFile, Secret
from kops_core.plan.snapshot import Observed
from kops_core.store.issuing import new_keyset
from kops_core.store.keysets import Keyset
from kops_core.store.vault import new_token

_F = TypeVar("_F", bound=ManagedFile)


def _observe_file(reading: Reading, desired: Sequence[_F]) -> list[Observed]:
    return [each for each in reading.each(lambda file: _observed_file(reading, file), desired) if each]


def _observed_file(reading: Reading, desired: _F) -> Observed | None:
    """The file as it is stored; not read where the store tells that it is what it should be."""
    _, key = reading.store.place(desired.location, desired.base)
    folder, _, name = desired.location.partition("/")
    wanted = reading.value(desired.contents)
    if desired.base is None and name and wanted is not None:
        digests = reading.once(f"digests {folder}", lambda: reading.store.digests(folder))
        if digests is not None:
            if key not in digests:
                return None
            if digests[key] == hashlib.md5(wanted.encode(), usedforsecurity=False).hexdigest():
                return Observed(replace(desired, contents=wanted), key)
    found = reading.store.read(desired.location, desired.base)
    if found is None:
        return None
    return Observed(replace(desired, contents=found.data.decode(errors="replace")), found.key)


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
    def ask(wanted: Keypair) -> Keyset | None:
        try:
            return reading.store.vault.keyset(wanted.name).keyset
        except ObjectNotFound:
            return None

    return [
        Observed(wanted, keyset.primary_id, _public(keyset))
        for wanted, keyset in zip(desired, reading.each(ask, desired), strict=True)
        if keyset is not None
    ]


def _public(keyset: Keyset) -> dict[str, str]:
    return {
        "certificates": keyset.certificates.decode(),
        "public_keys": keyset.public_keys,
        "jwks": keyset.jwks,
    }


def _create_keypair(work: Work, desired: Keypair) -> Made:
    vault = work.store.vault
    keyset = new_keyset(desired.name, datetime.now(UTC))
    try:
        vault.create_keyset(keyset)
    except ObjectExists:
        # Somebody was faster; theirs may be in use already.
        keyset = vault.keyset(desired.name).keyset
    return Made(keyset.primary_id, _public(keyset))


def _observe_secret(reading: Reading, desired: Sequence[Secret]) -> list[Observed]:
    names = set(reading.store.vault.secrets()) if desired else set()
    return [Observed(wanted, wanted.name) for wanted in desired if wanted.name in names]


def _create_secret(work: Work, desired: Secret) -> Made:
    # One that is there by now is as good.
    with suppress(ObjectExists):
        work.store.vault.create_secret(desired.name, new_token())
    return Made(desired.name)


def _keep(work: Work, observed: Observed) -> None:
    raise StoreError("keys and tokens are never deleted by a plan", where=str(observed.resource.key))


ADAPTERS = (
    Adapter(ManagedFile, _observe_file, _put_file, _update_file, _delete_file),
    Adapter(AddonManifest, _observe_file, _put_file, _update_file, _delete_file),
    Adapter(BootstrapChannel, _observe_file, _put_file, _update_file, _delete_file),
    Adapter(Keypair, _observe_keypair, _create_keypair, never("a keyset is never changed by a plan"), _keep),
    Adapter(Secret, _observe_secret, _create_secret, never("a token is never changed by a plan"), _keep),
)
