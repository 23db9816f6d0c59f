"""Apply: failures, timeouts, stops, and their events."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from kops_core.errors import Refused
from kops_core.model.build import DesiredState
from kops_core.operations.clock import CancelToken
from kops_core.operations.events import Event, Finished
from tests.aws.account import Account, FakeClock
from tests.aws.clusters import desired

CASE = "minimal"


@pytest.fixture
def cluster(account: Account, monkeypatch: pytest.MonkeyPatch) -> DesiredState:
    # The SDK's own pauses between attempts.
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda seconds: None)
    return desired(CASE, account.zone)


def _error(operation: str, code: str, status: int) -> ClientError:
    answer: Any = {
        "Error": {"Code": code, "Message": f"a test said {code}"},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(answer, operation)


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
    clock = FakeClock()
    outcome = account.apply(cluster, tmp_path, events=events, clock=clock)
    account.fault = lambda moment, service, operation: None
    assert {step.partition("/")[0] for step in outcome.failed} == {"Subnet"}
    kinds = {step.partition("/")[0] for step in outcome.skipped}
    assert kinds == {"RouteTableAssociation", "AutoscalingGroup", "AutoscalingLifecycleHook"}
    assert any(step.startswith("LaunchTemplate/") for step in outcome.done)
    assert "Run it again" in outcome.message
    last = events[-1]
    assert isinstance(last, Finished)
    assert not last.ok
    assert account.apply(cluster, tmp_path, clock=clock).ok


def test_a_stop_begins_nothing_more_and_says_what_is_left(
    account: Account, cluster: DesiredState, tmp_path: Path
) -> None:
    cancel = CancelToken()

    def stop(moment: str, service: str, operation: str) -> None:
        if operation == "CreateVpc":
            cancel.stop()

    account.fault = stop
    outcome = account.apply(cluster, tmp_path, cancel=cancel)
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
