"""A cluster's documents with unsaved edits, which can be undone and redone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kops_core.api.path import FieldPath, Part, differences, render
from kops_core.api.values import Tree
from kops_core.errors import ObjectExists, ObjectNotFound, UsageError
from kops_core.store.reading import StoredCluster

CLUSTER = "cluster"
"""Name of the Cluster document in a draft; instance groups have their own."""
GROUPS = "instanceGroups"
"""Root of instance groups in paths of the inference."""


def documents_of(stored: StoredCluster) -> dict[str, Tree]:
    """A stored cluster's documents by object name."""
    return {CLUSTER: stored.cluster, **stored.instance_groups}


def groups_of(documents: Mapping[str, Tree]) -> dict[str, Tree]:
    """The InstanceGroup documents among a cluster's, by name."""
    return {name: document for name, document in documents.items() if name != CLUSTER}


@dataclass(frozen=True)
class Edit:
    """One edit: a document before and after; before is None for a new one."""

    what: str
    """A description, e.g. ``set spec.kubernetesVersion``."""
    object: str
    before: Tree | None
    after: Tree


@dataclass
class Draft:
    """Documents by object name, with undo and redo."""

    saved: Mapping[str, Tree]
    """The documents in the store."""
    documents: dict[str, Tree] = field(default_factory=dict)
    done: list[Edit] = field(default_factory=list)
    undone: list[Edit] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.documents = dict(self.saved)

    @property
    def changed(self) -> tuple[str, ...]:
        """Objects whose document differs from the saved one."""
        return tuple(name for name, document in self.documents.items() if document != self.saved.get(name))

    @property
    def edited(self) -> tuple[FieldPath, ...]:
        """Paths of the inference at which unsaved documents differ from the saved ones."""
        return tuple(
            (*root_of(name)[:-1], *path)
            for name in self.changed
            for path in differences(self.saved.get(name, {}), self.documents[name])
        )

    def document(self, name: str) -> Tree:
        """The current document. Raises ObjectNotFound, with the names of those that exist."""
        try:
            return self.documents[name]
        except KeyError:
            there = ", ".join(each for each in self.documents if each != CLUSTER) or "none"
            raise ObjectNotFound(f"there is no instance group {name}", remedy=f"there are: {there}") from None

    def replace(self, name: str, document: Tree, what: str) -> None:
        """Adds a new version of a document, unless it is equal to the current one."""
        self._put(name, self.document(name), document, what)

    def add(self, name: str, document: Tree, what: str) -> None:
        """Adds a new document. Raises ObjectExists."""
        if name in self.documents:
            raise ObjectExists(f"there is an instance group {name} already", remedy="take another name")
        self._put(name, None, document, what)

    def _put(self, name: str, before: Tree | None, document: Tree, what: str) -> None:
        if document == before:
            return
        self.documents[name] = document
        self.done.append(Edit(what, name, before, document))
        self.undone.clear()

    def undo(self) -> Edit | None:
        """Undoes the last edit; None if there is none."""
        if not self.done:
            return None
        edit = self.done.pop()
        if edit.before is None:
            del self.documents[edit.object]
        else:
            self.documents[edit.object] = edit.before
        self.undone.append(edit)
        return edit

    def redo(self) -> Edit | None:
        """Redoes the edit that was last undone; None if there is none."""
        if not self.undone:
            return None
        edit = self.undone.pop()
        self.documents[edit.object] = edit.after
        self.done.append(edit)
        return edit


def locate(path: FieldPath) -> tuple[str, FieldPath]:
    """The object of a path of the inference, and the path within its document."""
    if path[:1] != (GROUPS,):
        return CLUSTER, path
    if len(path) < 2:
        raise UsageError("the path names no instance group", where=render(path))
    return str(path[1]), path[2:]


def root_of(name: str) -> FieldPath:
    """The path of an object's ``spec`` in the inference."""
    parts: tuple[Part, ...] = ("spec",) if name == CLUSTER else (GROUPS, name, "spec")
    return parts
