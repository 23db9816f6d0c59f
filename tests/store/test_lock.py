"""The advisory lock: one holder, seen by all, taken over only when it expired or by force."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from kops_core.errors import EXIT_REFUSED, Refused, StoreError
from kops_core.store.backend import Backend
from kops_core.store.lock import TTL, Lock
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
    with ann.held("ann@laptop", "apply"):
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


def test_force_and_break(backend: Backend) -> None:
    clock = Clock()
    ann, bob = Lock(backend, NAME, now=clock), Lock(backend, NAME, now=clock)
    ann.acquire("ann@laptop", "apply")
    bob.acquire("bob@desk", "apply", force=True)
    with pytest.raises(Refused, match="bob@desk"):
        ann.renew()
    ann.break_()
    assert ann.holder() is None


def test_a_damaged_lock_says_how_to_remove_it(backend: Backend) -> None:
    backend.put(f".kops-tui/{NAME}/lock", b"{")
    with pytest.raises(StoreError, match="lock release"):
        Lock(backend, NAME).acquire("ann@laptop", "apply")
    Lock(backend, NAME).break_()
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
