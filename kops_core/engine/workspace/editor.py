"""Edits a cluster's documents as a draft with inference: pure, and fast enough for each key press."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from kops_core.api.check import check
from kops_core.api.documents import read_documents
from kops_core.api.names import GROUP, expect_document_name
from kops_core.api.path import FieldPath, get, parse, render, set_at, unset_at
from kops_core.api.values import UNSET, Tree
from kops_core.engine.fleet.rows import GroupSummary
from kops_core.engine.fleet.summary import group_of, is_protected
from kops_core.engine.inference_context import InferenceContext
from kops_core.engine.workspace.draft import CLUSTER, Draft, Edit, groups_of, locate, root_of
from kops_core.engine.workspace.explanation import Explanation, explain
from kops_core.engine.workspace.field_input import with_field
from kops_core.engine.workspace.kept_edits import KeptEdits, edits_on
from kops_core.engine.workspace.spec_rows import SpecRow, spec_rows, with_unknown
from kops_core.engine.workspace.structures import (
    is_list,
    lines_of,
    next_item,
    structure_text,
    with_item_moved,
    with_structure,
)
from kops_core.engine.workspace.undo import succeeding_documents
from kops_core.engine.workspace.what_if import WhatIf, what_if
from kops_core.errors import (
    FieldError,
    InvalidSpec,
    MissingFact,
    UsageError,
)
from kops_core.infer.complete import infer, prepare
from kops_core.infer.create.allocation import allocate_ranges
from kops_core.infer.create.group import copied_group
from kops_core.infer.inference import Inference, Inputs
from kops_core.store.metadata import dated, labelled, name_of, succeeding
from kops_core.validate.cluster_set import validate_planned
from kops_core.validate.update import validate_cluster_update


class SpecEditor:
    """Documents with unsaved edits over saved ones. Belongs to one thread."""

    def __init__(
        self,
        name: str,
        store: str,
        documents: Mapping[str, Tree],
        context: InferenceContext,
        now: Callable[[], datetime],
    ) -> None:
        """store: URL of the store that the documents are saved in."""
        self.name = name
        self.store = store
        self._clock = now
        self._draft = Draft(documents)
        self._context = context
        self._saved = infer(self._inputs())
        self._now = self._saved

    @property
    def warnings(self) -> tuple[str, ...]:
        """Warnings about the cluster as it was opened, a sentence each."""
        return self._context.warnings

    @property
    def inference(self) -> Inference:
        """The inference of the documents with their unsaved edits."""
        return self._now

    @property
    def edits(self) -> int:
        """The number of unsaved edits."""
        return len(self._draft.done)

    @property
    def documents(self) -> Mapping[str, Tree]:
        """The documents with their unsaved edits, by object name."""
        return self._draft.documents

    def objects(self) -> tuple[str, ...]:
        """``cluster``, then the instance groups."""
        return tuple(self._draft.documents)

    def group_summaries(self) -> tuple[GroupSummary, ...]:
        """Summaries of the instance groups' specs."""
        return tuple(group_of(name, tree) for name, tree in groups_of(self._draft.documents).items())

    def rows(self, name: str) -> list[SpecRow]:
        """The fields of one object, the user's (also unknown ones) and the inferred."""
        document, root = self._draft.document(name), root_of(name)
        unknown = [at for at, error in check(document, _kind(name)) if error.kind == "Unknown field"]
        rows = spec_rows(self._now, self._saved, root)
        return with_unknown(rows, document, root, [at[1:] for at in unknown if at[:1] == ("spec",)])

    def explain(self, path: FieldPath) -> Explanation:
        """The explanation of one field."""
        return explain(self._now, path)

    def errors(self) -> tuple[FieldError, ...]:
        """All errors of the specs, except those that depend on the account.

        Raises MissingFact, FactsNotRead.
        """
        try:
            found = [*validate_planned(self._now)]
        except InvalidSpec as problem:  # some values can't even be inferred
            found = [*problem.errors]
        found += validate_cluster_update(self._draft.documents[CLUSTER], self._draft.saved[CLUSTER])
        return tuple(dict.fromkeys(found))

    def moved(self) -> int:
        """The number of completed values that differ from those of the saved documents."""
        return len(self._now.moved(self._saved))

    def set(self, path: FieldPath, text: str) -> None:
        """Sets a field from text. Raises InvalidSpec if the text does not fit the field's type."""
        name, within = locate(path)
        document = with_field(self._draft.document(name), _kind(name), within, text)
        self._replace_document(name, document, f"set {render(path)}")

    def unset(self, path: FieldPath) -> None:
        """Removes the user's value of a field, so that it is inferred."""
        name, within = locate(path)
        self._replace_document(name, unset_at(self._draft.document(name), within), f"unset {render(path)}")

    def pin(self, path: FieldPath) -> None:
        """Sets the inferred value as the user's own, so that it no longer follows the rule."""
        name, within = locate(path)
        value = self._now.value(path)
        if value is UNSET:
            raise UsageError("there is no inferred value to pin", where=render(path))
        self._replace_document(name, set_at(self._draft.document(name), within, value), f"pin {render(path)}")

    def structure(self, path: FieldPath) -> str:
        """A list, map or struct as YAML: the user's, else the inferred one; "" if there is neither."""
        name, within = locate(path)
        yours = get(self._draft.document(name), within)
        return structure_text(self._now.value(path) if yours is UNSET else yours)

    def set_structure(self, path: FieldPath, text: str) -> None:
        """Sets a list, map or struct from YAML. Raises InvalidSpec for what does not fit there."""
        name, within = locate(path)
        document = with_structure(self._draft.document(name), _kind(name), within, text)
        self._replace_document(name, document, f"set {render(path)}")

    def next_item(self, path: FieldPath) -> FieldPath | None:
        """The path of one more item of a list; None for a field that is no list."""
        name, within = locate(path)
        if not is_list(_kind(name), within):
            return None
        return (*path[: len(path) - len(within)], *next_item(self._draft.document(name), within))

    def move_item(self, path: FieldPath, by: int) -> None:
        """Moves an item of a list by some places. Raises UsageError for what is no item of the user's."""
        name, within = locate(path)
        document = with_item_moved(self._draft.document(name), within, by)
        self._replace_document(name, document, f"move {render(path)}")

    def document_lines(self, name: str) -> Mapping[FieldPath, int]:
        """The line, from 1, of each field in the YAML of an object, by its path from the inference's root."""
        root = root_of(name)[:-1]
        return {(*root, *path): number for path, number in lines_of(self.document(name)).items()}

    def what_if(self, path: FieldPath, text: str) -> WhatIf:
        """What a value would change, without an edit. Raises InvalidSpec for a wrong text, MissingFact."""
        name, within = locate(path)
        document = with_field(self._draft.document(name), _kind(name), within, text)
        then = self._now.after(self._inputs({**self._draft.documents, name: document}))
        return what_if(self._now, then, path)

    def undo(self) -> Edit | None:
        """Undoes the last edit."""
        return self._infer_after(self._draft.undo())

    def redo(self) -> Edit | None:
        """Redoes the edit that was last undone."""
        return self._infer_after(self._draft.redo())

    def document(self, name: str) -> str:
        """An object as YAML, as it would be stored."""
        from kops_core.api.canonical import to_yaml

        return to_yaml(self._draft.document(name), _kind(name), keep_unknown=True)

    def replace_document(self, name: str, text: str) -> None:
        """Replaces a document by an edited text.

        Raises InvalidSpec with every error in it; then nothing changes.

        Fields that no type has are errors, except those that exist already.
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
        self._replace_document(name, found[0].tree, f"edit {name}")

    def add_group(self, group: Tree) -> str:
        """Adds a new instance group; its name. Raises ObjectExists, InvalidSpec for an invalid name."""
        name = name_of(group)
        expect_document_name(GROUP, name)
        # Dated now: with another date in the process that applies it, its plan would be another one.
        self._draft.add(
            name, dated(labelled(group, self.name), self._clock()), f"create instance group {name}"
        )
        self._infer_draft()
        return name

    def copy_group(self, name: str, new: str) -> None:
        """Adds a copy of an instance group by another name. Raises ObjectExists, InvalidSpec."""
        self.add_group(copied_group(self._draft.document(name), new))

    @property
    def protected(self) -> tuple[str, ...]:
        """The saved objects that are protected against deletion, by name."""
        return tuple(name for name, document in self._draft.saved.items() if is_protected(document))

    def set_field(self, name: str, path: str, text: str) -> None:
        """Sets a field of an object as kOps' ``--set`` does; lists grow.

        The path may have the spec's names.
        """
        from kops_core.api.set_expression import set_field

        self._replace_document(
            name, set_field(self._draft.document(name), _kind(name), path, text, either=True), f"set {path}"
        )

    def unset_field(self, name: str, path: str) -> None:
        """Unsets a field of an object as kOps' ``--unset`` does, by the spec's names or kOps' own."""
        from kops_core.api.set_expression import unset_field

        self._replace_document(
            name, unset_field(self._draft.document(name), _kind(name), path, either=True), f"unset {path}"
        )

    @property
    def facts_read(self) -> bool:
        """Whether cloud facts were read; before, values that depend on them are unknown."""
        return self._context.facts is not None

    def unsaved(self) -> KeptEdits:
        """The unsaved edits, for storage on disk."""
        changed = self._draft.changed
        return KeptEdits(
            self.name,
            self.store,
            self._clock(),
            tuple(dict.fromkeys(edit.what for edit in self._draft.done)),
            {name: self._draft.saved[name] for name in changed if name in self._draft.saved},
            {name: self._draft.document(name) for name in changed},
        )

    def take_up(self, kept: KeptEdits) -> bool:
        """Restores edits from disk; whether the spec is still the one that they were made on.

        Raises UsageError, without a change, for edits of a group that is gone.
        """
        current, what = self._draft.documents, ", ".join(kept.what)
        same = all(kept.base.get(name) == current.get(name) for name in kept.documents)
        for name, document in edits_on(kept, current).items():
            put = self._draft.replace if name in current else self._draft.add
            put(name, document, what)
        self._infer_draft()
        return same

    def go_back(self, documents: Mapping[str, Tree], what: str) -> None:
        """Makes an unsaved edit of earlier documents. what: a description of the edit.

        Raises UsageError if groups were added or removed since.
        """
        for name, document in succeeding_documents(documents, self._draft.documents).items():
            self._draft.replace(name, document, what)
        self._infer_draft()

    def _with_ranges(self, cluster: Tree) -> Tree:
        """The cluster as kOps' ``edit`` stores it: a new subnet keeps the range that was inferred."""
        # If a range can't be allocated, the spec is stored as it is; a plan reports the error.
        with suppress(InvalidSpec, MissingFact):
            return allocate_ranges(cluster, self._context.facts)
        return cluster

    def _replace_document(self, name: str, document: Tree, what: str) -> None:
        self._draft.replace(name, document, what)
        self._infer_draft()

    def _infer_after(self, edit: Edit | None) -> Edit | None:
        if edit is not None:
            self._infer_draft()
        return edit

    def _infer_draft(self) -> None:
        self._now = self._now.after(self._inputs())

    def _inputs(self, documents: Mapping[str, Tree] | None = None) -> Inputs:
        around = self._context
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
            document if before is None or before == document else succeeding(before, document, self._clock())
        )

    def _saved_as(self, documents: Mapping[str, Tree]) -> None:
        """Sets the saved documents, after which nothing is unsaved."""
        self._draft = Draft(documents)
        self._infer_draft()
        self._saved = self._now


def _kind(name: str) -> str:
    return "Cluster" if name == CLUSTER else "InstanceGroup"
