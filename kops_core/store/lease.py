"""The lease on a lock: renewed while an operation runs, and checked before each of its changes.

    acquire  ->  block, every change in it fenced by ``Lease.check``  ->  release
                   ^ renewed by a thread, long before it expires

``check`` costs nothing while the last renewal is recent. After a gap (the process was stopped, the machine
slept, the store was unreachable) it first renews the lock with a
conditional write: that either proves that the lock is still ours, or shows its holder. While neither is
known, changes wait (NotReady). AWS refuses requests that were sent before a gap and arrive after it: it
accepts no signature older than five minutes (S3: fifteen).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from kops_core.errors import KopsError, LockLost, NotReady, StoreError
from kops_core.store.fence import fenced
from kops_core.store.lock import TTL, Holder, Lock

RENEW_EVERY = 60.0
"""Seconds between two renewals."""
RECENT = 2 * RENEW_EVERY
"""Seconds since the last renewal after which a change renews first: the renewing thread has missed one."""
MARGIN = 120.0
"""Seconds before the lock expires in which no change starts any more: longer than a call may take."""
RETRY_AFTER = 5.0
"""Seconds between two tries to renew while the store can't be reached."""


class LeaseClock(Protocol):
    """The clocks of a lease: dates, for the lock, and seconds, which count while the machine sleeps."""

    def now(self) -> datetime:
        """The date and time (UTC)."""
        ...

    def monotonic(self) -> float:
        """Seconds since an arbitrary moment."""
        ...


@dataclass(frozen=True)
class _Moment:
    """A moment on both clocks: sleep may stop one, and setting the date changes the other."""

    ticks: float
    date: datetime

    def since(self, earlier: _Moment) -> float:
        """Elapsed seconds, by the clock that shows more; ``inf`` if the date went back."""
        by_date = (self.date - earlier.date).total_seconds()
        return float("inf") if by_date < 0 else max(self.ticks - earlier.ticks, by_date)


class Lease:
    """One operation's hold on a cluster's lock. Safe to use from several threads."""

    def __init__(
        self,
        lock: Lock,
        clock: LeaseClock,
        *,
        ttl: timedelta = TTL,
        on_lost: Callable[[], None] = lambda: None,
    ) -> None:
        """``on_lost`` is called once, as soon as it is known that the lock is lost."""
        self._lock = lock
        self._clock = clock
        self._ttl = ttl
        self._on_lost = on_lost
        self._mutex = threading.Lock()
        self._renewed = self._moment()
        self._tried = self._renewed
        self._lost: LockLost | None = None
        self._trouble: StoreError | None = None

    def check(self) -> None:
        """Returns if a change may be sent now. Raises LockLost, or NotReady while that is unknown."""
        with self._mutex:
            now = self._moment()
            age = now.since(self._renewed)
            if (
                self._lost is None
                and age >= RECENT
                and (self._trouble is None or now.since(self._tried) >= RETRY_AFTER)
            ):
                self._renew(now)
                age = self._moment().since(self._renewed)
            if self._lost is not None:
                raise LockLost(self._lost.what, where=self._lost.where, remedy=self._lost.remedy)
            if age >= self._ttl.total_seconds() - MARGIN:
                why = f": {self._trouble.what}" if self._trouble else ""
                raise NotReady(f"the lock could not be renewed for {age:.0f} s{why}")

    def renew(self) -> bool:
        """I/O. Renews the lock; whether it is still ours, as far as known."""
        with self._mutex:
            if self._lost is None:
                self._renew(self._moment())
            return self._lost is None

    @property
    def lost(self) -> LockLost | None:
        """The error if the lock was lost."""
        return self._lost

    def _renew(self, now: _Moment) -> None:
        """Counts from before the write is sent, because the new time of expiry does, too."""
        self._tried = now
        try:
            self._lock.renew(ttl=self._ttl)
        except LockLost as lost:
            self._lost = lost
            self._on_lost()
        except StoreError as trouble:
            self._trouble = trouble
        else:
            self._renewed, self._trouble = now, None

    def _moment(self) -> _Moment:
        return _Moment(self._clock.monotonic(), self._clock.now())


@dataclass
class Hold:
    """The state of a lock for the block that holds it, also after its end."""

    lease: Lease
    holder: Holder
    unreleased: KopsError | None = None
    """Why the lock could not be released at the end; it then stays until it expires."""


@contextmanager
def held(
    lock: Lock,
    by: str,
    operation: str,
    *,
    clock: LeaseClock,
    is_dead: Callable[[Holder], bool],
    on_lost: Callable[[], None],
    every: float = RENEW_EVERY,
) -> Iterator[Hold]:
    """Holds the lock during a block: acquires it, renews it periodically, releases it.

    Every change of the block's thread is fenced. Raises LockHeld if somebody else has the lock, and at the
    end of the block LockLost if it was lost meanwhile; an error of the block takes precedence.
    """
    lease = Lease(lock, clock, on_lost=on_lost)
    hold = Hold(lease, lock.acquire(by, operation, is_dead=is_dead))
    done = threading.Event()

    def keep() -> None:
        while not done.wait(every) and lease.renew():
            pass

    keeper = threading.Thread(target=keep, name=f"lock for {operation}", daemon=True)
    keeper.start()
    lost: LockLost | None = None
    try:
        with fenced(lease.check):
            yield hold
    finally:
        done.set()
        keeper.join()
        try:
            lock.release()
        except LockLost as error:
            lost = error
        except KopsError as error:
            hold.unreleased = error
    lost = lease.lost or lost
    if lost is not None:
        raise lost
