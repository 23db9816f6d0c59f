"""Validating until it passes: how often, how long, and what the end is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from kops_core.engine.operations.validation import (
    ValidationAttempt,
    ValidationRequest,
    repeat_validation,
    resolve_host,
)
from kops_core.errors import CloudError, KopsError, KubernetesUnreachable, OperationFailed, UsageError
from kops_core.operations.clock import CancelToken
from kops_core.operations.validation import Failure, FailureKind, Validation

GOOD, BAD = Validation(), Validation((Failure(FailureKind.NODE, "a", "is not ready", "look"),))
AWAY = KubernetesUnreachable("refused")


class StepClock:
    """Time passes in sleep alone."""

    def __init__(self) -> None:
        self.at = 0.0

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.at)

    def monotonic(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += seconds


Answer = Validation | KopsError


def repeat(
    answers: Sequence[Answer], request: ValidationRequest, clock: StepClock | None = None
) -> tuple[Validation, list[ValidationAttempt]]:
    """The last answer is given for ever."""
    reports: list[ValidationAttempt] = []

    def endless() -> Iterator[Answer]:
        yield from answers
        while True:
            yield answers[-1]

    left = endless()

    def attempt() -> Validation:
        found = next(left)
        if isinstance(found, KopsError):
            raise found
        return found

    return repeat_validation(attempt, request, clock or StepClock(), reports.append, CancelToken()), reports


def test_without_waiting_there_is_one_attempt() -> None:
    for answer in (GOOD, BAD):
        found, reports = repeat([answer], ValidationRequest())
        assert found is answer
        assert [each.next_in for each in reports] == [0.0]
    for error in (AWAY, CloudError("throttled")):
        with pytest.raises(type(error)):
            repeat([error], ValidationRequest())


def test_a_failure_sets_the_count_back() -> None:
    found, reports = repeat([GOOD, GOOD, BAD, GOOD, AWAY, GOOD], ValidationRequest(wait=600, count=3))
    assert found.valid
    assert [each.passed for each in reports] == [1, 2, 0, 1, 0, 1, 2, 3]
    assert [each.next_in for each in reports] == [10.0] * 7 + [0.0]


def test_a_count_without_waiting_needs_every_attempt_to_pass() -> None:
    assert len(repeat([GOOD], ValidationRequest(count=3))[1]) == 3
    found, reports = repeat([GOOD, BAD, GOOD], ValidationRequest(count=3))
    assert (found.valid, len(reports)) == (False, 2)


def test_waiting_ends_in_time_with_the_last_answer() -> None:
    clock = StepClock()
    found, reports = repeat([BAD], ValidationRequest(wait=25), clock)
    assert (found, len(reports), clock.at) == (BAD, 4, 25.0)
    with pytest.raises(KubernetesUnreachable):
        repeat([BAD, AWAY], ValidationRequest(wait=25))


def test_a_row_of_passes_is_completed_after_the_time() -> None:
    clock = StepClock()
    found, _ = repeat([BAD, BAD, GOOD], ValidationRequest(wait=20, count=3), clock)
    assert (found.valid, clock.at) == (True, 40.0)


def test_other_errors_are_not_waited_out() -> None:
    with pytest.raises(UsageError):
        repeat([UsageError("no such URL"), GOOD], ValidationRequest(wait=600))


def test_a_wait_can_be_cancelled() -> None:
    cancel = CancelToken()
    with pytest.raises(OperationFailed):
        repeat_validation(
            lambda: BAD, ValidationRequest(wait=600), StepClock(), lambda _: cancel.stop(), cancel
        )


def test_names_are_resolved_or_the_error_says_which() -> None:
    assert resolve_host("127.0.0.1") == {"127.0.0.1"}
    with pytest.raises(KubernetesUnreachable) as raised:
        resolve_host("api.cluster.invalid")
    assert raised.value.where == "api.cluster.invalid"
