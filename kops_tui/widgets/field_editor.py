"""The input for one field: its type, the allowed values, and why a text was refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input

from kops_core import UNSET, FieldPath, render_path
from kops_tui.keys import bind
from kops_tui.styled_text import Line, Span, Tone, joined, line, value_text
from kops_tui.widgets.prompt import Choices, Entry
from kops_tui.widgets.styled_lines import Note

if TYPE_CHECKING:
    from kops_core import Explanation


class FieldEditor(Vertical):
    """An input for one field, over the explanation's place."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind(
            "field.previous",
            "up",
            "choice(-1)",
            "choices",
            "The allowed value before",
            rank=1,
            sign="up/down",
        ),
        bind("field.next", "down", "choice(1)", "", "The next allowed value"),
        bind("field.complete", "tab", "complete", "complete", "Complete to an allowed value", rank=2),
    ]

    DEFAULT_CSS = """
    FieldEditor { height: 7; display: none; }
    FieldEditor.-open { display: block; }
    FieldEditor Horizontal { height: 1; }
    FieldEditor #sign { width: 3; }
    """

    class Submitted(Message):
        """A text was entered for a field."""

        def __init__(self, path: FieldPath, text: str) -> None:
            super().__init__()
            self.path = path
            self.text = text

    def __init__(self, *, classes: str = "") -> None:
        super().__init__(classes=classes)
        self.path: FieldPath | None = None
        self._allowed: tuple[str, ...] = ()

    def compose(self) -> ComposeResult:
        yield Note([()], id="field")
        with Horizontal():
            yield Note([line(Span(" = ", Tone.KEY))], id="sign")
            yield Entry(suggester=Choices(lambda _: self._allowed), select_on_focus=False)
        yield Note([(), ()], id="hints")

    def open(self, path: FieldPath, explanation: Explanation) -> None:
        """Edit a field, beginning with the value that it has."""
        self.path = path
        self._allowed = explanation.allowed
        self.query_one("#field", Note).show(
            [line(" ", Span(render_path(path), Tone.STRONG), Span(f"  {explanation.type}", Tone.MUTED))]
        )
        self.query_one("#hints", Note).show(
            [line("   ", *self._choices_line()), self._inferred_line(explanation)]
        )
        entry = self.query_one(Entry)
        entry.value = value_text(explanation.value) if explanation.value != "" else ""
        entry.cursor_position = len(entry.value)
        self.add_class("-open")
        entry.focus()

    def close(self) -> bool:
        """Leave without a change. False if nothing was being edited."""
        was, self.path = self.path, None
        self.remove_class("-open")
        return was is not None

    def refuse(self, lines: list[Line]) -> None:
        """Show why the text was refused."""
        self.query_one("#hints", Note).show([*lines, (), ()][:2])

    def action_choice(self, by: int) -> None:
        """Put another of the allowed values in."""
        if not self._allowed:
            return
        entry = self.query_one(Entry)
        place = self._allowed.index(entry.value) + by if entry.value in self._allowed else 0
        entry.value = self._allowed[place % len(self._allowed)]
        entry.cursor_position = len(entry.value)

    def action_complete(self) -> None:
        """Take the first allowed value that begins with what was typed."""
        entry = self.query_one(Entry)
        found = next((each for each in self._allowed if each.startswith(entry.value)), None)
        if found is not None:
            entry.value = found
            entry.cursor_position = len(found)

    @on(Input.Submitted)
    def _submit_text(self, event: Input.Submitted) -> None:
        event.stop()
        if self.path is not None:
            self.post_message(self.Submitted(self.path, event.value))

    def _choices_line(self) -> Line:
        if not self._allowed:
            return ()
        return line(Span("one of ", Tone.MUTED), joined([Span(each) for each in self._allowed], " | "))

    def _inferred_line(self, explanation: Explanation) -> Line:
        if explanation.would_be is UNSET:
            return ()
        return line(
            Span("   inferred would be ", Tone.MUTED),
            value_text(explanation.would_be),
        )
