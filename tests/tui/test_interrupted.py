"""Which interrupted operations are offered at the next start, and what is told of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NoReturn

from kops_core import (
    OperationHandle,
    OperationState,
    OperationSummary,
    Phase,
    Progress,
    Started,
    StepChanged,
    interrupted,
)
from kops_core.engine.background.handle import OperationChannel
from kops_core.engine.background.requests import ApplyRequest, Order, RollRequest
from kops_core.engine.settings import Settings
from kops_tui.interrupted import resume_question
from kops_tui.styled_text import plain
from tests.tui.world import NOW


def _unreachable() -> NoReturn:
    raise AssertionError("nothing is read again")


def summary(
    cluster: str, state: OperationState, minutes: float, progress: Progress | None = None
) -> OperationSummary:
    at = NOW - timedelta(minutes=minutes)
    order = Order("1234", at, _request(cluster), Settings(operator="ann@bastion"))
    channel = OperationChannel(_unreachable, lambda _: None, _unreachable)
    return OperationSummary(OperationHandle(order, channel, ""), state, progress or Progress())


def _request(cluster: str) -> ApplyRequest | RollRequest:
    return RollRequest(cluster) if cluster.startswith("roll") else ApplyRequest(cluster)


def offered(*found: OperationSummary, now: datetime = NOW) -> list[str]:
    newest_first = sorted(found, key=lambda each: each.handle.at, reverse=True)
    return [each.handle.cluster for each in interrupted(newest_first, now)]


def test_only_the_last_operation_of_a_cluster_is_offered() -> None:
    lost, done, runs = OperationState.INTERRUPTED, OperationState.FINISHED, OperationState.RUNNING
    assert offered(summary("a", lost, 5), summary("b", done, 3)) == ["a"]
    assert offered(summary("a", lost, 5), summary("a", done, 3)) == [], "somebody went on with it"
    assert offered(summary("a", lost, 5), summary("a", runs, 3)) == [], "somebody goes on with it"
    assert offered(summary("a", done, 5), summary("a", lost, 3)) == ["a"]
    assert offered(summary("a", lost, 8 * 24 * 60)) == [], "that is long ago"


def test_the_question_names_what_was_in_the_middle() -> None:
    progress = Progress()
    began, last = NOW - timedelta(minutes=11), NOW - timedelta(minutes=5)
    progress.record_event(Started(began, "op", "rolling-update", "roll.example.com", "ann@bastion", 3))
    progress.record_event(StepChanged(began, "op", "i-1", Phase.DONE))
    progress.record_event(StepChanged(last, "op", "i-2", Phase.RUNNING, "draining: 2 pods to leave"))
    found = summary("roll.example.com", OperationState.INTERRUPTED, 12, progress)
    told = "\n".join(map(plain, resume_question([found], NOW).lines))
    assert "rolling-update of roll.example.com stopped at 1 of 3 five minutes ago, by ann@bastion" in told
    assert "in the middle of  i-2  draining: 2 pods to leave" in told
    assert "i-1" not in told
    many = [summary(f"{name}.example.com", OperationState.INTERRUPTED, 1) for name in "abcdef"]
    told = "\n".join(map(plain, resume_question(many, NOW).lines))
    assert "apply of a.example.com stopped before it began one minute ago" in told
    assert "and 2 more" in told
