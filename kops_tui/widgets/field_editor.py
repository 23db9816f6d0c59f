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
        self._many = False

    def compose(self) -> ComposeResult:
        yield Note([()], id="field")
        with Horizontal():
            yield Note([line(Span(" = ", Tone.KEY))], id="sign")
            yield Entry(suggester=Choices(self._choices), select_on_focus=False)
        yield Note([(), ()], id="hints")

    def open(self, path: FieldPath, explanation: Explanation) -> None:
        """Edit a field of a spec, beginning with the value that it has."""
        would_be = explanation.would_be
        self.open_text(
            path,
            render_path(path),
            value_text(explanation.value) if explanation.value != "" else "",
            type_=explanation.type,
            allowed=explanation.allowed,
            inferred="" if would_be is UNSET else value_text(would_be),
        )

    def open_text(
        self,
        path: FieldPath,
        title: str,
        value: str,
        *,
        type_: str = "",
        allowed: tuple[str, ...] = (),
        many: bool = False,
        inferred: str = "",
    ) -> None:
        """Edit a text. many: it is a list, whose parts between commas are each one of ``allowed``."""
        self.path = path
        self._allowed, self._many = allowed, many
        self.query_one("#field", Note).show(
            [line(" ", Span(title, Tone.STRONG), Span(f"  {type_}" if type_ else "", Tone.MUTED))]
        )
        told = line(Span("   inferred would be ", Tone.MUTED), inferred) if inferred else ()
        self.query_one("#hints", Note).show([line("   ", *self._choices_line()), told])
        entry = self.query_one(Entry)
        entry.value = value
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

    def _before_last(self, text: str) -> str:
        """What stands before the part of a list that is being typed; "" for a single value."""
        before, comma, _ = text.rpartition(",")
        return before + comma if self._many else ""

    def _choices(self, text: str) -> tuple[str, ...]:
        """The texts that complete what is typed to an allowed value."""
        before = self._before_last(text)
        return tuple(f"{before}{each}" for each in self._allowed if each not in before.split(","))

    def action_choice(self, by: int) -> None:
        """Put another of the allowed values in; in a list, in place of its last part."""
        entry = self.query_one(Entry)
        choices = self._choices(entry.value)
        if not choices:
            return
        place = choices.index(entry.value) + by if entry.value in choices else 0
        entry.value = choices[place % len(choices)]
        entry.cursor_position = len(entry.value)

    def action_complete(self) -> None:
        """Take the first allowed value that begins with what was typed."""
        entry = self.query_one(Entry)
        found = next((each for each in self._choices(entry.value) if each.startswith(entry.value)), None)
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
        return line(
            Span("any of " if self._many else "one of ", Tone.MUTED),
            joined([Span(each) for each in self._allowed], " | "),
        )
