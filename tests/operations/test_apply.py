"""Applying in bad weather: throttled, failing, slow to agree with itself, without credentials, stopped."""

from __future__ import annotations

import random
import threading
from pathlib import Path
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError, ReadTimeoutError

from kops_core.errors import AccessDenied, Refused
from kops_core.model.build import DesiredState
from kops_core.operations.clock import Control
from kops_core.operations.events import Event, Finished, Phase, Started, StepChanged
from tests.aws.account import READING, Account, FakeClock, difference
from tests.aws.clusters import desired

CASE = "minimal-1.35"


@pytest.fixture
def cluster(account: Account, monkeypatch: pytest.MonkeyPatch) -> DesiredState:
    # The SDK's own pauses between attempts.
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda seconds: None)
    return desired(CASE, account.zone)


@pytest.fixture(scope="module")
def fair_weather(shared_account: Account, tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    shared_account.reset()
    cluster = desired(CASE, shared_account.zone)
    assert shared_account.apply(cluster, tmp_path_factory.mktemp("fair")).ok
    return shared_account.inventory()


def _error(operation: str, code: str, status: int) -> ClientError:
    answer: Any = {
        "Error": {"Code": code, "Message": f"a test said {code}"},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(answer, operation)


def _answer(account: Account, code: str, status: int, when: "Weather") -> None:  # noqa: UP037
    """Has calls answered with an error that the SDK sees, though they were carried out: the worst case."""
    body = f"<Response><Errors><Error><Code>{code}</Code><Message>no</Message></Error></Errors></Response>"
    json_body = f'{{"__type": "{code}", "message": "no"}}'

    def send(event_name: str, request: object, **rest: object) -> AWSResponse | None:
        _, service, operation = event_name.split(".")
        if not when(service, operation):
            return None
        text = json_body if service in {"sqs", "events"} else body
        if service in {"iam", "autoscaling", "route53"}:
            text = f"<ErrorResponse><Error><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>"
        return AWSResponse("http://test", status, {}, _Raw(text.encode()))  # type: ignore[arg-type]

    for client in account.aws.clients():
        client.meta.events.register_first("before-send.*", send, unique_id="weather")


class _Raw:
    def __init__(self, data: bytes) -> None:
        self._data = [data]

    def stream(self, *_: object, **__: object) -> list[bytes]:
        data, self._data = self._data, []
        return data


class Weather:
    """Chooses calls by chance, the same ones in every run."""

    def __init__(self, share: float) -> None:
        self._random = random.Random(7)
        self._share = share
        self._lock = threading.Lock()
        self.hits = 0

    def __call__(self, service: str, operation: str) -> bool:
        with self._lock:
            hit = self._random.random() < self._share
            self.hits += hit
            return hit


@pytest.mark.parametrize(
    ("code", "status", "share"), [("RequestLimitExceeded", 503, 0.2), ("InternalError", 500, 0.2)]
)
def test_in_bad_weather_it_ends_applied(  # noqa: PLR0917 - fixtures
    code: str,
    status: int,
    share: float,
    account: Account,
    cluster: DesiredState,
    fair_weather: dict[str, object],
    tmp_path: Path,
) -> None:
    weather = Weather(share)
    _answer(account, code, status, weather)
    try:
        outcome = account.apply(cluster, tmp_path)
    finally:
        for client in account.aws.clients():
            client.meta.events.unregister("before-send.*", unique_id="weather")
    assert outcome.ok, outcome.message
    assert weather.hits > 20
    assert difference(fair_weather, account.inventory()) == []
    if status == 503:
        assert sum(each.times for each in account.aws.limiter.totals().values()) > 0


def test_an_answer_that_got_lost_makes_nothing_twice(
    account: Account, cluster: DesiredState, fair_weather: dict[str, object], tmp_path: Path
) -> None:
    lost: set[str] = set()
    lock = threading.Lock()

    def lose(moment: str, service: str, operation: str) -> None:
        with lock:
            if moment == "after" and not operation.startswith(READING) and operation not in lost:
                lost.add(operation)
                raise ReadTimeoutError(endpoint_url="http://test")

    account.fault = lose
    outcome = account.apply(cluster, tmp_path)
    account.fault = lambda moment, service, operation: None
    assert outcome.ok, outcome.failed
    assert len(lost) > 20
    assert difference(fair_weather, account.inventory()) == []


def test_what_was_just_made_may_take_time_to_be_found(
    account: Account, cluster: DesiredState, fair_weather: dict[str, object], tmp_path: Path
) -> None:
    clock = FakeClock()
    made_at: dict[str, float] = {}
    needs = {
        "CreateSubnet": "CreateVpc",
        "CreateSecurityGroup": "CreateVpc",
        "AttachInternetGateway": "CreateVpc",
        "CreateRoute": "CreateRouteTable",
        "AuthorizeSecurityGroupIngress": "CreateSecurityGroup",
        "CreateAutoScalingGroup": "CreateLaunchTemplate",
    }
    refused: set[str] = set()

    def not_yet(moment: str, service: str, operation: str) -> None:
        if moment == "after":
            made_at.setdefault(operation, clock.seconds)
        elif operation in needs and clock.seconds < made_at.get(needs[operation], 0) + 3:
            refused.add(operation)
            raise _error(operation, "InvalidVpcID.NotFound", 400)

    account.fault = not_yet
    events: list[Event] = []
    outcome = account.apply(cluster, tmp_path, clock=clock, events=events)
    account.fault = lambda moment, service, operation: None
    assert outcome.ok, outcome.failed
    assert len(refused) >= 4
    assert clock.seconds < 60
    assert difference(fair_weather, account.inventory()) == []
    notes = [each.note for each in events if isinstance(each, StepChanged) and each.phase is Phase.RETRYING]
    assert all("InvalidVpcID.NotFound" in note and "s left" in note for note in notes)


def test_what_never_becomes_ready_fails_at_its_deadline_and_takes_only_its_dependents_along(
    account: Account, cluster: DesiredState, tmp_path: Path
) -> None:
    clock = FakeClock()

    def never(moment: str, service: str, operation: str) -> None:
        if moment == "before" and operation == "CreateAutoScalingGroup":
            raise _error(operation, "Unavailable", 400)

    account.fault = never
    outcome = account.apply(cluster, tmp_path, clock=clock)
    account.fault = lambda moment, service, operation: None
    assert {step.partition("/")[0] for step in outcome.failed} == {"AutoscalingGroup"}
    assert {step.partition("/")[0] for step in outcome.skipped} == {"AutoscalingLifecycleHook"}
    assert 600 <= clock.seconds < 620
    assert account.apply(cluster, tmp_path).ok
    assert account.plan(cluster)[0].empty


def test_a_failure_leaves_what_does_not_depend_on_it_alone(
    account: Account, cluster: DesiredState, tmp_path: Path
) -> None:
    def refuse(moment: str, service: str, operation: str) -> None:
        if moment == "before" and operation == "CreateSubnet":
            raise _error(operation, "InvalidSubnet.Range", 400)

    account.fault = refuse
    events: list[Event] = []
    outcome = account.apply(cluster, tmp_path, events=events)
    account.fault = lambda moment, service, operation: None
    assert {step.partition("/")[0] for step in outcome.failed} == {"Subnet"}
    kinds = {step.partition("/")[0] for step in outcome.skipped}
    assert kinds == {"RouteTableAssociation", "AutoscalingGroup", "AutoscalingLifecycleHook"}
    assert any(step.startswith("LaunchTemplate/") for step in outcome.done)
    assert "Run it again" in outcome.message
    last = events[-1]
    assert isinstance(last, Finished)
    assert not last.ok
    assert account.apply(cluster, tmp_path).ok


def test_credentials_that_expire_in_the_middle_leave_something_to_go_on_with(
    account: Account, cluster: DesiredState, fair_weather: dict[str, object], tmp_path: Path
) -> None:
    left = iter(range(30))

    def expire(moment: str, service: str, operation: str) -> None:
        if moment == "before" and not operation.startswith(READING) and next(left, None) is None:
            raise _error(operation, "ExpiredToken", 403)

    account.fault = expire
    outcome = account.apply(cluster, tmp_path)
    account.fault = lambda moment, service, operation: None
    assert not outcome.ok
    assert all(isinstance(error, AccessDenied) for error in outcome.failed.values())
    assert all("renew" in error.remedy for error in outcome.failed.values())
    events: list[Event] = []
    assert account.apply(cluster, tmp_path, events=events).ok
    first = events[0]
    assert isinstance(first, Started)
    assert first.done_before > 10
    assert difference(fair_weather, account.inventory()) == []


def test_a_stop_begins_nothing_more_and_says_what_is_left(
    account: Account, cluster: DesiredState, tmp_path: Path
) -> None:
    control = Control()

    def stop(moment: str, service: str, operation: str) -> None:
        if operation == "CreateVpc":
            control.stop()

    account.fault = stop
    outcome = account.apply(cluster, tmp_path, control=control)
    account.fault = lambda moment, service, operation: None
    assert outcome.stopped
    assert not outcome.ok
    assert not outcome.failed
    assert outcome.done
    assert set(outcome.skipped.values()) == {"the operation was stopped"}
    assert account.apply(cluster, tmp_path).ok
    assert account.plan(cluster)[0].empty


def test_a_plan_with_errors_is_refused(account: Account, cluster: DesiredState, tmp_path: Path) -> None:
    account.aws.route53.delete_hosted_zone(Id=account.zone)
    with pytest.raises(Refused, match="1 errors"):
        account.apply(cluster, tmp_path)


def test_the_journal_announces_each_step_and_holds_no_content(
    account: Account, cluster: DesiredState, tmp_path: Path
) -> None:
    assert account.apply(cluster, tmp_path).ok
    text = next(tmp_path.iterdir()).read_text()
    lines = text.splitlines()
    for step in ("VPC/", "Keypair/kubernetes-ca", "Secret/kube-proxy", "LaunchTemplate/nodes"):
        mine = [line for line in lines if f'"step": "{step}' in line]
        assert ['"begin"' in line for line in mine] == [True, False]
    assert "BEGIN" not in text
    assert "user_data" not in text
    assert "tester@here" in text
