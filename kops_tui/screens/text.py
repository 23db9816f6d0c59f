"""A text in full: an error, a row of a list, or a document that did not fit where it was shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from kops_tui.keys import bind
from kops_tui.screens.page import Page
from kops_tui.styled_text import Line, Span, Tone, plain, wrap
from kops_tui.widgets.rows import Column, Row, Rows


class TextPage(Page):
    """Lines of text, each wrapped to the screen's width; they can be filtered and copied."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("text.copy", "c", "copy", "copy", "Copy the text, and write it to a file", rank=10),
        bind("text.close", "y", "app.back", "", "Back to the screen that it is about"),
    ]

    def __init__(self, about: Page, title: str, lines: Sequence[Line]) -> None:
        """about: the screen that it was opened on."""
        super().__init__()
        self.cluster = about.cluster
        self._crumbs = (*about.breadcrumbs(), title)
        self._lines = tuple(lines)
        self.table: Rows[int] = Rows((Column("", 60, flex=1),))

    def body(self) -> ComposeResult:
        yield self.table

    def breadcrumbs(self) -> tuple[str, ...]:
        return self._crumbs

    def on_mount(self) -> None:
        self.refill()

    def on_resize(self) -> None:
        self.refill()

    def refill(self) -> None:
        width = max(20, self.app.size.width - 4)
        shown = [each for each in self._lines if self.matches_filter(plain(each))]
        cuts = [cut for each in shown for cut in wrap(each, width, 2)]
        self.table.show(
            [Row(at, (cut,)) for at, cut in enumerate(cuts)], empty=self.empty_text("there is no text")
        )

    def action_describe(self) -> None:
        """Back: the key that opened it closes it."""
        self.app.pop_screen()

    def action_full_error(self) -> None:
        """Back: the key that opened it closes it."""
        self.app.pop_screen()

    def action_copy(self) -> None:
        """Copy what is shown."""
        text = "".join(f"{plain(each)}\n" for each in self._lines)
        path = self.kops.copy(text, "text.txt")
        self.show_notice("sent to the terminal's clipboard, and written to ", Span(str(path), Tone.STRONG))
