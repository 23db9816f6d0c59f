"""The lock object of a cluster in its state store: one operation at a time, visible to all.

kOps ignores it. It is one object at ``.kops-tui/<cluster>/lock``, created only if there is none, with its
holder, the operation and the time of expiry. A lock that has expired, or whose holder is dead, is taken
over by replacing exactly the object that was read. ``lease`` renews a lock and notices its loss.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from kops_core.api.json_text import read_json
from kops_core.errors import (
    LockHeld,
    LockLost,
    ObjectChanged,
    ObjectExists,
    ObjectNotFound,
    Refused,
    StoreError,
)
from kops_core.store.backend import Backend
from kops_core.store.fence import unfenced
from kops_core.store.layout import ours
from kops_core.store.process import ProcessIdentity, this_process
from kops_core.store.records import reading_record

TTL = timedelta(minutes=15)
"""The time until a lock expires without renewal: longer than any pause between two steps."""


_UNKNOWN = ProcessIdentity()


@dataclass(frozen=True)
class Holder:
    """The holder of a lock, as written in it."""

    id: str
    """Id of this acquisition."""
    by: str
    """E.g. ``ann@laptop``."""
    operation: str
    """E.g. ``apply``."""
    since: datetime
    until: datetime
    """When it expires unless renewed."""
    process: ProcessIdentity = _UNKNOWN
    """The process that took it."""


def _not_proven(_holder: Holder) -> bool:
    return False


class Lock:
    """The lock of one cluster, as one operation sees it. ``now`` is its clock."""

    def __init__(
        self, backend: Backend, cluster: str, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._backend = backend
        self._cluster = cluster
        self._key = ours(cluster, "lock")
        self._now = now
        self._held: tuple[Holder, str] | None = None

    def holder(self) -> Holder | None:
        """The current holder, expired or not. Raises StoreError if the lock is damaged."""
        found = self._read_holder()
        return found[0] if found else None

    def acquire(
        self,
        by: str,
        operation: str,
        *,
        ttl: timedelta = TTL,
        is_dead: Callable[[Holder], bool] = _not_proven,
    ) -> Holder:
        """Acquires the lock. Raises LockHeld, naming the holder, if somebody else has it.

        A lock that has expired is taken over, as is one whose holder has provably ended.
        """
        with unfenced():
            return self._acquire(by, operation, ttl, is_dead)

    def _acquire(self, by: str, operation: str, ttl: timedelta, is_dead: Callable[[Holder], bool]) -> Holder:
        at = self._now()
        mine = Holder(secrets.token_hex(8), by, operation, at, at + ttl, this_process())
        try:
            self._held = (mine, self._backend.create(self._key, _write(mine)))
            return mine
        except ObjectExists:
            pass
        found = self._read_holder()
        if found is None:  # released in between
            return self._acquire(by, operation, ttl, is_dead)
        other, etag = found
        dead = is_dead(other)
        if at < other.until and not dead:
            raise self._held_by(other)
        try:
            self._held = (mine, self._backend.replace(self._key, _write(mine), etag))
            if not dead:  # it may wake up after this operation has ended, and has to find out
                with suppress(StoreError):
                    self._backend.put(self._successor_of(other), _write(mine))
        except (ObjectChanged, ObjectNotFound) as error:
            current = self.holder()
            raise self._held_by(current or other) from error
        return mine

    def renew(self, *, ttl: timedelta = TTL) -> None:
        """Renews it. Raises LockLost if it was taken over or removed meanwhile, StoreError."""
        mine, etag = self._mine()
        renewed = replace(mine, until=self._now() + ttl)
        with unfenced():
            try:
                self._held = (renewed, self._backend.replace(self._key, _write(renewed), etag))
            except (ObjectChanged, ObjectNotFound) as error:
                found = self._read_holder()
                if found is None or found[0].id != mine.id:
                    self._held = None
                    raise self._lost(mine, found[0] if found else None) from error
                self._held = found  # our own previous renewal, whose response was lost

    def release(self) -> None:
        """Releases it. Raises LockLost if it was taken over meanwhile; it then stays with its holder.

        Raises StoreError if the store can't be reached; the lock then stays until it expires.
        """
        if self._held is None:
            return
        mine, _ = self._held
        self._held = None
        with unfenced():
            found = self._read_holder()
            if found is None or found[0].id != mine.id:
                raise self._lost(mine, found[0] if found else None)
            try:
                self._backend.delete(self._key, found[1])
            except (ObjectChanged, ObjectNotFound) as error:
                raise self._lost(mine, self.holder()) from error

    def force_release(self, seen: Holder | None) -> None:
        """Removes the lock of a holder that was seen; with None, one that can't be read.

        Raises Refused if the holder has changed.
        """
        try:
            stored = self._backend.read(self._key)
        except ObjectNotFound:
            return
        try:
            current = self._parse(stored.data)
        except StoreError:  # damaged: it has no holder
            current = None
        if current is not None and (seen is None or current.id != seen.id):
            raise self._held_by(current)
        try:
            with unfenced():
                self._backend.delete(self._key, stored.etag)
        except (ObjectChanged, ObjectNotFound) as error:
            raise Refused(
                "the lock was taken or given back meanwhile", where=self._cluster, remedy="kops-tui lock show"
            ) from error

    def _mine(self) -> tuple[Holder, str]:
        if self._held is None:
            raise StoreError("the lock is not held", where=self._key)
        return self._held

    def _read_holder(self) -> tuple[Holder, str] | None:
        try:
            stored = self._backend.read(self._key)
        except ObjectNotFound:
            return None
        return self._parse(stored.data), stored.etag

    def _parse(self, data: bytes) -> Holder:
        with reading_record(
            "the lock is damaged",
            where=f"{self._backend.url}/{self._key}",
            remedy="if nobody works on the cluster, remove it with: kops-tui lock release",
        ):
            content: Any = read_json(data)
            return Holder(
                id=str(content["id"]),
                by=str(content["by"]),
                operation=str(content["operation"]),
                since=datetime.fromisoformat(content["since"]),
                until=datetime.fromisoformat(content["until"]),
                process=_process(content.get("process")),
            )

    def _held_by(self, holder: Holder) -> LockHeld:
        return LockHeld(
            f"{holder.by} holds the lock since {holder.since:%Y-%m-%d %H:%M:%S} UTC"
            f" for {holder.operation}, until {holder.until:%H:%M:%S}",
            until=holder.until,
            where=self._cluster,
            remedy="wait for it to end, or see: kops-tui lock show",
        )

    def _successor_of(self, holder: Holder) -> str:
        """The key of the note that a takeover leaves for the last holder of an expired lock."""
        return ours(self._cluster, f"lock-successor-{holder.id}")

    def _lost(self, mine: Holder, now: Holder | None) -> LockLost:
        """The error of a lost lock: who has taken it over, and what that means for the operation."""
        successor = now
        with suppress(StoreError):
            successor = self._parse(self._backend.read(self._successor_of(mine)).data)
            self._backend.delete(self._successor_of(mine))
        who = (
            f"{successor.by} took it over at {successor.since:%Y-%m-%d %H:%M:%S} UTC"
            f" for {successor.operation}{'' if now else ', and is done with it'}"
            if successor
            else "it was removed"
        )
        return LockLost(
            f"the lock was lost while this ran: {who}",
            where=self._cluster,
            remedy="nothing more is changed; see kops-tui lock show, and plan again once it is free",
        )


def _process(content: object) -> ProcessIdentity:
    """The process of a lock's holder; locks of older versions do not identify it."""
    if not isinstance(content, dict):
        return _UNKNOWN
    texts = {name: str(content.get(name, "")) for name in ("host", "boot", "namespace", "started")}
    return ProcessIdentity(**texts, pid=int(content.get("pid", 0)))


def _write(holder: Holder) -> bytes:
    content = {
        "id": holder.id,
        "by": holder.by,
        "operation": holder.operation,
        "since": holder.since.astimezone(UTC).isoformat(),
        "until": holder.until.astimezone(UTC).isoformat(),
        "process": asdict(holder.process),
    }
    return json.dumps(content, indent=1).encode()
