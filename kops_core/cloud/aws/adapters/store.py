"""Adapters of resources in the state store: files, keysets and tokens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TypeVar

from kops_core.cloud import keys
from kops_core.cloud.aws.adapter import Adapter, CallContext, Created, unsupported
from kops_core.cloud.aws.observation import ObservationContext
from kops_core.cloud.stored_files import delete_file, observed_file, put_file
from kops_core.errors import StoreError
from kops_core.model.store_resources import AddonManifest, BootstrapChannel, Keypair, ManagedFile, Secret
from kops_core.plan.snapshot import Observed

_F = TypeVar("_F", bound=ManagedFile)


def _observe_file(reading: ObservationContext, desired: Sequence[_F]) -> list[Observed]:
    def observe(file: _F) -> Observed | None:
        return observed_file(reading.store, file, reading.value(file.contents))

    return [each for each in reading.each(observe, desired) if each]


def _put_file(work: CallContext, desired: ManagedFile) -> Created:
    return Created(put_file(work.store, desired))


def _update_file(
    work: CallContext, desired: ManagedFile, observed: Observed, changed: frozenset[str]
) -> None:
    put_file(work.store, desired)


def _delete_file(work: CallContext, observed: Observed) -> None:
    if isinstance(observed.resource, ManagedFile):
        delete_file(work.store, observed.resource)


def _observe_keypair(reading: ObservationContext, desired: Sequence[Keypair]) -> list[Observed]:
    found = reading.each(lambda wanted: keys.observed_keypair(reading.store.key_store, wanted), desired)
    return [each for each in found if each is not None]


def _create_keypair(work: CallContext, desired: Keypair) -> Created:
    made = keys.made_keypair(work.store.key_store, desired, datetime.now(UTC))
    return Created(made.id, made.outputs)


def _observe_secret(reading: ObservationContext, desired: Sequence[Secret]) -> list[Observed]:
    return keys.observed_secrets(reading.store.key_store, desired)


def _create_secret(work: CallContext, desired: Secret) -> Created:
    return Created(keys.made_secret(work.store.key_store, desired).id)


def _keep(work: CallContext, observed: Observed) -> None:
    raise StoreError("keys and tokens are never deleted by a plan", where=str(observed.resource.key))


ADAPTERS = (
    Adapter(ManagedFile, _observe_file, _put_file, _update_file, _delete_file),
    Adapter(AddonManifest, _observe_file, _put_file, _update_file, _delete_file),
    Adapter(BootstrapChannel, _observe_file, _put_file, _update_file, _delete_file),
    Adapter(
        Keypair, _observe_keypair, _create_keypair, unsupported("a keyset is never changed by a plan"), _keep
    ),
    Adapter(
        Secret, _observe_secret, _create_secret, unsupported("a token is never changed by a plan"), _keep
    ),
)
