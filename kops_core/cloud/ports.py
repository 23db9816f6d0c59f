"""What the engine does with one cluster's cloud: observe, change one resource, look at instances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
        """What there is of the desired resources, and what else belongs to the cluster.

        What can't be read is in the snapshot's errors; nothing is raised for it.
        """
        ...


class Mutator(Protocol):
    """Changes one resource. Every method raises CloudError (or StoreError) and may be tried again."""

    def create(self, desired: Resource, token: str, *, since: float | None = None) -> Observed:
        """Makes a resource whose references are resolved.

        token: the same for every attempt at the same creation; the cloud recognises it where it
        can. since: seconds since an earlier attempt that may have got through: look before making
        it, and as long as a look can miss it raise NotReady. None if there was no such attempt.
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
        """Replaces a resource. The old one is removed before, where both can't exist at once."""
        ...

    def delete(self, observed: Observed) -> None:
        """Removes a resource; one that is gone is no error."""
        ...


@dataclass(frozen=True)
class Instance:
    """An instance of a group, as the cloud has it."""

    id: str
    lifecycle: str
    """AWS' LifecycleState, e.g. ``InService``, ``Pending``, ``Warmed:Stopped``; ``Detached`` for one
    that was taken out of its group by an update."""
    running: bool
    """Whether the machine itself runs."""
    template: str
    """What it was made from: ``<launch template id>:<version>``, or the launch configuration's name."""
    machine_type: str = ""
    zone: str = ""
    private_ip: str = ""


@dataclass(frozen=True)
class GroupState:
    """A group of instances, as the cloud has it at one moment."""

    name: str
    wanted: str
    """What new instances are made from, in the form of ``Instance.template``."""
    min_size: int
    max_size: int
    desired: int
    instances: tuple[Instance, ...] = ()
    launch_failure: str = ""
    """Why the last attempt to add an instance failed, in the cloud's words; "" if it did not, or if no
    instance is missing."""


class InstanceGroups(Protocol):
    """Reads groups of instances, and ends instances. Every method raises CloudError."""

    def groups(self, names: Sequence[str]) -> Mapping[str, GroupState]:
        """The groups of these names that exist."""
        ...

    def terminate(self, instance: str) -> None:
        """Ends an instance; its group makes another. One that is gone is no error."""
        ...


class Discovery(Protocol):
    """All that a cluster has in the cloud, found by tags and references instead of by what is desired.

    Every method raises CloudError.
    """

    def discover(self) -> Snapshot:
        """What belongs to the cluster, what it shares, and what of others is in the way."""
        ...

    def delete(self, found: DiscoveredResource) -> None:
        """Returns once the resource is gone; one that is gone already is no error.

        Raises NotReady while it is going, CloudConflict while something holds on to it.
        """
        ...
