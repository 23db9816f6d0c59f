"""The interface of cloud providers, through which the engine uses AWS, or any other cloud.

Code that is specific to a cloud is in that cloud's folder, and the engine uses it through a ``Provider``.
``kops_core/cloud/providers.py`` lists them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from kops_core.api.values import Tree
from kops_core.cloud.cluster_store import ClusterStore
from kops_core.cloud.ports import Discovery, GroupState, InstanceGroups, Mutator, Observer
from kops_core.infer.inference import Inference
from kops_core.model.build import DesiredState
from kops_core.model.context import CloudModel
from kops_core.plan.snapshot import Snapshot
from kops_core.store.aws_login import AwsLogin

if TYPE_CHECKING:
    from kops_core.infer.create.options import CreateOptions
    from kops_core.infer.create.selection import MachineType


@dataclass(frozen=True)
class Identity:
    """The identity of the caller: account, region, name."""

    account: str
    region: str
    arn: str
    """The caller's full name in the cloud."""


@dataclass(frozen=True)
class ThrottlingTotals:
    """Totals of throttling since the start."""

    times: int = 0
    seconds: float = 0.0
    """Time waited by all threads together."""


@dataclass(frozen=True)
class ThrottleEpisode:
    """The start or the end of a time in which a service throttles calls."""

    service: str
    call: str
    """The API call that was refused first."""
    rate: float
    """The current limit in calls a second; 0 once it is over."""
    totals: ThrottlingTotals
    """Totals of this episode so far."""

    @property
    def over(self) -> bool:
        """Whether calls go at full speed again."""
        return not self.rate


ThrottleListener = Callable[[ThrottleEpisode], None]
"""Called when an episode begins and when it ends, in the thread that made the call."""

BucketLookup = Callable[[str], tuple[str, str | None]]
"""From a bucket's name to its region, and the encryption that objects have to ask for (None: its default)."""


@dataclass(frozen=True)
class ProviderSettings:
    """The settings of a provider."""

    environment: Mapping[str, str] = field(repr=False)
    """Environment variables of the program; may hold credentials, so never shown."""
    login: AwsLogin
    """Credentials, which the stores of the run use, too."""
    now: Callable[[], datetime]


class ClusterCloud(Observer, Mutator, Protocol):
    """One cluster's resources: observed together, changed one at a time."""


class Provider(Protocol):
    """A cloud provider of one run. Safe to use from several threads.

    Every method with I/O raises CloudError. A region of "" is the default of the provider's own
    configuration.
    """

    @property
    def model(self) -> CloudModel:
        """Its part of the model: kinds, builders, add-ons."""
        ...

    def region_of(self, cluster: Tree) -> str:
        """The region of a Cluster document; "" if it is unknown."""
        ...

    def facts(self, cluster: Tree, groups: Mapping[str, Tree]) -> Tree:
        """I/O. The cloud facts that a cluster's documents need, by kind and key."""
        ...

    def facts_for_creation(self, options: CreateOptions) -> Tree:
        """I/O. The cloud facts that a new cluster needs; without options, those that all need."""
        ...

    def identity(self, region: str = "") -> Identity:
        """I/O. The identity of the caller."""
        ...

    def cluster(self, name: str, region: str, files: ClusterStore) -> ClusterCloud:
        """The resources of one cluster."""
        ...

    def discovery(
        self, name: str, region: str, files: ClusterStore, documents: Collection[Tree]
    ) -> Discovery:
        """The discovery of a cluster's resources by tags; documents: its specs, if there are any."""
        ...

    def instance_groups(self, name: str, region: str) -> InstanceGroups:
        """The instance groups of one cluster."""
        ...

    def region_of_zone(self, zone: str) -> str:
        """The region of a zone."""
        ...

    def groups_of_all_clusters(self, region: str) -> Mapping[str, Mapping[str, GroupState]]:
        """I/O. The instance groups in a region of the account, by the names of their cluster and their own.

        In one look at the account, however many clusters it has; of instances it tells what their group
        knows.
        """
        ...

    def machine_types(self, region: str) -> Collection[MachineType]:
        """I/O. All machine types of a region."""
        ...

    def etcd_created(self, name: str, region: str) -> Collection[str]:
        """I/O. The names of a cluster's etcd clusters that exist."""
        ...

    def api_address(self, name: str, region: str) -> str:
        """I/O. The DNS name of the load balancer of a cluster's API; "" without one."""
        ...

    def buckets(self, region: str) -> BucketLookup:
        """A look-up of buckets; I/O when it is called."""
        ...

    def terraform(
        self, inference: Inference, desired: DesiredState, snapshot: Snapshot, bucket: BucketLookup
    ) -> dict[str, bytes]:
        """The files of a Terraform module of a cluster, by relative name. Raises UsageError."""
        ...

    def throttling(self, listener: ThrottleListener) -> AbstractContextManager[None]:
        """A block in which a listener is called when the cloud throttles."""
        ...
