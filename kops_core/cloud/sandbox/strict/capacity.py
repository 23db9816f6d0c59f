"""Instances of auto-scaling groups: delayed starts, and insufficient capacity."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from kops_core.cloud.sandbox.moto_patches.patching import Json
from kops_core.cloud.sandbox.strict.account import Behaviour, Failure, StrictAccount

if TYPE_CHECKING:
    from moto.autoscaling.models import FakeAutoScalingGroup
    from moto.core.responses import ActionResult

IN_SERVICE_AFTER, TRIED_AGAIN_AFTER = 40.0, 60.0
"""Seconds; AWS names none."""
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def _instances_come_late_or_never(strict: StrictAccount) -> None:
    from moto.autoscaling.models import FakeAutoScalingGroup
    from moto.autoscaling.responses import AutoScalingResponse
    from moto.core.responses import ActionResult

    activities: dict[str, list[Json]] = {}

    def note(group: str, failure: Failure | None) -> None:
        now = _EPOCH + timedelta(seconds=strict.now())
        known = activities.setdefault(group, [])
        activity = {
            "ActivityId": f"{group}-{len(known)}",
            "AutoScalingGroupName": group,
            "Description": "Launching a new EC2 instance",
            "Cause": "a difference between desired and actual capacity",
            "StartTime": now,
            "EndTime": now,
            "StatusCode": "Failed" if failure else "Successful",
            "StatusMessage": f"{failure.message} Launching EC2 instance failed." if failure else "",
            "Progress": 100,
        }
        known.insert(0, activity)

    def make_launch(original: Callable[..., None]) -> Callable[..., None]:
        def launch(self: FakeAutoScalingGroup, count_needed: int, propagated_tags: dict[str, str]) -> None:
            for _ in range(count_needed):
                failure = strict.fails("Instance")
                note(self.name, failure)
                if failure is None:
                    original(self, 1, propagated_tags)
                    _begin(self.instance_states[-1])
                else:
                    strict.later(TRIED_AGAIN_AFTER, lambda: again(self))

        return launch

    def again(group: FakeAutoScalingGroup) -> None:
        known: Json = group.autoscaling_backend.autoscaling_groups
        missing = (group.desired_capacity or 0) - len(group.active_instances())
        if known.get(group.name) is group and missing > 0:
            group.replace_autoscaling_group_instances(1, group.get_propagated_tags())

    def _begin(state: Json) -> None:
        state.lifecycle_state = "Pending"
        strict.later(IN_SERVICE_AFTER, lambda: _serve(state))

    def active_instances(group: FakeAutoScalingGroup) -> list[Json]:
        return [each for each in group.instance_states if each.lifecycle_state in {"InService", "Pending"}]

    def make_describe(original: Callable[..., ActionResult]) -> Callable[..., ActionResult]:
        def describe_scaling_activities(self: Json) -> ActionResult:
            known = activities.get(self._get_param("AutoScalingGroupName"), [])
            return ActionResult({"Activities": known[: int(self._get_param("MaxRecords") or 100)]})

        return describe_scaling_activities

    strict.patch(FakeAutoScalingGroup, "replace_autoscaling_group_instances", make_launch)
    strict.replace(FakeAutoScalingGroup, "active_instances", active_instances)
    strict.patch(AutoScalingResponse, "describe_scaling_activities", make_describe)


def _serve(state: Json) -> None:
    if state.lifecycle_state == "Pending":
        state.lifecycle_state = "InService"


BEHAVIOURS = (
    Behaviour(
        "instances-come-late-or-never",
        "A new instance of a group is `Pending` before it is `InService`, or does not come at all: the "
        "scaling activity has failed with EC2's message (InsufficientInstanceCapacity), and another is tried "
        "later.",
        'Auto Scaling User Guide, "Instance lifecycle" and "Troubleshoot: EC2 instance launch failures"; '
        "API Reference, DescribeScalingActivities, Activity",
        _instances_come_late_or_never,
    ),
)
