"""Rolling updates of a cluster: its settings from the spec, sign-in to Kubernetes, journal and events."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from kops_core.api.path import get, parse
from kops_core.engine.credentials.api_access import open_api
from kops_core.engine.operations.instance_groups import (
    GroupStatus,
    groups_with_instances,
    karpenter_groups,
    read_changes,
    to_roll,
)
from kops_core.engine.operations.journals import ROLLING_UPDATE, journal_of
from kops_core.engine.operations.options import ApiAccess
from kops_core.engine.operations.throttling import telling_of_throttling
from kops_core.engine.operations.validation import ClusterObserver
from kops_core.errors import KubernetesError
from kops_core.operations.events import Event, Finished
from kops_core.operations.journal import find_unfinished
from kops_core.operations.rolling.execution import observe_first, rolling_update
from kops_core.operations.rolling.leftovers import Leftover, find_leftovers
from kops_core.operations.rolling.requests import World
from kops_core.operations.rolling.selection import plan_roll
from kops_core.operations.rolling.settings import Amount, RollingSettings, Strategy

if TYPE_CHECKING:
    from kops_core.api.values import Maybe, Tree, Value
    from kops_core.engine.cluster_services import ClusterLocation, ClusterServices
    from kops_core.engine.fleet.rows import GroupSummary
    from kops_core.kube.ports import KubernetesApi, Node
    from kops_core.operations.clock import CancelToken

_SPEC = parse("spec.rollingUpdate")
_WITH_API = frozenset({"ControlPlane", "APIServer"})


def default_settings(*, sandbox: bool = False) -> RollingSettings:
    """kOps' settings; without pauses in the sandbox."""
    if not sandbox:
        return RollingSettings()
    return RollingSettings(
        bastion_interval=0.0,
        control_plane_interval=0.0,
        node_interval=0.0,
        post_drain_delay=0.0,
        validate_count=1,
    )


def paced(settings: RollingSettings, *, sandbox: bool) -> RollingSettings:
    """The settings with the pace of validations, which is ten times that of kOps in the sandbox."""
    return replace(settings, validate_interval=settings.validate_interval / 10) if sandbox else settings


def roll_groups(
    services: ClusterServices,
    location: ClusterLocation,
    groups: Sequence[GroupSummary],
    emit: Callable[[Event], None],
    cancel: CancelToken,
    *,
    chosen: Collection[str] | None,
    settings: RollingSettings,
    access: ApiAccess,
) -> Finished:
    """I/O. Replaces the outdated instances of groups under the caller's lock.

    groups: all of the cluster. chosen: names of those to be rolled; None for all. Also waits for groups that
    lack instances, as after an interrupted update. Raises KubernetesError if the cluster can't be reached at
    the start.
    """
    clock, name = services.clock, location.name
    settings = replace(
        paced(settings, sandbox=services.settings.sandbox),
        deregister_control_plane=deregisters_control_plane(location, groups),
        by=services.settings.operator,
    )
    with (
        telling_of_throttling(services.provider(location), emit, services.now) as tell,
        opened_api(services, location, access, settings) as api,
    ):
        observer = ClusterObserver.open(services, location, groups, api)
        history = find_unfinished(services.settings.journals, ROLLING_UPDATE, name, created=location.created)
        try:
            first = observe_first(
                observer.observe,
                clock,
                tell,
                cancel,
                settings,
                operation=history.operation if history else "",
            )
        except KubernetesError as error:
            raise advise(error) from error
        to_be_rolled = [each for each in to_roll(groups, name) if chosen is None or each.name in chosen]
        plan = plan_roll(
            to_be_rolled,
            strategies(location, [each.name for each in to_be_rolled]),
            first,
            history,
            settings,
            changes=read_changes(observer.cloud, first.groups),
        )
        left = find_leftovers(to_be_rolled, first.groups, first.nodes, history)
        if history is None and not left and not any(each.members for each in plan):
            return Finished(clock.now(), "", ok=True, done=0, message="nothing to do")
        world = World(observer.groups, observer.cloud, observer.observe, api)
        with journal_of(services.settings, ROLLING_UPDATE, name, clock, created=location.created) as journal:
            outcome = rolling_update(
                plan,
                first,
                world,
                journal,
                cluster=name,
                clock=clock,
                emit=tell,
                cancel=cancel,
                settings=settings,
            )
    return Finished(clock.now(), journal.operation, outcome.ok, len(outcome.done), outcome.message)


def roll_leftovers(
    services: ClusterServices, location: ClusterLocation, groups: Sequence[GroupSummary], access: ApiAccess
) -> tuple[Leftover, ...]:
    """I/O. What interrupted updates left on nodes, and instances out of their group.

    Raises CloudError, KubernetesError.
    """
    api = open_api(services, location, access)
    try:
        nodes = api.nodes()
    finally:
        api.close()
    known, cloud = to_roll(groups, location.name), services.instance_groups(location)
    history = find_unfinished(
        services.settings.journals, ROLLING_UPDATE, location.name, created=location.created
    )
    return find_leftovers(known, cloud.groups([each.cloud_name for each in known]), nodes, history)


def groups_to_roll(
    services: ClusterServices,
    location: ClusterLocation,
    groups: Sequence[GroupSummary],
    access: ApiAccess | None,
    warn: Callable[[str], None],
) -> list[GroupStatus]:
    """I/O. Instance groups with their instances and nodes, and why each has to be replaced.

    access: how to sign in to Kubernetes; None to ask the cloud alone. If Kubernetes does not answer, its part
    is left out, with a warning. Raises CloudError.
    """
    nodes: tuple[Node, ...] = ()
    if access is not None:
        api = open_api(services, location, access)
        try:
            nodes = api.nodes()
        except KubernetesError as error:
            warn(
                f"nodes are not known, nor those that are marked for an update: {error.what} ({error.where})"
            )
        finally:
            api.close()
    return groups_with_instances(services, location, groups, nodes)


@contextmanager
def opened_api(
    services: ClusterServices, location: ClusterLocation, access: ApiAccess, settings: RollingSettings
) -> Iterator[KubernetesApi | None]:
    """One client for the whole update, which renews its certificate; None to ask the cloud alone."""
    if settings.cloud_only:
        yield None
        return
    api = open_api(services, location, access)
    try:
        yield api
    finally:
        api.close()


def advise(error: KubernetesError) -> KubernetesError:
    """The error of a first look at a cluster, with the way to do without Kubernetes."""
    without = "with --cloudonly nothing is drained and validated"
    return type(error)(
        error.what, where=error.where, remedy=f"{error.remedy}; {without}" if error.remedy else without
    )


def strategies(location: ClusterLocation, names: Collection[str]) -> dict[str, Strategy]:
    """How the named groups are rolled: by their own ``rollingUpdate``, over the cluster's, over defaults."""
    cluster = get(location.cluster, _SPEC)
    managed = karpenter_groups(location)
    surges = "aws" in {
        get(location.cluster, parse(f"spec.{field}")) for field in ("cloudProvider", "legacyCloudProvider")
    }
    return {
        name: _strategy(
            cluster if isinstance(cluster, dict) else {},
            get(location.documents[name], _SPEC),
            surge=int(surges and name not in managed),
            managed=name in managed,
        )
        for name in names
    }


def _strategy(cluster: Tree, group: Maybe, *, surge: int, managed: bool) -> Strategy:
    own = group if isinstance(group, dict) else {}
    spec = {**_without_null(cluster), **_without_null(own)}
    unavailable = spec.get("maxUnavailable")
    return Strategy(
        max_surge=_amount(spec.get("maxSurge", surge)),
        max_unavailable=None if unavailable is None else _amount(unavailable),
        drain_and_terminate=spec.get("drainAndTerminate") is not False,
        can_surge=not managed,
    )


def _without_null(tree: Tree) -> Tree:
    return {name: value for name, value in tree.items() if value is not None}


def _amount(value: Value) -> Amount:
    return value if isinstance(value, int) else str(value)


def deregisters_control_plane(location: ClusterLocation, groups: Sequence[GroupSummary]) -> bool:
    """Whether API servers leave their load balancers before they go: not the only one there is (kOps)."""
    return sum(_min_size(location, each) for each in groups if each.role in _WITH_API) > 1


def _min_size(location: ClusterLocation, group: GroupSummary) -> int:
    """The least instances of a group, by its spec; kOps takes 1 if it has none."""
    value = get(location.documents[group.name], parse("spec.minSize"))
    return value if isinstance(value, int) else 1
