"""The workspace of one cluster: its documents in a draft, and operations on its store and cloud.

A workspace belongs to one thread, except the methods marked I/O, which may run in another while this one only
reads.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from kops_core.engine.operations.cluster_lock import expect_current, with_lock_notes
from kops_core.engine.operations.execution import apply_plan
from kops_core.engine.operations.instance_groups import chosen_groups
from kops_core.engine.operations.journals import APPLY, RECONCILE, ROLLING_UPDATE
from kops_core.engine.operations.planning import PlanRequest
from kops_core.engine.operations.spec_history import make_backup
from kops_core.engine.workspace.cluster_reader import ClusterReader
from kops_core.engine.workspace.draft import CLUSTER, documents_of, groups_of
from kops_core.engine.workspace.review import SaveReview, review
from kops_core.errors import (
    FactsNotRead,
    Refused,
)
from kops_core.operations.apply import expect_applicable
from kops_core.operations.clock import CancelToken
from kops_core.operations.events import Event, Finished, Saved, Warned
from kops_core.plan.changes import Plan

if TYPE_CHECKING:
    from kops_core.engine.operations.group_deletion import GroupDeleter
    from kops_core.engine.operations.instance_deletion import InstanceDeleter
    from kops_core.engine.operations.options import ApiAccess, GroupDeletionOptions
    from kops_core.engine.workspace.upgrade import UpgradeProposal, UpgradeRequest
    from kops_core.operations.rolling.leftovers import Leftover
    from kops_core.operations.rolling.settings import RollingSettings

_WHOLE_PLAN = PlanRequest()


class Workspace(ClusterReader):
    """A cluster's documents as a draft over those in a store, and the operations on the cluster."""

    def apply(
        self,
        emit: Callable[[Event], None],
        cancel: CancelToken,
        *,
        request: PlanRequest = _WHOLE_PLAN,
        expected: Plan | None = None,
    ) -> Finished:
        """I/O. Under one lock: checks that the specs are unchanged, plans, saves and applies.

        expected: the plan that it has to be, e.g. the one that was shown; any other is refused with the
        difference. Raises Refused if the session is read-only, the cluster is locked, or store or
        cloud changed since; LockLost if the lock was lost on the way; InvalidSpec for a wrong spec.
        """
        self._services.expect_write("apply a plan")
        with self._services.locked(APPLY, self._location(), cancel, emit) as hold:
            ended = self._apply(emit, cancel, request, expected)
        return with_lock_notes(ended, hold)

    def refresh(self) -> None:
        """I/O. Reads the cluster again, e.g. after an operation has saved the edits; other edits stay.

        Raises ObjectNotFound, InvalidSpec, StoreError; UsageError for edits of a group that is gone.
        """
        stored = self.state_store.read_cluster(self.name)
        edits = self.unsaved() if self.edits else None  # not before: reading takes a while
        self._stored = stored
        self._saved_as(documents_of(self._stored))
        if edits is not None:
            self.take_up(edits)

    def _apply(
        self,
        emit: Callable[[Event], None],
        cancel: CancelToken,
        request: PlanRequest,
        expected: Plan | None = None,
    ) -> Finished:
        """I/O. What ``apply`` does under the lock."""
        expect_current(self.state_store, self._stored)
        planned = self.plan(request, causes=False, emit=emit)
        if expected is not None:
            planned.expect(expected)
        expect_applicable(planned.plan)
        if cancel.stopped:  # planning takes a while, and is not a step
            raise Refused("stopped before anything was changed", where=self.name)
        if not planned.plan.empty or self.edits:
            make_backup(self._services, self._location(), self._stored, APPLY)
            for sentence in self.store_warnings():
                emit(Warned(self._services.now(), "", sentence))
        if self.edits:
            what = self.unsaved().what
            self.save()
            emit(Saved(self._services.now(), "", what))
        return apply_plan(self._services, self._location(), planned, emit, cancel)

    def terraform(self, request: PlanRequest = _WHOLE_PLAN) -> dict[str, bytes]:
        """I/O. The files of the cluster's Terraform module, by name; missing keysets are created in the
        store.

        Raises InvalidSpec for a spec that kOps would refuse.
        """
        from kops_core.engine.files.terraform_module import terraform_module

        return terraform_module(self._services, self._location(), self._inference_to_plan(), request)

    def roll_leftovers(self, access: ApiAccess) -> tuple[Leftover, ...]:
        """I/O. What interrupted rolling updates left: marks on nodes, and instances out of their group.

        Raises CloudError, KubernetesError.
        """
        from kops_core.engine.operations.rolling import roll_leftovers

        return roll_leftovers(self._services, self._location(), self.group_summaries(), access)

    def roll(
        self,
        groups: Collection[str],
        emit: Callable[[Event], None],
        cancel: CancelToken,
        *,
        roles: Collection[str] = (),
        settings: RollingSettings | None = None,
        access: ApiAccess | None = None,
    ) -> Finished:
        """I/O. Replaces the outdated instances of the named groups, or of those of some roles; else of all.

        settings: by default kOps'; without pauses in the sandbox. access: how to sign in to Kubernetes.
        Raises UsageError for an unknown group, KubernetesError if the cluster can't be reached at the start,
        Refused if the session is read-only or the cluster locked.
        """
        self._services.expect_write("replace instances")
        chosen = chosen_groups(self.name, self.group_summaries(), groups, roles)
        with self._services.locked(ROLLING_UPDATE, self._location(), cancel, emit) as hold:
            ended = self._roll(chosen, emit, cancel, settings, access)
        return with_lock_notes(ended, hold)

    def _roll(
        self,
        chosen: Collection[str] | None,
        emit: Callable[[Event], None],
        cancel: CancelToken,
        settings: RollingSettings | None,
        access: ApiAccess | None,
    ) -> Finished:
        """I/O. What ``roll`` does under the lock."""
        # The Kubernetes client is loaded by this operation alone.
        from kops_core.engine.operations.options import ApiAccess
        from kops_core.engine.operations.rolling import default_settings, roll_groups

        expect_current(self.state_store, self._stored)
        return roll_groups(
            self._services,
            self._location(),
            self.group_summaries(),
            emit,
            cancel,
            chosen=chosen,
            settings=settings or default_settings(sandbox=self._services.settings.sandbox),
            access=access or ApiAccess(),
        )

    def reconcile(
        self,
        emit: Callable[[Event], None],
        cancel: CancelToken,
        *,
        settings: RollingSettings | None = None,
        access: ApiAccess | None = None,
        downgrade: bool = False,
    ) -> Finished:
        """I/O. Brings the whole cluster to its spec under one lock, stage by stage.

        settings: of the rolling updates. access: how to sign in to Kubernetes. downgrade: although a newer
        kOps applied the cluster last. Raises as ``apply`` and ``roll``, and Refused before a stage that the
        versions of the nodes do not allow.
        """
        from kops_core.engine.operations.options import ApiAccess
        from kops_core.engine.operations.reconciliation import check_versions, wait_for_api
        from kops_core.operations.reconcile import Stage, reconcile

        self._services.expect_write("reconcile the cluster")
        signed_in, cloud_only = access or ApiAccess(), settings is not None and settings.cloud_only

        def check(stage: Stage) -> None:
            if not cloud_only:
                check_versions(
                    self._services, self._location(), self.inference, stage, access=signed_in, emit=emit
                )

        def carry_out(stage: Stage) -> Finished:
            if not stage.rolls:
                part = self.part(roles=stage.roles)
                request = PlanRequest(stage.prune, part, downgrade, ignore_skew=cloud_only, access=signed_in)
                return self._apply(emit, cancel, request)
            if not cloud_only:
                wait_for_api(self._services, self._location(), signed_in, cancel, emit)
            chosen = chosen_groups(self.name, self.group_summaries(), (), stage.roles)
            return self._roll(chosen, emit, cancel, settings, signed_in)

        with self._services.locked(RECONCILE, self._location(), cancel, emit) as hold:
            ended = reconcile(carry_out, check=check, clock=self._services.clock, emit=emit, cancel=cancel)
        return with_lock_notes(ended, hold)

    def instance_deleter(
        self,
        instance: str,
        settings: RollingSettings,
        access: ApiAccess,
        *,
        surge: bool = True,
    ) -> InstanceDeleter:
        """The deletion of an instance, by its id or its node's name."""
        from kops_core.engine.operations.instance_deletion import InstanceDeleter

        return InstanceDeleter(
            self._services,
            self._location(),
            self.group_summaries(),
            instance,
            settings,
            access,
            surge=surge,
        )

    def delete_instance(
        self, deleter: InstanceDeleter, emit: Callable[[Event], None], cancel: CancelToken
    ) -> Finished:
        """I/O. Deletes an instance under the cluster's lock. Raises Refused, UsageError, KubernetesError."""
        from kops_core.engine.operations.options import DELETE_INSTANCE

        self._services.expect_write("delete an instance")
        with self._services.locked(DELETE_INSTANCE, self._location(), cancel, emit) as hold:
            expect_current(self.state_store, self._stored)
            ended = deleter.carry_out(emit, cancel)
        return with_lock_notes(ended, hold)

    def group_deleter(self, group: str, options: GroupDeletionOptions) -> GroupDeleter:
        """The deletion of a saved instance group, to be looked at or carried out. Raises ObjectNotFound."""
        from kops_core.engine.operations.group_deletion import GroupDeleter

        saved = self._stored.instance_groups
        return GroupDeleter(
            self._services,
            self._location(),
            self._stored,
            tuple(each for each in self.group_summaries() if each.name in saved),
            group=group,
            options=options,
        )

    def propose_upgrade(self, request: UpgradeRequest) -> UpgradeProposal:
        """I/O. Makes the edits of an upgrade of Kubernetes, to be reviewed and saved like any others.

        Raises Refused, UsageError, InvalidSpec if it is not possible; then there is no edit.
        """
        from kops_core.engine.workspace.upgrade import propose_upgrade

        return propose_upgrade(self, self._services, self._location(), request)

    def save(self) -> None:
        """I/O. Saves the edits to the store.

        Raises InvalidSpec if they add errors or change fields that can't be changed, ObjectChanged if
        somebody else wrote meanwhile: then nothing is written and the edits stay.
        """
        if not self._draft.changed:
            return
        self._services.expect_write("save")
        documents = self._draft.documents
        what = ", ".join(dict.fromkeys(edit.what for edit in self._draft.done))
        try:
            cluster = self._with_ranges(documents[CLUSTER])
        except FactsNotRead:  # ranges of a shared network
            self.read_facts()
            cluster = self._with_ranges(documents[CLUSTER])
        self._stored = self.state_store.replace(
            self._stored,
            cluster=cluster,
            instance_groups=groups_of(documents),
            what=what,
        )
        self._saved_as(documents_of(self._stored))

    def review(self) -> SaveReview:
        """The changes that ``save`` would store, and errors that prevent it.

        Raises MissingFact, FactsNotRead.
        """
        documents = self._draft.documents
        after = {**documents, CLUSTER: self._with_ranges(documents[CLUSTER])}
        if CLUSTER not in self._draft.changed:
            after[CLUSTER] = documents[CLUSTER]
        errors = tuple(dict.fromkeys([*self.errors(), *self._refused()]))
        return review(self._draft.saved, after, self._saved, self._now, errors)
