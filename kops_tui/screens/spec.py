"""A spec, field by field: what the operator wrote beside what was inferred, why, and editing it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from kops_core import Holder, KopsError, MissingFact, Parts, SpecRow, parse_path, render_path
from kops_tui import editor
from kops_tui.keys import bindings
from kops_tui.ports import CLUSTER, Workspace
from kops_tui.problems import lines_of
from kops_tui.screens.explained import explained
from kops_tui.screens.page import Page
from kops_tui.screens.spec_lines import passes, shown_value, spec_line
from kops_tui.widgets.field_editor import FieldEditor
from kops_tui.widgets.painted import Note
from kops_tui.widgets.rows import Column, Row, Rows
from kops_tui.words import Line, Span, Tone, count, line

_WIDE = (
    Column("FIELD", 28, flex=2),
    Column("YOURS", 20, flex=2),
    Column("INFERRED", 20, flex=3),
    Column("FROM", 18, flex=1),
)
_NARROW = (Column("FIELD", 26, flex=2), Column("VALUE", 20, flex=3), Column("FROM", 14, flex=1))

_PANE = 6
"""Lines of the explanation."""

_ONLY = {
    "all": "all",
    "mine": "yours",
    "inferred": "inferred",
    "overrides": "yours over inferred",
    "changed": "moved by the edits",
}


class SpecPage(Page):
    """The spec of a cluster or of one of its instance groups."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("spec")

    def __init__(self, name: str, part: str = "") -> None:
        super().__init__()
        self.cluster = name
        self.part = part or CLUSTER
        self.only = "all"
        self.folded: set[Parts] = set()
        self.workspace: Workspace | None = None
        self._fields: dict[str, SpecRow] = {}
        self._looked_up: set[str] = set()
        """Cloud facts that were asked for already."""
        self._sum: Line = ()
        """What the edits come to; found once an edit, shown at every step of the cursor."""

    def body(self) -> ComposeResult:
        yield Rows(_NARROW, empty="reading the cluster ...")
        yield Note([()] * _PANE, classes="pane", id="why")
        yield FieldEditor(classes="pane")

    def way(self) -> tuple[str, ...]:
        return ("Fleet", self.cluster, "Spec", self.part)

    def badge(self) -> Line:
        return line(Span("show: ", Tone.MUTED), _ONLY[self.only])

    def note(self) -> str:
        edits = self.workspace.edits if self.workspace else 0
        return f"{edits} unsaved" if edits else ""

    def on_mount(self) -> None:
        self.with_workspace(self._opened)

    def on_screen_resume(self) -> None:
        self.refill()

    def on_resize(self) -> None:
        self.refill()

    def _opened(self, workspace: Workspace) -> None:
        self.workspace = workspace
        if self.part not in workspace.objects():
            self.part = CLUSTER
        self.refill()
        self.tell()

    # Showing

    @property
    def wide(self) -> bool:
        """Whether yours and inferred stand side by side."""
        return self.app.size.width >= 110

    def refill(self) -> None:
        if self.workspace is None or not self.is_mounted:
            return
        rows = self.query_one(Rows)
        columns = _WIDE if self.wide else _NARROW
        if rows.columns != columns:
            rows.columns = columns
            rows.refresh()
        try:
            found, self._sum = self.workspace.rows(self.part), self._so_far()
        except MissingFact as problem:
            self._look_up(self.workspace, problem)
            return
        except KopsError as problem:
            self.fail(problem)
            return
        fields = self._shown(found)
        self._fields = {render_path(field.path): field for field in fields}
        rows.show(
            [self._row(key, field) for key, field in self._fields.items()],
            empty="nothing to show: a shows everything",
        )
        self._why()

    def _look_up(self, workspace: Workspace, problem: MissingFact) -> None:
        """Ask the cloud for what an edit calls for, once; what it does not know stays an error."""
        if problem.fact in self._looked_up:
            self.fail(problem)
            return
        self._looked_up.add(problem.fact)
        self.ask("asking the cloud about it", workspace.look_up, lambda _: self._edited(), group="facts")

    def _shown(self, fields: list[SpecRow]) -> list[SpecRow]:
        """The fields that pass both filters, with the structures that they lie in; folded ones closed."""
        kept: set[Parts] = set()
        sifted = self.only != "all" or bool(self.search)
        for field in fields:
            if field.holder is Holder.STRUCTURE and not field.moved:
                continue
            if passes(field, self.only) and self.passes(
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

    def _row(self, key: str, field: SpecRow) -> Row:
        closed = field.path in self.folded and self.only == "all" and not self.search
        return spec_line(key, field, self.kops.glyphs, wide=self.wide, closed=closed)

    @on(Rows.Moved)
    def _why(self) -> None:
        if self.workspace is None:
            return
        note = self.query_one("#why", Note)
        field = self._fields.get(self.query_one(Rows).key)
        lines: list[Line] = []
        if field is not None:
            lines = explained(self.workspace, field, self.app.size.width - 2, self.kops.glyphs, _PANE - 1)
        note.show([*lines, *[()] * (_PANE - 1 - len(lines)), self._sum])

    def _so_far(self) -> Line:
        """What the edits come to."""
        workspace = self.workspace
        if workspace is None:
            return ()
        errors = workspace.errors()
        if errors:
            return line(
                Span(f" {count(len(errors), 'error')}: ", Tone.BAD), f"{errors[0].path}: {errors[0].message}"
            )
        if not workspace.edits:
            return line(Span(" no unsaved edits; the spec is valid", Tone.MUTED))
        return line(
            Span(f" {count(workspace.edits, 'edit')}", Tone.YOURS),
            f" so far: {count(workspace.moved(), 'value')} move (",
            Span("c", Tone.KEY),
            " shows them) ",
            Span("z", Tone.KEY),
            " undo  ",
            Span("s", Tone.KEY),
            " save  ",
            Span("P", Tone.KEY),
            " plan",
        )

    # Editing

    @on(Rows.Chosen)
    def _chosen(self, event: Rows.Chosen) -> None:
        field = self._fields.get(event.key)
        if field is None or self.workspace is None:
            return
        if field.holder is Holder.STRUCTURE:
            self._toggle(field.path)
            return
        self.hush()
        self._edit(field.path)

    def _edit(self, path: Parts) -> None:
        if self.workspace is not None:
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
        self._close_field()
        self._edited()

    def _close_field(self) -> bool:
        closed = self.query_one(FieldEditor).close()
        self.query_one("#why").display = True
        if closed:
            self.query_one(Rows).focus()
        return closed

    def set_field(self, path: str, text: str) -> None:
        """Set a field by its path; without a value, open it for editing."""
        self._change(lambda workspace: workspace.set(parse_path(path), text))

    def unset_field(self, path: str) -> None:
        """Unset a field by its path."""
        self._change(lambda workspace: workspace.unset(parse_path(path)))

    def field_paths(self) -> Iterable[str]:
        """The fields that can be named on the command line."""
        if self.workspace is None:
            return ()
        rows = self.workspace.rows(self.part)
        return [render_path(row.path) + "=" for row in rows if row.holder is not Holder.STRUCTURE]

    def action_unset(self) -> None:
        field = self._field
        if field is not None:
            if field.holder is Holder.INFERRED:
                self.say("this value is inferred: there is nothing of yours to remove")
            else:
                self._change(lambda workspace: workspace.unset(field.path))

    def action_pin(self) -> None:
        field = self._field
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
        from kops_tui.widgets.prompt import Prompt

        root = "spec." if self.part == CLUSTER else f"instanceGroups.{self.part}.spec."
        self.query_one(Prompt).open(":", f"set {root}")

    @property
    def _field(self) -> SpecRow | None:
        found = self._fields.get(self.query_one(Rows).key)
        if found is not None and found.holder is Holder.STRUCTURE:
            self.say("that is a structure: choose a field in it")
            return None
        return found

    def _change(self, change: object) -> None:
        if self.workspace is None or not callable(change):
            return
        try:
            change(self.workspace)
        except KopsError as problem:
            self.fail(problem)
            return
        self._edited()

    def _edited(self) -> None:
        self.hush()
        self.refill()
        self.tell()

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

    def action_save(self) -> None:
        """Write the edits to the store."""
        workspace = self.workspace
        if workspace is None:
            return
        if not workspace.edits:
            self.say("there is nothing to save")
            return
        number = workspace.edits
        self.ask("saving", workspace.save, lambda _: self._saved(number), group="save")

    def _saved(self, number: int) -> None:
        self._edited()
        self.kops.went_stale(self.cluster)
        self.say(f"saved {count(number, 'edit')}: ", Span("P", Tone.KEY), " shows what applying would change")

    def action_plan(self) -> None:
        self.kops.show_plan(self.cluster)

    # Moving and showing

    def action_only(self, what: str) -> None:
        self.only = what
        self.refill()
        self.tell()

    def action_object(self, by: int) -> None:
        if self.workspace is None:
            return
        names = self.workspace.objects()
        self.part = names[(names.index(self.part) + by) % len(names)]
        self.refill()
        self.tell()

    def _toggle(self, path: Parts) -> None:
        self.folded ^= {path}
        self.refill()

    def action_fold(self) -> None:
        rows = self.query_one(Rows)
        field = self._fields.get(rows.key)
        if field is None:
            return
        if field.holder is Holder.STRUCTURE and field.path not in self.folded:
            self._toggle(field.path)
        else:
            rows.move_to_key(render_path(field.path[:-1]))

    def action_unfold(self) -> None:
        field = self._fields.get(self.query_one(Rows).key)
        if field is not None and field.path in self.folded:
            self._toggle(field.path)

    def action_fold_all(self) -> None:
        if self.workspace is None:
            return
        structures = {row.path for row in self.workspace.rows(self.part) if row.holder is Holder.STRUCTURE}
        self.folded = set() if structures <= self.folded else self.folded | structures
        self.refill()

    def action_copy_path(self) -> None:
        field = self._fields.get(self.query_one(Rows).key)
        if field is not None:
            path = self.kops.copy(render_path(field.path), "path.txt")
            self.say(
                Span(render_path(field.path), Tone.STRONG),
                f" sent to the terminal's clipboard, and written to {path}",
            )

    def back(self) -> bool:
        return self._close_field() or super().back()
