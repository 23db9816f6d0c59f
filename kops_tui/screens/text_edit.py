"""Editing a text of several lines, such as the YAML of a structure, until it is accepted or left."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import TextArea

from kops_core import KopsError
from kops_tui.keys import bind
from kops_tui.screens.page import Page
from kops_tui.styled_text import Line, Span, Tone, line
from kops_tui.widgets.styled_lines import Note


class TextEntry(TextArea):
    """A text area whose cursor does not blink, and in which Tab indents."""

    DEFAULT_CSS = """
    TextEntry { height: 1fr; border: none; padding: 0 1; background: $background; }
    TextEntry:focus { border: none; }
    """

    def on_mount(self) -> None:
        self.cursor_blink = False

    def on_key(self, event: events.Key) -> None:
        if event.key == "escape":  # Textual would move the focus with it, where Tab indents
            event.prevent_default()


class TextEditPage(Page):
    """A text being edited. Leaving it with changes asks for a second Esc; nothing typed goes unnoticed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("text_edit.take", "f5,ctrl+s", "take", "take it", "Take the text as the new value", rank=1),
    ]
    AUTO_FOCUS = "TextEntry"

    def __init__(self, about: Page, title: str, text: str, take: Callable[[str], None]) -> None:
        """take: takes the text, or raises KopsError to say what is wrong with it."""
        super().__init__()
        self.cluster = about.cluster
        self._crumbs = (*about.breadcrumbs(), title)
        self._before = text
        self._take = take
        self._warned = False

    def body(self) -> ComposeResult:
        hint = [
            line(Span(" F5", Tone.KEY), " or ", Span("ctrl+s", Tone.KEY), " takes it  "),
            line(Span("esc", Tone.KEY), " leaves it  "),
            line(Span("a paste of several lines is taken as it is", Tone.MUTED)),
        ]
        yield Note([tuple(span for part in hint for span in part)], id="hint")
        yield TextEntry(self._before, soft_wrap=False, tab_behavior="indent", show_line_numbers=True)

    def breadcrumbs(self) -> tuple[str, ...]:
        return self._crumbs

    def badge(self) -> Line:
        changed = self.is_mounted and self.text != self._before
        return line(Span("changed", Tone.YOURS)) if changed else ()

    @property
    def text(self) -> str:
        """The text as it is now."""
        return self.query_one(TextEntry).text

    def on_text_area_changed(self) -> None:
        self._warned = False
        self.refresh_header()

    def action_take(self) -> None:
        """Take the text; what is wrong with it is shown, and it stays open."""
        try:
            self._take(self.text)
        except KopsError as problem:
            self.show_error(problem)
            return
        self.app.pop_screen()

    def back(self) -> bool:
        if super().back():
            return True
        if self.text != self._before and not self._warned:
            self._warned = True
            self.show_notice("it is changed: ", Span("F5", Tone.KEY), " takes it, another esc drops it")
            return True
        return False
