"""Lists and rotates the keypairs of one cluster. No private key ever leaves the store."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from kops_core.api.names import KEYSET, expect_name
from kops_core.errors import ObjectNotFound, UsageError
from kops_core.store import rotation
from kops_core.store.certificates import new_authority
from kops_core.store.identity import created_at
from kops_core.store.key_store import StoredKeyset
from kops_core.store.keysets import Keyset
from kops_core.store.listing import THREADS
from kops_core.store.pem import CertificateFacts, facts_of, read_certificate, read_private_key

if TYPE_CHECKING:
    from kops_core.engine.cluster_services import ClusterServices
    from kops_core.operations.journal import History
    from kops_core.store.key_store import KeyStore
    from kops_core.store.state import StateStore

PRIMARY, TRUSTED, DISTRUSTED = "primary", "trusted", "distrusted"


@dataclass(frozen=True)
class KeypairSummary:
    """A keypair of a keyset, without any key."""

    keyset: str
    id: str
    state: str
    """``primary`` (signs, and is trusted), ``trusted`` or ``distrusted``."""
    distrusted_at: datetime | None
    has_private_key: bool
    certificate: CertificateFacts | None
    """None for a keypair without a certificate."""


@dataclass(frozen=True)
class KeypairChange:
    """A change of a keypair."""

    keyset: str
    id: str
    done: str
    """``created``, ``promoted``, ``distrusted`` or ``trusted``; "" if nothing changed."""


Tell = Callable[[KeypairChange], None]
_Rotate = Callable[[str, Keyset | None], tuple[Keyset, list[str]]]
"""From a keyset's name and its stored version to the new version and the ids of the changed keypairs."""

CREATE: Final = "create-keypair"
PROMOTE: Final = "promote-keypair"
DISTRUST: Final = "distrust-keypair"
TRUST: Final = "trust-keypair"
"""Kinds of operations, as journals and locks name them."""


class Keypairs:
    """The keysets of one cluster. Changes hold its lock, are journaled, and emit events."""

    def __init__(self, store: StateStore, name: str, key_store: KeyStore, services: ClusterServices) -> None:
        self._store = store
        self._name = name
        self._key_store = key_store
        self._services = services

    def summaries(self, keysets: Collection[str] = (), *, distrusted: bool = False) -> list[KeypairSummary]:
        """I/O. The keypairs of the named keysets, or of all, oldest first in each.

        distrusted: also distrusted ones. Raises ObjectNotFound for an unknown keyset, InvalidSpec for one
        that can't be read.
        """
        found = self._read_keysets(sorted(set(keysets))) if keysets else self._all()
        return [
            summary
            for name, stored in found.items()
            for summary in _summaries(self._there(name, _keyset_of(stored)))
            if distrusted or (summary.state != DISTRUSTED and summary.certificate)
        ]

    def create(
        self,
        keyset: str,
        tell: Tell,
        *,
        certificate: bytes | None = None,
        private_key: bytes | None = None,
        primary: bool = False,
    ) -> None:
        """I/O. Adds a keypair to a keyset; for ``all``, a new one to each that can be rotated.

        certificate, private_key: content of PEM files. Missing ones are created, except the key of a given
        certificate, which is then only trusted. Raises UsageError, Refused, ObjectChanged.
        """
        self._services.expect_write("create a keypair")
        expect_name(KEYSET, keyset)
        _expect_rotatable(keyset)
        if keyset == rotation.ALL and (certificate is not None or private_key is not None or primary):
            raise UsageError("a certificate, a key or --primary is for one keyset", where=rotation.ALL)
        given_key = None if private_key is None else read_private_key(private_key, "the private key")
        given = None if certificate is None else read_certificate(certificate, "the certificate")

        def add(name: str, before: Keyset | None) -> tuple[Keyset, list[str]]:
            now, key, pem = self._services.now(), given_key, given
            if pem is None:
                made = new_authority(name, now, private_key=key, numbered=True)
                pem, key = made.certificate, made.private_key
            after, item_id = rotation.added(before, name, pem, key, primary=primary, now=now)
            return after, [item_id]

        self._change(CREATE, "created", keyset, add, tell, primary=str(primary), given=_digest(given))

    def promote(self, keyset: str, tell: Tell, item_id: str = "") -> None:
        """I/O.

        Promotes a keypair to primary: by its id, or the newest that can sign. Raises UsageError, Refused.
        """
        self._services.expect_write("promote a keypair")
        _expect_rotatable(keyset)
        _expect_no_ids_of_all(keyset, [item_id] if item_id else [])

        def promote(name: str, stored: Keyset | None) -> tuple[Keyset, list[str]]:
            before = self._there(name, stored)
            after = rotation.promoted(before, item_id)
            return after, [after.primary_id] if after.primary_id != before.primary_id else []

        self._change(PROMOTE, "promoted", keyset, promote, tell)

    def distrust(self, keyset: str, tell: Tell, item_ids: Sequence[str] = ()) -> None:
        """I/O. Distrusts keypairs: by their ids, or all older than the primary one.

        Raises UsageError for the primary keypair, Refused.
        """
        self._services.expect_write("distrust a keypair")
        _expect_no_ids_of_all(keyset, item_ids)

        def distrust(name: str, stored: Keyset | None) -> tuple[Keyset, list[str]]:
            before = self._there(name, stored)
            after = rotation.distrusted(before, item_ids, self._services.now())
            return after, _differing(before, after)

        self._change(DISTRUST, "distrusted", keyset, distrust, tell)

    def trust(self, keyset: str, tell: Tell, item_ids: Sequence[str]) -> None:
        """I/O. Trusts keypairs again, by their ids. Raises UsageError, Refused."""
        self._services.expect_write("trust a keypair")
        if not item_ids or keyset == rotation.ALL:
            raise UsageError("no keypairs", where=keyset, remedy="name a keyset and ids of keypairs in it")

        def trust(name: str, stored: Keyset | None) -> tuple[Keyset, list[str]]:
            before = self._there(name, stored)
            after = rotation.trusted(before, item_ids)
            return after, _differing(before, after)

        self._change(TRUST, "trusted", keyset, trust, tell)

    def _change(self, kind: str, done: str, keyset: str, rotate: _Rotate, tell: Tell, **same: str) -> None:
        """Rotates one keyset, or all that can be rotated; all are computed before the first is written.

        Resumed after it was killed, keysets that are done by its journal are skipped, if the options are the
        same: ``same`` lists those that have to be equal.
        """
        from kops_core.engine.operations.cluster_lock import locked
        from kops_core.engine.operations.journals import journal_of
        from kops_core.operations.journal import find_unfinished

        settings, clock = self._services.settings, self._services.clock
        created = created_at(self._store.read_cluster(self._name).cluster)
        with locked(self._store.backend, settings, kind, self._name, clock, on_lost=lambda: None):
            found = self._read_keysets([keyset]) if keyset != rotation.ALL else self._all(rotation.rotatable)
            # Only for a creation the keyset does not show whether it was done already.
            interrupted = (
                find_unfinished(settings.journals, kind, self._name, created=created)
                if kind == CREATE
                else None
            )
            through = _got_through(interrupted, found, same) if interrupted else {}
            after = {
                name: rotate(name, _keyset_of(stored))
                for name, stored in found.items()
                if name not in through
            }
            # Errors up to here are raised before the operation starts.
            with journal_of(settings, kind, self._name, clock, created=created) as journal:
                for name, ids in through.items():
                    for item_id in ids:
                        tell(KeypairChange(name, item_id, done))
                for name, (changed, ids) in after.items():
                    if not ids:
                        tell(KeypairChange(name, changed.primary_id, ""))
                        continue
                    journal.begin(name, ids=" ".join(ids), **same)
                    self._store_keyset(found[name], changed)
                    journal.end(name)
                    for item_id in ids:
                        tell(KeypairChange(name, item_id, done))
                journal.write("finished", ok="true", done=str(len(through) + len(after)))

    def _store_keyset(self, before: StoredKeyset | None, after: Keyset) -> None:
        if before is None:
            self._key_store.create_keyset(after)
        else:
            self._key_store.replace_keyset(before, after)

    def _all(self, fit: Callable[[str], bool] = lambda _: True) -> dict[str, StoredKeyset | None]:
        """All keysets with a matching name, without empty folders of kOps before 1.22."""
        found = self._read_keysets([name for name in self._key_store.keysets() if fit(name)])
        return {name: stored for name, stored in found.items() if stored is not None}

    def _read_keysets(self, names: Sequence[str]) -> dict[str, StoredKeyset | None]:
        with ThreadPoolExecutor(THREADS, thread_name_prefix="keysets") as pool:
            return dict(zip(names, pool.map(self._keyset, names), strict=True))

    def _keyset(self, name: str) -> StoredKeyset | None:
        try:
            return self._key_store.keyset(name)
        except ObjectNotFound:
            return None

    def _there(self, name: str, keyset: Keyset | None) -> Keyset:
        if keyset is None:
            raise ObjectNotFound(
                f"the cluster has no keyset {name}",
                where=self._name,
                remedy=f"list them with: kops-tui get keypairs --name {self._name}",
            )
        return keyset


def _got_through(
    interrupted: History, found: Mapping[str, StoredKeyset | None], same: Mapping[str, str]
) -> dict[str, list[str]]:
    """Keyset -> ids of the keypairs that an interrupted run created, whether or not its journal has them.

    One that was promoted or distrusted since belongs to a rotation that went on.
    """
    written: dict[str, list[str]] = {}
    for entry in interrupted.entries:
        stored = found.get(entry.step)
        asked = {name: value for name, value in entry.details.items() if name != "ids"}
        if entry.what != "begin" or stored is None or asked != same:
            continue
        ids = entry.details.get("ids", "").split()
        waiting = {
            item.id
            for item in stored.keyset.items
            if item.distrusted_at is None
            and (item.id == stored.keyset.primary_id) is (asked["primary"] == str(True))
        }
        if ids and waiting.issuperset(ids):
            written[entry.step] = ids
    return written


def _digest(certificate: bytes | None) -> str:
    return "" if certificate is None else hashlib.sha256(certificate).hexdigest()


def _keyset_of(stored: StoredKeyset | None) -> Keyset | None:
    return stored.keyset if stored else None


def _expect_rotatable(keyset: str) -> None:
    if keyset != rotation.ALL and not rotation.rotatable(keyset):
        raise UsageError(
            f"the keypairs of {keyset} are not rotated by hand",
            where=keyset,
            remedy="authorities and service-account are; the others are replaced with their authority",
        )


def _expect_no_ids_of_all(keyset: str, item_ids: Sequence[str]) -> None:
    if keyset == rotation.ALL and item_ids:
        raise UsageError("ids of keypairs are of one keyset", where=rotation.ALL, remedy="name the keyset")


def _differing(before: Keyset, after: Keyset) -> list[str]:
    return [new.id for old, new in zip(before.items, after.items, strict=True) if old != new]


def _summaries(keyset: Keyset) -> list[KeypairSummary]:
    return [
        KeypairSummary(
            keyset.name,
            item.id,
            DISTRUSTED if item.distrusted_at else PRIMARY if item.id == keyset.primary_id else TRUSTED,
            item.distrusted_at,
            item.private_key is not None,
            facts_of(item.certificate, f"{keyset.name} {item.id}") if item.certificate else None,
        )
        for item in keyset.items
    ]
