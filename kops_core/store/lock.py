"""An advisory lock on a cluster: one operation at a time, and everybody can see whose.

kOps knows nothing of it. It is one object at ``.kops-tui/<cluster>/lock``, created only
where there is none, that says who works on what and until when. A lock that has expired,
or is forced, is taken over by replacing exactly the object that was read.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from kops_core.errors import ObjectChanged, ObjectExists, ObjectNotFound, Refused, StoreError
from kops_core.store.backend import Backend
from kops_core.store.layout import ours

TTL = timedelta(minutes=15)
"""How long a lock holds without being renewed: longer than any pause between two steps."""


@dataclass(frozen=True)
class Holder:
    """Who has the lock."""

    id: str
    """Of this one acquisition."""
    by: str
    """E.g. ``ann@laptop``."""
    operation: str
    """E.g. ``apply``."""
    since: datetime
    until: datetime
    """When it expires unless renewed."""


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
        """Who has the lock now, expired or not. Raises StoreError if the lock is damaged."""
        found = self._read()
        return found[0] if found else None

    def acquire(self, by: str, operation: str, *, ttl: timedelta = TTL, force: bool = False) -> Holder:
        """Takes the lock. Raises Refused, naming the holder, if another has it.

        An expired lock is taken over; with ``force`` any.
        """
        at = self._now()
        mine = Holder(secrets.token_hex(8), by, operation, at, at + ttl)
        try:
            self._held = (mine, self._backend.create(self._key, _write(mine)))
            return mine
        except ObjectExists:
            pass
        found = self._read()
        if found is None:  # released in between
            return self.acquire(by, operation, ttl=ttl, force=force)
        other, etag = found
        if at < other.until and not force:
            raise self._refused(other)
        try:
            self._held = (mine, self._backend.replace(self._key, _write(mine), etag))
        except (ObjectChanged, ObjectNotFound) as error:
            current = self.holder()
            raise self._refused(current or other) from error
        return mine

    def renew(self, *, ttl: timedelta = TTL) -> Holder:
        """Holds it for longer. Raises Refused if it was taken over in the meantime."""
        mine, etag = self._mine()
        renewed = Holder(mine.id, mine.by, mine.operation, mine.since, self._now() + ttl)
        try:
            self._held = (renewed, self._backend.replace(self._key, _write(renewed), etag))
        except (ObjectChanged, ObjectNotFound) as error:
            self._held = None
            raise self._refused(self.holder() or mine) from error
        return renewed

    def release(self) -> None:
        """Gives it back; one that was taken over in the meantime stays with its holder."""
        if self._held is None:
            return
        _, etag = self._held
        self._held = None
        try:
            self._backend.delete(self._key, etag)
        except (ObjectChanged, ObjectNotFound):
            return

    def break_(self) -> None:
        """Removes the lock whoever has it."""
        self._backend.delete(self._key)

    @contextmanager
    def held(self, by: str, operation: str, *, force: bool = False) -> Iterator[Holder]:
        """The lock for the length of a block. Raises Refused as ``acquire`` does."""
        holder = self.acquire(by, operation, force=force)
        try:
            yield holder
        finally:
            self.release()

    def _mine(self) -> tuple[Holder, str]:
        if self._held is None:
            raise StoreError("the lock is not held", where=self._key)
        return self._held

    def _read(self) -> tuple[Holder, str] | None:
        try:
            stored = self._backend.read(self._key)
        except ObjectNotFound:
            return None
        try:
            content = json.loads(stored.data)
            holder = Holder(
                id=str(content["id"]),
                by=str(content["by"]),
                operation=str(content["operation"]),
                since=datetime.fromisoformat(content["since"]),
                until=datetime.fromisoformat(content["until"]),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise StoreError(
                "the lock is damaged",
                where=f"{self._backend.url}/{self._key}",
                remedy="if nobody works on the cluster, remove it with: kops-tui lock release",
            ) from error
        return holder, stored.etag

    def _refused(self, holder: Holder) -> Refused:
        return Refused(
            f"{holder.by} holds the lock since {holder.since:%Y-%m-%d %H:%M:%S} UTC"
            f" for {holder.operation}, until {holder.until:%H:%M:%S}",
            where=self._cluster,
            remedy="wait for it to end, or see: kops-tui lock show",
        )


def _write(holder: Holder) -> bytes:
    content = {
        "id": holder.id,
        "by": holder.by,
        "operation": holder.operation,
        "since": holder.since.astimezone(UTC).isoformat(),
        "until": holder.until.astimezone(UTC).isoformat(),
    }
    return json.dumps(content, indent=1).encode()
