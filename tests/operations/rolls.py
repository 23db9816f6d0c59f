"""Rolling updates by the cloud alone, and the status of groups, as tests need them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from kops_core.cloud.ports import InstanceGroups
from kops_core.operations.clock import CancelToken, Clock
from kops_core.operations.events import Event
from kops_core.operations.group_status import GroupStatus, InstanceGroup, status_of
from kops_core.operations.journal import Journal
from kops_core.operations.outcome import Outcome
from kops_core.operations.rolling.execution import rolling_update
from kops_core.operations.rolling.observation import Observation
from kops_core.operations.rolling.requests import World
from kops_core.operations.rolling.selection import plan_roll
from kops_core.operations.rolling.settings import RollingSettings


def roll_by_cloud(
    cloud: InstanceGroups,
    folder: Path,
    groups: Sequence[InstanceGroup],
    *,
    clock: Clock,
    cancel: CancelToken | None = None,
    options: RollingSettings | None = None,
    events: list[Event] | None = None,
) -> Outcome:
    """Rolls groups without asking Kubernetes."""
    settings = replace(options or RollingSettings(), cloud_only=True)

    def observe() -> Observation:
        return Observation(cloud.groups([each.cloud_name for each in groups]))

    with Journal.start(folder, "rolling-update", "c", "tester@here", "op-1", clock.now) as journal:
        first = observe()
        return rolling_update(
            plan_roll(groups, {}, first, journal.before, settings),
            first,
            World(groups, cloud, observe),
            journal,
            cluster="c",
            clock=clock,
            emit=(events if events is not None else []).append,
            cancel=cancel,
            settings=settings,
        )


def statuses(cloud: InstanceGroups, groups: Sequence[InstanceGroup]) -> list[GroupStatus]:
    """The status of groups by the cloud."""
    states = cloud.groups([each.cloud_name for each in groups])
    return [status_of(each, states.get(each.cloud_name)) for each in groups]


def has_work(cloud: InstanceGroups, groups: Sequence[InstanceGroup]) -> bool:
    """Whether a rolling update would do anything."""
    seen = Observation(cloud.groups([each.cloud_name for each in groups]))
    return any(each.members for each in plan_roll(groups, {}, seen, None, RollingSettings()))
