"""The one line to type on: a command after ``:``, a filter after ``/``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
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
from kops_tui.styled_text import Line, Span, Tone, joined, line
from kops_tui.widgets.bars import KeyLine
from kops_tui.widgets.styled_lines import Note


class Choices(Suggester):
    """Completes to the first of the choices that begins with what was typed."""

    def __init__(self, choices: Callable[[str], Iterable[str]]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._choices = choices

    async def get_suggestion(self, value: str) -> str | None:
        return next((each for each in self._choices(value) if each.startswith(value) and each != value), None)


def candidates_line(choices: Sequence[str], chosen: str, cells: int, more: str = "…") -> Line:
    """What a command can become, on one line: as many choices as fit, the chosen one among them.

    Of choices that begin with the same words, only the last word is shown.
    """
    words = [each.rpartition(" ")[2] for each in choices]
    at = choices.index(chosen) if chosen in choices else 0
    room = cells - 2 * (len(more) + 3)

    def fits(first: int, end: int) -> bool:
        return sum(len(word) + 2 for word in words[first:end]) <= room

    first = next((each for each in range(at) if fits(each, at + 1)), at)
    end = next((each for each in range(len(words), at, -1) if fits(first, each)), at + 1)
    shown = [
        Span(words[each], Tone.STRONG if choices[each] == chosen else Tone.PLAIN)
        for each in range(first, min(end, len(words)))
    ]
    before, after = more if first else "", more if end < len(words) else ""
    return line(" ", joined([before, *shown, after], "  "))


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
    Prompt #sign { width: 2; }
    Prompt #hints { width: 40; }
    Prompt #candidates {
        overlay: screen; offset: 0 -1; width: 100%; height: 1; display: none; background: $surface;
        &.-shown { display: block; }
    }
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
        self._typed = ""
        """The text as it was typed, without what was completed."""
        self._known: tuple[str, list[str]] | None = None
        """What a text can become, of the last one."""

    def compose(self) -> ComposeResult:
        yield Note([()], id="candidates")
        yield Note([()], id="sign")
        yield Entry(suggester=Choices(self.completions), select_on_focus=False)
        yield Note([()], id="hints")

    @property
    def entry(self) -> Entry:
        """What is typed into."""
        return self.query_one(Entry)

    def open(self, kind: str, text: str = "") -> None:
        """Show the line."""
        self.kind = kind
        self._at = len(self.past)
        self.query_one("#sign", Note).show([line(Span(kind, Tone.KEY))])
        self.query_one("#hints", Note).show([_HINTS[kind]])
        with self.entry.prevent(Input.Changed):
            self.entry.value = text
        self.entry.cursor_position = len(text)
        self._typed, self._known = text, None
        self._show_candidates()
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

    def completions(self, typed: str) -> list[str]:
        """The commands that what was typed can become."""
        if self.kind != ":":
            return []
        if self._known is None or self._known[0] != typed:  # the suggestion asks for the same once more
            try:
                found = [each for each in self._choices(typed) if each.startswith(typed)]
            except KopsError:  # completing is a convenience: errors are shown when the command is entered
                found = []
            self._known = typed, found
        return self._known[1]

    def action_complete(self) -> None:
        """Take the first of what it can be completed to; again: the next one."""
        found = self.completions(self._typed)
        if not found:
            return
        value = self.entry.value
        taken = found[(found.index(value) + 1) % len(found)] if value in found else found[0]
        with self.entry.prevent(Input.Changed):
            self.entry.value = taken
        self.entry.cursor_position = len(taken)
        self._show_candidates()

    def _show_candidates(self) -> None:
        """Show what the command can be completed to, on the line above; one choice is the suggestion."""
        found, value = self.completions(self._typed), self.entry.value
        note = self.query_one("#candidates", Note)
        shown = len(found) > 1
        if shown:
            note.show([candidates_line(found, value, self.app.size.width, self._more)])
        note.set_class(shown, "-shown")

    @property
    def _more(self) -> str:
        return self.query_one("#candidates", Note).glyphs.more

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

    @on(Input.Changed)
    def _report_change(self, event: Input.Changed) -> None:
        event.stop()
        if self.kind:
            self._typed = event.value
            self._show_candidates()
            self.post_message(self.Changed(self.kind, event.value))

    @on(Input.Submitted)
    def _report_submit(self, event: Input.Submitted) -> None:
        event.stop()
        kind, self.kind = self.kind, ""
        self._set_open(False)
        if kind == ":" and event.value.strip():
            self.past.append(event.value)
        self.post_message(self.Submitted(kind, event.value))
