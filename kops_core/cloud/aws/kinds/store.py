"""What lies in the state store: files, keysets and tokens."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

from kops_core.cloud import keys
from kops_core.cloud.aws.adapter import Adapter, CallContext, Made, known, never
from kops_core.cloud.aws.reading import Reading
from kops_core.errors import StoreError
from kops_core.model.kinds.store import AddonManifest, BootstrapChannel, Keypair, ManagedFile, Secret
from kops_core.plan.snapshot import Observed

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


def _put_file(work: CallContext, desired: ManagedFile) -> Made:
    backend, key = work.store.place(desired.location, desired.base)
    backend.put(key, known(desired.contents).encode(), public=bool(desired.public))
    return Made(key)


def _update_file(
    work: CallContext, desired: ManagedFile, observed: Observed, changed: frozenset[str]
) -> None:
    _put_file(work, desired)


def _delete_file(work: CallContext, observed: Observed) -> None:
    file = observed.resource
    if isinstance(file, ManagedFile):
        backend, key = work.store.place(file.location, file.base)
        backend.delete(key)


def _observe_keypair(reading: Reading, desired: Sequence[Keypair]) -> list[Observed]:
    found = reading.each(lambda wanted: keys.observed_keypair(reading.store.key_store, wanted), desired)
    return [each for each in found if each is not None]


def _create_keypair(work: CallContext, desired: Keypair) -> Made:
    made = keys.made_keypair(work.store.key_store, desired, datetime.now(UTC))
    return Made(made.id, made.outputs)


def _observe_secret(reading: Reading, desired: Sequence[Secret]) -> list[Observed]:
    return keys.observed_secrets(reading.store.key_store, desired)


def _create_secret(work: CallContext, desired: Secret) -> Made:
    return Made(keys.made_secret(work.store.key_store, desired).id)


def _keep(work: CallContext, observed: Observed) -> None:
    raise StoreError("keys and tokens are never deleted by a plan", where=str(observed.resource.key))


ADAPTERS = (
    Adapter(ManagedFile, _observe_file, _put_file, _update_file, _delete_file),
    Adapter(AddonManifest, _observe_file, _put_file, _update_file, _delete_file),
    Adapter(BootstrapChannel, _observe_file, _put_file, _update_file, _delete_file),
    Adapter(Keypair, _observe_keypair, _create_keypair, never("a keyset is never changed by a plan"), _keep),
    Adapter(Secret, _observe_secret, _create_secret, never("a token is never changed by a plan"), _keep),
)
