"""The lock of a cluster as an operator sees it: whose it is, and whether anybody still stands behind it."""

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
    from kops_core.store.state import StateStore, StoredCluster


@dataclass(frozen=True)
class LockStatus:
    """A lock that is there."""

    holder: Holder
    expired: bool
    process: Liveness

    @property
    def abandoned(self) -> bool:
        """Whether the next operation takes it over by itself."""
        return self.expired or self.process is Liveness.GONE

    @property
    def breaks(self) -> str:
        """What removing it does."""
        if self.abandoned:
            return "nobody works under it any more, and the next operation takes it over by itself"
        return (
            f"if {self.holder.by} still works on the cluster, the {self.holder.operation} stops where it is, "
            "and what it has not done yet stays undone until it is run again"
        )


def lock_status(holder: Holder, now: datetime) -> LockStatus:
    """I/O. A lock with what this machine knows of its holder."""
    return LockStatus(holder, now >= holder.until, liveness(holder.process))


def locked(
    store: Backend, settings: Settings, kind: str, cluster: str, clock: Clock, *, on_lost: Callable[[], None]
) -> AbstractContextManager[Hold]:
    """The lock of an operation, for the length of a block whose changes are fenced by it.

    One whose process on this machine has ended is taken over at once. Raises LockHeld while another
    holds it, and LockLost at the end if it was lost on the way; ``on_lost`` is called when that is known.
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
    """I/O the first time. Tells what the store's service does not protect against."""
    if isinstance(store, Unprotected):
        for sentence in store.missing_protection():
            emit(Warned(now, "", f"{store.url}: {sentence}"))


def expect_current(store: StateStore, stored: StoredCluster) -> None:
    """I/O. To be called under the lock. Raises Refused, with the difference, if the specs have changed."""
    try:
        store.expect_unchanged(stored)
    except ObjectChanged as error:
        raise Refused(
            f"the cluster is not as it was looked at: {error.what}",
            where=error.where,
            remedy="nothing was done; open it again, and look at the plan again",
        ) from error


def with_lock_notes(finished: Finished, hold: Hold) -> Finished:
    """How an operation ended, with what became of its lock if that was not given back."""
    if hold.unreleased is None:
        return finished
    note = (
        f"the lock could not be given back ({hold.unreleased.what}): this machine's next operation takes it "
        f"over, others once it expires"
    )
    return replace(finished, message=f"{finished.message}; {note}")
