"""Editing a spec: setting fields, the operator's own editor, undo, and the review before a save."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on

from kops_core import (
    FactsNotRead,
    FieldError,
    FieldPath,
    Holder,
    KopsError,
    MissingFact,
    SpecRow,
    parse_path,
    render_path,
)
from kops_tui import editor
from kops_tui.dialogs.confirm import Question
from kops_tui.error_text import banner_lines
from kops_tui.ports import CLUSTER, Workspace
from kops_tui.screens.explanation import own_path
from kops_tui.screens.page import Page
from kops_tui.screens.save import SavePage
from kops_tui.styled_text import Span, Tone, count, line
from kops_tui.widgets.field_editor import FieldEditor
from kops_tui.widgets.prompt import Prompt
from kops_tui.widgets.rows import Rows

if TYPE_CHECKING:
    from kops_core import StoredCluster


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

    def show_edit(self) -> None:
        """Keep the edited documents on disk, then show them; in that order, as showing may fail."""
        self.clear_notice()
        if self.workspace is not None:
            self.kops.edits_changed(self.workspace)
        self.refill()
        self.refresh_header()

    def look_up(self, workspace: Workspace, problem: MissingFact) -> bool:
        """Ask the cloud for what an edit calls for, once; what it does not know stays an error.

        False if it was asked for already.
        """
        if problem.fact in self._looked_up:
            return False
        self._looked_up.add(problem.fact)
        self.run_query(
            "asking the cloud about it", workspace.look_up, lambda _: self.show_edit(), group="facts"
        )
        return True

    # One field

    def edit_field(self, path: FieldPath) -> None:
        """Open a field for editing."""
        if self.workspace is not None:
            self.clear_notice()
            self.query_one("#why").display = False
            self.query_one(FieldEditor).open(path, self.workspace.explain(path))

    @on(FieldEditor.Submitted)
    def _set_submitted(self, event: FieldEditor.Submitted) -> None:
        if self.workspace is None:
            return
        try:
            self.workspace.set(event.path, event.text)
        except KopsError as problem:
            lines = banner_lines(problem, self.app.size.width - 2, retry=False)
            self.query_one(FieldEditor).refuse(lines)
            return
        self.close_field()
        self.clear_error()
        self.show_edit()

    def close_field(self) -> bool:
        """Leave the field that is being edited. False if there was none."""
        closed = self.query_one(FieldEditor).close()
        self.query_one("#why").display = True
        if closed:
            self.query_one(Rows).focus()
        return closed

    def full_path(self, path: str) -> str:
        """A path of the object that is shown, from the root of the inference."""
        if self.part == CLUSTER or path.startswith(_GROUPS):
            return path
        return f"{render_path((_GROUPS, self.part))}.{path}"

    def set_field(self, path: str, text: str) -> None:
        """Set a field by its path, in the object that is shown."""
        self._change_documents(lambda workspace: workspace.set(parse_path(self.full_path(path)), text))

    def unset_field(self, path: str) -> None:
        """Unset a field by its path, in the object that is shown."""
        self._change_documents(lambda workspace: workspace.unset(parse_path(self.full_path(path))))

    def action_unset(self) -> None:
        field = self.selected()
        if field is None:
            return
        if field.holder is Holder.INFERRED:
            self.show_notice("this value is inferred: there is nothing of yours to remove")
            return
        before = self.workspace.edits if self.workspace is not None else 0
        self._change_documents(lambda workspace: workspace.unset(field.path))
        if self.workspace is not None and self.workspace.edits == before:
            self.show_notice("nothing of yours is in there")
        elif field.holder is Holder.STRUCTURE:
            removed = f"removed {own_path(field.path)}, with {count(field.below, 'field')} below: "
            self.show_notice(removed, Span("z", Tone.KEY), " undoes that")

    def action_pin(self) -> None:
        field = self._field_under_cursor()
        if field is not None:
            if field.holder is not Holder.INFERRED:
                self.show_notice("this value is yours already")
            else:
                self._change_documents(lambda workspace: workspace.pin(field.path))

    def action_undo(self) -> None:
        self._change_documents(lambda workspace: workspace.undo())

    def action_redo(self) -> None:
        self._change_documents(lambda workspace: workspace.redo())

    def action_add(self) -> None:
        self.query_one(Prompt).open(":", "set spec.")

    def _field_under_cursor(self) -> SpecRow | None:
        found = self.selected()
        if found is not None and found.holder is Holder.STRUCTURE:
            self.show_notice("that is a structure: choose a field in it")
            return None
        return found

    def _change_documents(self, change: Callable[[Workspace], object]) -> None:
        if self.workspace is None:
            return
        try:
            change(self.workspace)
        except KopsError as problem:
            self.show_error(problem)
            return
        self.clear_error()
        self.show_edit()

    # The whole document

    def action_editor(self) -> None:
        """Edit the document in the operator's own editor, until it is valid or given up."""
        workspace = self.workspace
        if workspace is None:
            # The stored documents may be unreadable: then their text is edited.
            stored = partial(self.kops.engine.stored, self.cluster)
            self.run_query("reading what is stored", stored, self._edit_stored_text, group="stored")
            return
        document = workspace.document(self.part)
        done = self._run_editor(document, self.part, lambda text: workspace.replace_document(self.part, text))
        if done is not None:
            self.show_edit()
            self.show_notice(done.message)

    def _run_editor(self, text: str, name: str, take: Callable[[str], None]) -> editor.Edited | None:
        """Let the operator edit a text until ``take`` accepts it; None if the editor could not be used."""
        settings = self.kops.engine.settings
        try:
            command = editor.editor_command(settings.environment)
            with self.kops.suspended():
                return editor.edit(text, self._draft_path(name), command, take)
        except KopsError as problem:
            self.show_error(problem)
            return None

    def _draft_path(self, name: str) -> Path:
        return Path(self.kops.engine.settings.state_dir) / "drafts" / f"{self.cluster}.{name}.yaml"

    def _edit_stored_text(self, stored: StoredCluster) -> None:
        """Edit the stored text of the object that can't be read, and ask before it is stored."""
        key = stored.unreadable or "config"
        name = key.rpartition("/")[2] if key != "config" else CLUSTER
        written: list[str] = []
        done = self._run_editor(stored.text(key), name, written.append)
        if done is None or not written:
            self.show_notice(done.message if done else "")
            return
        # Until the store has it, it is kept where E finds it again.
        draft, text = self._draft_path(name), written[0]
        draft.touch(mode=0o600)
        draft.write_text(text, encoding="utf-8")
        changed = list(difflib.unified_diff(stored.text(key).split("\n"), text.split("\n"), n=0))[2:]
        title = f"Store {name} of {self.cluster} as you edited it?"
        question = Question(title, [line(each) for each in changed], yes="store")
        self.kops.confirm(question, partial(self._store_text, name, draft))

    def _store_text(self, name: str, draft: Path) -> None:
        files = {f"{name}.yaml": draft.read_bytes()}
        replace = partial(self.kops.engine.replace, files, force=False)

        def stored(_: object) -> None:
            draft.unlink()
            self.clear_error()
            self.with_workspace(self.opened)

        self.run_query("storing it", replace, stored, group="stored")

    def opened(self, workspace: Workspace) -> None:
        """Show a workspace."""
        raise NotImplementedError

    def reload(self) -> None:
        """Read the cluster again; the unsaved edits stay, made on what others have stored meanwhile."""
        workspace = self.workspace
        if workspace is None:
            self.with_workspace(self.opened)
        else:
            self.run_query("reading the cluster", workspace.refresh, self._show_read_again, group="open")

    def _show_read_again(self, _: None) -> None:
        if self.workspace is not None:
            self.kops.edits_changed(self.workspace)
            self.opened(self.workspace)

    # Saving

    def action_save(self) -> None:
        """Show what saving would store, to be confirmed there; with errors, go to the first of them."""
        workspace = self.workspace
        if workspace is None:
            return
        if not workspace.edits:
            self.show_notice("there is nothing to save")
            return
        try:
            review = workspace.review()
        except FactsNotRead as problem:
            self.show_error(problem)
            return
        except MissingFact as problem:
            if not self.look_up(workspace, problem):
                self.show_error(problem)
            return
        if review.errors:
            self._go_to_error(review.errors)
        else:
            self.app.push_screen(SavePage(workspace, review))

    def _go_to_error(self, errors: tuple[FieldError, ...]) -> None:
        first = errors[0]
        self.go_to(path_of(first))
        rest = f" (and {count(len(errors) - 1, 'more error')})" if len(errors) > 1 else ""
        self.show_notice(
            *line(Span("not saved: ", Tone.BAD), Span(first.path, Tone.STRONG), f" {first.message}{rest}")
        )


_GROUP = "InstanceGroup "
_GROUPS = "instanceGroups"
"""Root of instance groups in paths of the inference."""


def path_of(error: FieldError) -> str:
    """The path of a field error from the root of the inference; in a group's it is within the group."""
    if error.source.startswith(_GROUP) and not error.path.startswith("instanceGroups"):
        name = error.source.removeprefix(_GROUP)
        return f"{render_path(('instanceGroups', name))}.{error.path}"
    return error.path
