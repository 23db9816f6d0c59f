"""The lease as a fence: no change without the lock, in any state of process, store and lock."""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest

from kops_core.errors import LockHeld, LockLost, NotReady, StoreError
from kops_core.store.backend import Backend, Stored
from kops_core.store.fence import expect_held, is_fenced
from kops_core.store.lease import MARGIN, RECENT, RETRY_AFTER, Hold, Lease, held
from kops_core.store.lock import TTL, Holder, Lock
from kops_core.store.memory import MemoryBackend
from tests.store.documents import NOW

NAME = "a.example.com"


class Clock:
    """Both clocks at once, or each by itself."""

    def __init__(self) -> None:
        self.ticks = 0.0
        self.at = NOW

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.ticks

    def advance(self, seconds: float) -> None:
        self.ticks += seconds
        self.at += timedelta(seconds=seconds)


class Unreachable(MemoryBackend):
    """A store that can be away, and counts what is asked of it."""

    away = False
    asked = 0

    def read(self, key: str) -> Stored:
        self._expect_there()
        return super().read(key)

    def replace(self, key: str, data: bytes, etag: str) -> str:
        self._expect_there()
        return super().replace(key, data, etag)

    def delete(self, key: str, etag: str | None = None) -> None:
        self._expect_there()
        super().delete(key, etag)

    def _expect_there(self) -> None:
        self.asked += 1
        if self.away:
            raise StoreError("the store is away")


@contextmanager
def holding(
    backend: Backend,
    clock: Clock,
    *,
    on_lost: Callable[[], None] = lambda: None,
    is_dead: Callable[[Holder], bool] = lambda _: False,
    every: float = 3600,
) -> Iterator[Hold]:
    lock = Lock(backend, NAME, now=clock.now)
    with held(
        lock, "ann@laptop", "apply", clock=clock, is_dead=is_dead, on_lost=on_lost, every=every
    ) as hold:
        yield hold


def _take_over(backend: Backend, clock: Clock) -> None:
    Lock(backend, NAME, now=clock.now).acquire("bob@desk", "apply")


def test_while_it_is_renewed_in_time_a_change_asks_nobody() -> None:
    backend, clock = Unreachable(), Clock()
    with holding(backend, clock):
        before = backend.asked
        for _ in range(5):
            clock.advance(RECENT / 6)
            expect_held()
        assert backend.asked == before


@pytest.mark.parametrize("paused", [RECENT, TTL.total_seconds() - 1, TTL.total_seconds() + 300, 86_400])
def test_after_a_gap_the_lock_is_proven_before_the_next_change(backend: Backend, paused: float) -> None:
    clock = Clock()
    with holding(backend, clock):
        clock.advance(paused)
        expect_held()  # nobody took it over, so it is renewed
        with pytest.raises(LockHeld):
            _take_over(backend, clock)


@pytest.mark.parametrize("slept", [False, True])
def test_what_was_taken_over_in_a_gap_is_lost_before_anything_is_changed(
    backend: Backend, slept: bool
) -> None:
    clock, heard = Clock(), list[str]()
    with (
        pytest.raises(LockLost, match="bob@desk took it over"),
        holding(backend, clock, on_lost=lambda: heard.append("lost")),
    ):
        clock.advance(0 if slept else TTL.total_seconds())
        if slept:  # a machine that sleeps may stop the monotonic clock
            clock.at += TTL
        _take_over(backend, clock)
        for _ in range(3):
            with pytest.raises(LockLost, match="bob@desk"):
                backend.put("a.example.com/config", b"mine")
    assert heard == ["lost"]
    assert [key for key in backend.keys() if not key.startswith(".kops-tui")] == []  # noqa: SIM118
    holder = Lock(backend, NAME).holder()
    assert holder is not None
    assert holder.by == "bob@desk", "the winner's lock stays"


def test_a_date_that_goes_back_is_a_gap() -> None:
    backend, clock = Unreachable(), Clock()
    with holding(backend, clock):
        clock.at -= timedelta(seconds=1)
        before = backend.asked
        expect_held()
        assert backend.asked > before


def test_while_the_store_is_away_changes_wait_once_the_lock_may_have_expired_and_go_on_after() -> None:
    backend, clock = Unreachable(), Clock()
    with holding(backend, clock):
        backend.away = True
        clock.advance(TTL.total_seconds() - MARGIN - 1)
        expect_held()  # whoever else there is must still wait
        asked = backend.asked
        clock.advance(RETRY_AFTER / 2)
        with pytest.raises(NotReady, match=r"could not be renewed for .*the store is away"):
            expect_held()
        assert backend.asked == asked, "a store that is away is not asked before every change"
        clock.advance(RETRY_AFTER)
        with pytest.raises(NotReady):
            expect_held()
        backend.away = False
        clock.advance(RETRY_AFTER)
        expect_held()


def test_a_lock_that_can_not_be_given_back_does_not_hide_how_the_work_ended() -> None:
    backend, clock = Unreachable(), Clock()
    with holding(backend, clock) as hold:
        backend.away = True
    assert isinstance(hold.unreleased, StoreError)
    backend.away = False
    clock.advance(TTL.total_seconds())
    with pytest.raises(ZeroDivisionError), holding(backend, clock):
        backend.away = True
        _ = 1 / 0


def test_a_lock_lost_after_the_last_change_is_told_too(backend: Backend) -> None:
    clock = Clock()
    with pytest.raises(LockLost, match="it was removed"), holding(backend, clock):
        other = Lock(backend, NAME, now=clock.now)
        other.force_release(other.holder())


def test_it_is_renewed_by_itself_and_its_loss_is_heard_of(backend: Backend) -> None:
    clock, lost = Clock(), threading.Event()
    with pytest.raises(LockLost, match="bob@desk"), holding(backend, clock, on_lost=lost.set, every=0.005):
        for _ in range(5):
            clock.advance(600)
            _until(lambda: _until_when(backend) > clock.at + timedelta(minutes=14))
        Lock(backend, NAME, now=clock.now).acquire("bob@desk", "apply", is_dead=lambda _: True)
        assert lost.wait(10)


def test_the_fence_holds_in_threads_that_take_it_along_and_ends_with_the_block(backend: Backend) -> None:
    clock = Clock()
    seen: list[bool] = []
    with holding(backend, clock):
        for run in (lambda call: call(), contextvars.copy_context().run):
            thread = threading.Thread(target=run, args=(lambda: seen.append(is_fenced()),))
            thread.start()
            thread.join()
    assert seen == [False, True]
    assert not is_fenced()
    expect_held()


def test_of_eight_threads_none_changes_anything_after_the_loss() -> None:
    backend, clock = MemoryBackend(), Clock()
    lock = Lock(backend, NAME, now=clock.now)
    lock.acquire("ann@laptop", "apply")
    lease = Lease(lock, clock)
    clock.advance(TTL.total_seconds())
    _take_over(backend, clock)
    start, refused = threading.Barrier(8), list[str]()

    def change() -> None:
        start.wait()
        try:
            lease.check()
        except LockLost as error:
            refused.append(error.what)

    threads = [threading.Thread(target=change) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(refused) == 8


def _until_when(backend: Backend) -> datetime:
    holder = Lock(backend, NAME).holder()
    assert holder is not None
    return holder.until


def _until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end
        time.sleep(0.002)
