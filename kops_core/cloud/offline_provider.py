"""A provider over recorded facts, which calls no cloud; no resource of a cluster exists."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager

from kops_core.api.values import Tree
from kops_core.cloud.cluster_store import ClusterStore
from kops_core.cloud.offline import OfflineCloud
from kops_core.cloud.ports import Discovery, GroupState, InstanceGroups
from kops_core.cloud.provider import BucketLookup, Identity, Provider, ProviderSettings, ThrottleListener
from kops_core.errors import CloudError
from kops_core.infer.create.options import CreateOptions
from kops_core.infer.create.selection import MachineType
from kops_core.infer.inference import Inference
from kops_core.model.build import DesiredState
from kops_core.model.context import CloudModel
from kops_core.plan.snapshot import Snapshot


class OfflineProvider:
    """A Provider in place of another, which only provides its model."""

    def __init__(self, real: Provider, settings: ProviderSettings, facts: Tree) -> None:
        """facts: by kind and key (``kops_core.infer.facts.keyed``)."""
        self._real = real
        self._settings = settings
        self._facts = facts

    @property
    def model(self) -> CloudModel:
        """As Provider says."""
        return self._real.model

    def region_of(self, cluster: Tree) -> str:
        """As Provider says."""
        return self._real.region_of(cluster)

    def facts(self, cluster: Tree, groups: Mapping[str, Tree]) -> Tree:
        """The recorded facts."""
        return self._facts

    def facts_for_creation(self, options: CreateOptions) -> Tree:
        """The recorded facts."""
        return self._facts

    def cluster(self, name: str, region: str, files: ClusterStore) -> OfflineCloud:
        """As Provider says."""
        return OfflineCloud(self._facts, files.key_store, now=self._settings.now)

    def buckets(self, region: str) -> BucketLookup:
        """Buckets are in the region of the facts, else in the cluster's, without default encryption."""
        listed = self._facts.get("buckets")

        def bucket(name: str) -> tuple[str, str | None]:
            about = listed.get(name) if isinstance(listed, dict) else None
            place = about.get("region") if isinstance(about, dict) else None
            return str(place or self._facts.get("region") or region), "AES256"

        return bucket

    def identity(self, region: str = "") -> Identity:
        """Raises CloudError."""
        raise _no_cloud("who calls the cloud")

    def discovery(
        self, name: str, region: str, files: ClusterStore, documents: Collection[Tree]
    ) -> Discovery:
        """Raises CloudError."""
        raise _no_cloud(f"what {name} has in the cloud")

    def instance_groups(self, name: str, region: str) -> InstanceGroups:
        """Raises CloudError."""
        raise _no_cloud(f"the instances of {name}")

    def region_of_zone(self, zone: str) -> str:
        """As Provider says."""
        return self._real.region_of_zone(zone)

    def groups_of_all_clusters(self, region: str) -> Mapping[str, Mapping[str, GroupState]]:
        """Raises CloudError."""
        raise _no_cloud("the instances of clusters")

    def machine_types(self, region: str) -> Collection[MachineType]:
        """Raises CloudError."""
        raise _no_cloud("the machine types of a region")

    def etcd_created(self, name: str, region: str) -> Collection[str]:
        """Raises CloudError."""
        raise _no_cloud(f"the etcd volumes of {name}")

    def api_address(self, name: str, region: str) -> str:
        """Raises CloudError."""
        raise _no_cloud(f"the address of {name}")

    def terraform(
        self, inference: Inference, desired: DesiredState, snapshot: Snapshot, bucket: BucketLookup
    ) -> dict[str, bytes]:
        """As Provider says."""
        return self._real.terraform(inference, desired, snapshot, bucket)

    @contextmanager
    def throttling(self, listener: ThrottleListener) -> Iterator[None]:
        """Nothing is ever throttled."""
        yield


def _no_cloud(what: str) -> CloudError:
    return CloudError(
        f"recorded facts do not tell {what}", remedy="leave --cloud-facts out to ask the cloud itself"
    )
