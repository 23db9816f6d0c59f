"""Editing a spec: setting fields, the operator's own editor, undo, and the way to the save gate."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from textual import on

from kops_core import FieldError, Holder, KopsError, MissingFact, Parts, SpecRow, parse_path, render_path
from kops_tui import editor
from kops_tui.ports import CLUSTER, Workspace
from kops_tui.problems import lines_of
from kops_tui.screens.page import Page
from kops_tui.screens.save import SavePage
from kops_tui.widgets.field_editor import FieldEditor
from kops_tui.widgets.prompt import Prompt
from kops_tui.widgets.rows import Rows
from kops_tui.words import Span, Tone, count, line


class SpecEditing(Page):
    """What changes the documents of the spec that is shown."""

    def __init__(self, name: str, part: str) -> None:
        super().__init__()
        self.cluster = name
        self.part = part or CLUSTER
        self.workspace: Workspace | None = None
        self._looked_up: set[str] = set()
        """Cloud facts that were asked for already."""

    def selected(self) -> SpecRow | None:
        """The field or structure under the cursor."""
        raise NotImplementedError

    def go_to(self, path: str) -> None:
        """Put the cursor on a field, or on the nearest structure above it."""
        raise NotImplementedError

    def _edited(self) -> None:
        """The documents are other ones. Keeping them comes first, whatever showing them brings."""
        self.hush()
        if self.workspace is not None:
            self.kops.edits_changed(self.workspace)
        self.refill()
        self.tell()

    def look_up(self, workspace: Workspace, problem: MissingFact) -> bool:
        """Ask the cloud for what an edit calls for, once; what it does not know stays an error.

        False if it was asked for already.
        """
        if problem.fact in self._looked_up:
            return False
        self._looked_up.add(problem.fact)
        self.ask("asking the cloud about it", workspace.look_up, lambda _: self._edited(), group="facts")
        return True

    # One field

    def edit_field(self, path: Parts) -> None:
        """Open a field for editing."""
        if self.workspace is not None:
            self.hush()
            self.query_one("#why").display = False
            self.query_one(FieldEditor).open(path, self.workspace.explain(path))

    @on(FieldEditor.Submitted)
    def _submitted(self, event: FieldEditor.Submitted) -> None:
        if self.workspace is None:
            return
        try:
            self.workspace.set(event.path, event.text)
        except KopsError as problem:
            lines = lines_of(problem, self.app.size.width - 2, retry=False)
            self.query_one(FieldEditor).refuse(lines)
            return
        self.close_field()
        self.clear_problem()
        self._edited()

    def close_field(self) -> bool:
        """Leave the field that is being edited. False if there was none."""
        closed = self.query_one(FieldEditor).close()
        self.query_one("#why").display = True
        if closed:
            self.query_one(Rows).focus()
        return closed

    def set_field(self, path: str, text: str) -> None:
        """Set a field by its path."""
        self._change(lambda workspace: workspace.set(parse_path(path), text))

    def unset_field(self, path: str) -> None:
        """Unset a field by its path."""
        self._change(lambda workspace: workspace.unset(parse_path(path)))

    def action_unset(self) -> None:
        field = self._selected_field()
        if field is not None:
            if field.holder is Holder.INFERRED:
                self.say("this value is inferred: there is nothing of yours to remove")
            else:
                self._change(lambda workspace: workspace.unset(field.path))

    def action_pin(self) -> None:
        field = self._selected_field()
        if field is not None:
            if field.holder is not Holder.INFERRED:
                self.say("this value is yours already")
            else:
                self._change(lambda workspace: workspace.pin(field.path))

    def action_undo(self) -> None:
        self._change(lambda workspace: workspace.undo())

    def action_redo(self) -> None:
        self._change(lambda workspace: workspace.redo())

    def action_add(self) -> None:
        root = "spec." if self.part == CLUSTER else f"instanceGroups.{self.part}.spec."
        self.query_one(Prompt).open(":", f"set {root}")

    def _selected_field(self) -> SpecRow | None:
        found = self.selected()
        if found is not None and found.holder is Holder.STRUCTURE:
            self.say("that is a structure: choose a field in it")
            return None
        return found

    def _change(self, change: Callable[[Workspace], object]) -> None:
        if self.workspace is None:
            return
        try:
            change(self.workspace)
        except KopsError as problem:
            self.fail(problem)
            return
        self.clear_problem()
        self._edited()

    # The whole document

    def action_editor(self) -> None:
        """Edit the document in the operator's own editor, until it is valid or given up."""
        workspace = self.workspace
        if workspace is None:
            return
        settings = self.kops.engine.settings
        draft = Path(settings.state_dir) / "drafts" / f"{self.cluster}.{self.part}.yaml"
        try:
            command = editor.editor_command(settings.environment)
            with self.kops.suspended():
                done = editor.edit(
                    workspace.document(self.part),
                    draft,
                    command,
                    lambda text: workspace.replace_document(self.part, text),
                )
        except KopsError as problem:
            self.fail(problem)
            return
        self._edited()
        self.say(done.message)

    # Saving

    def action_save(self) -> None:
        """Show what saving would store, to be confirmed there; with errors, go to the first of them."""
        workspace = self.workspace
        if workspace is None:
            return
        if not workspace.edits:
            self.say("there is nothing to save")
            return
        try:
            review = workspace.review()
        except MissingFact as problem:
            if not self.look_up(workspace, problem):
                self.fail(problem)
            return
        if review.errors:
            self._go_to_error(review.errors)
        else:
            self.app.push_screen(SavePage(workspace, review))

    def _go_to_error(self, errors: tuple[FieldError, ...]) -> None:
        first = errors[0]
        self.go_to(path_of(first))
        rest = f" (and {count(len(errors) - 1, 'more error')})" if len(errors) > 1 else ""
        self.say(
            *line(Span("not saved: ", Tone.BAD), Span(first.path, Tone.STRONG), f" {first.message}{rest}")
        )


_GROUP = "InstanceGroup "


def path_of(error: FieldError) -> str:
    """The path of a field error from the root of the inference; in a group's it is within the group."""
    if error.source.startswith(_GROUP) and not error.path.startswith("instanceGroups"):
        name = error.source.removeprefix(_GROUP)
        return f"{render_path(('instanceGroups', name))}.{error.path}"
    return error.path
