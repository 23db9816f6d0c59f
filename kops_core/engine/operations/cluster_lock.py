"""The status of a cluster's lock: its holder, and whether the holder's process still runs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from kops_core.engine.settings import Settings
from kops_core.errors import ObjectChanged, Refused
from kops_core.operations.events import Event, Finished, Warned
from kops_core.store.conditions import Unprotected
from kops_core.store.lease import Hold, held
from kops_core.store.lock import Holder, Lock
from kops_core.store.process import Liveness, liveness

if TYPE_CHECKING:
    from kops_core.operations.clock import Clock
    from kops_core.store.backend import Backend
    from kops_core.store.reading import StoredCluster
    from kops_core.store.state import StateStore


@dataclass(frozen=True)
class LockStatus:
    """An existing lock."""

    holder: Holder
    expired: bool
    process: Liveness

    @property
    def abandoned(self) -> bool:
        """Whether the next operation takes it over automatically."""
        return self.expired or self.process is Liveness.GONE

    @property
    def breaks(self) -> str:
        """The consequence of removing it, as a sentence."""
        if self.abandoned:
            return "nobody works under it any more, and the next operation takes it over by itself"
        return (
            f"if {self.holder.by} still works on the cluster, the {self.holder.operation} stops where it is, "
            "and what it has not done yet stays undone until it is run again"
        )


def lock_status(holder: Holder, now: datetime) -> LockStatus:
    """I/O. A lock, with the state of its holder's process if known."""
    return LockStatus(holder, now >= holder.until, liveness(holder.process))


def locked(
    store: Backend, settings: Settings, kind: str, cluster: str, clock: Clock, *, on_lost: Callable[[], None]
) -> AbstractContextManager[Hold]:
    """Holds the lock of an operation during a block, and fences the block's changes.

    A lock whose process on this machine has ended is taken over at once. Raises LockHeld if somebody else has
    it, and LockLost at the end if it was lost meanwhile; ``on_lost`` is called once that is known.
    """
    return held(
        Lock(store, cluster, now=clock.now),
        settings.operator,
        kind,
        clock=clock,
        is_dead=lambda holder: liveness(holder.process) is Liveness.GONE,
        on_lost=on_lost,
    )


def warn_unprotected(store: Backend, now: datetime, emit: Callable[[Event], None]) -> None:
    """I/O the first time. Emits warnings about missing protection of the store's service."""
    if isinstance(store, Unprotected):
        for sentence in store.missing_protection():
            emit(Warned(now, "", f"{store.url}: {sentence}"))


def expect_current(store: StateStore, stored: StoredCluster) -> None:
    """I/O. Raises Refused, with the difference, if the specs have changed. To be called under the lock."""
    try:
        store.expect_unchanged(stored)
    except ObjectChanged as error:
        raise Refused(
            f"the cluster is not as it was looked at: {error.what}",
            where=error.where,
            remedy="nothing was done; open it again, and look at the plan again",
        ) from error


def with_lock_notes(finished: Finished, hold: Hold) -> Finished:
    """The end of an operation, with a note if its lock could not be released."""
    if hold.unreleased is None:
        return finished
    note = (
        f"the lock could not be given back ({hold.unreleased.what}): this machine's next operation takes it "
        f"over, others once it expires"
    )
    return replace(finished, message=f"{finished.message}; {note}")
