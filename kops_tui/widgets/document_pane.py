"""A document beside a list: its lines around the one that the list's cursor is about."""

from __future__ import annotations

from collections.abc import Sequence

from textual.strip import Strip

from kops_tui.styled_text import Line, Span, Tone, line
from kops_tui.widgets.styled_lines import StyledLines


class DocumentPane(StyledLines):
    """Lines of a text with their numbers; one of them is marked and in sight. Hidden until it is shown."""

    DEFAULT_CSS = """
    DocumentPane { display: none; width: 1fr; height: 1fr; border-left: solid $border; }
    DocumentPane.-shown { display: block; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._lines: Sequence[str] = ()
        self._at = 0
        self._first = 0

    def show(self, lines: Sequence[str], at: int) -> None:
        """Show a text with a line marked. at: from 1; 0 marks none and leaves the text where it is."""
        if (lines, at) == (self._lines, self._at):
            return
        self._lines, self._at = lines, at
        self._scroll_to_mark()

    def on_resize(self) -> None:
        self._scroll_to_mark()

    def _scroll_to_mark(self) -> None:
        height = max(1, self.size.height)
        if self._at and not self._first < self._at <= self._first + height:
            self._first = self._at - height // 2
        self._first = max(0, min(self._first, len(self._lines) - height))
        self.refresh()

    def render_line(self, y: int) -> Strip:
        place = self._first + y
        text: Line = ()
        if place < len(self._lines):
            here = place + 1 == self._at
            number = Span(f"{place + 1:>4} ", Tone.KEY if here else Tone.MUTED)
            text = line(number, Span(self._lines[place], Tone.STRONG if here else Tone.PLAIN))
        return self.paint(text, self.size.width)
