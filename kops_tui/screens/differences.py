"""What differs between a cluster's specs at two moments of its history, a line a field."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from textual.app import ComposeResult

from kops_core import printable
from kops_tui.screens.page import Page
from kops_tui.styled_text import Line, Span, Tone, count, line, wrap
from kops_tui.widgets.rows import Column, Row, Rows
from kops_tui.widgets.styled_lines import Note

_TONES = {"+": Tone.GOOD, "-": Tone.BAD, "~": Tone.WARN}


class DifferencesPage(Page):
    """The fields that differ."""

    def __init__(self, cluster: str, write: str, until: str, about: str) -> None:
        """write: what was before it is compared. until: with what was before this one; "" for now.

        about: the two moments in words.
        """
        super().__init__()
        self.cluster = cluster
        self.about = about
        self._write = write
        self._until = until
        self.found: Sequence[str] = ()
        self.table: Rows[int] = Rows((Column("DIFFERENCE", 40, flex=1),), empty="comparing ...")
        """Differences, by their place."""

    def body(self) -> ComposeResult:
        yield Note([()], id="about")
        yield self.table

    def breadcrumbs(self) -> tuple[str, ...]:
        return ("Fleet", self.cluster, "History", "Difference")

    def shell_commands(self) -> tuple[str, ...]:
        return () if self._until else self.in_shell(f"diff --before {self._write}")

    def on_mount(self) -> None:
        self.reload()

    def reload(self) -> None:
        self.run_query("comparing", partial(self._read), self._show_differences)

    def _read(self) -> Sequence[str]:
        return self.kops.engine.spec_history(self.cluster).differences(self._write, self._until)

    def _show_differences(self, found: Sequence[str]) -> None:
        self.found = found
        self.refill()

    def refill(self) -> None:
        rows = [
            Row(place, (_coloured(printable(each)),))
            for place, each in enumerate(self.found)
            if self.matches_filter(each)
        ]
        self.table.show(rows, empty=self.empty_text("nothing differs"))
        told = line(Span(f" {count(len(self.found), 'difference')}", Tone.STRONG), f"  {self.about}")
        self.query_one("#about", Note).show(wrap(told, self.app.size.width - 1, 1)[:1])


def _coloured(text: str) -> Line:
    """A difference with its sign in front."""
    sign, rest = text[:1], text[1:]
    return line(Span(sign, _TONES.get(sign, Tone.PLAIN)), rest)
