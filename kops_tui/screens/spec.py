"""A spec, field by field: what the operator wrote beside what was inferred, why, and editing it."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal

from kops_core import FieldError, FieldPath, Holder, MissingFact, SpecRow, parse_path, render_path
from kops_tui.keys import bind
from kops_tui.ports import CLUSTER, Workspace
from kops_tui.screens.explanation import explanation_lines, own_path
from kops_tui.screens.page import FieldEditing, unsaved_note
from kops_tui.screens.spec_editing import path_of
from kops_tui.screens.spec_lines import edits_line, passes, shown_value, spec_line
from kops_tui.screens.spec_structures import SpecStructures
from kops_tui.styled_text import Line, Span, Tone, line, value_text
from kops_tui.widgets.document_pane import DocumentPane
from kops_tui.widgets.field_editor import FieldEditor
from kops_tui.widgets.rows import Column, Row, Rows
from kops_tui.widgets.styled_lines import Note

_WIDE = (
    Column("FIELD", 28, flex=2),
    Column("YOURS", 20, flex=2),
    Column("INFERRED", 20, flex=3),
    Column("FROM", 18, flex=1),
)
_NARROW = (Column("FIELD", 26, flex=2), Column("VALUE", 20, flex=3), Column("FROM", 14, flex=1))

_PANE = 6
"""Lines of the explanation."""
_BESIDE = 110
"""Columns from which on YAML has room beside the fields."""

_ONLY = {
    "all": "all",
    "mine": "yours",
    "inferred": "inferred",
    "overrides": "yours over inferred",
    "changed": "moved by the edits",
}


class SpecPage(SpecStructures):
    """The spec of a cluster or of one of its instance groups."""

    ENTER = "edit"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind(
            "spec.unset",
            "u",
            "unset",
            "unset",
            "Remove your value; the inferred one takes its place",
            rank=12,
        ),
        bind("spec.pin", "p", "pin", "pin", "Write the inferred value as your own", rank=14),
        bind("spec.undo", "z", "undo", "undo", "Take the last edit back", rank=18),
        bind("spec.redo", "Z", "redo", "", "Make the undone edit again"),
        bind("spec.yaml", "y", "yaml", "YAML", "The whole object as YAML, beside or instead", rank=24),
        bind("spec.copy", "Y", "copy_path", "copy path", "Copy the path, and write it to a file", rank=40),
        bind("spec.editor", "E", "editor", "$EDITOR", "Edit the whole document in your editor", rank=20),
        bind("spec.save", "s", "save", "save", "Show what saving would store, and ask", rank=15),
        bind("spec.plan", "P", "open_screen('plan')", "plan", "What applying would change", rank=16),
        bind("spec.add", "A", "add", "add field", "Set a field that is not shown, by its path"),
        bind("spec.mine", "m", "only('mine')", "mine", "Only what you wrote", rank=32),
        bind("spec.inferred", "i", "only('inferred')", "inferred", "Only what was inferred", rank=33),
        bind(
            "spec.overrides",
            "o",
            "only('overrides')",
            "overrides",
            "Only yours over an inferred value",
            rank=34,
        ),
        bind("spec.changed", "c", "only('changed')", "changed", "Only what the edits move", rank=31),
        bind("spec.all", "a", "only('all')", "all", "Everything", rank=35),
        bind("spec.fold", "left,h", "fold", "", "Fold, or go to the structure above"),
        bind("spec.unfold", "right,l", "unfold", "", "Unfold"),
        bind("spec.fold_all", "f", "fold_all", "fold", "Fold everything, or unfold it", rank=38),
        bind(
            "spec.next_object",
            "tab",
            "object(1)",
            "next object",
            "Next instance group, or the cluster",
            rank=36,
        ),
        bind("spec.previous_object", "shift+tab", "object(-1)", "", "Previous object"),
    ]

    def __init__(self, name: str, part: str = "", *, only: str = "all") -> None:
        super().__init__(name, part)
        self.only = only
        self.table: Rows[FieldPath] = Rows(_NARROW, empty="reading the cluster ...")
        self.folded: set[FieldPath] = set()
        self._document: list[str] = []
        """The object's YAML, by line, while it is shown beside the fields."""
        self._document_lines: Mapping[FieldPath, int] = {}
        self._rows: Sequence[SpecRow] = ()
        """All fields of the object that is shown; they are looked up at each letter of a command."""
        self._fields: dict[FieldPath, SpecRow] = {}
        self._errors: tuple[FieldError, ...] = ()
        self._beside = False
        """Whether the object's YAML stands beside its fields."""
        self._edits_summary: Line = ()
        """What the edits come to; found once an edit, shown at every step of the cursor."""

    def body(self) -> ComposeResult:
        with Horizontal(id="fields"):
            yield self.table
            yield DocumentPane()
        yield Note([()] * _PANE, classes="pane", id="why")
        yield FieldEditor(classes="pane")

    def breadcrumbs(self) -> tuple[str, ...]:
        return ("Fleet", self.cluster, "Spec", self.part)

    def badge(self) -> Line:
        return line(Span("show: ", Tone.MUTED), _ONLY[self.only])

    def note(self) -> str:
        return unsaved_note(self.workspace)

    def shell_commands(self) -> tuple[str, ...]:
        """Commands that edit the object: with the values of the unsaved edits, else in an editor."""
        about = "cluster" if self.part == CLUSTER else f"instancegroup {self.part}"
        rows = self.workspace.rows(self.part) if self.workspace is not None and self.workspace.edits else ()
        sets = [
            f"--set={own_path(row.path)}={value_text(row.yours)}"
            for row in rows
            if row.moved and row.holder in (Holder.USER, Holder.OVERRIDE)
        ]
        words = shlex.join(["edit", *about.split(), *sets])
        return self.in_shell(words, words)

    def on_mount(self) -> None:
        self.with_workspace(self.opened)

    def on_screen_resume(self) -> None:
        self.refill()

    def on_resize(self) -> None:
        self.refill()

    def opened(self, workspace: Workspace) -> None:
        """Show a workspace."""
        self.workspace = workspace
        if self.part not in workspace.objects():
            self.part = CLUSTER
        self.refill()
        self.refresh_header()

    def facts_arrived(self) -> None:
        """Show what is inferred with the cloud's facts."""
        self.refill()

    # Showing

    @property
    def wide(self) -> bool:
        """Whether yours and inferred stand side by side."""
        return self.app.size.width >= 110 and not self._beside

    def refill(self) -> None:
        if self.workspace is None or not self.is_mounted:
            return
        rows = self.table
        columns = _WIDE if self.wide else _NARROW
        if rows.columns != columns:
            rows.columns = columns
            rows.refresh()
        if self.part not in self.workspace.objects():  # a new group, whose edit was undone
            self.part = CLUSTER
        found = self._rows = self.workspace.rows(self.part)
        self._find_errors(self.workspace, found)
        self._edits_summary = edits_line(self.workspace, self._errors)
        fields = self._filter_fields(found)
        self._fields = {field.path: field for field in fields}
        rows.show(
            [self._build_row(field) for field in fields],
            empty=self.empty_text("nothing to show: a shows everything"),
        )
        self._show_yaml()
        self._show_explanation()

    def _find_errors(self, workspace: Workspace, found: Sequence[SpecRow]) -> None:
        """What would be refused, by field. Facts that are missing are asked for first."""
        if not workspace.facts_read:
            self._errors = ()
            return
        missing = next((row.missing_fact for row in found if row.missing_fact), "")
        try:
            if missing and self.look_up(workspace, MissingFact(missing)):
                self._errors = ()
            else:
                self._errors = workspace.errors()
        except MissingFact as problem:
            self.look_up(workspace, problem)
            self._errors = ()

    def _error_of(self, field: SpecRow) -> str:
        """What is wrong with a field, if anything."""
        path = render_path(field.path)
        found = next((each.message for each in self._errors if path_of(each) == path), "")
        return found or field.error

    def _filter_fields(self, fields: list[SpecRow]) -> list[SpecRow]:
        """The fields that pass both filters, with the structures that they lie in; folded ones closed."""
        kept: set[FieldPath] = set()
        sifted = self.only != "all" or bool(self.search)
        for field in fields:
            if field.holder is Holder.STRUCTURE and not field.moved:
                continue
            if passes(field, self.only) and self.matches_filter(
                render_path(field.path), shown_value(field), field.rule
            ):
                kept.update(field.path[:end] for end in range(len(field.path) + 1))
        shown: list[SpecRow] = []
        for field in fields:
            if sifted and field.path not in kept:
                continue
            if not sifted and any(field.path[:end] in self.folded for end in range(len(field.path))):
                continue
            shown.append(field)
        return shown

    def _build_row(self, field: SpecRow) -> Row[FieldPath]:
        closed = field.path in self.folded and self.only == "all" and not self.search
        error = self._error_of(field)
        return spec_line(field, self.kops.glyphs, wide=self.wide, closed=closed, error=error)

    @on(Rows.Highlighted)
    def _show_explanation(self) -> None:
        if self.workspace is None:
            return
        self._mark_yaml()
        note = self.query_one("#why", Note)
        field = self.selected()
        lines: list[Line] = []
        if field is not None:
            error = self._error_of(field)
            width, available = self.app.size.width - 2, _PANE - 1
            lines = explanation_lines(self.workspace, field, width, self.kops.glyphs, available, error=error)
        note.show([*lines, *[()] * (_PANE - 1 - len(lines)), self._edits_summary])

    def _show_yaml(self) -> None:
        """Bring the YAML beside the fields up to date."""
        beside = self._beside and self.app.size.width >= _BESIDE
        self.query_one(DocumentPane).set_class(beside, "-shown")
        if beside and self.workspace is not None:
            self._document = self.workspace.document(self.part).splitlines()
            self._document_lines = self.workspace.document_lines(self.part)
            self._mark_yaml()

    def _mark_yaml(self) -> None:
        """Mark the line of the field under the cursor, or of the nearest structure that is written."""
        field = self.selected()
        if not self._beside or field is None:
            return
        ends = range(len(field.path), 0, -1)
        at = next(
            (
                self._document_lines[field.path[:end]]
                for end in ends
                if field.path[:end] in self._document_lines
            ),
            0,
        )
        self.query_one(DocumentPane).show(self._document, at)

    def action_yaml(self) -> None:
        """Show the object's YAML beside its fields; on a narrow screen, instead of them."""
        if self.workspace is None:
            return
        if self.app.size.width < _BESIDE:
            lines = [line(each) for each in self.workspace.document(self.part).splitlines()]
            self.kops.show_text("YAML", lines)
            return
        self._beside = not self._beside
        self.refill()

    # Editing

    @on(Rows.Selected)
    def _open_selected(self) -> None:
        field = self.selected()
        if field is None or self.workspace is None:
            return
        if field.holder is Holder.STRUCTURE:
            self._toggle_fold(field.path)
        else:
            self.edit_field(field.path)

    def selected(self) -> SpecRow | None:
        key = self.table.key
        return self._fields.get(key) if key is not None else None

    @property
    def fields(self) -> FieldEditing:
        return self

    def field_paths(self) -> Iterable[str]:
        """The fields that can be named on the command line."""
        return [own_path(row.path) + "=" for row in self._rows if row.holder is not Holder.STRUCTURE]

    def current_errors(self) -> tuple[FieldError, ...]:
        return self._errors

    def go_to(self, path: str) -> None:
        """Put the cursor on a field, or on the nearest structure above it; filters and folds are opened."""
        parts = parse_path(path)
        names = self.workspace.objects() if self.workspace is not None else ()
        self.part = str(parts[1]) if len(parts) > 1 and parts[1] in names else CLUSTER
        self.only, self.search = "all", ""
        self.folded -= {parts[:end] for end in range(len(parts) + 1)}
        self.refill()
        self.refresh_header()
        for end in range(len(parts), 0, -1):
            if self.table.move_to_key(parts[:end]):
                return

    # Moving and showing

    def action_only(self, what: str) -> None:
        self.only = what
        if what == "changed":  # what the edits move is rarely what was searched for to edit it
            self.search = ""
        self.refill()
        self.refresh_header()

    def action_object(self, by: int) -> None:
        if self.workspace is None:
            return
        names = self.workspace.objects()
        self.part = names[(names.index(self.part) + by) % len(names)]
        self.refill()
        self.refresh_header()

    def _toggle_fold(self, path: FieldPath) -> None:
        self.folded ^= {path}
        self.refill()

    def action_fold(self) -> None:
        field = self.selected()
        if field is None:
            return
        if field.holder is Holder.STRUCTURE and field.path not in self.folded:
            self._toggle_fold(field.path)
        else:
            self.table.move_to_key(field.path[:-1])

    def action_unfold(self) -> None:
        field = self.selected()
        if field is not None and field.path in self.folded:
            self._toggle_fold(field.path)

    def action_fold_all(self) -> None:
        if self.workspace is None:
            return
        structures = {row.path for row in self.workspace.rows(self.part) if row.holder is Holder.STRUCTURE}
        self.folded = set() if structures <= self.folded else self.folded | structures
        self.refill()

    def action_copy_path(self) -> None:
        field = self.selected()
        if field is not None:
            path = self.kops.copy(own_path(field.path), "path.txt")
            self.show_notice(
                Span(own_path(field.path), Tone.STRONG),
                f" sent to the terminal's clipboard, and written to {path}",
            )

    def back(self) -> bool:
        return self.close_field() or super().back()
