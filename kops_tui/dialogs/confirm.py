"""The dialog with one question before anything is changed: what, where, who, how it is undone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from kops_tui.input_router import note_when_shown
from kops_tui.keys import bind, keys_line
from kops_tui.styled_text import Line, Span, Tone, line, wrap
from kops_tui.widgets.prompt import Entry
from kops_tui.widgets.rows import Column, Row, Rows
from kops_tui.widgets.styled_lines import Note

_WIDTH = 72
_CHOICE_KEYS = {"enter": "take the marked answer", "y": "yes", "n or esc": "no"}
_TYPED_KEYS = {"enter": "take what was typed", "esc": "cancel"}


@dataclass(frozen=True)
class Question:
    """What is asked."""

    title: str
    lines: Sequence[Line] = field(default_factory=tuple)
    yes: str = "do it"
    no: str = "cancel"
    typed: str = ""
    """What has to be typed for a yes; "" asks for a choice only."""


class ConfirmDialog(ModalScreen[bool]):
    """A dialog with one question; answers True only for an explicit yes, given after it was painted."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("confirm.yes", "y", "answer(True)", "", "Do it (where no name has to be typed)"),
        bind("confirm.no", "n,escape", "answer(False)", "", "Do nothing"),
    ]
    AUTO_FOCUS = "Entry, Rows"

    DEFAULT_CSS = """
    ConfirmDialog Vertical {
        width: 76; max-width: 100%; height: auto; max-height: 22; padding: 0 1;
        border: round $border; background: $background;
    }
    ConfirmDialog.-ascii Vertical { border: ascii $border; }
    ConfirmDialog Rows { height: 3; margin: 1 0 0 0; }
    ConfirmDialog Horizontal { height: 1; margin: 1 0 0 0; }
    ConfirmDialog #sign { width: 3; }
    ConfirmDialog #keys { margin: 1 0 0 0; }
    """

    def __init__(self, question: Question) -> None:
        super().__init__()
        self.question = question
        self.answers: Rows[bool] = Rows((Column("", 60),), id="answers")
        self.shown_at = math.inf

    def compose(self) -> ComposeResult:
        question = self.question
        body = [cut for each in question.lines for cut in wrap(each, _WIDTH, 7)]
        with Vertical():
            yield Note([line(Span(question.title, Tone.STRONG)), (), *body])
            if question.typed:
                yield Note(
                    [(), line("type ", Span(question.typed, Tone.KEY), " to go on")],
                    id="ask",
                )
                with Horizontal():
                    yield Note([line(Span("> ", Tone.KEY))], id="sign")
                    yield Entry(select_on_focus=False)
            else:
                yield self.answers
            yield Note([], id="notice")
            yield Note([keys_line(_TYPED_KEYS if question.typed else _CHOICE_KEYS)], id="keys")

    def add_notice(self, text: str) -> None:
        """Tell the operator something below the answers."""
        self.query_one("#notice", Note).show(wrap(line(Span(text, Tone.WARN)), _WIDTH))

    def on_mount(self) -> None:
        note_when_shown(self)
        self.set_class(self.query_one(Note).glyphs.rule == "-", "-ascii")
        if not self.question.typed:
            self.answers.show([Row(False, (line(self.question.no),)), Row(True, (line(self.question.yes),))])

    def action_answer(self, yes: bool) -> None:
        """Answer by a key; a yes only where no name has to be typed."""
        if not yes or (not self.question.typed and self.shown_at < math.inf):
            self.dismiss(yes)

    @on(Rows.Selected)
    def _take_choice(self) -> None:
        self.dismiss(self.answers.key is True)

    @on(Input.Submitted)
    def _check_typed(self, event: Input.Submitted) -> None:
        if event.value.strip() == self.question.typed:
            self.dismiss(True)
            return
        self.query_one("#ask", Note).show(
            [(), line(Span("that is not it: ", Tone.BAD), "type ", Span(self.question.typed, Tone.KEY))]
        )
