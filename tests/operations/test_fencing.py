"""A holder that is stopped for 20 minutes at any call, while another operation takes over and completes.

The clock is injected and the stop is that of every thread, as SIGSTOP's is; real processes are in
``test_stopped_processes``.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import pytest

from kops_core.errors import LockLost
from kops_core.model.build import DesiredState
from kops_core.operations.clock import CancelToken
from kops_core.operations.outcome import Outcome
from kops_core.store.fence import fenced, is_fenced
from kops_core.store.lease import held
from kops_core.store.lock import Lock
from tests.aws.account import READING, Account, FakeClock, clients, difference
from tests.aws.clusters import desired
from tests.operations.deleting import delete, listing
from tests.operations.test_kill import EVERY_CALL, _again, _keep_keys

pytestmark = pytest.mark.full

CASE = "minimal"
PAUSE = 20 * 60.0
_COMPETES: ContextVar[bool] = ContextVar("competes", default=False)


class Pause:
    """Stops everything of the first operation at one changing call, and lets a competitor run meanwhile."""

    def __init__(self, clock: FakeClock, at: int, compete: Callable[[], None]) -> None:
        self._clock, self._at, self._compete = clock, at, compete
        self._count = 0
        self._mutex = threading.Condition()
        self._under_way: set[int] = set()
        """Threads whose call is beyond this point: AWS has it, or refuses it once it is five minutes old."""
        self._goes_on = threading.Event()
        self._goes_on.set()
        self.over = False
        self.sent_after: list[str] = []
        """Changing calls of the first operation that got out after the pause."""

    def created(self, event_name: str, **_: object) -> None:
        """Registered for ``request-created``: the call is about to be signed, with the fence still ahead."""
        if _COMPETES.get() or event_name.rpartition(".")[2].startswith(READING):
            return
        with self._mutex:
            number = self._count
            self._count += 1
            here = number == self._at
            if here:
                self._goes_on.clear()
                assert self._mutex.wait_for(lambda: not self._under_way, 60)
            elif self._goes_on.is_set():
                self._under_way.add(threading.get_ident())
        if here:
            self._clock.sleep(PAUSE)
            try:
                self._compete()
            finally:
                self.over = True
                self._goes_on.set()
        assert self._goes_on.wait(60)

    def hold(self) -> None:
        """Called before each look at the lock: a stopped process does not look, let alone renew it."""
        with self._mutex:
            under_way = threading.get_ident() in self._under_way
        if not _COMPETES.get() and not under_way:
            assert self._goes_on.wait(60)

    def ended(self, **_: object) -> None:
        """Registered for ``after-call`` and ``after-call-error``."""
        with self._mutex:
            self._under_way.discard(threading.get_ident())
            self._mutex.notify_all()

    def sent(self, event_name: str, **_: object) -> None:
        """Registered last for ``before-send``: behind the fence."""
        operation = event_name.rpartition(".")[2]
        if self.over and not _COMPETES.get() and not operation.startswith(READING):
            self.sent_after.append(operation)


@contextmanager
def watched(account: Account, pause: Pause) -> Iterator[None]:
    for client in clients(account.aws):
        client.meta.events.register_first("request-created.*", pause.created)
        client.meta.events.register_last("before-send.*", pause.sent)
        for event in ("after-call.*", "after-call-error.*"):
            client.meta.events.register(event, pause.ended)
    try:
        yield
    finally:
        for client in clients(account.aws):
            client.meta.events.unregister("request-created.*", pause.created)
            client.meta.events.unregister("before-send.*", pause.sent)
            for event in ("after-call.*", "after-call-error.*"):
                client.meta.events.unregister(event, pause.ended)


def under_lock(
    account: Account,
    cluster: str,
    by: str,
    clock: FakeClock,
    work: Callable[[CancelToken], Outcome],
    *,
    before_look: Callable[[], None],
) -> Outcome:
    """Work under the lock as the engine does it. before_look: called before each look at the lock."""
    cancel = CancelToken()
    lock = Lock(account.store, cluster, now=clock.now)
    with held(
        lock,
        by,
        "apply",
        clock=clock,
        is_dead=lambda _: False,
        on_lost=lambda: cancel.stop(at_once=True),
        every=3600,
    ) as hold:

        def check() -> None:
            before_look()
            hold.lease.check()

        with fenced(check):
            return work(cancel)


def competing(work: Callable[[], Outcome]) -> Callable[[], None]:
    """Work by another process: without the fence of the thread that it runs in."""

    def run() -> None:
        def other() -> None:
            _COMPETES.set(True)
            assert not is_fenced()
            outcomes.append(work())

        outcomes: list[Outcome] = []
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(120)
        assert outcomes, "the competitor did not end"
        assert outcomes[0].ok, outcomes[0]

    return run


def _apply_with_pause(account: Account, cluster: DesiredState, folder: Path, at: int) -> Pause:
    clock = FakeClock()

    def apply(by: str) -> Outcome:
        return under_lock(
            account,
            cluster.cluster,
            by,
            clock,
            lambda cancel: account.apply(cluster, folder / by, clock=clock, cancel=cancel),
            before_look=hold,
        )

    def hold() -> None:
        pause.hold()

    pause = Pause(clock, at, competing(lambda: apply("bob")))
    with watched(account, pause), pytest.raises(LockLost, match="bob took it over") as caught:
        apply("ann")
    assert caught.value.exit_code == 5
    return pause


def _reference(account: Account, cluster: DesiredState, folder: Path) -> tuple[dict[str, Any], int]:
    account.calls.clear()
    assert account.apply(cluster, folder).ok
    changing = [call for call in account.calls if not call.operation.startswith(READING)]
    return account.inventory(), len(changing)


def test_paused_in_an_apply_the_loser_changes_nothing_more(account: Account, tmp_path: Path) -> None:
    cluster = desired(CASE, account.zone)
    expected, calls = _reference(account, cluster, tmp_path / "reference")
    keys = _keep_keys(account)
    stops = range(0, calls - 1, 10 if EVERY_CALL else 30)
    for at in stops:
        cluster = _again(account, keys)
        pause = _apply_with_pause(account, cluster, tmp_path / f"{at}", at)
        assert pause.over
        assert pause.sent_after == [], f"stopped at call {at}"
        assert difference(expected, account.inventory()) == [], f"stopped at call {at}"
        assert account.plan(cluster)[0].empty


def test_paused_in_a_deletion_the_loser_leaves_the_next_cluster_alone(
    account: Account, tmp_path: Path
) -> None:
    """The competitor deletes the rest, and makes the cluster anew under the same name."""
    cluster = desired(CASE, account.zone)
    name, empty = cluster.cluster, listing(account)
    _reference(account, cluster, tmp_path / "reference")
    keys = _keep_keys(account)
    account.calls.clear()
    assert delete(account, cluster.cluster, tmp_path / "counted").ok
    calls = sum(not call.operation.startswith(READING) for call in account.calls)
    assert listing(account) == empty
    cluster = _again(account, keys)
    expected, _ = _reference(account, cluster, tmp_path / "again")
    for at in range(0, calls - 1, 10 if EVERY_CALL else 25):
        cluster = _again(account, keys)
        _reference(account, cluster, tmp_path / f"before-{at}")
        clock = FakeClock()
        pauses: list[Pause] = []

        def hold(pauses: list[Pause] = pauses) -> None:
            for each in pauses:
                each.hold()

        def deletion(
            by: str,
            clock: FakeClock = clock,
            at: int = at,
            name: str = name,
            hold: Callable[[], None] = hold,
        ) -> Outcome:
            folder = tmp_path / f"{at}-{by}"
            return under_lock(
                account,
                name,
                by,
                clock,
                lambda cancel: delete(account, name, folder, clock=clock, cancel=cancel),
                before_look=hold,
            )

        def anew(clock: FakeClock = clock, at: int = at, cluster: DesiredState = cluster) -> Outcome:
            assert deletion("bob").ok
            return account.apply(cluster, tmp_path / f"anew-{at}", clock=clock)

        pause = Pause(clock, at, competing(anew))
        pauses.append(pause)
        with watched(account, pause), pytest.raises(LockLost, match="lock was lost while this ran"):
            deletion("ann")
        assert pause.sent_after == [], f"stopped at call {at}"
        assert difference(expected, account.inventory()) == [], f"stopped at call {at}"
