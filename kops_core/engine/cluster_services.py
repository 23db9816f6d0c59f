"""Services of a cluster beyond its documents: the cloud, keys, journals, and whether it may be changed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kops_core.api.values import Tree
from kops_core.cloud.cluster_store import ClusterStore
from kops_core.cloud.ports import Discovery, InstanceGroups
from kops_core.cloud.provider import ClusterCloud, Provider
from kops_core.engine.clouds import Clouds
from kops_core.engine.connections import Connections
from kops_core.engine.files.asset_hashes import AssetHash, asset_hashes
from kops_core.engine.files.inputs import facts_of
from kops_core.engine.model_settings import model_settings
from kops_core.engine.operations.cluster_lock import locked, warn_unprotected
from kops_core.engine.settings import Settings
from kops_core.engine.workspace.draft import CLUSTER, groups_of
from kops_core.engine.workspace.update_validation import etcd_names
from kops_core.errors import Refused
from kops_core.infer.facts import keyed
from kops_core.infer.inference import Inference
from kops_core.model.build import DesiredState, desired_resources
from kops_core.model.context import ModelSettings
from kops_core.operations.clock import CancelToken, Clock
from kops_core.operations.events import Event
from kops_core.store.backend import Backend
from kops_core.store.backups import ClusterBackups
from kops_core.store.identity import created_at
from kops_core.store.key_store import KeyStore, places
from kops_core.store.layout import COMPLETED
from kops_core.store.lease import Hold
from kops_core.store.reading import StoredCluster
from kops_core.store.state import StateStore

if TYPE_CHECKING:
    from kops_core.infer.create.options import CreateOptions
    from kops_core.infer.create.selection import MachineType
    from kops_core.model.asset_list import AssetList

# A plan needs none of what is imported in methods.


@dataclass(frozen=True)
class ClusterLocation:
    """A cluster's store, and its documents including unsaved edits."""

    store: StateStore
    name: str
    documents: Mapping[str, Tree]
    additional_objects: Sequence[Tree] = ()
    """The cluster's additional objects."""
    listed: Backend | None = None
    """The store for reading the cluster as it was at one moment; None to read each object by itself."""

    @property
    def cluster(self) -> Tree:
        """Its Cluster document."""
        return self.documents[CLUSTER]

    @property
    def backend(self) -> Backend:
        """Where its files are."""
        return self.store.backend if self.listed is None else self.listed

    def at_this_moment(self) -> ClusterLocation:
        """The same, for reading it as it is now."""
        return replace(self, listed=self.store.listed(self.name))

    @property
    def created(self) -> str:
        """The cluster's creationTimestamp: a later cluster of the same name has another."""
        return created_at(self.cluster)


class ClusterServices:
    """The I/O of a workspace beyond its documents. Safe to use from several threads."""

    def __init__(
        self,
        settings: Settings,
        clouds: Clouds,
        clock: Clock,
        *,
        offline: bool = False,
        connections: Connections | None = None,
    ) -> None:
        """offline: the stores are in memory, so that keys may be created in them."""
        connections = connections or Connections()
        self.kubernetes = connections.kubernetes
        self.offline = offline
        self.settings = settings
        self.clock = clock
        self.now = clock.now
        self._clouds = clouds
        self._asset_hash: AssetHash | None = connections.asset_hash

    def expect_write(self, what: str) -> None:
        """Raises Refused if this run is read-only."""
        if not self.settings.write:
            raise Refused(
                f"this session is read-only, so it will not {what}",
                remedy="start kops-tui with --write to change things",
            )

    def facts(self, documents: Mapping[str, Tree]) -> Tree:
        """I/O. The cloud facts that a cluster's documents need. Raises CloudError, UsageError."""
        recorded = self.recorded_facts()
        if recorded is not None:
            return recorded
        return self._clouds.of(documents[CLUSTER]).facts(documents[CLUSTER], groups_of(documents))

    def recorded_facts(self) -> Tree | None:
        """I/O. The facts of the file that the settings name; None if they name none. Raises UsageError."""
        return keyed(facts_of(self.settings)) if self.settings.cloud_facts is not None else None

    def facts_for_creation(self, options: CreateOptions) -> Tree:
        """I/O. The cloud facts that a new cluster needs. Raises CloudError, UsageError."""
        recorded = self.recorded_facts()
        return recorded if recorded is not None else self._clouds.default.facts_for_creation(options)

    def machine_types(self, cluster: Tree) -> Collection[MachineType]:
        """I/O. The machine types of a cluster's region; those of the recorded facts if there are any."""
        from kops_core.infer.create.selection import machine_types_of

        recorded = facts_of(self.settings) if self.settings.cloud_facts is not None else None
        if recorded is not None:
            return machine_types_of(recorded.get("instanceTypes"))
        provider = self._clouds.of(cluster)
        return provider.machine_types(provider.region_of(cluster))

    def etcd_created(self, store: StateStore, stored: StoredCluster) -> Collection[str]:
        """I/O. The existing etcd clusters of a cluster. Raises CloudError.

        Without a cloud, all of them count as existing once the cluster was applied.
        """
        if self.settings.cloud_facts is None:
            provider = self._clouds.of(stored.cluster)
            return provider.etcd_created(stored.name, provider.region_of(stored.cluster))
        applied = any(child.name == COMPLETED for child in store.backend.children(stored.name))
        return etcd_names(stored.cluster) if applied else ()

    def api_address(self, name: str, cluster: Tree) -> str:
        """I/O. The DNS name of the load balancer of a cluster's API; "" without one. Raises CloudError."""
        provider = self._clouds.of(cluster)
        return provider.api_address(name, provider.region_of(cluster))

    def key_store(self, store: StateStore, cluster: Tree, name: str) -> KeyStore:
        """The keys and secrets of one cluster."""
        return self._clouds.files(store.backend, cluster, name).key_store

    def backups(self, location: ClusterLocation) -> ClusterBackups:
        """The backups of a cluster's specs, keysets and secrets."""
        backend = location.store.backend
        _, keys, secrets = places(backend, location.cluster, location.name, self._clouds.open_base)
        return ClusterBackups(backend, location.name, keys=keys, secrets=secrets)

    def backup_store(self, url: str) -> Backend:
        """I/O. The store of an etcd cluster's backups. Raises UsageError, StoreError."""
        return self._clouds.open_base(url)

    def locked(
        self, kind: str, location: ClusterLocation, cancel: CancelToken, emit: Callable[[Event], None]
    ) -> AbstractContextManager[Hold]:
        """I/O. Holds the cluster's lock during a block. Raises LockHeld, and at the end LockLost."""
        warn_unprotected(location.store.backend, self.now(), emit)
        return locked(
            location.store.backend,
            self.settings,
            kind,
            location.name,
            self.clock,
            on_lost=lambda: cancel.stop(at_once=True),
        )

    def kinds(self, cluster: Tree) -> Collection[str]:
        """The kinds of resources of a cluster's cloud, by kOps' names."""
        return self._clouds.of(cluster).model.kinds

    def provider(self, location: ClusterLocation) -> Provider:
        """The provider of a cluster's cloud. Raises Refused for a cloud that the run does not work with."""
        return self._clouds.of(location.cluster)

    def cloud(self, location: ClusterLocation) -> ClusterCloud:
        """A cluster's resources in its cloud and store."""
        provider = self.provider(location)
        files = self._files(location)
        return provider.cluster(location.name, provider.region_of(location.cluster), files)

    def discovery(self, location: ClusterLocation) -> Discovery:
        """The discovery of a cluster's resources by tags; I/O when it is used."""
        provider = self.provider(location)
        files = self._files(location)
        documents = tuple(location.documents.values())
        return provider.discovery(location.name, provider.region_of(location.cluster), files, documents)

    def instance_groups(self, location: ClusterLocation) -> InstanceGroups:
        """A cluster's instance groups in its cloud."""
        provider = self.provider(location)
        return provider.instance_groups(location.name, provider.region_of(location.cluster))

    def desired(
        self, location: ClusterLocation, inference: Inference, *, balancer_known: bool = True
    ) -> DesiredState:
        """I/O for keys and hashes. The desired resources of a completed spec.

        balancer_known: whether node files may name the API's load balancer. Raises InvalidSpec, MissingFact.
        """
        return desired_resources(inference, self._model_settings(location, inference, balancer_known))

    def assets(self, location: ClusterLocation, inference: Inference) -> AssetList:
        """I/O for keys and hashes. The images and files of a completed spec. Raises InvalidSpec."""
        from kops_core.model.asset_list import asset_list

        return asset_list(inference, self._model_settings(location, inference, True))

    def _model_settings(
        self, location: ClusterLocation, inference: Inference, balancer_known: bool
    ) -> ModelSettings:
        return model_settings(
            inference,
            self.settings,
            self._files(location).key_store,
            cloud=self.provider(location).model,
            asset_hash=self._hashes(),
            additional_objects=location.additional_objects,
            balancer_known=balancer_known,
        )

    def _files(self, location: ClusterLocation) -> ClusterStore:
        return self._clouds.files(location.backend, location.cluster, location.name)

    def _hashes(self) -> AssetHash:
        if self._asset_hash is None:
            self._asset_hash = asset_hashes(self.settings)
        return self._asset_hash
