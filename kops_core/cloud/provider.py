"""What the engine needs of a cloud provider: the one seam between it and AWS, or any other cloud.

Everything that is one cloud's alone lies in that cloud's folder, and the engine reaches it through
a ``Provider``. ``kops_core/cloud/providers.py`` lists those that there are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from kops_core.api.values import Tree
from kops_core.cloud.cluster_store import ClusterStore
from kops_core.cloud.ports import Discovery, InstanceGroups, Mutator, Observer
from kops_core.infer.create.options import CreateOptions
from kops_core.infer.inference import Inference
from kops_core.model.build import DesiredState
from kops_core.model.context import CloudModel
from kops_core.plan.snapshot import Snapshot
from kops_core.store.aws_login import AwsLogin


@dataclass(frozen=True)
class Identity:
    """Who calls the cloud, and where."""

    account: str
    region: str
    arn: str
    """The caller's full name, as the cloud has it."""


@dataclass(frozen=True)
class ThrottlingTotals:
    """What throttling has cost since the start."""

    times: int = 0
    seconds: float = 0.0
    """Waited by all threads together."""


@dataclass(frozen=True)
class ThrottleEpisode:
    """A service began to refuse calls for their rate, or was found to have ended."""

    service: str
    call: str
    """The API call that was refused first."""
    rate: float
    """Calls a second that it is slowed down to; 0 once it is over."""
    totals: ThrottlingTotals
    """Of this episode; its own so far."""

    @property
    def over(self) -> bool:
        """Whether calls go at full speed again."""
        return not self.rate


ThrottleListener = Callable[[ThrottleEpisode], None]
"""Told when an episode begins and when it is over, by whichever thread made the call."""

BucketLookup = Callable[[str], tuple[str, str | None]]
"""From a bucket's name to its region, and the encryption that objects have to ask for (None: its default)."""


@dataclass(frozen=True)
class ProviderSettings:
    """What a provider goes by."""

    environment: Mapping[str, str] = field(repr=False)
    """Environment variables of the program; may hold credentials, so never shown."""
    login: AwsLogin
    """Credentials that the stores of the run use too."""
    now: Callable[[], datetime]


class ClusterCloud(Observer, Mutator, Protocol):
    """One cluster's resources: observed whole, changed one at a time."""


class Provider(Protocol):
    """A cloud provider as one run of the program reaches it. Safe to use from several threads.

    Every method that asks the cloud raises CloudError. A region of "" is the one that the provider's
    own configuration names.
    """

    @property
    def model(self) -> CloudModel:
        """Its kinds of resources, and who builds them."""
        ...

    def region_of(self, cluster: Tree) -> str:
        """The region that a Cluster document lies in; "" if it does not tell."""
        ...

    def facts(self, cluster: Tree, groups: Mapping[str, Tree]) -> Tree:
        """I/O. What the account holds that a cluster's documents go by, by kind and key."""
        ...

    def facts_for_creation(self, options: CreateOptions) -> Tree:
        """I/O. What the account holds that a new cluster is made of; for no options, what any one needs."""
        ...

    def identity(self, region: str = "") -> Identity:
        """I/O. Who calls, and where."""
        ...

    def cluster(self, name: str, region: str, files: ClusterStore) -> ClusterCloud:
        """The resources of one cluster."""
        ...

    def discovery(
        self, name: str, region: str, files: ClusterStore, documents: Collection[Tree]
    ) -> Discovery:
        """All that a cluster has, found by its tags; documents: its specs, where there are any."""
        ...

    def instance_groups(self, name: str, region: str) -> InstanceGroups:
        """The instance groups of one cluster."""
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
        self,
        inference: Inference,
        desired: DesiredState,
        snapshot: Snapshot,
        bucket: BucketLookup,
        environment: Mapping[str, str],
    ) -> dict[str, bytes]:
        """The files of a Terraform module of a cluster, by relative name. Raises UsageError."""
        ...

    def throttling(self, listener: ThrottleListener) -> AbstractContextManager[None]:
        """A time in which a listener is told when the cloud throttles."""
        ...
