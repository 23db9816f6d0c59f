"""The interfaces to one cluster's cloud: observation, changes, instances, discovery."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from kops_core.model.resource import Resource
from kops_core.plan.snapshot import DiscoveredResource, Observed, Snapshot


@dataclass(frozen=True)
class Replaced:
    """A resource that was replaced."""

    made: Observed
    left: Observed | None = None
    """The old one, to be deleted once nothing uses it any more."""


class Observer(Protocol):
    """Reads the resources of one cluster."""

    def observe(self, desired: Sequence[Resource]) -> Snapshot:
        """Observes the desired resources, and others of the cluster.

        Failures are in the snapshot's errors; none is raised.
        """
        ...


class Mutator(Protocol):
    """Changes one resource. Every method raises CloudError (or StoreError) and may be tried again."""

    def create(self, desired: Resource, token: str, *, since: float | None = None) -> Observed:
        """Creates a resource whose references are resolved.

        token: the same for every attempt at the same creation; the cloud recognises it if it can. since:
        seconds since an earlier attempt that may have succeeded: search
        before creating, and raise NotReady while the search can miss it. None if there was no such attempt.
        """
        ...

    def update(
        self, desired: Resource, observed: Observed, changed: frozenset[str], token: str = ""
    ) -> Observed:
        """Changes the named fields of a resource in place."""
        ...

    def replace(
        self, desired: Resource, observed: Observed, token: str, *, since: float | None = None
    ) -> Replaced:
        """Replaces a resource. The old one is removed before, if both can't exist at the same time."""
        ...

    def delete(self, observed: Observed) -> None:
        """Removes a resource; a missing one is no error."""
        ...


@dataclass(frozen=True)
class Instance:
    """An observed instance of a group."""

    id: str
    lifecycle: str
    """AWS' LifecycleState, e.g.

    ``InService``, ``Pending``, ``Warmed:Stopped``; ``Detached`` for one that an update has detached.
    """
    running: bool
    """Whether the machine runs."""
    template: str
    """Its source: ``<launch template id>:<version>``, or the launch configuration's name."""
    machine_type: str = ""
    zone: str = ""
    private_ip: str = ""
    public_ip: str = ""
    """Of the internet; "" if it has none."""


@dataclass(frozen=True)
class GroupState:
    """An observed group of instances, at one moment."""

    name: str
    wanted: str
    """The source of new instances, in the form of ``Instance.template``."""
    min_size: int
    max_size: int
    desired: int
    instances: tuple[Instance, ...] = ()
    launch_failure: str = ""
    """Why the last attempt to add an instance failed, in the cloud's words; "" if it did not, or if no
    instance is missing."""
    balanced: bool = False
    """Whether load balancers send requests to its instances."""


class InstanceGroups(Protocol):
    """Reads groups of instances, and terminates instances. Every method raises CloudError."""

    def groups(self, names: Sequence[str]) -> Mapping[str, GroupState]:
        """The existing groups of these names."""
        ...

    def tagged(self, names: Sequence[str]) -> Mapping[str, tuple[Instance, ...]]:
        """The machines of instance groups that have no group in the cloud (Karpenter's), by their tags.

        names: those of the instance groups, as in the spec.
        """
        ...

    def template_changes(
        self, pairs: Collection[tuple[str, str]]
    ) -> Mapping[tuple[str, str], tuple[str, ...]]:
        """What differs between two sources of instances each, a phrase for each field, and no secret.

        pairs: in the form of ``Instance.template``. Those that can't be compared are left out.
        """
        ...

    def terminate(self, instance: str) -> None:
        """Terminates an instance; its group starts another. A missing one is no error."""
        ...

    def detach(self, instance: str, group: str) -> None:
        """Takes an instance out of its group, which starts another. One that has left is no error.

        It is marked, so that it is known as ``Detached`` from then on.
        """
        ...

    def deregister(self, instance: str, group: str) -> tuple[str, ...]:
        """Takes an instance out of its group's load balancers.

        Returns the names of those that still send requests to it, or wait for requests to end: to be called
        again until there are none.
        """
        ...

    def register(self, instance: str, group: str) -> None:
        """Puts an instance back into its group's load balancers."""
        ...


class Discovery(Protocol):
    """Finds all resources of a cluster by tags and references, desired or not.

    Every method raises CloudError.
    """

    def discover(self) -> Snapshot:
        """The resources of the cluster, shared ones, and foreign ones that block its deletion."""
        ...

    def delete(self, found: DiscoveredResource) -> None:
        """Deletes a resource, and returns once it is gone; a missing one is no error.

        Raises NotReady while it is being deleted, CloudConflict while it is in use.
        """
        ...
