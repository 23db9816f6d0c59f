"""The base of forms: sections of fields, what was typed and what is inferred, errors at their fields."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from kops_core import InvalidSpec, KopsError, Maybe, MissingFact, UsageError
from kops_tui.keys import bind
from kops_tui.screens.page import Page
from kops_tui.styled_text import Line, Span, Tone, fit, line, value_text, wrap
from kops_tui.widgets.field_editor import FieldEditor
from kops_tui.widgets.rows import Column, Row, Rows
from kops_tui.widgets.styled_lines import Note

_T = TypeVar("_T")


def answer_or_problem(ask: Callable[[], _T]) -> _T | KopsError:
    """The answer, or the error about what was typed, to be shown at its field.

    Raises other errors, after which the same can be tried again.
    """
    try:
        return ask()
    except KopsError as error:
        if isinstance(error, (InvalidSpec, MissingFact, UsageError)) or error.where.startswith("--"):
            return error
        raise


def flag_text(value: Maybe) -> str:
    """A value as a flag would have it: lists by comma, of a structure the fields that are set."""
    if isinstance(value, list):
        return ",".join(map(flag_text, value))
    return " ".join(map(str, value)) if isinstance(value, dict) else value_text(value)


def wrap_text(text: str, tone: Tone, cells: int, at_most: int, more: str) -> list[Line]:
    """A text on at most so many lines; ``more`` stands where it is cut."""
    lines = wrap(line(Span(f" {text}", tone)), cells, 3)
    if len(lines) <= at_most:
        return lines
    return [*lines[: at_most - 1], (*fit(lines[at_most - 1], cells - len(more)), Span(more, tone))]


@dataclass(frozen=True)
class FormField:
    """One field of a form."""

    name: str
    """Its key among the values."""
    label: str
    about: str
    """What it means, in a sentence."""
    type: str = ""
    allowed: tuple[str, ...] = ()
    many: bool = False
    """Whether it takes several values, with commas between them."""


@dataclass(frozen=True)
class SectionKey:
    """The heading over a section."""

    title: str


Section = tuple[str, Sequence[FormField]]
"""A title, and the fields below it."""
FormKey = SectionKey | str
"""A heading, or a field by its name."""


class FormPage(Page):
    """A form. Nothing is stored before ``s``, and then only after a question or as an unsaved edit."""

    ENTER = "edit"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("form.edit", "e", "edit_field", "", "Edit the field under the cursor"),
        bind("form.unset", "u", "unset_field", "unset", "Remove your value of the field", rank=12),
    ]
    PANE = 6
    """Lines below the form."""
    BESIDE = "INFERRED"
    """The title of the values beside those that were typed."""

    def __init__(self, values: dict[str, str]) -> None:
        """values: what was typed, by field; changed in place, so that it outlives the screen."""
        super().__init__()
        self.values = values
        self.inferred: Mapping[str, str] = {}
        """The value that each field would have, where that is known."""
        self.problems: Mapping[str, str] = {}
        """What is wrong, by field; under "" what belongs to no field."""
        self.table: Rows[FormKey] = Rows(
            (Column("FIELD", 20, flex=1), Column("YOURS", 22, flex=2), Column(self.BESIDE, 22, flex=2))
        )

    @abstractmethod
    def sections(self) -> Sequence[Section]:
        """The fields."""

    @abstractmethod
    def value_changed(self) -> None:
        """Ask again for what follows from the values."""

    def pane_lines(self) -> list[Line]:
        """What follows from the values, below the line about the field."""
        return []

    def body(self) -> ComposeResult:
        yield self.table
        yield Note([()] * self.PANE, classes="pane", id="why")
        yield FieldEditor(classes="pane")

    def on_mount(self) -> None:
        self.refill()
        self.call_after_refresh(self.table.action_move, 1)  # from the heading to the first field
        self.value_changed()

    def on_resize(self) -> None:
        if self.is_mounted:
            self.refill()

    def reload(self) -> None:
        self.value_changed()

    def show_answer(self, inferred: Mapping[str, str], problems: Mapping[str, str]) -> None:
        """Show what follows from the values."""
        self.inferred, self.problems = inferred, problems
        self.refill()
        self.refresh_header()

    # Showing

    def refill(self) -> None:
        rows: list[Row[FormKey]] = []
        for title, fields in self.sections():
            shown = [
                self._build_row(field)
                for field in fields
                if self.matches_filter(field.label, field.name, self.values.get(field.name, ""))
            ]
            if shown:
                rows += [Row(SectionKey(title), (line(Span(title, Tone.KEY)),)), *shown]
        self.table.show(rows, empty=self.empty_text("no fields"))
        self._show_pane()

    def _build_row(self, field: FormField) -> Row[FormKey]:
        yours, problem = self.values.get(field.name, ""), self.problems.get(field.name, "")
        inferred = line(Span(self.inferred.get(field.name, "") or "-", Tone.MUTED))
        return Row(
            field.name,
            (
                line("  ", field.label),
                line(Span(yours or ".", Tone.YOURS if yours else Tone.MUTED)),
                line(Span(problem, Tone.BAD)) if problem else inferred,
            ),
            Span("!", Tone.BAD) if problem else Span(""),
        )

    @on(Rows.Highlighted)
    def _show_pane(self) -> None:
        width = self.app.size.width - 2
        lines: list[Line] = []
        field = self.field_under_cursor
        here = field.name if field is not None else ""
        more = self.kops.glyphs.more
        if here in self.problems:
            lines += wrap_text(self.problems[here], Tone.BAD, width, 2, more)
        else:
            lines.append(line(Span(f" {field.about}" if field is not None else "", Tone.MUTED)))
        elsewhere = {name: problem for name, problem in self.problems.items() if name != here}
        if elsewhere:
            labels = {each.name: f"{each.label}: " for _, fields in self.sections() for each in fields}
            name, problem = next(iter(elsewhere.items()))
            lines += wrap_text(f"{labels.get(name, '')}{problem}", Tone.BAD, width, 2, more)
        lines += self.pane_lines()
        self.query_one("#why", Note).show([*lines, *[()] * self.PANE][: self.PANE])

    # Editing

    @property
    def field_under_cursor(self) -> FormField | None:
        """The field under the cursor; None on a heading."""
        key = self.table.key
        return next((each for _, fields in self.sections() for each in fields if each.name == key), None)

    @on(Rows.Selected)
    def action_edit_field(self) -> None:
        """Open the field under the cursor; on a heading, go to the first field below it."""
        field = self.field_under_cursor
        if field is None:
            self.table.action_move(1)
            return
        self.clear_notice()
        self.query_one("#why").display = False
        self.query_one(FieldEditor).open_text(
            (field.name,),
            field.label,
            self.values.get(field.name, ""),
            type_=field.type,
            allowed=field.allowed,
            many=field.many,
            inferred=self.inferred.get(field.name, ""),
        )

    @on(FieldEditor.Submitted)
    def _take_submitted(self, event: FieldEditor.Submitted) -> None:
        self.close_editor()
        self.set_value(str(event.path[0]), event.text.strip())
        self.table.action_move(1)

    def set_value(self, name: str, text: str) -> None:
        """Set a field, or with "" leave it to inference."""
        if self.values.get(name, "") == text:
            return
        if text:
            self.values[name] = text
        else:
            self.values.pop(name, None)
        self.refill()
        self.value_changed()

    def action_unset_field(self) -> None:
        """Remove the value of the field under the cursor."""
        field = self.field_under_cursor
        if field is not None and field.name in self.values:
            self.set_value(field.name, "")
        else:
            self.show_notice("there is no value of yours to remove here")

    def close_editor(self) -> bool:
        """Leave the field that is being edited. False if there was none."""
        closed = self.query_one(FieldEditor).close()
        self.query_one("#why").display = True
        if closed:
            self.table.focus()
        return closed

    def back(self) -> bool:
        return self.close_editor() or super().back()
