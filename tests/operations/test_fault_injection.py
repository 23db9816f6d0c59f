"""Fault injection over sockets: an apply completes or can be resumed.

After each fault the apply is run again without it. Then the plan is empty, and account and store
hold what a faultless run leaves: nothing twice, and nothing that belongs to nothing.
"""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kops_core.cloud.aws.limiter import Limiter
from kops_core.cloud.aws.session import AwsSession, AwsSettings
from kops_core.cloud.sandbox.process import Sandbox
from kops_core.errors import AccessDenied, StoreError
from kops_core.model.build import DesiredState
from kops_core.operations.events import Event, Phase, Started, StepChanged
from kops_core.operations.outcome import Outcome
from tests.aws.account import Account, FakeClock, difference
from tests.aws.clusters import desired
from tests.operations.fault_injection import (
    Broken,
    ByChance,
    Expired,
    Fault,
    FaultProxy,
    Hanging,
    Losing,
    Stale,
    Throttled,
    Together,
)
from tests.sandbox.clients import made_up_login

pytestmark = pytest.mark.full

CASE = "minimal"
RETRYING = Phase.RETRYING


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultProxy]:
    with (
        Sandbox.start(log=tmp_path_factory.mktemp("sandbox") / "log") as sandbox,
        FaultProxy.of(sandbox.endpoint_url) as front,
    ):
        yield front


class Stormy(Account):
    """An account behind a front, with its state in a bucket behind the same front."""

    def __init__(self, front: FaultProxy) -> None:
        self.front = front
        self.clock = FakeClock()
        session = AwsSession(
            made_up_login("us-east-1"),
            AwsSettings(endpoint_url=front.url, read_timeout=2),
            limiter=Limiter(monotonic=self.clock.monotonic, sleep=self.clock.sleep),
        )
        super().__init__(session, [], self._empty)
        self.keys: dict[str, bytes] = {}

    def _empty(self) -> None:
        request = urllib.request.Request(f"http://{self.front.emulator}/moto-api/reset", method="POST")
        urllib.request.urlopen(request).close()

    def start(self) -> DesiredState:
        """An empty account, with the keys of the reference: making them is slow, and tested elsewhere."""
        self.reset()
        self.use_s3()
        for key, data in self.keys.items():
            self.store.put(key, data)
        return desired(CASE, self.zone)

    def storm(self, fault: Fault, cluster: DesiredState, folder: Path, events: list[Event]) -> Outcome:
        with self.front.weather(fault):
            return self.apply(cluster, folder, clock=self.clock, events=events)


@pytest.fixture(scope="module")
def there(front: FaultProxy) -> Stormy:
    return Stormy(front)


@pytest.fixture(scope="module")
def fair(there: Stormy, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a faultless run leaves."""
    cluster = there.start()
    assert there.apply(cluster, tmp_path_factory.mktemp("fair")).ok
    there.keys = {key: there.store.read(key).data for key in list(there.store.keys()) if "/pki/" in key}
    return there.inventory()


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK's own pauses between its attempts pass at once."""
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda seconds: None)


def _storms(clock: FakeClock) -> dict[str, Fault]:
    return {
        "throttled": Throttled(0.2),
        "500": Broken(0.2),
        "lost": Losing(0.1),
        "timeout": Hanging("CreateVpc", "CreateSecurityGroup", "CreateAutoScalingGroup"),
        "stale": Stale(clock.monotonic),
        "stale and lost": Together(Stale(clock.monotonic), Losing(0.05)),
    }


@pytest.mark.parametrize("name", ["throttled", "500", "lost", "timeout", "stale", "stale and lost"])
def test_applied_in_a_storm_it_is_as_in_fair_weather(
    name: str, there: Stormy, fair: dict[str, Any], tmp_path: Path
) -> None:
    cluster = there.start()
    fault = _storms(there.clock)[name]
    before, events = there.clock.seconds, list[Event]()
    outcome = there.storm(fault, cluster, tmp_path, events)
    assert outcome.ok, outcome.failed
    assert there.clock.seconds < before + 300
    if isinstance(fault, ByChance):
        assert fault.struck.total() > 20
        assert fault.struck["s3"]
    if isinstance(fault, Throttled):
        assert {"ec2", "s3", "iam"} <= there.aws.limiter.totals().keys()
    if isinstance(fault, Stale):
        assert fault.refused >= 4
        assert fault.hidden
        notes = [each.note for each in events if isinstance(each, StepChanged) and each.phase is RETRYING]
        assert any("InvalidVpcID.NotFound" in note and "s left" in note for note in notes)
    assert there.plan(cluster)[0].empty
    assert difference(fair, there.inventory()) == []


def test_credentials_that_expire_in_the_middle_leave_something_to_go_on_with(
    there: Stormy, fair: dict[str, Any], tmp_path: Path
) -> None:
    cluster = there.start()
    outcome = there.storm(Expired(calls=60), cluster, tmp_path, [])
    assert not outcome.ok
    assert outcome.done
    assert all(
        isinstance(error, AccessDenied | StoreError) and "renew" in error.remedy
        for error in outcome.failed.values()
    )
    events: list[Event] = []
    assert there.apply(cluster, tmp_path, clock=there.clock, events=events).ok
    assert isinstance(events[0], Started)
    assert events[0].done_before > 10
    assert there.plan(cluster)[0].empty
    assert difference(fair, there.inventory()) == []
