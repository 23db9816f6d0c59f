"""The requests of commands, exactly: what an operator on a slow line waits for. All numbers are here.

Of whole processes on the sandbox, through a proxy that counts. A number that grows is a regression; one that
falls is to be written down here.
"""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Iterator

import pytest

from bench.process import Line
from bench.worlds import ONE, PROGRAM, World, store_fleet, world
from tests.operations.fault_injection import Answer, Request, Throttled, refusal

pytestmark = pytest.mark.full

FLEET = 30
FIRST, AGAIN = "first", "again"
EXPECTED = {
    ("--version",): {FIRST: 0, AGAIN: 0},
    ("get", "clusters"): {FIRST: 1 + FLEET + 1, AGAIN: 1},
    ("get", "clusters", "-o", "name"): {FIRST: 1, AGAIN: 1},
    ("get", "instancegroups", "--name", ONE): {FIRST: 10, AGAIN: 2},
    ("update", "cluster", ONE): {FIRST: 89, AGAIN: 72},
}
"""By command: of its first run, with an empty cache, and of the next one.

The cluster has three control planes, three groups of nodes and a bastion. Its plan: the store 3, facts 6,
EC2 15, load balancers 10, auto-scaling 8 (hooks are told for one group at a time), IAM 16, EventBridge 9,
SQS 3, Route 53 2; the first time also 8 specs, 8 keysets and the SSH key.
"""


@pytest.fixture(scope="module")
def there() -> Iterator[World]:
    with world() as made:
        made.create(ONE)
        made.run("update", "cluster", ONE, "--yes")
        yield made


@pytest.fixture(scope="module")
def fleet(there: World) -> World:
    store_fleet(there, FLEET)
    return there


@pytest.mark.parametrize("words", [each for each in EXPECTED if "clusters" not in each])
def test_of_one_cluster(there: World, words: tuple[str, ...]) -> None:
    there.forget_cache()
    found = {which: there.run(*words).requests for which in (FIRST, AGAIN)}
    assert found == EXPECTED[words], _told(there)


@pytest.mark.parametrize("words", [each for each in EXPECTED if "clusters" in each])
def test_of_a_fleet(fleet: World, words: tuple[str, ...]) -> None:
    fleet.forget_cache()
    found = {which: fleet.run(*words).requests for which in (FIRST, AGAIN)}
    assert found == EXPECTED[words], _told(fleet)


def test_at_most_eight_of_a_plan_follow_each_other(there: World) -> None:
    """On a line so slow that only what waits for an answer comes after it."""
    there.run("update", "cluster", ONE)
    assert there.run("update", "cluster", ONE, delay=0.5).in_a_row <= 8


def test_at_most_two_of_a_listing_follow_each_other(fleet: World) -> None:
    fleet.forget_cache()
    assert fleet.run("get", "clusters", "-o", "name", delay=0.2).in_a_row <= 2


def _told(there: World) -> str:
    calls = Counter(f"{each.request.service} {each.request.operation}" for each in there.line.exchanges)
    return "\n".join(f"{number:4} {call}" for call, number in calls.most_common())


class EveryFifth(Line):
    """Throttles every fifth call."""

    def __init__(self) -> None:
        super().__init__()
        self.throttled = 0
        self._number = 0
        self._codes = Throttled.CODES

    def before(self, request: Request) -> Answer | None:
        super().before(request)
        self._number += 1
        if self._number % 5:
            return None
        self.throttled += 1
        return refusal(request.service, *self._codes.get(request.service, ("Throttling", 400)))


@pytest.mark.parametrize("words", [each for each in EXPECTED if "--version" not in each])
def test_throttled_at_a_fifth_they_end_with_a_quarter_more(fleet: World, words: tuple[str, ...]) -> None:
    fleet.run(*words)
    line, usual = EveryFifth(), fleet.line
    fleet.front.fault = fleet.line = line
    try:
        done = fleet.run(*words).requests
    finally:
        fleet.front.fault = fleet.line = usual
    assert done == EXPECTED[words][AGAIN]
    assert done + line.throttled <= 1.3 * done


def test_debug_tells_which_calls_were_waited_for(there: World) -> None:
    done = subprocess.run(
        [PROGRAM, "get", "instancegroups", "--name", ONE, "--debug"],
        env=there.environment,
        check=True,
        capture_output=True,
        text=True,
    )
    assert "2 calls to AWS in" in done.stderr
    assert "s3 ListObjectsV2" in done.stderr
    assert "calls to AWS" not in done.stdout
