"""Validates a running cluster: reads cloud, DNS and Kubernetes, once or until it is valid."""

from __future__ import annotations

import socket
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Self

from kops_core.api.path import get, parse
from kops_core.cloud.ports import GroupState
from kops_core.engine.credentials.api_access import open_api
from kops_core.engine.operations.instance_groups import karpenter_groups, read_groups, to_roll
from kops_core.engine.operations.options import ApiAccess
from kops_core.errors import (
    CloudError,
    KopsError,
    KubernetesError,
    KubernetesTimeout,
    KubernetesUnreachable,
    OperationFailed,
    StoreError,
)
from kops_core.operations.rolling.observation import Observation
from kops_core.operations.validation import ClusterState, Validation, validate, validate_dns

if TYPE_CHECKING:
    from kops_core.api.values import Tree
    from kops_core.cloud.ports import InstanceGroups
    from kops_core.engine.cluster_services import ClusterLocation, ClusterServices
    from kops_core.engine.fleet.rows import GroupSummary
    from kops_core.kube.ports import KubernetesApi
    from kops_core.operations.clock import CancelToken, Clock
    from kops_core.operations.group_status import InstanceGroup

DNS_DEADLINE: Final = 30.0
"""Seconds that the look-up of the API's name may take."""

Resolve = Callable[[str], Collection[str]]
"""From a host to its addresses; I/O. Raises KubernetesError."""


@dataclass(frozen=True)
class ValidationRequest:
    """The options of ``kops validate cluster``; defaults are kOps'."""

    access: ApiAccess = field(default_factory=ApiAccess)
    groups: tuple[str, ...] = ()
    """Instance groups to look at; all if it is empty."""
    wait: float = 0.0
    """Seconds to wait for the cluster to become valid."""
    count: int = 0
    """Validations that have to pass one after the other."""
    interval: float = 10.0
    """Seconds between two validations."""
    max_unready: int = 0
    """Worker nodes that may be unready."""


@dataclass(frozen=True)
class ValidationAttempt:
    """One validation of several."""

    found: Validation | KopsError
    """Its result, or why it could not be found out."""
    passed: int
    """How many passed one after the other, up to this one."""
    next_in: float
    """Seconds until the next; 0 after the last."""


def validate_cluster(
    services: ClusterServices,
    location: ClusterLocation,
    groups: Sequence[GroupSummary],
    *,
    chosen: Collection[str] | None,
    request: ValidationRequest,
    report: Callable[[ValidationAttempt], None],
    cancel: CancelToken,
) -> Validation:
    """I/O. Whether a cluster works; the last validation if several were asked for.

    Raises KubernetesError, CloudError, StoreError if it can't be found out, UsageError, OperationFailed if it
    was cancelled.
    """
    api = open_api(services, location, request.access)
    observer = ClusterObserver.open(services, location, groups, api)

    def attempt() -> Validation:
        return observer.observe(chosen=chosen, max_unready=request.max_unready).validation

    try:
        return repeat_validation(attempt, request, services.clock, report, cancel)
    finally:
        api.close()


def repeat_validation(
    attempt: Callable[[], Validation],
    request: ValidationRequest,
    clock: Clock,
    report: Callable[[ValidationAttempt], None],
    cancel: CancelToken,
) -> Validation:
    """Validates until as many validations passed as were asked for, or the time to wait is over.

    A failure sets the count back. Once the time is over, no new failure is waited out, but a row of passes is
    completed. Raises what the last attempt raised.
    """
    until, passed = clock.monotonic() + request.wait, 0
    while True:
        found: Validation | KopsError
        try:
            found = attempt()
        except (KubernetesError, CloudError, StoreError) as error:
            found = error
        passed = passed + 1 if isinstance(found, Validation) and found.valid else 0
        left = until - clock.monotonic()
        enough = passed >= max(1, request.count)
        again = not enough and (passed > 0 or left > 0)
        pause = min(request.interval, left) if again and not passed else request.interval
        report(ValidationAttempt(found, passed, pause if again else 0.0))
        if not again:
            break
        if not cancel.wait(clock, pause):
            raise OperationFailed("stopped before it was known whether the cluster is valid")
    if isinstance(found, KopsError):
        raise found
    return found


@dataclass(frozen=True)
class ClusterObserver:
    """Reads the state of one cluster from cloud, DNS and Kubernetes."""

    groups: Sequence[InstanceGroup]
    """All of its instance groups."""
    cloud: InstanceGroups
    api: KubernetesApi | None
    """None to ask the cloud alone."""
    karpenter: Collection[str] = ()
    """Groups whose machines Karpenter starts."""
    resolve: Resolve | None = None
    """None without DNS records of the API."""

    @classmethod
    def open(
        cls,
        services: ClusterServices,
        location: ClusterLocation,
        groups: Sequence[GroupSummary],
        api: KubernetesApi | None,
    ) -> Self:
        """An observer of a cluster with these groups."""
        return cls(
            to_roll(groups, location.name),
            services.instance_groups(location),
            api,
            karpenter_groups(location),
            _choose_resolver(location.cluster),
        )

    def observe(self, *, chosen: Collection[str] | None = None, max_unready: int = 0) -> Observation:
        """I/O. The cluster as it is, and whether it works, as ``validate`` means it.

        Raises KubernetesError, CloudError, StoreError.
        """
        if self.api is None:
            return Observation(self._read())
        dns = (
            validate_dns(self.api.host, self.resolve(self.api.host))
            if self.resolve is not None
            else Validation()
        )
        if not dns.valid:
            return Observation(self._read(), validation=dns)
        # Nodes first, as in kOps: an instance that starts in between has to join, and is missing until then.
        nodes = self.api.nodes()
        state = ClusterState(self._read(), nodes, self.api.pods())
        validation = validate(self.groups, state, chosen=chosen, max_unready=max_unready)
        return Observation(state.groups, nodes, validation)

    def _read(self) -> dict[str, GroupState]:
        return read_groups(self.cloud, self.groups, self.karpenter)


def _choose_resolver(cluster: Tree) -> Resolve | None:
    return None if get(cluster, parse("spec.topology.dns.type")) == "None" else resolve_host


def resolve_host(host: str) -> Collection[str]:
    """I/O. The addresses of a host, by the system's resolver. Raises KubernetesError."""
    from kops_core.kube.deadline import within

    try:
        found = within(DNS_DEADLINE, lambda: socket.getaddrinfo(host, None, type=socket.SOCK_STREAM))
    except TimeoutError as error:
        raise KubernetesTimeout(
            f"the name of the API server did not resolve within {DNS_DEADLINE:g} s",
            where=host,
            remedy="look at the name servers of this machine",
        ) from error
    except OSError as error:
        raise KubernetesUnreachable(
            f"the name of the API server does not resolve ({error.strerror or error})",
            where=host,
            remedy="has the cluster been applied, and its DNS record been made? or name it with --api-server",
        ) from error
    return {str(address[0]) for *_, address in found}
