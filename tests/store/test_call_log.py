"""Tests of the log of calls: which calls a run waited for, and how long."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from kops_core.cloud.sandbox.process import Sandbox
from kops_core.store.call_log import CallLog, TimedCall, critical_path
from tests.sandbox.clients import s3_client


def call(name: str, began: float, ended: float) -> TimedCall:
    return TimedCall("ec2", name, began, ended)


def test_the_path_goes_back_from_the_call_that_ended_last() -> None:
    calls = [
        call("First", 0, 1),
        call("Beside", 0, 0.5),
        call("LongButNotWaitedFor", 1.5, 3.5),
        call("Second", 1.2, 2),
        call("Last", 2.1, 4),
    ]
    assert [each.operation for each in critical_path(calls)] == ["First", "Second", "Last"]
    assert critical_path([]) == []


@given(st.lists(st.tuples(st.floats(0, 10), st.floats(0.01, 5)), max_size=30))
def test_calls_of_the_path_do_not_overlap_and_nothing_could_be_put_between(
    times: list[tuple[float, float]],
) -> None:
    calls = [call(str(number), at, at + took) for number, (at, took) in enumerate(times)]
    path = critical_path(calls)
    assert max((each.ended for each in calls), default=0) == (path[-1].ended if path else 0)
    for before, after in pairwise(path):
        assert before.ended <= after.began
        assert not any(before.ended < each.ended <= after.began for each in calls)
    if path:
        assert not any(each.ended <= path[0].began for each in calls)


def test_calls_of_a_client_are_noted_with_their_times_also_refused_ones(sandbox: Sandbox) -> None:
    ticks = iter(range(100))
    log = CallLog(monotonic=lambda: float(next(ticks)))
    client: Any = s3_client(sandbox)
    log.watch(client.meta.events)
    client.list_buckets()
    with pytest.raises(ClientError):
        client.get_object(Bucket="no-such-bucket", Key="do-not-show")
    told = log.report()
    assert told.splitlines()[0] == (
        "2 calls to AWS in 5.00 s; it waited 2.00 s for 2 that came one after another:"
    )
    assert "1.00 s  1.00 s  1.00 s  s3 ListBuckets" in told
    assert "3.00 s  1.00 s  1.00 s  s3 GetObject" in told
    assert "do-not-show" not in told
