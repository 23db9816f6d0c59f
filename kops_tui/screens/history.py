"""What was done with a cluster: operations from the journal, writes of its specs, the last first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from kops_tui.keys import bind
from kops_tui.ports import Workspace
from kops_tui.screens.page import Page
from kops_tui.screens.spec import SpecPage
from kops_tui.styled_text import Line, Span, Tone, age, count, line, wrap
from kops_tui.widgets.rows import Column, Row, Rows
from kops_tui.widgets.styled_lines import Note

if TYPE_CHECKING:
    from kops_core import PastOperation, SpecWrite, Tree


_COLUMNS = (
    Column("WHEN", 17),
    Column("", 4, right=True),
    Column("WHO", 14, flex=1),
    Column("WHAT", 16, flex=2),
    Column("RESULT", 17, flex=1),
)
_PANE = 3
"""Lines of what was done, in full."""


@dataclass(frozen=True)
class OperationKey:
    """An operation, by its place in the journal; 0 is the last one."""

    place: int


@dataclass(frozen=True)
class WriteKey:
    """A write of the specs."""

    id: str


HistoryKey: TypeAlias = OperationKey | WriteKey


class HistoryPage(Page):
    """The operations on a cluster and the writes of its specs; a write can be undone."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind(
            "history.undo",
            "z",
            "undo",
            "undo",
            "Undo a save: what was before it, as an unsaved edit",
            rank=10,
        ),
    ]

    def __init__(self, name: str) -> None:
        super().__init__()
        self.cluster = name
        self.past: Sequence[PastOperation] = ()
        self.writes: Sequence[SpecWrite] = ()
        self.table: Rows[HistoryKey] = Rows(_COLUMNS, empty="reading the journal ...")
        self._full_texts: dict[HistoryKey, tuple[str, str]] = {}
        """What was done and what came of it, in full, by row."""

    def body(self) -> ComposeResult:
        yield self.table
        yield Note([()] * _PANE, classes="pane", id="detail")

    def breadcrumbs(self) -> tuple[str, ...]:
        return ("Fleet", self.cluster, "History")

    def on_mount(self) -> None:
        self.reload()

    def reload(self) -> None:
        self.run_query(
            "reading the journal", partial(self.kops.engine.history, self.cluster), self._show_operations
        )
        self.run_query("reading what was written", self._read_writes, self._show_writes, group="writes")

    def _read_writes(self) -> Sequence[SpecWrite]:
        return self.kops.engine.spec_history(self.cluster).writes()

    def _show_operations(self, past: Sequence[PastOperation]) -> None:
        self.past = past
        self.refill()

    def _show_writes(self, writes: Sequence[SpecWrite]) -> None:
        self.writes = writes
        self.refill()

    def refill(self) -> None:
        done: list[tuple[datetime, Row[HistoryKey]]] = [
            (
                each.at,
                Row(OperationKey(place), self._build_cells(each.at, each.by, each.what, line(each.result))),
            )
            for place, each in enumerate(self.past)
            if self.matches_filter(each.by, each.what, each.result)
        ]
        undo = line("saved  ", Span("z", Tone.KEY), Span(" undoes it", Tone.MUTED))
        done += [
            (each.at, Row(WriteKey(each.id), self._build_cells(each.at, each.by, each.what, undo)))
            for each in self.writes
            if self.matches_filter(each.by, each.what, "saved")
        ]
        rows = [row for _, row in sorted(done, key=lambda found: found[0], reverse=True)]
        self._full_texts = {
            OperationKey(place): (each.what, each.result) for place, each in enumerate(self.past)
        }
        self._full_texts |= {
            WriteKey(each.id): (each.what, each.command or f"by {each.by or 'another program'}")
            for each in self.writes
        }
        self.table.show(rows, empty=self.empty_text("nothing was done with it from here"))

    @on(Rows.Highlighted)
    def _show_detail(self) -> None:
        """What was done under the cursor, in full."""
        key = self.table.key
        row = self._full_texts.get(key, ("", "")) if key is not None else ("", "")
        width = self.app.size.width - 2
        lines = [cut for each in row if each for cut in wrap(line(f" {each}"), width, 3)][:_PANE]
        self.query_one("#detail", Note).show([*lines, *[()] * (_PANE - len(lines))])

    def _build_cells(self, at: datetime, by: str, what: str, result: Line) -> tuple[Line, ...]:
        return (
            line(f"{at:%Y-%m-%d %H:%M}"),
            line(Span(age(at, self.kops.now()), Tone.MUTED)),
            line(by),
            line(Span(what, Tone.STRONG)),
            result,
        )

    def action_undo(self) -> None:
        """Make an unsaved edit of what undoes the write under the cursor, and show it."""
        key = self.table.key
        write = next((each for each in self.writes if key == WriteKey(each.id)), None)
        if write is None:
            self.show_notice(
                "choose a line that says saved: what an operation did in the cloud is not undone here"
            )
        else:
            self.run_query(
                "reading what was there before",
                partial(self._read_before, write.id),
                partial(self._go_back, write),
                group="before",
            )

    def _read_before(self, write: str) -> Mapping[str, Tree]:
        return self.kops.engine.spec_history(self.cluster).before(write)

    def _go_back(self, write: SpecWrite, documents: Mapping[str, Tree]) -> None:
        self.with_workspace(partial(self._edit_back, write, documents))

    def _edit_back(self, write: SpecWrite, documents: Mapping[str, Tree], workspace: Workspace) -> None:
        unsaved = workspace.edits
        if unsaved:
            self.show_notice(f"save or undo your {count(unsaved, 'unsaved edit')} first")
            return
        workspace.go_back(documents, f"undo {write.what!r} of {write.at:%Y-%m-%d %H:%M}")
        self.kops.edits_changed(workspace)
        if not workspace.edits:
            self.show_notice("the spec is as it was before that already")
            return
        self.app.push_screen(SpecPage(self.cluster, only="changed"))
        self.kops.show_notice("as it was before that write; s shows what saving it would change")
