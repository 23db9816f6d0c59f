"""An apply that is killed at any call and resumed ends in the same account, without duplicates."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import pytest

from kops_core.model.build import DesiredState
from kops_core.operations import journal
from tests.aws.account import READING, Account, Killed, difference
from tests.aws.clusters import desired

pytestmark = pytest.mark.full

CASE = "minimal"
EVERY_CALL = os.environ.get("KOPS_SWEEP") == "full"
"""Whether to kill at each single call in a run of its own: minutes instead of seconds."""


class KillSwitch:
    """Kills the process at chosen calls: everything that it still wants to ask afterwards, too."""

    def __init__(self) -> None:
        self.targets: list[tuple[str, int]] = []
        """Moment, and how many changing calls have been answered by then."""
        self.by_name: set[tuple[str, str]] = set()
        self.count = 0
        self.dead = False
        self._lock = threading.Lock()

    def __call__(self, moment: str, service: str, operation: str) -> None:
        with self._lock:
            if self.dead:
                # A call of another thread that was under way: it, too, got no answer.
                self.by_name.discard((moment, operation))
                raise Killed
            if operation.startswith(READING):
                return
            # Calls run side by side, so a number may be passed over.
            late = any(moment == when and self.count >= number for when, number in self.targets)
            hit = (moment, operation) in self.by_name or late
            self.by_name.discard((moment, operation))
            if moment == "after":
                self.count += 1
            if hit:
                self.dead = True
                raise Killed


@pytest.fixture
def cluster(account: Account) -> DesiredState:
    return desired(CASE, account.zone)


def _reference(account: Account, cluster: DesiredState, folder: Path) -> tuple[dict[str, Any], list[str]]:
    account.calls.clear()
    assert account.apply(cluster, folder).ok
    changing = [call.operation for call in account.calls if not call.operation.startswith(READING)]
    return account.inventory(), changing


def _keep_keys(account: Account) -> dict[str, bytes]:
    """Keys are slow to make, and their making is not what is tested here."""
    return {key: account.store.read(key).data for key in list(account.store.keys("")) if "/pki/" in key}


def _again(account: Account, keys: dict[str, bytes]) -> DesiredState:
    account.reset()
    for key, data in keys.items():
        account.store.create(key, data)
    return desired(CASE, account.zone)


def _run_until_killed(account: Account, cluster: DesiredState, folder: Path, switch: KillSwitch) -> bool:
    switch.dead, switch.count = False, 0
    account.fault = switch
    try:
        return account.apply(cluster, folder).ok
    except Killed:
        return False
    finally:
        account.fault = lambda moment, service, operation: None


@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_at_each_kind_of_call_one_after_the_other(
    moment: str, account: Account, cluster: DesiredState, tmp_path: Path
) -> None:
    expected, changing = _reference(account, cluster, tmp_path / "reference")
    cluster = _again(account, _keep_keys(account))
    switch = KillSwitch()
    switch.by_name = {(moment, operation) for operation in changing}
    kinds = len(switch.by_name)
    runs = 0
    while not _run_until_killed(account, cluster, tmp_path / "journals", switch):
        runs += 1
        assert runs <= kinds, "an apply was killed more often than there are calls to kill it at"
    assert not switch.by_name
    assert difference(expected, account.inventory()) == []
    assert account.plan(cluster)[0].empty
    # All runs went on with the one operation, whose journal says that it ended.
    histories = list(journal.read_all(tmp_path / "journals"))
    assert len(histories) == 1
    assert histories[0].finished
    assert sum(entry.what == "started" for entry in histories[0].entries) == runs + 1


@pytest.mark.skipif(not EVERY_CALL, reason="KOPS_SWEEP=full kills at each single call")
@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_at_each_call(moment: str, account: Account, cluster: DesiredState, tmp_path: Path) -> None:
    expected, changing = _reference(account, cluster, tmp_path / "reference")
    keys = _keep_keys(account)
    for number in range(len(changing)):
        cluster = _again(account, keys)
        switch = KillSwitch()
        switch.targets = [(moment, number)]
        folder = tmp_path / f"{number}"
        assert not _run_until_killed(account, cluster, folder, switch)
        assert account.apply(cluster, folder).ok
        found = difference(expected, account.inventory())
        assert found == [], f"killed {moment} call {number}, {changing[number]}"
