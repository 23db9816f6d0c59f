"""Which instances a rolling update replaces, in which order, and what an earlier run left to do; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from kops_core.kube.ports import Node
from kops_core.operations.group_status import Changes, InstanceGroup, InstanceStatus, Role, status_of
from kops_core.operations.journal import Entry, History
from kops_core.operations.rolling.observation import Observation
from kops_core.operations.rolling.settings import GroupLimits, RollingSettings, Strategy, resolve_limits
from kops_core.operations.rolling.state import GroupRoll, GroupStage, Member, Stage

EXCLUDE_LABEL: Final = "node.kubernetes.io/exclude-from-external-load-balancers"
UP_TO_DATE: Final = "it is up to date by now"
FORCED: Final = "forced"
"""Entry of a journal: the instances of a group that a forced update replaces."""


def plan_roll(
    groups: Sequence[InstanceGroup],
    strategies: Mapping[str, Strategy],
    observation: Observation,
    history: History | None,
    settings: RollingSettings,
    *,
    changes: Changes | None = None,
) -> tuple[GroupRoll, ...]:
    """The groups in the order of their update, each with the instances to be replaced.

    history: the journal of an unfinished update, whose forced instances and open steps are taken over.
    changes: what differs between sources of instances, to be told as reasons.
    """
    order = list(Role)
    members = sum(
        state.desired
        for group in groups
        if group.role is Role.CONTROL_PLANE
        and (state := observation.groups.get(group.cloud_name)) is not None
    )
    spare = members - (members // 2 + 1)
    return tuple(
        _plan_group(
            group,
            strategies.get(group.name, Strategy()),
            observation,
            history,
            settings,
            spare=spare,
            changes=changes,
        )
        for group in sorted(groups, key=lambda group: (order.index(group.role), group.name))
    )


def _plan_group(
    group: InstanceGroup,
    strategy: Strategy,
    observation: Observation,
    history: History | None,
    settings: RollingSettings,
    *,
    spare: int,
    changes: Changes | None,
) -> GroupRoll:
    """spare: members of etcd that may be missing at once."""
    state = observation.groups.get(group.cloud_name)
    nodes = observation.nodes_by_instance
    status = status_of(group, state, nodes, changes)
    forced = _forced(group.name, history)
    opened = {
        step: entry
        for step, entry in (history.open_steps if history is not None else {}).items()
        if entry.details.get("group") == group.name and step != group.name
    }
    chosen = [
        each
        for each in status.instances
        if each.outdated or (each.id in forced if forced is not None else settings.force)
    ]
    members = [
        *(_gone(step, entry) for step, entry in opened.items() if step not in _ids(status.instances)),
        *(
            _returning(each, opened[each.id])
            for each in status.instances
            if each.id in opened and each.id not in _ids(chosen)
        ),
        *(
            _member(each, nodes.get(each.id), opened.get(each.id))
            for each in sorted(chosen, key=lambda each: _rank(each, nodes.get(each.id)))
        ),
    ]
    settles = not members and state is not None and bool(status.waits_for)
    if settles:
        members = [Member(group.name, stage=Stage.REPLACING)]
    warm = sum(each.status == "WarmPool" for each in status.instances)
    limits = resolve_limits(
        replace(strategy, can_surge=strategy.can_surge and not settings.cloud_only),
        group.role,
        # Those that a former run detached are no part of the group that the limits are about.
        instances=sum(each.status != "Detached" for each in status.instances),
        updates=len(chosen) - sum(each.status == "WarmPool" for each in chosen),
        interactive=settings.interactive,
    )
    if group.role is Role.CONTROL_PLANE:
        limits = replace(limits, unavailable=max(1, min(limits.unavailable, spare)))
    deregisters = bool(state is not None and state.balanced) and (
        settings.deregister_control_plane or group.role not in {Role.CONTROL_PLANE, Role.API_SERVER}
    )
    return GroupRoll(
        group,
        limits,
        tuple(members),
        settings.interval(group.role),
        proven=status.ready > 0 or len(status.instances) == warm,
        deregisters=deregisters,
        settles=settles,
    )


def plan_deletion(
    group: InstanceGroup,
    instance: str,
    observation: Observation,
    history: History | None,
    *,
    surge: bool,
    balanced: bool,
) -> GroupRoll | None:
    """The deletion of one instance, as ``kops delete instance`` does it; None if the group has no such one.

    surge: whether it is detached before, so that its group has another first. Nothing is validated before,
    because a broken instance is what may have to go, nor after. balanced: whether it leaves load balancers.
    """
    state = observation.groups.get(group.cloud_name)
    nodes = observation.nodes_by_instance
    found = next((each for each in status_of(group, state, nodes).instances if each.id == instance), None)
    if state is None or found is None:
        return None
    entry = history.open_steps.get(instance) if history is not None else None
    return GroupRoll(
        group,
        GroupLimits(int(surge and group.role is not Role.CONTROL_PLANE), 1),
        (replace(_member(found, nodes.get(instance), entry), reason="to be deleted"),),
        interval=0.0,
        confirms=False,
        stage=GroupStage.SURGING,
        proven=True,
        deregisters=state.balanced and balanced,
    )


def _ids(instances: Sequence[InstanceStatus]) -> frozenset[str]:
    return frozenset(each.id for each in instances)


def _rank(each: InstanceStatus, node: Node | None) -> tuple[int, bool, bool, str]:
    """The warm pool's first, detached ones last, and those that are up to date after the others (kOps).

    Cordoned ones, such as an earlier run has begun with, come before others: they are out of service already.
    """
    cordoned = node is not None and node.unschedulable
    return {"WarmPool": 0, "Detached": 2}.get(each.status, 1), not cordoned, not each.outdated, each.id


def _forced(group: str, history: History | None) -> frozenset[str] | None:
    """The instances that an earlier run of a forced update chose; None if there was none."""
    entries = history.entries if history is not None else ()
    for entry in entries:
        if entry.what == FORCED and entry.step == group:
            return frozenset(entry.details.get("instances", "").split())
    return None


def chosen_entry(group: GroupRoll) -> dict[str, str]:
    """The details of the journal's entry with the instances that a forced update replaces."""
    return {"instances": " ".join(each.id for each in group.members if each.stage is Stage.WAITING)}


def _gone(step: str, entry: Entry) -> Member:
    """An instance that an earlier run terminated without seeing its replacement."""
    return Member(step, node=entry.details.get("node", ""), stage=Stage.REPLACING, resumed=True)


def _returning(each: InstanceStatus, entry: Entry) -> Member:
    """An instance that an earlier run began with, and that need not be replaced any more."""
    return replace(
        _resume(Member(each.id, node=entry.details.get("node", "")), entry),
        stage=Stage.RETURNING,
        ends=Stage.SKIPPED,
        why=UP_TO_DATE,
    )


def _member(each: InstanceStatus, node: Node | None, entry: Entry | None) -> Member:
    member = remember(
        Member(
            each.id,
            reason=each.why or "forced",
            warm=each.status == "WarmPool",
            detached=each.status == "Detached",
        ),
        node,
    )
    return _resume(member, entry) if entry is not None else member


def _resume(member: Member, entry: Entry) -> Member:
    return replace(
        member,
        resumed=True,
        cordoned_before=entry.details.get("cordoned") == "true",
        excluded_before=entry.details.get("excluded") == "true",
    )


def remember(member: Member, node: Node | None) -> Member:
    """An instance that has not begun, with the present state of its node; the same one if that is known."""
    name = node.name if node is not None else ""
    cordoned, excluded = member.cordoned_before, member.excluded_before
    if node is not None and not member.resumed:
        cordoned, excluded = node.unschedulable, EXCLUDE_LABEL in node.labels
    known = (member.node, member.cordoned_before, member.excluded_before)
    if member.stage is not Stage.WAITING or known == (name, cordoned, excluded):
        return member
    return replace(member, node=name, cordoned_before=cordoned, excluded_before=excluded)


def before_details(group: GroupRoll, member: Member) -> dict[str, str]:
    """The details of the journal's entry that an instance begins: its node's state before."""
    return {
        "group": group.name,
        "node": member.node,
        "cordoned": str(member.cordoned_before).lower(),
        "excluded": str(member.excluded_before).lower(),
    }
