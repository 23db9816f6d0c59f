"""What the rows of the fleet say that clusters need, and the rows that the next start shows at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NoReturn

import pytest

from kops_core import (
    ApplyRequest,
    ClusterStatus,
    ClusterSummary,
    Event,
    NeedKind,
    OperationHandle,
    OperationState,
    OperationSummary,
    Paused,
    Phase,
    Progress,
    Started,
    StepChanged,
    needs_of,
)
from kops_core.engine.background.handle import OperationChannel
from kops_core.engine.background.requests import Order
from kops_core.engine.fleet.cache import FleetCache
from kops_core.engine.fleet.rows import GroupSummary, Pending
from kops_core.engine.operations.cluster_lock import LockStatus
from kops_core.engine.settings import Settings
from kops_core.store.lock import Holder
from kops_core.store.process import Liveness

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
GROUP = GroupSummary("nodes", "Node", "m5.large", 1, 3, ("a",))
CLUSTER = ClusterSummary(
    "s3://x", "a.example.com", "1.35.0", "aws", "cilium", ("us-east-1a",), (GROUP,), 1, True, changed_at=NOW
)
FINE = ClusterStatus(CLUSTER.name, NOW, Pending.UP_TO_DATE, control_plane=(1, 1), nodes=(3, 3))
LOCK = LockStatus(
    Holder("1", "bob@desk", "apply", NOW, NOW + timedelta(minutes=10)),
    expired=False,
    process=Liveness.UNKNOWN,
)


def _operation(state: OperationState, *events: Event) -> OperationSummary:
    channel = OperationChannel(_never, lambda _: None, _never)
    handle = OperationHandle(Order("op-1", NOW, ApplyRequest(CLUSTER.name), Settings()), channel, "")
    progress = Progress()
    for each in events:
        progress.record_event(each)
    return OperationSummary(handle, state, progress)


def _never() -> NoReturn:
    raise AssertionError("nothing is read again")


@pytest.mark.parametrize(
    ("summary", "status", "told"),
    [
        (CLUSTER, FINE, []),
        (CLUSTER, None, []),
        (replace(CLUSTER, error="no YAML", error_line=7), FINE, ["invalid spec line 7"]),
        (replace(CLUSTER, error="no YAML"), None, ["invalid spec"]),
        (replace(CLUSTER, kubernetes_version="1.32.4"), FINE, ["1.32 is the oldest that runs"]),
        (replace(CLUSTER, kubernetes_version="1.31.0"), FINE, ["1.31 is too old to run"]),
        (CLUSTER, replace(FINE, pending=Pending.NEVER_APPLIED, nodes=(0, 3)), ["never applied"]),
        (CLUSTER, replace(FINE, pending=Pending.CHANGES), ["changes to apply"]),
        (CLUSTER, replace(FINE, pending=Pending.CHANGES, changes=1, planned=True), ["1 change to apply"]),
        (CLUSTER, replace(FINE, pending=Pending.ROLL, groups_to_roll=("nodes",)), ["1 group to roll"]),
        (
            CLUSTER,
            replace(FINE, pending=Pending.CHANGES, groups_to_roll=("a", "b"), nodes=(2, 3), held_back=4),
            ["nodes not ready", "changes to apply", "2 groups to roll", "4 to prune"],
        ),
        (CLUSTER, replace(FINE, control_plane=(0, 1), nodes=(0, 3)), ["control plane not ready"]),
        (CLUSTER, replace(FINE, error="denied"), ["cloud can't be read"]),
    ],
)
def test_needs_in_plain_words_the_most_urgent_first(
    summary: ClusterSummary, status: ClusterStatus | None, told: list[str]
) -> None:
    assert [each.text for each in needs_of(summary, status)] == told


def test_unsaved_edits_and_the_lock_of_another_operator_are_needs() -> None:
    found = needs_of(CLUSTER, FINE, unsaved=2, lock=LOCK)
    assert [each.text for each in found] == ["locked by bob@desk (apply)", "2 unsaved edits"]
    assert needs_of(CLUSTER, FINE, unsaved=1)[0].text == "1 unsaved edit"
    assert not needs_of(CLUSTER, FINE, lock=replace(LOCK, expired=True)), "nobody works under it any more"


def test_operations_that_run_or_were_cut_off_say_how_far_they_are() -> None:
    begun = Started(NOW, "op-1", "apply", CLUSTER.name, "ann@bastion", 107)
    done = StepChanged(NOW, "op-1", "VPC/a", Phase.DONE)
    runs = _operation(OperationState.RUNNING, begun, done)
    found = needs_of(CLUSTER, FINE, operation=runs, lock=LOCK)
    assert [(each.kind, each.text) for each in found] == [(NeedKind.RUNNING, "apply running 1/107")]
    paused = _operation(OperationState.RUNNING, begun, Paused(NOW, "op-1", "a pod does not leave"))
    assert needs_of(CLUSTER, FINE, operation=paused)[0].text == "apply running 0/107 PAUSED"
    cut_off = _operation(OperationState.INTERRUPTED, begun, done)
    changes = replace(FINE, pending=Pending.CHANGES)
    assert [each.text for each in needs_of(CLUSTER, changes, operation=cut_off)] == [
        "apply interrupted 1/107",
        "changes to apply",
    ]
    assert not needs_of(CLUSTER, FINE, operation=_operation(OperationState.FAILED, begun))


def test_the_fleet_is_kept_whole_and_for_its_stores_alone(tmp_path: Path) -> None:
    cache = FleetCache(tmp_path, ["s3://x"])
    assert cache.read() is None
    cache.write(NOW, [CLUSTER], [FINE])
    found = FleetCache(tmp_path, ["s3://x"]).read()
    assert found is not None
    assert (found.read_at, found.summaries, found.statuses) == (NOW, (CLUSTER,), (FINE,))
    assert FleetCache(tmp_path, ["s3://y"]).read() is None
    assert FleetCache(tmp_path, ["s3://x"], "http://127.0.0.1:5000").read() is None
    files = list(tmp_path.rglob("*.json"))
    assert len(files) == 1
    assert files[0].stat().st_mode & 0o077 == 0
    files[0].write_text(files[0].read_text()[:-20])
    assert cache.read() is None, "half a file is as if there were none"


def test_without_a_cache_folder_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    FleetCache(Path(), ["s3://x"]).write(NOW, [CLUSTER], [])
    assert not list(tmp_path.iterdir())
