"""The review before a save: changed fields, the inferred values that follow, and a key that writes them."""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from kops_core import UNSET, FieldPath, Maybe, SaveReview, ValueChange, render_path
from kops_tui.input_router import note_when_shown
from kops_tui.keys import bind
from kops_tui.ports import Workspace
from kops_tui.screens.explanation import own_path
from kops_tui.screens.page import Page, unsaved_note
from kops_tui.styled_text import Line, Span, Tone, count, line, value_text, wrap
from kops_tui.widgets.rows import Column, Row, Rows
from kops_tui.widgets.styled_lines import Note

_COLUMNS = (Column("FIELD", 30, flex=2), Column("BEFORE", 18, flex=1), Column("AFTER", 18, flex=1))
_PANE = 4
"""Lines of the change under the cursor."""


@dataclass(frozen=True)
class HeadingKey:
    """The heading over what the operator wrote, or over what moves along."""

    text: str


class SavePage(Page):
    """What saving would store. Written is what is shown, and only after ``y``."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("save.yes", "y", "save", "save", "Write these changes to the store", rank=10),
        bind("save.no", "n", "leave", "back", "Back to the spec; nothing is written", rank=11),
    ]

    def __init__(self, workspace: Workspace, review: SaveReview) -> None:
        super().__init__()
        self.cluster = workspace.name
        self.workspace = workspace
        self.review = review
        self.shown_at = math.inf
        self._saving = False
        self._changes: dict[HeadingKey | FieldPath, ValueChange] = {}
        self.table: Rows[HeadingKey | FieldPath] = Rows(_COLUMNS)

    def body(self) -> ComposeResult:
        yield Note([(), ()], id="about")
        yield self.table
        yield Note([()] * _PANE, classes="pane", id="change")

    def breadcrumbs(self) -> tuple[str, ...]:
        return ("Fleet", self.cluster, "Spec", "Save")

    def note(self) -> str:
        return unsaved_note(self.workspace)

    def shell_commands(self) -> tuple[str, ...]:
        """The commands that make the same edits, one for each object that is edited."""
        words: dict[str, list[str]] = {}
        for change in self.review.yours:
            group = str(change.path[1]) if change.path[0] == "instanceGroups" else ""
            path, after = own_path(change.path), change.after
            words.setdefault(f"instancegroup {group}" if group else "cluster", []).append(
                f"--unset={path}" if after is UNSET else f"--set={path}={value_text(after)}"
            )
        made = [shlex.join(["edit", *about.split(), *edits]) for about, edits in words.items()]
        return tuple(command for each in made for command in self.in_shell(each, each))

    def on_mount(self) -> None:
        note_when_shown(self)
        self.refill()

    def on_resize(self) -> None:
        self.refill()

    def reload(self) -> None:
        """Read the cluster again, and review the edits on what others have stored meanwhile."""
        self.run_query("reading the cluster", self._read_again, self._show_review, group="save", retry=False)

    def _read_again(self) -> SaveReview:
        self.workspace.refresh()
        return self.workspace.review()

    def _show_review(self, found: SaveReview) -> None:
        self.review = found
        self.kops.edits_changed(self.workspace)
        self.refill()
        self.refresh_header()

    def refill(self) -> None:
        if not self.is_mounted:
            return
        self._changes = {}
        rows: list[Row[HeadingKey | FieldPath]] = []
        for heading, changes in (
            ("what you wrote", self.review.yours),
            ("inferred, and moved along", self.review.moved),
        ):
            shown = [each for each in changes if self.matches_filter(render_path(each.path))]
            if shown:
                rows.append(Row(HeadingKey(heading), (line(Span(heading, Tone.KEY)),)))
            for each in shown:
                self._changes[each.path] = each
                rows.append(self._build_row(each, yours=changes is self.review.yours))
        self.table.show(rows, empty=self.empty_text("nothing would be stored: the edits cancel out"))
        self.query_one("#about", Note).show(self._summary_lines())
        self._show_change()

    def _summary_lines(self) -> list[Line]:
        yours, moved = len(self.review.yours), len(self.review.moved)
        return [
            line(
                " ",
                Span(count(yours, "field"), Tone.YOURS),
                f" of yours {'changes' if yours == 1 else 'change'}, {count(moved, 'inferred value')} "
                f"{'moves' if moved == 1 else 'move'} along",
            ),
            line(
                Span(f" to {self.workspace.store}", Tone.MUTED),
                Span("; refused if somebody else wrote meanwhile", Tone.MUTED),
            ),
        ]

    def _build_row(self, change: ValueChange, *, yours: bool) -> Row[HeadingKey | FieldPath]:
        after = Span(_value_or_unset(change.after), Tone.YOURS if yours else Tone.GOOD)
        before = Span(_value_or_unset(change.before), Tone.MUTED)
        cells = (line("  ", render_path(change.path)), line(before), line(after))
        return Row(change.path, cells, Span("~"))

    @on(Rows.Highlighted)
    def _show_change(self) -> None:
        """The change under the cursor in full."""
        key = self.table.key
        change = self._changes.get(key) if key is not None else None
        lines: list[Line] = []
        if change is not None:
            width = self.app.size.width - 2
            lines = [
                line(" ", Span(render_path(change.path), Tone.STRONG)),
                *wrap(line(Span(" before  ", Tone.MUTED), _value_or_unset(change.before)), width, 9),
                *wrap(line(Span(" after   ", Tone.MUTED), _value_or_unset(change.after)), width, 9),
            ][:_PANE]
        self.query_one("#change", Note).show([*lines, *[()] * (_PANE - len(lines))])

    # Answering

    def action_save(self) -> None:
        """Write what is shown to the store."""
        if self._saving or not self.shown_at < math.inf:
            return
        if not self.may_write():
            return
        self._saving = True
        # No retry: r is not the key that writes.
        self.run_query("saving", self.workspace.save, self._leave_saved, group="save", retry=False)

    def show_error(self, error: BaseException, retry: Callable[[], None] | None = None) -> None:
        self._saving = False
        super().show_error(error, retry)

    def _leave_saved(self, _: object) -> None:
        app = self.kops
        app.edits_changed(self.workspace)
        app.invalidate(self.cluster)
        app.pop_screen()
        page = app.screen
        if isinstance(page, Page):
            page.refill()
            page.refresh_header()
            page.show_notice(
                f"saved {count(len(self.review.yours), 'field')}: ",
                *(Span("P", Tone.KEY), " shows what applying would change, "),
                *(Span("H", Tone.KEY), " can undo it"),
            )

    def action_leave(self) -> None:
        """Back to the spec; nothing is written."""
        self.app.pop_screen()


def _value_or_unset(value: Maybe) -> str:
    return value_text(value) or "(unset)"
