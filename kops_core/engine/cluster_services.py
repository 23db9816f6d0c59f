"""Services of a cluster beyond its documents: the cloud, keys, journals, and whether it may be changed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from kops_core.api.path import FieldPath
from kops_core.api.values import Tree
from kops_core.cloud.ports import InstanceGroups
from kops_core.cloud.provider import ClusterCloud, Provider
from kops_core.engine.clouds import Clouds
from kops_core.engine.files.asset_hashes import AssetHash, asset_hashes
from kops_core.engine.files.inputs import facts_of
from kops_core.engine.files.terraform_module import has_balancer, keys_alone
from kops_core.engine.fleet.rows import GroupSummary
from kops_core.engine.model_settings import model_settings
from kops_core.engine.operations.cluster_lock import locked, warn_unprotected
from kops_core.engine.operations.drift_report import DriftReport, drift_report, remember
from kops_core.engine.operations.instance_groups import GroupStatus, joined, to_roll
from kops_core.engine.operations.planning import (
    APPLY,
    PlannedChange,
    PlanRequest,
    carry_out,
    newer_version,
    prepare_plan,
    roll,
)
from kops_core.engine.operations.throttling import telling_of_throttling
from kops_core.engine.settings import Settings
from kops_core.engine.workspace.draft import CLUSTER
from kops_core.engine.workspace.update_validation import etcd_names
from kops_core.errors import OperationFailed, Refused
from kops_core.infer.create.options import CreateOptions
from kops_core.infer.facts import keyed
from kops_core.infer.inference import Inference
from kops_core.model.build import DesiredState, desired_resources
from kops_core.model.lifecycles import Part, narrowed
from kops_core.operations.clock import CancelToken, Clock
from kops_core.operations.events import Event, Finished
from kops_core.operations.group_status import instance_group_status
from kops_core.store.identity import created_at
from kops_core.store.key_store import KeyStore
from kops_core.store.layout import COMPLETED
from kops_core.store.lease import Hold
from kops_core.store.state import StateStore, StoredCluster


@dataclass(frozen=True)
class ClusterLocation:
    """Where a cluster is: its store, and its documents as they are about to be."""

    store: StateStore
    name: str
    documents: Mapping[str, Tree]
    additional_objects: Sequence[Tree] = ()
    """The cluster's objects that are none of kOps'."""

    @property
    def cluster(self) -> Tree:
        """Its Cluster document."""
        return self.documents[CLUSTER]

    @property
    def created(self) -> str:
        """The cluster's creationTimestamp: a later cluster of the same name has another."""
        return created_at(self.cluster)


class ClusterServices:
    """What a workspace does outside of its documents. Safe to use from several threads."""

    def __init__(
        self,
        settings: Settings,
        clouds: Clouds,
        clock: Clock,
        *,
        rehearsing: bool = False,
    ) -> None:
        """rehearsing: the stores are not the real ones, so that keys may be made in them."""
        self._rehearsing = rehearsing
        self.settings = settings
        self.clock = clock
        self.now = clock.now
        self._clouds = clouds
        self._asset_hash: AssetHash | None = None

    def expect_write(self, what: str) -> None:
        """Raises Refused unless this run may change things."""
        if not self.settings.write:
            raise Refused(
                f"this session is read-only, so it will not {what}",
                remedy="start kops-tui with --write to change things",
            )

    def facts(self, documents: Mapping[str, Tree]) -> Tree:
        """I/O. What the account holds that documents go by. Raises CloudError, UsageError."""
        recorded = self.recorded_facts()
        if recorded is not None:
            return recorded
        groups = {name: document for name, document in documents.items() if name != CLUSTER}
        return self._clouds.of(documents[CLUSTER]).facts(documents[CLUSTER], groups)

    def recorded_facts(self) -> Tree | None:
        """I/O. The facts of the file that the settings name; None if they name none. Raises UsageError."""
        return keyed(facts_of(self.settings)) if self.settings.cloud_facts is not None else None

    def facts_for_creation(self, options: CreateOptions) -> Tree:
        """I/O. What the account holds that a new cluster is made of. Raises CloudError, UsageError."""
        recorded = self.recorded_facts()
        return recorded if recorded is not None else self._clouds.default.facts_for_creation(options)

    def etcd_created(self, store: StateStore, stored: StoredCluster) -> Collection[str]:
        """I/O. The etcd clusters of a cluster that exist, by the account. Raises CloudError.

        Without a cloud, all of them are taken to exist once the cluster was applied.
        """
        if self.settings.cloud_facts is None:
            provider = self._clouds.of(stored.cluster)
            return provider.etcd_created(stored.name, provider.region_of(stored.cluster))
        applied = any(child.name == COMPLETED for child in store.backend.children(stored.name))
        return etcd_names(stored.cluster) if applied else ()

    def key_store(self, store: StateStore, cluster: Tree, name: str) -> KeyStore:
        """The keys and secrets of one cluster."""
        return self._clouds.key_store(store, cluster, name)

    def plan(
        self,
        place: ClusterLocation,
        inference: Inference,
        *,
        edited: Collection[FieldPath],
        saved: Inference | None = None,
        request: PlanRequest,
        emit: Callable[[Event], None] = lambda _: None,
    ) -> PlannedChange:
        """I/O. What would change for a part of a cluster; reads only. saved: without the edits."""
        observer = self._cloud(place)
        desired = narrowed(self._desired(place, inference), request.part)
        before = (narrowed(self._desired(place, saved), request.part), saved) if saved is not None else None
        with telling_of_throttling(self._provider(place), emit, self.now):
            prepared = prepare_plan(
                desired, observer, inference, now=self.now, edited=edited, saved=before, request=request
            )
        newer = "" if request.downgrade else newer_version(prepared.snapshot, self.settings.kops_version)
        return prepared.refused(newer) if newer else prepared

    def locked(
        self, kind: str, place: ClusterLocation, control: CancelToken, emit: Callable[[Event], None]
    ) -> AbstractContextManager[Hold]:
        """I/O. The cluster's lock for the length of a block. Raises LockHeld, and at the end LockLost."""
        warn_unprotected(place.store.backend, self.now(), emit)
        return locked(
            place.store.backend,
            self.settings,
            kind,
            place.name,
            self.clock,
            on_lost=lambda: control.stop(at_once=True),
        )

    def apply(
        self,
        place: ClusterLocation,
        prepared: PlannedChange,
        emit: Callable[[Event], None],
        control: CancelToken,
    ) -> Finished:
        """I/O. Carry a plan out under the lock that the caller holds, and remember what it wanted.

        Also if nothing was left to do: a run before this one may have been killed before it could.
        """
        ended = self._carry_out(place, prepared, emit, control)
        if ended.ok and prepared.whole:
            remember(place.store.backend, place.name, prepared, at=self.now(), by=self.settings.operator)
        return ended

    def drift(
        self,
        place: ClusterLocation,
        inference: Inference,
        *,
        edited: Collection[FieldPath],
        emit: Callable[[Event], None] = lambda _: None,
    ) -> DriftReport:
        """I/O. What differs between spec and account, by who made it so; reads only."""
        prepared = self.plan(place, inference, edited=edited, request=PlanRequest(), emit=emit)
        return drift_report(place.store.backend, place.name, prepared)

    def _carry_out(
        self,
        place: ClusterLocation,
        prepared: PlannedChange,
        emit: Callable[[Event], None],
        control: CancelToken,
    ) -> Finished:
        mutator = self._cloud(place)
        with telling_of_throttling(self._provider(place), emit, self.now) as tell:
            return carry_out(
                prepared,
                mutator,
                self.settings,
                clock=self.clock,
                created=place.created,
                emit=tell,
                control=control,
            )

    def terraform(
        self,
        place: ClusterLocation,
        inference: Inference,
        *,
        part: Part,
    ) -> dict[str, bytes]:
        """I/O. The cluster as a Terraform module, by relative file name. Keysets that do not exist are made.

        Raises CloudError, UsageError, Refused in a read-only session that would have to make keys.
        """
        prepared = self.plan(place, inference, edited=(), request=PlanRequest())
        keys = keys_alone(prepared)
        if not keys.plan.empty:
            self._make_keys(place, keys)
            prepared = self.plan(place, inference, edited=(), request=PlanRequest())
        snapshot = prepared.snapshot
        # The module is no place for the words that an account has.
        desired = narrowed(
            prepared.desired
            if has_balancer(snapshot, self._provider(place).model.api_balancer_kind)
            else self._desired(place, inference, balancer_known=False),
            part,
        )
        provider = self._provider(place)
        bucket = provider.buckets(provider.region_of(place.cluster))
        return provider.terraform(inference, desired, snapshot, bucket, self.settings.environment)

    def _make_keys(self, place: ClusterLocation, keys: PlannedChange) -> None:
        if self._rehearsing:
            cloud = self._cloud(place)
            desired = keys.effective.by_key()
            for change in keys.plan.pending:
                cloud.create(desired[change.key], "")
            return
        self.expect_write("make the cluster's keys")
        control = CancelToken()
        with self.locked(APPLY, place, control, lambda _: None):
            made = self._carry_out(place, keys, lambda _: None, control)
        if not made.ok:
            raise OperationFailed(made.message, where=place.name)

    def groups(self, place: ClusterLocation, groups: Sequence[GroupSummary]) -> list[GroupStatus]:
        """I/O. Instance groups with their instances. Raises CloudError."""
        cloud = self._instance_groups(place)
        return joined(groups, instance_group_status(cloud, to_roll(groups, place.name)))

    def roll(
        self,
        place: ClusterLocation,
        groups: Sequence[GroupSummary],
        emit: Callable[[Event], None],
        control: CancelToken,
        *,
        interval: float,
    ) -> Finished:
        """I/O. Replace the outdated instances of groups, under the lock that the caller holds."""
        with telling_of_throttling(self._provider(place), emit, self.now) as tell:
            return roll(
                to_roll(groups, place.name),
                self._instance_groups(place),
                self.settings,
                clock=self.clock,
                cluster=place.name,
                created=place.created,
                emit=tell,
                control=control,
                interval=interval,
            )

    def kinds(self, cluster: Tree) -> Collection[str]:
        """The kinds of resources of a cluster's cloud, by kOps' names."""
        return self._clouds.of(cluster).model.kinds

    def _provider(self, place: ClusterLocation) -> Provider:
        return self._clouds.of(place.cluster)

    def _cloud(self, place: ClusterLocation) -> ClusterCloud:
        provider, files = self._provider(place), self._clouds.files(place.store, place.cluster, place.name)
        return provider.cluster(place.name, provider.region_of(place.cluster), files)

    def _instance_groups(self, place: ClusterLocation) -> InstanceGroups:
        provider = self._provider(place)
        return provider.instance_groups(place.name, provider.region_of(place.cluster))

    def _desired(
        self, place: ClusterLocation, inference: Inference, *, balancer_known: bool = True
    ) -> DesiredState:
        settings = model_settings(
            inference,
            self.settings,
            self.key_store(place.store, place.cluster, place.name),
            cloud=self._provider(place).model,
            asset_hash=self._hashes(),
            additional_objects=place.additional_objects,
            balancer_known=balancer_known,
        )
        return desired_resources(inference, settings)

    def _hashes(self) -> AssetHash:
        if self._asset_hash is None:
            self._asset_hash = asset_hashes(self.settings)
        return self._asset_hash
