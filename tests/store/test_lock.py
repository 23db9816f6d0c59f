"""The advisory lock: one holder, seen by all, taken over only when it expired or its holder is dead."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from kops_core.errors import EXIT_LOCK_LOST, EXIT_REFUSED, LockHeld, LockLost, Refused, StoreError
from kops_core.store.backend import Backend
from kops_core.store.lock import TTL, Lock
from kops_core.store.process import Liveness, liveness, this_process
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
    ann.acquire("ann@laptop", "apply")
    with pytest.raises(LockHeld) as caught:
        bob.acquire("bob@desk", "rolling update")
    assert caught.value.exit_code == EXIT_REFUSED
    assert caught.value.until == NOW + TTL
    for part in ("ann@laptop", "apply", "2026-01-01 00:00:00"):
        assert part in str(caught.value)
    holder = bob.holder()
    assert holder is not None
    assert (holder.by, holder.until) == ("ann@laptop", NOW + TTL)
    ann.release()
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
    with pytest.raises(LockLost, match="ann@laptop took it over"):
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
        bob.acquire("bob@laptop", "apply", is_dead=lambda holder: holder.id == "another")
    bob.acquire("bob@laptop", "apply", is_dead=lambda holder: holder.id == of_ann.id)
    with pytest.raises(Refused, match="bob@laptop"):
        ann.renew()
    with pytest.raises(Refused, match="bob@laptop"):
        eve.force_release(of_ann)
    eve.force_release(bob.holder())
    assert bob.holder() is None


def test_a_renewal_whose_answer_was_lost_is_no_loss(backend: Backend) -> None:
    ann = Lock(backend, NAME)
    ann.acquire("ann@laptop", "apply")
    stale = ann._held
    ann.renew()
    ann._held = stale
    ann.renew()
    ann.renew()
    ann._held = stale
    ann.release()
    assert ann.holder() is None


def test_the_lock_of_another_is_never_given_back(backend: Backend) -> None:
    ann, bob = Lock(backend, NAME), Lock(backend, NAME)
    ann.acquire("ann@laptop", "apply")
    bob.acquire("bob@desk", "apply", is_dead=lambda _: True)
    with pytest.raises(LockLost, match="bob@desk took it over"):
        ann.release()
    holder = bob.holder()
    assert holder is not None
    assert holder.by == "bob@desk"


def test_a_lock_that_was_removed_is_lost(backend: Backend) -> None:
    ann, eve = Lock(backend, NAME), Lock(backend, NAME)
    ann.acquire("ann@laptop", "apply")
    eve.force_release(eve.holder())
    with pytest.raises(LockLost, match="it was removed") as caught:
        ann.renew()
    assert caught.value.exit_code == EXIT_LOCK_LOST


def test_a_lock_names_its_process(backend: Backend) -> None:
    Lock(backend, NAME).acquire("ann@laptop", "apply")
    holder = Lock(backend, NAME).holder()
    assert holder is not None
    assert holder.process == this_process()


def test_a_lock_of_an_earlier_version_proves_nothing(backend: Backend) -> None:
    moment = NOW.isoformat()
    old = {"id": "1", "by": "ann@laptop", "operation": "apply", "since": moment, "until": moment, "pid": 7}
    backend.put(f".kops-tui/{NAME}/lock", json.dumps(old).encode())
    holder = Lock(backend, NAME).holder()
    assert holder is not None
    assert liveness(holder.process) is Liveness.UNKNOWN


def test_a_damaged_lock_says_how_to_remove_it(backend: Backend) -> None:
    backend.put(f".kops-tui/{NAME}/lock", b"{")
    with pytest.raises(StoreError, match="lock release"):
        Lock(backend, NAME).acquire("ann@laptop", "apply")
    Lock(backend, NAME).force_release(None)
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
