"""One cluster being worked on: its documents, unsaved edits, and what follows from them.

Everything but the methods marked I/O answers within a keystroke. A workspace belongs to
one thread, but for those methods, which may run in another while this one only reads.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from threading import Lock

from kops_core.api.check import check
from kops_core.api.documents import read_documents
from kops_core.api.path import FieldPath, get, parse, render, set_at, unset_at
from kops_core.api.values import UNSET, Tree
from kops_core.engine.cluster_services import ClusterLocation, ClusterServices
from kops_core.engine.fleet.rows import GroupSummary
from kops_core.engine.fleet.summary import group_of
from kops_core.engine.inference_context import InferenceContext
from kops_core.engine.operations.cluster_lock import expect_current, with_lock_notes
from kops_core.engine.operations.drift_report import DriftReport
from kops_core.engine.operations.instance_groups import GroupStatus, chosen_groups
from kops_core.engine.operations.planning import APPLY, ROLLING_UPDATE, PlannedChange, PlanRequest
from kops_core.engine.workspace.draft import CLUSTER, Draft, Edit, locate, root_of
from kops_core.engine.workspace.explanation import Explanation, explain
from kops_core.engine.workspace.field_input import with_field
from kops_core.engine.workspace.kept_edits import KeptEdits, edits_on
from kops_core.engine.workspace.review import SaveReview, review
from kops_core.engine.workspace.spec_rows import SpecRow, spec_rows, with_unknown
from kops_core.engine.workspace.undo import documents_before
from kops_core.errors import (
    FactsNotRead,
    FieldError,
    InvalidSpec,
    KopsError,
    MissingFact,
    Refused,
    UsageError,
)
from kops_core.infer.complete import infer, prepare
from kops_core.infer.create.allocation import allocate_ranges
from kops_core.infer.inference import Inference, Inputs
from kops_core.model.lifecycles import WHOLE, Part
from kops_core.operations.apply import expect_applicable
from kops_core.operations.clock import CancelToken
from kops_core.operations.events import Event, Finished
from kops_core.operations.rolling import RollingSettings
from kops_core.plan.changes import Plan
from kops_core.store.metadata import succeeding
from kops_core.store.revisions import Revision
from kops_core.store.state import StateStore, StoredCluster
from kops_core.validate.cluster_set import validate_planned
from kops_core.validate.update import validate_cluster_update

_WHOLE_PLAN = PlanRequest()


class Workspace:
    """A cluster's documents as a draft over what is saved in a store."""

    def __init__(
        self,
        store: StateStore,
        stored: StoredCluster,
        surroundings: InferenceContext,
        access: ClusterServices,
    ) -> None:
        self.name = stored.name
        self.state_store = store
        self._access = access
        self._stored = stored
        self._draft = Draft(_documents(stored))
        self._surroundings = surroundings
        self._reading_facts = Lock()
        self._saved = infer(self._inputs())
        self._now = self._saved

    @property
    def store(self) -> str:
        """URL of the store that the cluster is in."""
        return self.state_store.backend.url

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the operator should know about the cluster as it was opened, a sentence each."""
        return self._surroundings.warnings

    @property
    def inference(self) -> Inference:
        """What follows from the documents with their unsaved edits."""
        return self._now

    @property
    def edits(self) -> int:
        """How many edits are not saved."""
        return len(self._draft.done)

    @property
    def documents(self) -> Mapping[str, Tree]:
        """The documents with their unsaved edits, by object name."""
        return self._draft.documents

    def objects(self) -> tuple[str, ...]:
        """``cluster``, then the instance groups."""
        return tuple(self._draft.documents)

    def group_summaries(self) -> tuple[GroupSummary, ...]:
        """The instance groups as their specs have them."""
        return tuple(group_of(name, tree) for name, tree in self._draft.documents.items() if name != CLUSTER)

    def rows(self, name: str) -> list[SpecRow]:
        """The fields of one object, the user's and the inferred; unknown ones are the user's too."""
        document, root = self._draft.document(name), root_of(name)
        unknown = [at for at, error in check(document, _kind(name)) if error.kind == "Unknown field"]
        rows = spec_rows(self._now, self._saved, root)
        return with_unknown(rows, document, root, [at[1:] for at in unknown if at[:1] == ("spec",)])

    def explain(self, path: FieldPath) -> Explanation:
        """All there is to say about one field."""
        return explain(self._now, path)

    def errors(self) -> tuple[FieldError, ...]:
        """What kOps would refuse, all of it, but for what only the account can tell.

        Raises MissingFact, FactsNotRead.
        """
        try:
            found = [*validate_planned(self._now)]
        except InvalidSpec as problem:  # some values can't even be inferred
            found = [*problem.errors]
        found += validate_cluster_update(self._draft.documents[CLUSTER], self._stored.cluster)
        return tuple(dict.fromkeys(found))

    def moved(self) -> int:
        """How many completed values differ from those of the saved documents."""
        return len(self._now.moved(self._saved))

    def set(self, path: FieldPath, text: str) -> None:
        """Set a field from text. Raises InvalidSpec if the text does not fit the field's type."""
        name, within = locate(path)
        document = with_field(self._draft.document(name), _kind(name), within, text)
        self._take(name, document, f"set {render(path)}")

    def unset(self, path: FieldPath) -> None:
        """Leave a field to inference."""
        name, within = locate(path)
        self._take(name, unset_at(self._draft.document(name), within), f"unset {render(path)}")

    def pin(self, path: FieldPath) -> None:
        """Write the inferred value as the user's own, so that it no longer follows the rule."""
        name, within = locate(path)
        value = self._now.value(path)
        if value is UNSET:
            raise UsageError("there is no inferred value to pin", where=render(path))
        self._take(name, set_at(self._draft.document(name), within, value), f"pin {render(path)}")

    def undo(self) -> Edit | None:
        """Take the last edit back."""
        return self._followed(self._draft.undo())

    def redo(self) -> Edit | None:
        """Make the edit again that was last taken back."""
        return self._followed(self._draft.redo())

    def document(self, name: str) -> str:
        """An object as YAML, as it would be stored."""
        from kops_core.api.canonical import to_yaml

        return to_yaml(self._draft.document(name), _kind(name), keep_unknown=True)

    def replace_document(self, name: str, text: str) -> None:
        """Take an edited document. Raises InvalidSpec with every error in it; then nothing changes.

        Fields that no type has are errors, but for those that are there already.
        """
        found = read_documents(text, f"{name}.yaml", keep_unknown=True)
        before = self._draft.document(name)
        new = [
            error
            for document in found
            for error in document.unknown
            if get(before, parse(error.path)) != get(document.tree, parse(error.path))
        ]
        if new:
            raise InvalidSpec(new)
        kind = _kind(name)
        if len(found) != 1 or found[0].kind != kind:
            raise InvalidSpec(
                [FieldError("Invalid value", "kind", f"write exactly one {kind}", f"{name}.yaml")]
            )
        was = get(self._draft.document(name), ("metadata", "name"))
        if found[0].name != was:
            raise InvalidSpec(
                [FieldError("Forbidden", "metadata.name", f"an object can't be renamed; it is {was}")]
            )
        self._take(name, found[0].tree, f"edit {name}")

    def set_field(self, name: str, path: str, text: str) -> None:
        """Set a field of an object as kOps' ``--set`` does; lists grow. Its name may be the spec's."""
        from kops_core.api.set_expression import set_field

        self._take(
            name, set_field(self._draft.document(name), _kind(name), path, text, either=True), f"set {path}"
        )

    def unset_field(self, name: str, path: str) -> None:
        """Unset a field of an object as kOps' ``--unset`` does, by the spec's name or kOps' own."""
        from kops_core.api.set_expression import unset_field

        self._take(
            name, unset_field(self._draft.document(name), _kind(name), path, either=True), f"unset {path}"
        )

    def look_up(self) -> None:
        """I/O. Read the cloud facts that the documents call for, edits included.

        To be called after anything raised FactsNotRead, or MissingFact for e.g. another machine type.
        Raises CloudError.
        """
        known = self._surroundings.facts or {}
        found = self._access.facts(self._draft.documents)
        merged: Tree = {**known}
        for name, facts in found.items():
            before = known.get(name)
            merged[name] = (
                {**before, **facts} if isinstance(before, dict) and isinstance(facts, dict) else facts
            )
        self._surroundings = replace(self._surroundings, facts=merged)
        # Made anew, not from the former ones, which another thread may be reading.
        self._saved = infer(self._inputs(self._draft.saved))
        self._now = infer(self._inputs()) if self.edits else self._saved

    @property
    def facts_read(self) -> bool:
        """Whether the cloud was asked for facts: before, most inferred values are not known."""
        return self._surroundings.facts is not None

    def read_facts(self) -> None:
        """I/O. Read the cloud facts unless they were read; safe in several threads. Raises CloudError."""
        with self._reading_facts:
            if not self.facts_read:
                self.look_up()

    def plan(
        self,
        *,
        prune: bool = False,
        part: Part = WHOLE,
        downgrade: bool = False,
        emit: Callable[[Event], None] = lambda _: None,
    ) -> PlannedChange:
        """I/O. What would change in cloud and store, unsaved edits included; nothing is changed.

        downgrade: whether a newer kOps may have applied the cluster last. emit is told when AWS throttles.
        Raises InvalidSpec for a spec that kOps would refuse.
        """
        return self._planned(PlanRequest(prune, part, downgrade), emit)

    def _planned(self, request: PlanRequest, emit: Callable[[Event], None]) -> PlannedChange:
        inference, edited = self._inference_to_plan(), self._draft.edited
        saved = self._saved_to_plan() if edited else None
        return self._access.plan(
            self._place(), inference, edited=edited, saved=saved, request=request, emit=emit
        )

    def _saved_to_plan(self) -> Inference | None:
        """A fresh inference of the saved documents; None if they could not be planned as they are."""
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
        ``--instance-group-roles``. Raises UsageError for what there is not."""
        from kops_core.model.lifecycles import read_overrides, read_phase

        chosen = chosen_groups(self.name, self.group_summaries(), groups, roles)
        return Part(
            read_phase(phase),
            read_overrides(overrides, self._access.kinds(self._draft.documents[CLUSTER])),
            chosen,
        )

    def drift(self, *, emit: Callable[[Event], None] = lambda _: None) -> DriftReport:
        """I/O. What is not as the spec wants it, and what was changed since the last apply.

        Raises InvalidSpec for a spec that kOps would refuse.
        """
        inference = self._inference_to_plan()
        return self._access.drift(self._place(), inference, edited=self._draft.edited, emit=emit)

    def apply(self, shown: PlannedChange, emit: Callable[[Event], None], control: CancelToken) -> Finished:
        """I/O. Save unsaved edits and carry out exactly the plan that was shown.

        Raises Refused if the session is read-only, the cluster is locked, or store or cloud changed
        since the plan was made; LockLost if the lock was lost on the way.
        """
        return self.plan_and_apply(emit, control, request=shown.request, expected=shown.plan)

    def plan_and_apply(
        self,
        emit: Callable[[Event], None],
        control: CancelToken,
        *,
        request: PlanRequest = _WHOLE_PLAN,
        expected: Plan | None = None,
    ) -> Finished:
        """I/O. Under one lock: see that the specs are still those that were read, plan, save and apply.

        expected: the plan that it has to be; anything else is refused with the difference.
        Raises Refused, LockLost, InvalidSpec for a spec that kOps would refuse.
        """
        self._access.expect_write("apply a plan")
        with self._access.locked(APPLY, self._place(), control, emit) as hold:
            expect_current(self.state_store, self._stored)
            prepared = self._planned(request, emit)
            if expected is not None:
                prepared.expect(expected)
            expect_applicable(prepared.plan)
            if control.stopped:  # planning takes a while, and is no step
                raise Refused("stopped before anything was changed", where=self.name)
            self.save()
            ended = self._access.apply(self._place(), prepared, emit, control)
        return with_lock_notes(ended, hold)

    def terraform(self, part: Part = WHOLE) -> dict[str, bytes]:
        """I/O. The cluster as a Terraform module, by relative file name; keysets are made in the store.

        Raises InvalidSpec for a spec that kOps would refuse.
        """
        return self._access.terraform(self._place(), self._inference_to_plan(), part=part)

    def groups(self) -> list[GroupStatus]:
        """I/O. The instance groups with their instances. Raises CloudError."""
        return self._access.groups(self._place(), self.group_summaries())

    def roll(
        self,
        groups: Collection[str],
        emit: Callable[[Event], None],
        control: CancelToken,
        *,
        interval: float | None = None,
    ) -> Finished:
        """I/O. Replace the outdated instances of the named groups; of all, if none is named.

        interval: seconds between two instances; by default kOps' 15, and none in the sandbox.
        Raises UsageError for an unknown group, Refused if the session is read-only or the cluster locked.
        """
        self._access.expect_write("replace instances")
        summaries = self.group_summaries()
        names = chosen_groups(self.name, summaries, groups)
        chosen = [each for each in summaries if names is None or each.name in names]
        if interval is None:
            interval = 0.0 if self._access.settings.sandbox else RollingSettings().interval
        place = self._place()
        with self._access.locked(ROLLING_UPDATE, place, control, emit) as hold:
            expect_current(self.state_store, self._stored)
            ended = self._access.roll(place, chosen, emit, control, interval=interval)
        return with_lock_notes(ended, hold)

    def _inference_to_plan(self) -> Inference:
        self.read_facts()
        inference = infer(self._inputs())
        errors = [*validate_planned(inference), *self._refused()]
        if errors:
            raise InvalidSpec(list(dict.fromkeys(errors)), where=self.name)
        return inference

    def _refused(self) -> Sequence[FieldError]:
        """Why the documents could not be saved."""
        documents = self._draft.documents
        try:
            self.state_store.expect_accepted(
                self._stored, cluster=documents[CLUSTER], instance_groups=_groups(documents)
            )
        except InvalidSpec as refused:
            return refused.errors
        return ()

    def _place(self) -> ClusterLocation:
        return ClusterLocation(
            self.state_store, self.name, self._draft.documents, self._stored.additional_objects
        )

    def save(self) -> None:
        """I/O. Write the edits to the store.

        Raises InvalidSpec if the edits make the cluster wrong or change what can't be changed,
        ObjectChanged if somebody else wrote meanwhile: then nothing is written and the edits stay.
        """
        if not self._draft.changed:
            return
        self._access.expect_write("save")
        documents = self._draft.documents
        what = ", ".join(dict.fromkeys(edit.what for edit in self._draft.done))
        try:
            cluster = self._settled(documents[CLUSTER])
        except FactsNotRead:  # ranges of a shared network
            self.read_facts()
            cluster = self._settled(documents[CLUSTER])
        self._stored = self.state_store.replace(
            self._stored,
            cluster=cluster,
            instance_groups=_groups(documents),
            what=what,
        )
        self._draft = Draft(_documents(self._stored))
        self._follow()
        self._saved = self._now

    def review(self) -> SaveReview:
        """What ``save`` would store, and why it must not. Raises MissingFact, FactsNotRead."""
        documents = self._draft.documents
        after = {**documents, CLUSTER: self._settled(documents[CLUSTER])}
        if CLUSTER not in self._draft.changed:
            after[CLUSTER] = documents[CLUSTER]
        errors = tuple(dict.fromkeys([*self.errors(), *self._refused()]))
        return review(self._draft.saved, after, self._saved, self._now, errors)

    def unsaved(self) -> KeptEdits:
        """The unsaved edits, to be kept on disk."""
        changed = self._draft.changed
        return KeptEdits(
            self.name,
            self.store,
            self._access.now(),
            tuple(dict.fromkeys(edit.what for edit in self._draft.done)),
            {name: self._draft.saved[name] for name in changed},
            {name: self._draft.document(name) for name in changed},
        )

    def take_up(self, kept: KeptEdits) -> bool:
        """Make edits again that were kept; whether the spec is still what they were made on.

        Raises UsageError, having done nothing, for edits of a group that is gone.
        """
        current = self._draft.documents
        same = all(kept.base[name] == current.get(name) for name in kept.documents)
        for name, document in edits_on(kept, current).items():
            self._draft.replace(name, document, f"take up kept edits of {name}")
        self._follow()
        return same

    def go_back(self, revision: Revision) -> None:
        """Make an unsaved edit that undoes a write. Raises UsageError if groups came or went since."""
        for name, document in documents_before(revision, self._draft.documents).items():
            self._draft.replace(name, document, f"undo {revision.what!r} of {revision.at:%Y-%m-%d %H:%M}")
        self._follow()

    def _settled(self, cluster: Tree) -> Tree:
        """The cluster as kOps' ``edit`` stores it: a new subnet keeps the range that was inferred."""
        # What can't be settled is stored as it was typed; a plan names what is wrong with it.
        with suppress(InvalidSpec, MissingFact):
            return allocate_ranges(cluster, self._surroundings.facts)
        return cluster

    def _take(self, name: str, document: Tree, what: str) -> None:
        self._draft.replace(name, document, what)
        self._follow()

    def _followed(self, edit: Edit | None) -> Edit | None:
        if edit is not None:
            self._follow()
        return edit

    def _follow(self) -> None:
        self._now = self._now.after(self._inputs())

    def _inputs(self, documents: Mapping[str, Tree] | None = None) -> Inputs:
        around = self._surroundings
        inputs = prepare(
            [self._as_stored(name) for name in self._draft.documents]
            if documents is None
            else list(documents.values()),
            facts=around.facts,
            channel=around.channel,
            settings=around.settings,
        )
        return inputs if around.facts is not None else replace(inputs, facts=None)

    def _as_stored(self, name: str) -> Tree:
        """A document with the metadata that saving gives it, so that a plan is the same before and after."""
        document = self._draft.document(name)
        before = self._draft.saved.get(name)
        return (
            document
            if before is None or before == document
            else succeeding(before, document, self._access.now())
        )


def _groups(documents: Mapping[str, Tree]) -> dict[str, Tree]:
    return {name: tree for name, tree in documents.items() if name != CLUSTER}


def _kind(name: str) -> str:
    return "Cluster" if name == CLUSTER else "InstanceGroup"


def _documents(stored: StoredCluster) -> dict[str, Tree]:
    return {CLUSTER: stored.cluster, **stored.instance_groups}
