"""What is read about the cluster of a workspace: cloud facts, plans, drift, instance groups, validation.

Nothing here changes the store or the cloud.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING

from kops_core.api.values import Tree
from kops_core.engine.cluster_services import ClusterLocation, ClusterServices
from kops_core.engine.inference_context import InferenceContext
from kops_core.engine.operations.drift_report import DriftReport, cluster_drift
from kops_core.engine.operations.instance_groups import GroupStatus, chosen_groups, groups_with_instances
from kops_core.engine.operations.planning import PlannedChange, PlanRequest, plan_cluster
from kops_core.engine.workspace.draft import CLUSTER, documents_of, groups_of
from kops_core.engine.workspace.editor import SpecEditor
from kops_core.errors import (
    FieldError,
    InvalidSpec,
    KopsError,
)
from kops_core.infer.complete import infer
from kops_core.infer.inference import Inference
from kops_core.model.lifecycles import Part
from kops_core.operations.clock import CancelToken
from kops_core.operations.events import Event
from kops_core.store.reading import StoredCluster
from kops_core.store.state import StateStore
from kops_core.validate.cluster_set import validate_planned

if TYPE_CHECKING:
    from kops_core.engine.operations.addons import AddonStatus
    from kops_core.engine.operations.etcd import EtcdClusters
    from kops_core.engine.operations.options import ApiAccess
    from kops_core.engine.operations.reconciliation import StagePreview
    from kops_core.engine.operations.validation import ValidationAttempt, ValidationRequest
    from kops_core.infer.create.selection import MachineType
    from kops_core.model.asset_list import AssetList
    from kops_core.operations.validation import Validation

_WHOLE_PLAN = PlanRequest()


class ClusterReader(SpecEditor):
    """A cluster's documents as a draft over those in a store, and what can be read about it."""

    def __init__(
        self,
        store: StateStore,
        stored: StoredCluster,
        context: InferenceContext,
        services: ClusterServices,
    ) -> None:
        super().__init__(stored.name, store.backend.url, documents_of(stored), context, services.now)
        self.state_store = store
        self._services = services
        self._stored = stored
        self._reading_facts = Lock()

    def look_up(self) -> None:
        """I/O. Reads the cloud facts that the documents with their edits need. Raises CloudError.

        To be called after FactsNotRead, or after MissingFact, e.g. for another machine type.
        """
        known = self._context.facts or {}
        found = self._services.facts(self._draft.documents)
        merged: Tree = {**known}
        for name, facts in found.items():
            before = known.get(name)
            merged[name] = (
                {**before, **facts} if isinstance(before, dict) and isinstance(facts, dict) else facts
            )
        self._context = replace(self._context, facts=merged)
        # A new object, because another thread may be reading the former one.
        self._saved = infer(self._inputs(self._draft.saved))
        self._now = infer(self._inputs()) if self.edits else self._saved

    def read_facts(self) -> None:
        """I/O.

        Reads the cloud facts unless they were read; safe to call from several threads. Raises CloudError.
        """
        with self._reading_facts:
            if not self.facts_read:
                self.look_up()

    def plan(
        self,
        request: PlanRequest = _WHOLE_PLAN,
        *,
        causes: bool = True,
        emit: Callable[[Event], None] = lambda _: None,
    ) -> PlannedChange:
        """I/O. The plan of changes in cloud and store, including unsaved edits; nothing is changed.

        causes: whether the causes of its changes are looked for, which are for display and take a while.
        emit receives throttling events. Raises InvalidSpec for a spec that kOps would refuse.
        """
        inference, edited = self._inference_to_plan(), self._draft.edited
        saved = self._saved_to_plan() if edited else None
        services, location = self._services, self._location()
        planned = plan_cluster(
            services, location, inference, request=request, edited=edited, saved=saved, emit=emit
        )
        if not causes:
            return planned
        from kops_core.engine.operations.plan_causes import planned_by_cause

        written = self._saved.source
        return planned_by_cause(
            services, location, planned, inference, saved=saved, written=written, edited=edited
        )

    def _saved_to_plan(self) -> Inference | None:
        """A new inference of the saved documents; None if they can't be planned."""
        saved = infer(self._inputs(self._draft.saved))
        try:
            return None if validate_planned(saved) else saved
        except KopsError:
            return None

    def part(
        self,
        *,
        phase: str = "",
        overrides: Sequence[str] = (),
        groups: Sequence[str] = (),
        roles: Sequence[str] = (),
    ) -> Part:
        """A part of the cluster by kOps' ``--phase``, ``--lifecycle-overrides``, ``--instance-group`` and
        ``--instance-group-roles``. Raises UsageError for unknown names."""
        from kops_core.model.lifecycles import read_overrides, read_phase

        chosen = chosen_groups(self.name, self.group_summaries(), groups, roles)
        return Part(
            read_phase(phase),
            read_overrides(overrides, self._services.kinds(self._draft.documents[CLUSTER])),
            chosen,
        )

    def drift(self, *, emit: Callable[[Event], None] = lambda _: None) -> DriftReport:
        """I/O. The drift: differences between spec and account, and changes since the last apply.

        Raises InvalidSpec for a spec that kOps would refuse.
        """
        inference = self._inference_to_plan()
        return cluster_drift(
            self._services, self._location(), inference, edited=self._draft.edited, emit=emit
        )

    def store_warnings(self) -> tuple[str, ...]:
        """I/O. What may get lost of the specs and of etcd's control files, a sentence each."""
        from kops_core.engine.operations.etcd import backup_stores
        from kops_core.engine.operations.store_safety import store_warnings

        store, open_store = self.state_store.backend, self._services.backup_store
        return tuple(store_warnings(store, self.name, backup_stores(self._saved), open_store))

    def etcd_clusters(self) -> EtcdClusters:
        """The etcd clusters, with their backups."""
        from kops_core.engine.operations.etcd import EtcdClusters, backup_stores

        return EtcdClusters(self._services, self._location(), backup_stores(self._saved))

    def assets(self) -> AssetList:
        """I/O. The images and files that the cluster downloads. Raises InvalidSpec, CloudError."""
        return self._services.assets(self._location(), self._inference_to_plan())

    def machine_types(self, group: str) -> list[MachineType]:
        """I/O. The machine types that an instance group may have. Raises CloudError."""
        from kops_core.engine.operations.group_creation import offered_types

        return offered_types(self._draft.document(CLUSTER), self._draft.document(group), self._services)

    def groups(self) -> list[GroupStatus]:
        """I/O. The instance groups with their instances. Raises CloudError."""
        return groups_with_instances(self._services, self._location(), self.group_summaries())

    def groups_to_roll(
        self,
        groups: Collection[str] = (),
        roles: Collection[str] = (),
        access: ApiAccess | None = None,
        *,
        warn: Callable[[str], None],
    ) -> list[GroupStatus]:
        """I/O. The named groups, or those of some roles, else all, with their instances and nodes.

        access: how to sign in to Kubernetes; None to ask the cloud alone. Raises UsageError, CloudError.
        """
        from kops_core.engine.operations.rolling import groups_to_roll

        summaries = self.group_summaries()
        names = chosen_groups(self.name, summaries, groups, roles)
        chosen = [each for each in summaries if names is None or each.name in names]
        return groups_to_roll(self._services, self._location(), chosen, access, warn)

    def preview_reconciliation(
        self, *, downgrade: bool = False, emit: Callable[[Event], None] = lambda _: None
    ) -> tuple[StagePreview, ...]:
        """I/O. What each stage of a reconciliation would do; nothing is changed. Raises as ``plan``."""
        from kops_core.engine.operations.reconciliation import preview
        from kops_core.operations.reconcile import CONTROL_PLANE_ROLES

        request = PlanRequest(downgrade=downgrade, ignore_skew=True)
        planned = self.plan(request, causes=False, emit=emit)
        first = chosen_groups(self.name, self.group_summaries(), (), CONTROL_PLANE_ROLES) or ()
        nodes = {
            each.key
            for each in planned.desired.resources
            if each.instance_group and each.instance_group not in first
        }
        return preview(planned.plan, nodes, self.groups())

    def validate(
        self,
        request: ValidationRequest,
        report: Callable[[ValidationAttempt], None],
        cancel: CancelToken,
    ) -> Validation:
        """I/O. Whether the cluster works: its instances, nodes and the pods that the system needs.

        Raises UsageError for an unknown group, CloudError, KubernetesError if it can't be found out.
        """
        # The Kubernetes client is loaded by this operation alone.
        from kops_core.engine.operations.validation import validate_cluster

        summaries = self.group_summaries()
        chosen = chosen_groups(self.name, summaries, request.groups)
        return validate_cluster(
            self._services,
            self._location(),
            summaries,
            chosen=chosen,
            request=request,
            report=report,
            cancel=cancel,
        )

    def _inference_to_plan(self) -> Inference:
        self.read_facts()
        inference = infer(self._inputs())
        errors = [*validate_planned(inference), *self._refused()]
        if errors:
            raise InvalidSpec(list(dict.fromkeys(errors)), where=self.name)
        return inference

    def _refused(self) -> Sequence[FieldError]:
        """The errors that prevent saving."""
        documents = self._draft.documents
        try:
            self.state_store.expect_accepted(
                self._stored, cluster=documents[CLUSTER], instance_groups=groups_of(documents)
            )
        except InvalidSpec as refused:
            return refused.errors
        return ()

    def _location(self) -> ClusterLocation:
        return ClusterLocation(
            self.state_store, self.name, self._draft.documents, self._stored.additional_objects
        )

    def addons(self, access: ApiAccess) -> tuple[AddonStatus, ...]:
        """I/O. The add-ons that the cluster runs, and those that it should. Raises KubernetesError."""
        from kops_core.engine.operations.addons import list_addons

        return list_addons(self._services, self._location(), access)

    def stored_addons(self) -> tuple[AddonStatus, ...]:
        """I/O. The add-ons of the store, as if the cluster ran none: Kubernetes is not asked."""
        from kops_core.engine.operations.addons import stored_addons

        return stored_addons(self._location())

    def dump(
        self, groups: Sequence[GroupStatus], access: ApiAccess, *, cloud: bool, kubernetes: bool
    ) -> tuple[Tree, tuple[str, ...]]:
        """I/O. What the cluster has, for a bug report, and what could not be read. Raises CloudError."""
        from kops_core.engine.operations.dump import dump_all

        return dump_all(self._services, self._location(), groups, access, cloud=cloud, kubernetes=kubernetes)
