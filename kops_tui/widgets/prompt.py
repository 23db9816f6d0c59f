"""The one line to type on: a command after ``:``, a filter after ``/``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.suggester import Suggester
from textual.widgets import Input

from kops_core import KopsError
from kops_tui.input_router import ShowsNotices
from kops_tui.keys import bind
from kops_tui.styled_text import Span, Tone, line
from kops_tui.widgets.bars import KeyLine
from kops_tui.widgets.styled_lines import Note


class Choices(Suggester):
    """Completes to the first of the choices that begins with what was typed."""

    def __init__(self, choices: Callable[[str], Iterable[str]]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._choices = choices

    async def get_suggestion(self, value: str) -> str | None:
        try:
            choices = list(self._choices(value))
        except KopsError:  # a suggestion is a convenience: errors are shown when it is entered
            return None
        return next((each for each in choices if each.startswith(value) and each != value), None)


class Entry(Input):
    """An input of one line that neither blinks nor has a border."""

    DEFAULT_CSS = """
    Entry {
        height: 1; border: none; padding: 0; background: $background; width: 1fr;
        &:focus { border: none; background-tint: transparent; }
        &:ansi > .input--cursor { text-style: reverse; }
    }
    """

    def on_mount(self) -> None:
        self.cursor_blink = False

    def _on_paste(self, event: events.Paste) -> None:
        """Take the first line of a paste, without control characters; a notice says so if there was more."""
        event.stop()
        event.prevent_default()
        first, *rest = event.text.splitlines() or [""]
        self.replace("".join(each for each in first if each.isprintable()), *self.selection)
        if any(rest) and isinstance(self.screen, ShowsNotices):
            self.screen.add_notice(f"only the first of {len(rest) + 1} pasted lines was taken")


_HINTS = {
    ":": line(
        *(Span("tab", Tone.KEY), " complete  ", Span("up", Tone.KEY), " earlier  "),
        *(Span("esc", Tone.KEY), " leave it"),
    ),
    "/": line(Span("enter", Tone.KEY), " keep it  ", Span("esc", Tone.KEY), " leave it"),
}


class Prompt(Horizontal):
    """The line; hidden while nothing is typed. It stands where the keys stand, so nothing else moves."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("prompt.complete", "tab", "complete", "complete", "Complete"),
        bind("prompt.previous", "up", "older", "earlier", "The command before", sign="up"),
        bind("prompt.next", "down", "newer", "", "The command after"),
    ]

    DEFAULT_CSS = """
    Prompt { height: 1; display: none; }
    Prompt.-open { display: block; }
    Prompt Note { width: 2; }
    Prompt #hints { width: 40; }
    """

    class Changed(Message):
        """The text is another one."""

        def __init__(self, kind: str, text: str) -> None:
            super().__init__()
            self.kind = kind
            self.text = text

    class Submitted(Message):
        """Enter was pressed."""

        def __init__(self, kind: str, text: str) -> None:
            super().__init__()
            self.kind = kind
            self.text = text

    class Closed(Message):
        """The line was left without Enter."""

    def __init__(self, choices: Callable[[str], Iterable[str]]) -> None:
        super().__init__()
        self._choices = choices
        self.kind = ""
        """``:`` or ``/`` while open."""
        self.past: list[str] = []
        """Commands typed before, the last one last."""
        self._at = 0

    def compose(self) -> ComposeResult:
        yield Note([()])
        yield Entry(suggester=Choices(self._complete_command), select_on_focus=False)
        yield Note([()], id="hints")

    @property
    def entry(self) -> Entry:
        """What is typed into."""
        return self.query_one(Entry)

    def open(self, kind: str, text: str = "") -> None:
        """Show the line."""
        self.kind = kind
        self._at = len(self.past)
        self.query_one(Note).show([line(Span(kind, Tone.KEY))])
        self.query_one("#hints", Note).show([_HINTS[kind]])
        with self.entry.prevent(Input.Changed):
            self.entry.value = text
        self.entry.cursor_position = len(text)
        self._set_open(True)
        self.entry.focus()

    def close(self) -> None:
        """Hide the line; posts ``Closed`` if Enter was not pressed."""
        if self.kind:
            self.kind = ""
            self._set_open(False)
            self.post_message(self.Closed())

    def _set_open(self, shown: bool) -> None:
        self.set_class(shown, "-open")
        for keys in self.screen.query(KeyLine):
            keys.display = not shown

    def action_complete(self) -> None:
        """Take what is suggested."""
        typed = self.entry.value
        found = next((each for each in self._complete_command(typed) if each.startswith(typed)), None)
        if found is not None:
            self.entry.value = found
            self.entry.cursor_position = len(found)

    def action_older(self) -> None:
        """The command typed before."""
        self._recall_command(-1)

    def action_newer(self) -> None:
        """The command typed after."""
        self._recall_command(1)

    def _recall_command(self, by: int) -> None:
        if self.kind == ":" and 0 <= self._at + by <= len(self.past):
            self._at += by
            self.entry.value = self.past[self._at] if self._at < len(self.past) else ""
            self.entry.cursor_position = len(self.entry.value)

    def _complete_command(self, value: str) -> Iterable[str]:
        return self._choices(value) if self.kind == ":" and value else ()

    @on(Input.Changed)
    def _report_change(self, event: Input.Changed) -> None:
        event.stop()
        if self.kind:
            self.post_message(self.Changed(self.kind, event.value))

    @on(Input.Submitted)
    def _report_submit(self, event: Input.Submitted) -> None:
        event.stop()
        kind, self.kind = self.kind, ""
        self._set_open(False)
        if kind == ":" and event.value.strip():
            self.past.append(event.value)
        self.post_message(self.Submitted(kind, event.value))
