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
from kops_tui.screens.differences import DifferencesPage
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
    Column("WHO", 9, flex=1),
    Column("WHAT", 19, flex=2),
    Column("RESULT", 19, flex=1),
)
_PANE = 3
"""Lines of what was done, in full."""


_NO_WRITE = "choose a line that says saved or kept: what an operation did in the cloud is not kept here"


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

    ENTER = "since then"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind(
            "history.since",
            "c",
            "since",
            "",
            "What differs now from what was before it",
        ),
        bind(
            "history.compare",
            "v",
            "compare",
            "what it changed",
            "What it changed; with two marked, what was changed from one to the other",
            rank=12,
        ),
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
        self.table: Rows[HistoryKey] = Rows(_COLUMNS, empty="reading the journal ...", marks=True)
        self._full_texts: dict[HistoryKey, tuple[str, str]] = {}
        """What was done and what came of it, in full, by row."""

    def body(self) -> ComposeResult:
        yield self.table
        yield Note([()] * _PANE, classes="pane", id="detail")

    def breadcrumbs(self) -> tuple[str, ...]:
        return ("Fleet", self.cluster, "History")

    def shell_commands(self) -> tuple[str, ...]:
        write = self._write_of(self.table.key)
        moment = (
            f"--{'backup' if write.backup else 'before'} {write.id}" if write is not None else "--before ID"
        )
        before = f"--before {write.id if write is not None else 'ID'}"
        return (
            *self.in_shell("history"),
            *self.in_shell(f"diff {before}"),
            *self.in_shell(f"restore {moment} --yes"),
        )

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
        saved = line("saved  ", Span("z", Tone.KEY), Span(" undoes it", Tone.MUTED))
        kept = line("kept  ", Span("z", Tone.KEY), Span(" goes back", Tone.MUTED))
        done += [
            (
                each.at,
                Row(
                    WriteKey(each.id),
                    self._build_cells(each.at, each.by, each.what, kept if each.backup else saved),
                ),
            )
            for each in self.writes
            if self.matches_filter(each.by, each.what, each.command, "kept" if each.backup else "saved")
        ]
        rows = [row for _, row in sorted(done, key=lambda found: found[0], reverse=True)]
        self._full_texts = {
            OperationKey(place): (f"{each.what}  {each.id}", f"{each.result}, by {each.by}")
            for place, each in enumerate(self.past)
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

    # Differences

    @on(Rows.Selected)
    def action_since(self) -> None:
        """Show what differs now from what was before the write under the cursor."""
        write = self._write_of(self.table.key)
        if write is None:
            self.show_notice(_NO_WRITE)
        else:
            self._compare(write, None, f"since before {_named(write)}")

    def action_compare(self) -> None:
        """Show what the write under the cursor changed, or what was changed between two marked ones."""
        marked = [each for key in self.table.selected_keys if (each := self._write_of(key)) is not None]
        if len(marked) == 2:
            newer, older = marked  # the newest is the first row
            self._compare(older, newer, f"from before {_named(older)} to before {_named(newer)}")
        elif len(marked) == 1:
            at = [each.id for each in self.writes].index(marked[0].id)
            following = self.writes[at - 1] if at else None
            self._compare(marked[0], following, f"by {_named(marked[0])}")
        else:
            self.show_notice(_NO_WRITE if not marked else "mark two lines, not more")

    def _compare(self, write: SpecWrite, until: SpecWrite | None, about: str) -> None:
        self.app.push_screen(DifferencesPage(self.cluster, write.id, until.id if until else "", about))

    def _write_of(self, key: HistoryKey | None) -> SpecWrite | None:
        return next((each for each in self.writes if key == WriteKey(each.id)), None)

    # Going back

    def action_undo(self) -> None:
        """Make an unsaved edit of what undoes the write under the cursor, and show it."""
        write = self._write_of(self.table.key)
        if write is None:
            self.show_notice(_NO_WRITE)
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


def _named(write: SpecWrite) -> str:
    """A write in a few words."""
    return f"{write.what!r} of {write.at:%Y-%m-%d %H:%M}"
