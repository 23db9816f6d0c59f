"""Rotation of the keypairs of a keyset: the steps, their default keypairs, and what is refused.

A rotation is three steps, with an update and a rolling update of the cluster after each: a new keypair is
created, so that everything trusts both; it is promoted, so that it signs; the old one
is distrusted. Defaults and refusals are those of kOps (``cmd/kops/*_keypair.go``), and two of our own: a
private key of another certificate, and an authority that may not sign.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from kops_core.errors import UsageError
from kops_core.store.certificates import new_serial
from kops_core.store.keysets import Keyset, KeysetItem, age_of
from kops_core.store.pem import expect_pair, facts_of
from kops_core.store.secret import Secret

ALL: Final = "all"
"""All keysets that can be rotated."""
SERVICE_ACCOUNT: Final = "service-account"


def rotatable(name: str) -> bool:
    """Whether a keyset can be rotated: authorities, and service-account."""
    return name == SERVICE_ACCOUNT or "-ca" in name


def added(
    keyset: Keyset | None,
    name: str,
    certificate: bytes,
    private_key: Secret | None,
    *,
    primary: bool,
    now: datetime,
) -> tuple[Keyset, str]:
    """A keyset with one more keypair (PEM), and that keypair's id. None: the keyset does not exist yet.

    Raises UsageError for a first keypair that is not primary, a primary one without a private key, a key of
    another certificate, and a certificate that is not an authority if one is needed.
    """
    facts = facts_of(certificate, name)
    if name != SERVICE_ACCOUNT and not facts.authority:
        raise UsageError(
            f"a certificate of {name} has to be an authority: nothing that this one signs is believed",
            where=name,
        )
    if private_key is not None:
        expect_pair(certificate, private_key, name)
    elif primary:
        raise UsageError("the primary keypair needs a private key", where=name)
    if keyset is None:
        if not primary:
            raise UsageError("the first keypair of a keyset has to be the primary one", where=name)
        keyset = Keyset(name, "", ())
    item_id = _id_of(keyset, facts.serial, signs=private_key is not None, primary=primary, now=now)
    return keyset.add(KeysetItem(item_id, certificate, private_key), primary=primary), item_id


def _id_of(keyset: Keyset, serial: int, *, signs: bool, primary: bool, now: datetime) -> str:
    """The id of a new keypair: the serial number if ids then still sort by age, else one made from the time.

    A certificate without a key sorts before the primary one, so promoting never picks it.
    """
    newest = max((int(item.id) for item in keyset.items if item.id.isdecimal()), default=0)
    latest = new_serial(now, lambda bits: (1 << bits) - 1)
    fits = serial <= latest and (not primary or serial > newest)
    item_id = serial if fits else new_serial(now)
    if not signs and facts_of(keyset.primary.certificate, keyset.name).serial <= item_id:
        known = {item.id for item in keyset.items}
        item_id = next(number for number in range(len(known) + 1) if str(number) not in known)
    return str(item_id)


def promoted(keyset: Keyset, item_id: str = "") -> Keyset:
    """A copy with another primary keypair: by its id, or the newest that can sign and is trusted.

    The keyset itself if the newest is the primary one. Raises UsageError as ``Keyset.promote`` does.
    """
    if item_id:
        return keyset.promote(item_id)
    fit = [
        item.id
        for item in keyset.items
        if item.id.isdecimal()
        and item.private_key is not None
        and item.certificate
        and item.distrusted_at is None
    ]
    newest = max(fit, key=age_of, default=keyset.primary_id)
    return keyset if newest == keyset.primary_id else keyset.promote(newest)


def distrusted(keyset: Keyset, item_ids: Sequence[str], at: datetime) -> Keyset:
    """A copy with keypairs distrusted: by their ids, or all that are older than the primary one.

    Raises UsageError for the primary keypair and for unknown ids.
    """
    for item_id in item_ids or older_than_primary(keyset):
        if item_id == keyset.primary_id:
            raise UsageError(
                f"the keypair {item_id} is the primary one of {keyset.name}, which can't be distrusted",
                where=keyset.name,
                remedy="promote another one first",
            )
        keyset = keyset.distrust(item_id, at)
    return keyset


def older_than_primary(keyset: Keyset) -> list[str]:
    """Ids of the trusted keypairs whose certificate has a lower serial number than the primary one's."""
    primary = facts_of(keyset.primary.certificate, keyset.name).serial
    return [
        item.id
        for item in keyset.items
        if item.distrusted_at is None
        and item.certificate
        and facts_of(item.certificate, keyset.name).serial < primary
    ]


def trusted(keyset: Keyset, item_ids: Sequence[str]) -> Keyset:
    """A copy with keypairs trusted again. Raises UsageError for unknown ids."""
    for item_id in item_ids:
        keyset = keyset.trust(item_id)
    return keyset
