"""An advisory lock on a cluster: one operation at a time, and everybody can see whose.

kOps knows nothing of it. It is one object at ``.kops-tui/<cluster>/lock``, created only
where there is none, that says who works on what and until when. A lock that has expired,
or is forced, is taken over by replacing exactly the object that was read.
"""

from __future__ import annotations

import json
import os
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
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
    pid: int = 0
    """The process that took it, on the machine of ``by``; 0 if not known."""


def _nobody_knows(_holder: Holder) -> bool:
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
        """Who has the lock now, expired or not. Raises StoreError if the lock is damaged."""
        found = self._read()
        return found[0] if found else None

    def acquire(
        self, by: str, operation: str, *, ttl: timedelta = TTL, dead: Callable[[Holder], bool] = _nobody_knows
    ) -> Holder:
        """Takes the lock. Raises Refused, naming the holder, if another has it.

        A lock that has expired is taken over, and one whose holder is known to be ``dead``.
        """
        at = self._now()
        mine = Holder(secrets.token_hex(8), by, operation, at, at + ttl, os.getpid())
        try:
            self._held = (mine, self._backend.create(self._key, _write(mine)))
            return mine
        except ObjectExists:
            pass
        found = self._read()
        if found is None:  # released in between
            return self.acquire(by, operation, ttl=ttl, dead=dead)
        other, etag = found
        if at < other.until and not dead(other):
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
        renewed = replace(mine, until=self._now() + ttl)
        try:
            self._held = (renewed, self._backend.replace(self._key, _write(renewed), etag))
        except (ObjectChanged, ObjectNotFound) as error:
            found = self._read()
            if found is None or found[0].id != mine.id:
                self._held = None
                raise self._refused(found[0] if found else mine) from error
            self._held = found  # our own renewal before this one, whose answer was lost
        return self._held[0]

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

    def break_(self, seen: Holder | None) -> None:
        """Removes the lock of a holder that was seen; with None one that can't be read.

        Raises Refused if it is another's by now.
        """
        try:
            stored = self._backend.read(self._key)
        except ObjectNotFound:
            return
        try:
            current = self._parse(stored.data)
        except StoreError:  # damaged: nobody's
            current = None
        if current is not None and (seen is None or current.id != seen.id):
            raise self._refused(current)
        try:
            self._backend.delete(self._key, stored.etag)
        except (ObjectChanged, ObjectNotFound) as error:
            raise Refused(
                "the lock was taken or given back meanwhile", where=self._cluster, remedy="kops-tui lock show"
            ) from error

    @contextmanager
    def held(
        self,
        by: str,
        operation: str,
        *,
        dead: Callable[[Holder], bool] = _nobody_knows,
        lost: Callable[[], None],
        every: float = TTL.total_seconds() / 3,
    ) -> Iterator[Holder]:
        """The lock for the length of a block, renewed from a thread of its own every so many seconds.

        Raises Refused as ``acquire`` does; also at the end, if the lock was lost on the way.
        ``lost`` is called as soon as that is known, so that the block can come to its end.
        """
        holder = self.acquire(by, operation, dead=dead)
        done, refused = threading.Event(), list[Refused]()

        def keep() -> None:
            while not done.wait(every):
                try:
                    self.renew()
                except Refused as error:
                    refused.append(error)
                    lost()
                    return
                except StoreError:
                    continue  # what can't be renewed now may be later; whoever takes it over is seen then

        keeper = threading.Thread(target=keep, name=f"lock of {self._cluster}", daemon=True)
        keeper.start()
        try:
            yield holder
        finally:
            done.set()
            keeper.join()
            self.release()
        if refused:
            raise refused[0]

    def _mine(self) -> tuple[Holder, str]:
        if self._held is None:
            raise StoreError("the lock is not held", where=self._key)
        return self._held

    def _read(self) -> tuple[Holder, str] | None:
        try:
            stored = self._backend.read(self._key)
        except ObjectNotFound:
            return None
        return self._parse(stored.data), stored.etag

    def _parse(self, data: bytes) -> Holder:
        try:
            content = json.loads(data)
            return Holder(
                id=str(content["id"]),
                by=str(content["by"]),
                operation=str(content["operation"]),
                since=datetime.fromisoformat(content["since"]),
                until=datetime.fromisoformat(content["until"]),
                pid=int(content.get("pid", 0)),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise StoreError(
                "the lock is damaged",
                where=f"{self._backend.url}/{self._key}",
                remedy="if nobody works on the cluster, remove it with: kops-tui lock release",
            ) from error

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
        "pid": holder.pid,
    }
    return json.dumps(content, indent=1).encode()
