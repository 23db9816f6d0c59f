"""Carries out the requests of a rolling update: calls to the cloud and to Kubernetes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from kops_core.cloud.ports import InstanceGroups
from kops_core.errors import KopsError, Refused
from kops_core.kube.ports import KubernetesApi, Taint
from kops_core.operations.group_status import InstanceGroup, Role
from kops_core.operations.rolling.checks import relevant
from kops_core.operations.rolling.errors import passes_by_itself
from kops_core.operations.rolling.evictions import Asked, ask_to_leave
from kops_core.operations.rolling.observation import (
    Observation,
    Observe,
    cloud_failures,
    quorum_risk,
    still_there,
)
from kops_core.operations.rolling.selection import EXCLUDE_LABEL
from kops_core.operations.rolling.state import (
    Act,
    Again,
    Away,
    Done,
    GroupRoll,
    Member,
    Refusal,
    Request,
    Result,
    Stage,
    Validated,
)

TAINT: Final = Taint("kops.k8s.io/scheduled-for-update", "PreferNoSchedule")
"""New pods prefer other nodes than those that are to be replaced (kOps)."""
_BALANCERS: Final = 5.0
"""Seconds between two looks at load balancers (kOps)."""
_QUORUM: Final = 10.0


@dataclass(frozen=True)
class World:
    """What a rolling update works on."""

    groups: Sequence[InstanceGroup]
    """All groups of the cluster."""
    cloud: InstanceGroups
    observe: Observe
    api: KubernetesApi | None = None
    """None to work by the cloud alone."""


class Requests:
    """Carries out requests, with one observation of the cluster for all that are made at the same time."""

    def __init__(self, world: World, now: Callable[[], datetime], first: Observation) -> None:
        self._world = world
        self._now = now
        self._drains: dict[str, Asked] = {}
        self._is_fresh = False
        self.latest = first
        """The latest observation."""

    def forget(self) -> None:
        """Time has passed: the next request that looks at the cluster observes it again."""
        self._is_fresh = False

    def perform(self, group: GroupRoll, request: Request, out_of_service: Sequence[str]) -> Result:
        """I/O. The result of a request; out_of_service: all instances that the update has taken out.

        Raises Refused if the lock was lost.
        """
        try:
            return self._call(group, request, out_of_service)
        except Refused:
            raise
        except KopsError as error:
            return Away(error) if passes_by_itself(error) else Refusal(error)

    def _call(self, group: GroupRoll, request: Request, out_of_service: Sequence[str]) -> Result:
        if request.act is Act.VALIDATE:
            return self._validate(group)
        if request.act is Act.TAINT:
            return self._taint(group)
        member = group.member(request.instance)
        if request.act in {Act.CORDON, Act.TERMINATE} and group.group.role is Role.CONTROL_PLANE:
            others = [each for each in out_of_service if each != member.id]
            risk = quorum_risk(
                member.id,
                self._world.groups,
                self._observe(),
                others,
                cloud_only=self._world.api is None,
            )
            if risk:
                return Again(risk, _QUORUM, is_blocked=True)
        return self._change(group, member, request.act)

    def _change(self, group: GroupRoll, member: Member, act: Act) -> Result:
        cloud, api = self._world.cloud, self._world.api
        match act:
            case Act.DETACH:
                cloud.detach(member.id, group.group.cloud_name)
            case Act.DEREGISTER:
                left = cloud.deregister(member.id, group.group.cloud_name)
                if left:
                    return Again(f"requests through {', '.join(left)} to end", _BALANCERS)
            case Act.TERMINATE:
                cloud.terminate(member.id)
                self._drains.pop(member.id, None)
            case Act.CORDON if api is not None and not member.cordoned_before:
                api.cordon(member.node)
            case Act.EXCLUDE if api is not None and not member.excluded_before:
                api.set_label(member.node, EXCLUDE_LABEL, "")
            case Act.DRAIN if api is not None:
                return self._drain(api, member)
            case Act.RETURN:
                self._return(group, member)
            case _:
                pass
        return Done()

    def _observe(self) -> Observation:
        if not self._is_fresh:
            self.latest = self._world.observe()
            self._is_fresh = True
        return self.latest

    def _validate(self, group: GroupRoll) -> Validated:
        seen = self._observe()
        state = seen.groups.get(group.group.cloud_name)
        gone = group.check.covers if group.check is not None else frozenset()
        if self._world.api is None:
            outdated = [each.id for each in group.members if each.stage is Stage.WAITING]
            failures = cloud_failures(group.group, state, outdated)
        else:
            failures = relevant(seen.validation.failures, group.name)
        return Validated(failures, still_there(gone, state))

    def _taint(self, group: GroupRoll) -> Done:
        api = self._world.api
        if api is None:
            return Done()
        nodes = self.latest.nodes_by_instance
        for member in group.members:
            node = nodes.get(member.id)
            if node is None or member.warm or node.unschedulable or member.stage is not Stage.WAITING:
                continue
            if not any(each.key == TAINT.key for each in node.taints):
                api.add_taint(node.name, TAINT)
        return Done()

    def _drain(self, api: KubernetesApi, member: Member) -> Done | Again:
        """Asks all pods of a node to leave that were not asked, or might not go, before."""
        asked = self._drains.setdefault(member.id, Asked())
        leaving = ask_to_leave(api, member.node, asked, self._now)
        return Done() if leaving is None else Again(leaving.note, leaving.retry_after, held=leaving.held)

    def _return(self, group: GroupRoll, member: Member) -> None:
        """Undoes what was done to an instance, as far as it was not so before."""
        api = self._world.api
        if api is not None and member.node:
            if not member.cordoned_before:
                api.cordon(member.node, on=False)
            if not member.excluded_before:
                api.set_label(member.node, EXCLUDE_LABEL, None)
            api.remove_taint(member.node, TAINT.key)
        if group.deregisters and not member.detached:
            self._world.cloud.register(member.id, group.group.cloud_name)
        self._drains.pop(member.id, None)
