"""Late instances and insufficient capacity: status and rolling update report AWS' reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from kops_core.cloud.aws.instances import AwsInstanceGroups
from kops_core.cloud.sandbox.strict import StrictAccount
from kops_core.cloud.sandbox.strict.account import Failure
from kops_core.operations.events import Event, StepChanged
from kops_core.operations.group_status import InstanceGroup, Role
from kops_core.operations.outcome import Outcome
from kops_core.operations.rolling.settings import RollingSettings
from tests.aws.account import Account
from tests.aws.clusters import desired
from tests.operations.rolls import has_work, roll_by_cloud, statuses

pytestmark = pytest.mark.full

NO_CAPACITY = Failure(
    "Instance",
    "InsufficientInstanceCapacity",
    "We currently do not have sufficient t3.large capacity in the Availability Zone you requested.",
)


@pytest.fixture
def nodes(account: Account, strict: StrictAccount, tmp_path: Path) -> InstanceGroup:
    """A group of two instances, in service, whose launch template has changed since."""
    cluster = desired("minimal-aws", account.zone)
    assert account.apply(cluster, tmp_path / "first").ok
    changed = desired("minimal-aws", account.zone, ("machineType: t3.medium", "machineType: t3.large"))
    account.sleep(600)
    assert account.apply(changed, tmp_path / "second").ok
    return InstanceGroup("nodes", Role.NODE, f"nodes.{cluster.cluster}")


def _roll(account: Account, group: InstanceGroup, folder: Path, events: list[Event]) -> Outcome:
    assert account.aws_clock is not None
    return roll_by_cloud(
        AwsInstanceGroups(account.aws, "minimal-aws.example.com"),
        folder,
        [group],
        clock=account.aws_clock,
        events=events,
        options=RollingSettings(validation_timeout=300),
    )


def test_instances_that_come_late_are_waited_for(
    account: Account, strict: StrictAccount, nodes: InstanceGroup, tmp_path: Path
) -> None:
    cloud, events = AwsInstanceGroups(account.aws, "minimal-aws.example.com"), list[Event]()
    account.calls.clear()
    (status,) = statuses(cloud, [nodes])
    assert (status.need_update, status.waits_for) == (2, "")
    assert "DescribeScalingActivities" not in {each.operation for each in account.calls}, "none is missing"
    outcome = _roll(account, nodes, tmp_path, events)
    assert outcome.ok, outcome.failed
    notes = [each.note for each in events if isinstance(each, StepChanged)]
    assert any("1 of 2 instances to come into service" in note for note in notes)
    assert not any("failed" in note for note in notes)
    assert not has_work(cloud, [nodes])


def test_what_aws_says_of_instances_that_never_come_is_told(
    account: Account, strict: StrictAccount, nodes: InstanceGroup, tmp_path: Path
) -> None:
    cloud, events = AwsInstanceGroups(account.aws, "minimal-aws.example.com"), list[Event]()
    strict.failures += [NO_CAPACITY] * 50
    outcome = _roll(account, nodes, tmp_path, events)
    (error,) = outcome.failed.values()
    assert NO_CAPACITY.message in str(error)
    ended = [each for each in account.calls if each.operation == "TerminateInstances"]
    assert len(ended) == 1, "the second instance is left alone"
    running = [each.note for each in events if isinstance(each, StepChanged)]
    assert any(NO_CAPACITY.message in note and "s left" in note for note in running), "told while it waits"
    (status,) = statuses(cloud, [nodes])
    assert status.waits_for.startswith("1 of 2 instances to come into service")
    assert NO_CAPACITY.message in status.waits_for

    strict.failures.clear()
    account.sleep(60)
    (status,) = statuses(cloud, [nodes])
    assert status.waits_for == "1 of 2 instances to come into service", "the latest launch has not failed"
    assert _roll(account, nodes, tmp_path, []).ok
    assert not has_work(cloud, [nodes])
