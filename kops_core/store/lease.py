"""A lock that is held: kept alive while an operation works, and asked before each of its changes.

    acquire  ->  block, every change in it fenced by ``Lease.check``  ->  release
                   ^ renewed by a thread of its own, long before it expires

``check`` costs nothing while the last renewal is recent. After a gap (the process was stopped, the
machine slept, the store was away) it renews the lock first, with a conditional write: that either
proves that the lock is still ours, or shows whose it is. As long as neither can be told, changes
wait (NotReady). What was sent before a gap and arrives after it is AWS' to refuse: it takes no
request that was signed more than five minutes ago (S3: fifteen).
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
"""Seconds since the last renewal from which on a change renews first: the renewing thread has missed one."""
MARGIN = 120.0
"""Seconds before the lock's end in which no change is begun any more: longer than one call may take."""
RETRY_AFTER = 5.0
"""Seconds between two tries to renew while the store can't be reached."""


class LeaseClock(Protocol):
    """Dates that others read in the lock, and seconds that go on while the machine sleeps."""

    def now(self) -> datetime:
        """The date and time (UTC)."""
        ...

    def monotonic(self) -> float:
        """Seconds since some moment."""
        ...


@dataclass(frozen=True)
class _Moment:
    """Two clocks at once: sleep may stop the one, and setting the date moves the other."""

    ticks: float
    date: datetime

    def since(self, earlier: _Moment) -> float:
        """Seconds, by the clock that says more; ``inf`` where the date went back."""
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
        """``on_lost`` is called once, as soon as it is known that the lock is another's."""
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
        """Returns if a change may be sent now. Raises LockLost, NotReady while that can't be told."""
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
        """I/O. Holds the lock for longer; whether it is still ours, as far as that can be told."""
        with self._mutex:
            if self._lost is None:
                self._renew(self._moment())
            return self._lost is None

    @property
    def lost(self) -> LockLost | None:
        """How the lock was lost, if it was."""
        return self._lost

    def _renew(self, now: _Moment) -> None:
        """Counts from before the write is sent: what it says holds from then on."""
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
    """What a block that works under a lock knows of it, also after its end."""

    lease: Lease
    holder: Holder
    unreleased: KopsError | None = None
    """Why the lock could not be given back at the end; it then stays until it expires."""


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
    """The lock for the length of a block: taken, renewed every so many seconds, given back.

    Every change that the block's thread makes is fenced. Raises LockHeld if another has the lock, and at
    the block's end LockLost if it was lost on the way; an error of the block itself comes first.
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
