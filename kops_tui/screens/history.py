"""What was done with a cluster: from the journal, the last first."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from textual.app import ComposeResult

from kops_tui.screens.page import Page
from kops_tui.widgets.rows import Column, Row, Rows
from kops_tui.words import Span, Tone, age, line

if TYPE_CHECKING:
    from kops_core import PastOperation


class HistoryPage(Page):
    """The operations on a cluster."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.cluster = name
        self.past: Sequence[PastOperation] = ()

    def body(self) -> ComposeResult:
        yield Rows(
            (
                Column("WHEN", 17),
                Column("", 4, right=True),
                Column("WHO", 16, flex=1),
                Column("WHAT", 16, flex=1),
                Column("RESULT", 16, flex=2),
            ),
            empty="reading the journal ...",
        )

    def way(self) -> tuple[str, ...]:
        return ("Fleet", self.cluster, "History")

    def on_mount(self) -> None:
        self.read_again()

    def read_again(self) -> None:
        self.ask("reading the journal", partial(self.kops.engine.history, self.cluster), self._read)

    def _read(self, past: Sequence[PastOperation]) -> None:
        self.past = past
        self.refill()

    def refill(self) -> None:
        rows = [
            Row(
                str(number),
                (
                    line(f"{each.at:%Y-%m-%d %H:%M}"),
                    line(Span(age(each.at, self.kops.now()), Tone.MUTED)),
                    line(each.by),
                    line(Span(each.what, Tone.STRONG)),
                    line(each.result),
                ),
            )
            for number, each in enumerate(self.past)
            if self.passes(each.by, each.what, each.result)
        ]
        self.query_one(Rows).show(rows, empty="nothing was done with it from here")
