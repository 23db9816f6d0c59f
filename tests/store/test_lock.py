"""The advisory lock: one holder, seen by all, taken over only when it expired or its holder is dead."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from kops_core.errors import EXIT_REFUSED, Refused, StoreError
from kops_core.store.backend import Backend
from kops_core.store.lock import TTL, Holder, Lock
from tests.store.documents import NOW

NAME = "a.example.com"


class Clock:
    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at


def test_the_second_is_refused_and_told_by_whom(backend: Backend) -> None:
    clock = Clock()
    ann, bob = Lock(backend, NAME, now=clock), Lock(backend, NAME, now=clock)
    with ann.held("ann@laptop", "apply", lost=lambda: None):
        with pytest.raises(Refused) as caught:
            bob.acquire("bob@desk", "rolling update")
        assert caught.value.exit_code == EXIT_REFUSED
        for part in ("ann@laptop", "apply", "2026-01-01 00:00:00"):
            assert part in str(caught.value)
        holder = bob.holder()
        assert holder is not None
        assert (holder.by, holder.until) == ("ann@laptop", NOW + TTL)
    assert bob.holder() is None
    bob.acquire("bob@desk", "rolling update")


def test_an_expired_lock_is_taken_over_once(backend: Backend) -> None:
    clock = Clock()
    dead = Lock(backend, NAME, now=clock)
    dead.acquire("dead@host", "apply")
    clock.at += TTL
    ann, bob = Lock(backend, NAME, now=clock), Lock(backend, NAME, now=clock)
    ann.acquire("ann@laptop", "apply")
    with pytest.raises(Refused, match="ann@laptop"):
        bob.acquire("bob@desk", "apply")
    with pytest.raises(Refused, match="ann@laptop"):
        dead.renew()
    dead.release()  # no longer its own: left alone
    holder = bob.holder()
    assert holder is not None
    assert holder.by == "ann@laptop"


def test_a_renewed_lock_does_not_expire(backend: Backend) -> None:
    clock = Clock()
    ann, bob = Lock(backend, NAME, now=clock), Lock(backend, NAME, now=clock)
    ann.acquire("ann@laptop", "rolling update")
    for _ in range(3):
        clock.at += TTL - timedelta(seconds=1)
        ann.renew()
        with pytest.raises(Refused):
            bob.acquire("bob@desk", "apply")
    ann.release()
    ann.release()
    assert bob.holder() is None


def test_what_a_dead_holder_left_is_taken_over_and_only_that(backend: Backend) -> None:
    clock = Clock()
    ann, bob, eve = (Lock(backend, NAME, now=clock) for _ in range(3))
    of_ann = ann.acquire("ann@laptop", "apply")
    with pytest.raises(Refused, match="ann@laptop"):
        bob.acquire("bob@laptop", "apply", dead=lambda holder: holder.id == "another")
    bob.acquire("bob@laptop", "apply", dead=lambda holder: holder.id == of_ann.id)
    with pytest.raises(Refused, match="bob@laptop"):
        ann.renew()
    with pytest.raises(Refused, match="bob@laptop"):
        eve.break_(of_ann)
    eve.break_(bob.holder())
    assert bob.holder() is None


def test_a_long_operation_keeps_its_lock(backend: Backend) -> None:
    clock = Clock()
    ann, bob = Lock(backend, NAME, now=clock), Lock(backend, NAME, now=clock)
    with ann.held("ann@laptop", "rolling update", lost=lambda: None, every=0.005):
        for _ in range(5):
            clock.at += timedelta(minutes=10)
            _until(lambda: _holder(bob).until > clock.at + timedelta(minutes=14))
            with pytest.raises(Refused, match="ann@laptop"):
                bob.acquire("bob@desk", "apply")
    assert bob.holder() is None


def test_an_operation_hears_that_its_lock_is_lost(backend: Backend) -> None:
    ann, bob = Lock(backend, NAME), Lock(backend, NAME)
    lost = threading.Event()
    with (
        pytest.raises(Refused, match="bob@desk"),
        ann.held("ann@laptop", "apply", lost=lost.set, every=0.3),
    ):
        bob.acquire("bob@desk", "apply", dead=lambda _: True)
        assert lost.wait(10)
    assert _holder(bob).by == "bob@desk", "its own lock is all that a loser gives back"


def test_a_renewal_whose_answer_was_lost_is_no_loss(backend: Backend) -> None:
    ann = Lock(backend, NAME)
    ann.acquire("ann@laptop", "apply")
    stale = ann._held
    ann.renew()
    ann._held = stale
    ann.renew()
    ann.renew()
    ann.release()
    assert ann.holder() is None


def _holder(lock: Lock) -> Holder:
    found = lock.holder()
    assert found is not None
    return found


def _until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end
        time.sleep(0.002)


def test_a_damaged_lock_says_how_to_remove_it(backend: Backend) -> None:
    backend.put(f".kops-tui/{NAME}/lock", b"{")
    with pytest.raises(StoreError, match="lock release"):
        Lock(backend, NAME).acquire("ann@laptop", "apply")
    Lock(backend, NAME).break_(None)
    Lock(backend, NAME).acquire("ann@laptop", "apply")


@pytest.mark.parametrize("expired", [False, True])
def test_of_many_one_gets_it(backend: Backend, expired: bool) -> None:
    clock = Clock()
    if expired:
        Lock(backend, NAME, now=clock).acquire("dead@host", "apply")
        clock.at += TTL
    start = threading.Barrier(6)

    def acquire(number: int) -> bool:
        lock = Lock(backend, NAME, now=clock)
        start.wait()
        try:
            lock.acquire(f"w{number}", "apply")
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(acquire, range(6))) == 1
