"""One cluster being worked on: its documents, unsaved edits, and what follows from them.

Everything but the methods marked I/O answers within a keystroke. A workspace belongs to
one thread, but for those methods, which may run in another while this one only reads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kops_core.api.documents import read_documents
from kops_core.api.path import Parts, drop, get, put, render
from kops_core.api.values import UNSET, Tree
from kops_core.engine.draft import CLUSTER, Draft, Edit, locate, root_of
from kops_core.engine.explanation import Explanation, explain
from kops_core.engine.spec_rows import SpecRow, spec_rows
from kops_core.errors import FieldError, InvalidSpec, UsageError
from kops_core.infer.inference import Inference, Inputs


@dataclass(frozen=True)
class Surroundings:
    """What inference looks at beside the documents; read once when a workspace is opened."""

    facts: Tree
    channel: Tree
    settings: Tree


class Workspace:
    """A cluster's documents as a draft over what is saved."""

    def __init__(
        self,
        name: str,
        saved: Mapping[str, Tree],
        surroundings: Surroundings,
        *,
        infer: Callable[[Inputs], Inference],
        check: Callable[[Inference], list[FieldError]],
    ) -> None:
        """``saved`` maps object names (``cluster``, then instance groups) to documents."""
        self.name = name
        self._draft = Draft(saved)
        self._surroundings = surroundings
        self._check = check
        self._saved = infer(self._inputs())
        self._now = self._saved

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

    def rows(self, name: str) -> list[SpecRow]:
        """The fields of one object, the user's and the inferred."""
        return spec_rows(self._now, self._saved, root_of(name))

    def explain(self, path: Parts) -> Explanation:
        """All there is to say about one field."""
        return explain(self._now, path)

    def errors(self) -> tuple[FieldError, ...]:
        """What kOps would refuse, all of it."""
        return tuple(self._check(self._now))

    def moved(self) -> int:
        """How many completed values differ from those of the saved documents."""
        return len(self._now.moved(self._saved))

    def set(self, path: Parts, text: str) -> None:
        """Set a field from text. Raises InvalidSpec if the text does not fit the field's type."""
        name, within = locate(path)
        from kops_core.api.setting import set_field

        document = set_field(self._draft.documents[name], self._kind(name), render(within), text)
        self._take(name, document, f"set {render(path)}")

    def unset(self, path: Parts) -> None:
        """Leave a field to inference."""
        name, within = locate(path)
        self._take(name, drop(self._draft.documents[name], within), f"unset {render(path)}")

    def pin(self, path: Parts) -> None:
        """Write the inferred value as the user's own, so that it no longer follows the rule."""
        name, within = locate(path)
        value = self._now.value(path)
        if value is UNSET:
            raise UsageError("there is no inferred value to pin", where=render(path))
        self._take(name, put(self._draft.documents[name], within, value), f"pin {render(path)}")

    def undo(self) -> Edit | None:
        """Take the last edit back."""
        return self._followed(self._draft.undo())

    def redo(self) -> Edit | None:
        """Make the edit again that was last taken back."""
        return self._followed(self._draft.redo())

    def document(self, name: str) -> str:
        """An object as YAML, as it would be stored."""
        from kops_core.api.canonical import to_yaml

        return to_yaml(self._draft.documents[name], self._kind(name))

    def replace_document(self, name: str, text: str) -> None:
        """Take an edited document. Raises InvalidSpec with every error in it; then nothing changes."""
        found = read_documents(text, f"{name}.yaml")
        kind = self._kind(name)
        if len(found) != 1 or found[0].kind != kind:
            raise InvalidSpec(
                [FieldError("Invalid value", "kind", f"write exactly one {kind}", f"{name}.yaml")]
            )
        was = get(self._draft.documents[name], ("metadata", "name"))
        if found[0].name != was:
            raise InvalidSpec(
                [FieldError("Forbidden", "metadata.name", f"an object can't be renamed; it is {was}")]
            )
        self._take(name, found[0].tree, f"edit {name}")

    def saved(self, documents: Mapping[str, Tree]) -> None:
        """Go on from documents as they now are in the store; unsaved edits are done with."""
        self._draft = Draft(documents)
        self._follow()
        self._saved = self._now

    @staticmethod
    def _kind(name: str) -> str:
        return "Cluster" if name == CLUSTER else "InstanceGroup"

    def _take(self, name: str, document: Tree, what: str) -> None:
        self._draft.replace(name, document, what)
        self._follow()

    def _followed(self, edit: Edit | None) -> Edit | None:
        if edit is not None:
            self._follow()
        return edit

    def _follow(self) -> None:
        self._now = self._now.after(self._inputs())

    def _inputs(self) -> Inputs:
        around = self._surroundings
        groups = {name: tree for name, tree in self._draft.documents.items() if name != CLUSTER}
        return Inputs(self._draft.documents[CLUSTER], groups, around.facts, around.channel, around.settings)
