"""The deletion of one instance: it is detached, drained and terminated (``kops delete instance``)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kops_core.engine.operations.instance_groups import karpenter_groups
from kops_core.engine.operations.journals import journal_of
from kops_core.engine.operations.options import DELETE_INSTANCE, ApiAccess
from kops_core.engine.operations.rolling import advise, deregisters_control_plane, opened_api, paced
from kops_core.engine.operations.throttling import telling_of_throttling
from kops_core.engine.operations.validation import ClusterObserver
from kops_core.errors import KubernetesError, UsageError
from kops_core.operations.events import Event, Finished
from kops_core.operations.group_status import InstanceGroup, Role
from kops_core.operations.journal import find_unfinished
from kops_core.operations.rolling.execution import rolling_update
from kops_core.operations.rolling.observation import Observation
from kops_core.operations.rolling.requests import World
from kops_core.operations.rolling.selection import plan_deletion
from kops_core.operations.rolling.settings import RollingSettings

if TYPE_CHECKING:
    from kops_core.engine.cluster_services import ClusterLocation, ClusterServices
    from kops_core.engine.fleet.rows import GroupSummary
    from kops_core.operations.clock import CancelToken


@dataclass(frozen=True)
class FoundInstance:
    """An instance that was asked for."""

    id: str
    node: str
    """Name of its node; "" if Kubernetes was not asked."""
    group: str


@dataclass(frozen=True)
class InstanceDeleter:
    """Deletes one instance of a cluster."""

    services: ClusterServices
    location: ClusterLocation
    summaries: Sequence[GroupSummary]
    """All instance groups of the cluster."""
    wanted: str
    """Id of the instance, or name of its node."""
    settings: RollingSettings
    access: ApiAccess
    surge: bool = True
    """Whether its group has another in its place before it is drained."""

    def find(self) -> FoundInstance:
        """I/O. The instance. Raises UsageError if there is none, CloudError, KubernetesError."""
        with opened_api(self.services, self.location, self.access, self.settings) as api:
            observer = ClusterObserver.open(self.services, self.location, self.summaries, api)
            try:
                return self._find(observer, observer.observe())[1]
            except KubernetesError as error:
                raise advise(error) from error

    def _find(self, observer: ClusterObserver, seen: Observation) -> tuple[InstanceGroup, FoundInstance]:
        nodes = seen.nodes_by_instance
        for group in observer.groups:
            state = seen.groups.get(group.cloud_name)
            for each in state.instances if state is not None else ():
                node = nodes[each.id].name if each.id in nodes else ""
                if self.wanted not in ({each.id, node} - {""}) or each.lifecycle.startswith("Terminat"):
                    continue
                if not node and not self.settings.cloud_only and group.role is not Role.BASTION:
                    raise UsageError(
                        f"{each.id} is no node of the cluster, so that it can't be drained",
                        where=self.location.name,
                        remedy="to terminate it nevertheless, add --cloudonly",
                    )
                return group, FoundInstance(each.id, node, group.name)
        raise UsageError(
            f"there is no instance {self.wanted}",
            where=self.location.name,
            remedy="kops-tui get instances lists them; names of nodes are not known with --cloudonly",
        )

    def carry_out(self, emit: Callable[[Event], None], cancel: CancelToken) -> Finished:
        """I/O. Deletes it under the caller's lock; done once it is terminated.

        Raises UsageError if there is none, CloudError, KubernetesError if that can't be found out.
        """
        services, location, clock = self.services, self.location, self.services.clock
        settings = replace(
            paced(self.settings, sandbox=services.settings.sandbox), by=services.settings.operator
        )
        with (
            telling_of_throttling(services.provider(location), emit, services.now) as tell,
            opened_api(services, location, self.access, settings) as api,
        ):
            observer = ClusterObserver.open(services, location, self.summaries, api)
            history = find_unfinished(
                services.settings.journals, DELETE_INSTANCE, location.name, created=location.created
            )
            try:
                first = observer.observe()
            except KubernetesError as error:
                raise advise(error) from error
            group, found = self._find(observer, first)
            plan = plan_deletion(
                group,
                found.id,
                first,
                history,
                surge=self.surge and group.name not in karpenter_groups(location),
                balanced=group.role not in {Role.CONTROL_PLANE, Role.API_SERVER}
                or deregisters_control_plane(location, self.summaries),
            )
            with journal_of(
                services.settings, DELETE_INSTANCE, location.name, clock, created=location.created
            ) as journal:
                outcome = rolling_update(
                    [plan] if plan is not None else [],
                    first,
                    World(observer.groups, observer.cloud, observer.observe, api),
                    journal,
                    cluster=location.name,
                    clock=clock,
                    emit=tell,
                    cancel=cancel,
                    settings=settings,
                )
        return Finished(clock.now(), journal.operation, outcome.ok, len(outcome.done), outcome.message)
