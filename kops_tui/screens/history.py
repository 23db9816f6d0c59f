"""What was done with a cluster: operations from the journal, writes of its specs, the last first."""

from __future__ import annotations

from collections.abc import Sequence
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
    from kops_core import PastOperation, Revision


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
class RevisionKey:
    """A write of the specs."""

    id: str


HistoryKey: TypeAlias = OperationKey | RevisionKey


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
        self.revisions: Sequence[Revision] = ()
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
        revisions = partial(self.kops.engine.revisions, self.cluster)
        self.run_query("reading what was written", revisions, self._show_revisions, group="revisions")

    def _show_operations(self, past: Sequence[PastOperation]) -> None:
        self.past = past
        self.refill()

    def _show_revisions(self, revisions: Sequence[Revision]) -> None:
        self.revisions = revisions
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
            (each.at, Row(RevisionKey(each.id), self._build_cells(each.at, each.by, each.what, undo)))
            for each in self.revisions
            if self.matches_filter(each.by, each.what, "saved")
        ]
        rows = [row for _, row in sorted(done, key=lambda found: found[0], reverse=True)]
        self._full_texts = {
            OperationKey(place): (each.what, each.result) for place, each in enumerate(self.past)
        }
        self._full_texts |= {
            RevisionKey(each.id): (f"saved by {each.by}", each.what) for each in self.revisions
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
        revision = next((each for each in self.revisions if key == RevisionKey(each.id)), None)
        if revision is None:
            self.show_notice(
                "choose a line that says saved: what an operation did in the cloud is not undone here"
            )
        else:
            self.with_workspace(partial(self._undo_revision, revision))

    def _undo_revision(self, revision: Revision, workspace: Workspace) -> None:
        unsaved = workspace.edits
        if unsaved:
            self.show_notice(f"save or undo your {count(unsaved, 'unsaved edit')} first")
            return
        workspace.go_back(revision)
        self.kops.edits_changed(workspace)
        if not workspace.edits:
            self.show_notice("the spec is as it was before that already")
            return
        self.app.push_screen(SpecPage(self.cluster, only="changed"))
        self.kops.show_notice("as it was before that write; s shows what saving it would change")
