"""The status of clusters: of one by its plan, of the whole fleet by a glance at stores and accounts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from typing import TYPE_CHECKING

from kops_core.cloud.ports import GroupState
from kops_core.engine.fleet.rows import ClusterStatus, ClusterSummary, Pending
from kops_core.engine.operations.instance_groups import GroupStatus, joined, to_roll
from kops_core.errors import KopsError
from kops_core.operations import group_status
from kops_core.plan.changes import Plan

if TYPE_CHECKING:
    from kops_core.cloud.provider import Provider
    from kops_core.engine.clouds import Clouds

_AT_ONCE = 8
"""Regions, and stores' records, that are asked at the same time."""

EditedSince = Callable[[ClusterSummary], bool]
"""I/O. Whether specs of a cluster were written after it was applied last. Raises StoreError."""


def status_of(status: ClusterStatus, plan: Plan, groups: Sequence[GroupStatus]) -> ClusterStatus:
    """The status, completed from a plan and the instance groups."""
    found = _with_groups(status, groups)
    pending = found.pending
    if pending is not Pending.NEVER_APPLIED and not plan.empty:
        pending = Pending.CHANGES
    return replace(
        found,
        pending=pending,
        changes=len(plan.pending),
        held_back=len(plan.deferred),
        error="; ".join(plan.errors),
        planned=True,
    )


def glances(
    summaries: Iterable[ClusterSummary],
    clouds: Clouds,
    edited: EditedSince,
    blank: Callable[[str], ClusterStatus],
) -> Iterator[ClusterStatus]:
    """I/O. The status of clusters, those of an account and region as soon as it has answered.

    blank: a cluster's status without what is found out here. Errors are in the statuses.
    """
    regions: dict[tuple[str, str], list[ClusterSummary]] = defaultdict(list)
    for summary in summaries:
        try:
            provider = _provider(clouds, summary.cloud)
        except KopsError as error:
            yield replace(blank(summary.name), error=str(error))
        else:
            region = provider.region_of_zone(summary.zones[0]) if summary.zones else ""
            regions[summary.cloud, region].append(summary)

    def look(place: tuple[str, str]) -> list[ClusterStatus]:
        cloud, region = place
        try:
            groups = _provider(clouds, cloud).groups_of_all_clusters(region)
        except KopsError as error:
            return [replace(blank(each.name), error=str(error)) for each in regions[place]]

        def glance(each: ClusterSummary) -> ClusterStatus:
            return _glance(each, groups.get(each.name, {}), edited, blank(each.name))

        return list(records.map(glance, regions[place]))

    with ThreadPoolExecutor(_AT_ONCE, "record") as records, ThreadPoolExecutor(_AT_ONCE, "region") as pool:
        for future in as_completed([pool.submit(look, place) for place in regions]):
            yield from future.result()


def _provider(clouds: Clouds, name: str) -> Provider:
    return clouds.of({"spec": {"cloudProvider": name}})


def _glance(
    summary: ClusterSummary,
    states: Mapping[str, GroupState],
    edited: EditedSince,
    status: ClusterStatus,
) -> ClusterStatus:
    known = to_roll(summary.groups, summary.name)
    groups = joined(
        summary.groups, [group_status.status_of(group, states.get(group.cloud_name)) for group in known]
    )
    found = _with_groups(status, groups)
    try:
        if summary.applied and edited(summary):
            return replace(found, pending=Pending.CHANGES)
    except KopsError as error:
        return replace(found, error=str(error))
    return found if summary.applied else replace(found, pending=Pending.NEVER_APPLIED)


def _with_groups(status: ClusterStatus, groups: Sequence[GroupStatus]) -> ClusterStatus:
    """The status, with what the instance groups tell."""
    outdated = tuple(group.name for group in groups if group.outdated)
    there = any(group.exists for group in groups)
    pending = Pending.NEVER_APPLIED if not there else Pending.ROLL if outdated else Pending.UP_TO_DATE
    return replace(
        status,
        pending=pending,
        groups_to_roll=outdated,
        control_plane=_counted(group for group in groups if group.role == "ControlPlane"),
        nodes=_counted(group for group in groups if group.role == "Node"),
    )


def _counted(groups: Iterable[GroupStatus]) -> tuple[int, int]:
    found = list(groups)
    return sum(group.in_service for group in found), sum(group.wanted for group in found)
