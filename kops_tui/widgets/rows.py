"""The list widget: columns that fit, a cursor, marks; only changed lines are painted again.

Textual's DataTable can't insert rows in the middle, which folding needs, and repaints
everything when one cell changes, which a slow line feels.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input

from kops_tui.keys import bind
from kops_tui.natural_order import Order, natural_order
from kops_tui.styled_text import Line, Span, Tone, fit, line, plain
from kops_tui.widgets.headings import heading_with_range
from kops_tui.widgets.styled_lines import StyledLines

K = TypeVar("K", bound=Hashable)
"""What the rows of a list are about: a value, equal for the same row of two readings."""

_REVERSE = Style(reverse=True)
_GUTTER = 3
"""Cells before the first column: cursor, mark, blank."""
_GAP = 2


@dataclass(frozen=True)
class Column:
    """A column of a list."""

    title: str
    width: int
    """Cells, or with ``flex`` the least."""
    flex: int = 0
    """Share of the cells that are left over."""
    right: bool = False
    least: int = 0
    """The list must be this wide for the column to be shown."""
    sort: int = 0
    """Its direction when the list is first sorted by it: 1 ascending, -1 descending, 0 never sorted by."""


NO_FLAG = Span("")


@dataclass(frozen=True)
class Row(Generic[K]):
    """A line of a list."""

    key: K
    cells: tuple[Line, ...]
    """One a column; a row with one cell spans them all."""
    flag: Span = NO_FLAG
    """A sign in the gutter, e.g. ``!``."""
    order: tuple[float | None, ...] = ()
    """What the cells are sorted by where that is not their text, e.g. seconds of an age."""

    def sort_key(self, column: int) -> Order:
        """What the row is sorted by in a column."""
        number = self.order[column] if column < len(self.order) else None
        if number is not None:
            return ((0, number, ""),)
        return natural_order(plain(self.cells[column])) if column < len(self.cells) else ()


class Rows(StyledLines, Generic[K], can_focus=True):
    """A list of rows under fixed headings."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"rows--heading", "rows--cursor"}
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("rows.down", "j,down", "move(1)", "", "Down"),
        bind("rows.up", "k,up", "move(-1)", "", "Up"),
        bind("rows.first", "g,home", "end(False)", "", "First row"),
        bind("rows.last", "G,end", "end(True)", "", "Last row"),
        bind("rows.next_page", "pagedown", "page(1)", "", "A page down"),
        bind("rows.previous_page", "pageup", "page(-1)", "", "A page up"),
        bind("rows.choose", "enter", "select", "", "Open, edit or unfold the row"),
        bind("rows.mark", "space", "mark", "mark", "Mark the row; what follows is for all marked", rank=30),
        bind("rows.sort", "o", "sort", "sort", "Sort by the next column; after the last, as it was", rank=50),
    ]

    DEFAULT_CSS = """
    Rows {
        width: 1fr;
        height: 1fr;
        & > .rows--heading { color: $secondary; text-style: bold; }
        & > .rows--cursor { background: $panel; }
    }
    """

    class Highlighted(Message):
        """The cursor came to another row, or the row under it changed."""

        def __init__(self, rows: Widget) -> None:
            super().__init__()
            self.rows = rows

        @property
        def control(self) -> Widget:
            return self.rows

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, Rows.Highlighted) and message.rows is self.rows

    class Selected(Message):
        """Enter was pressed on a row."""

        def __init__(self, rows: Widget) -> None:
            super().__init__()
            self.rows = rows

        @property
        def control(self) -> Widget:
            return self.rows

    def __init__(
        self,
        columns: Sequence[Column],
        *,
        id: str | None = None,  # noqa: A002 - Textual's name
        empty: str = "",
        marks: bool = False,
    ) -> None:
        super().__init__(id=id)
        self.columns = tuple(columns)
        self.empty = empty
        """The text shown where there are no rows."""
        self.rows: list[Row[K]] = []
        self.cursor = 0
        self._first = 0
        self._touched = False
        """Whether the operator moved the cursor: until then it stays on the first row."""
        self.marks = marks
        self.marked: set[K] = set()
        self.sorted_by: Column | None = None
        """The column that the rows are sorted by; None leaves them as they are given."""
        self._given: Sequence[Row[K]] = ()
        """The rows as they were given."""

    @property
    def key(self) -> K | None:
        """Key of the row under the cursor; None if there is none."""
        return self.rows[self.cursor].key if self.rows else None

    @property
    def rows_in_sight(self) -> list[Row[K]]:
        """The rows that are on the screen."""
        return self.rows[self._first : self._first + max(0, self.size.height - 1)]

    @property
    def selected_keys(self) -> list[K]:
        """The marked rows, or the one under the cursor."""
        marked = [row.key for row in self.rows if row.key in self.marked]
        return marked or [row.key for row in self.rows[self.cursor : self.cursor + 1]]

    def description(self) -> list[Line]:
        """The row under the cursor in full: each column, also those that are hidden or cut."""
        if not self.rows:
            return []
        cells = self.rows[self.cursor].cells
        if len(cells) == 1 or len(self.columns) == 1:
            return [cells[0]]
        return [
            line(Span(f"{column.title.lower():<16} ", Tone.MUTED), cell)
            for column, cell in zip(self.columns, cells, strict=False)
            if cell
        ]

    def show(self, rows: Sequence[Row[K]], *, empty: str | None = None) -> None:
        """Show these rows; the cursor stays on the row that it is on, if that is still there."""
        old, here, was = self.rows, self.key, self.cursor
        self._given = rows
        self.rows = self._sort(rows)
        if empty is not None and empty != self.empty:
            self.empty = empty
            self.refresh()
        places: dict[K | None, int] = {row.key: place for place, row in enumerate(self.rows)}
        self.cursor = places.get(here, min(was, max(0, len(self.rows) - 1))) if self._touched else 0
        self._repaint_changed(old, was)
        self._scroll_to_cursor()
        if self.key != here or (self.rows and old[was : was + 1] != [self.rows[self.cursor]]):
            self.post_message(self.Highlighted(self))

    def _sort(self, rows: Sequence[Row[K]]) -> list[Row[K]]:
        column = self.sorted_by
        if column is None or column not in self.columns:
            return list(rows)
        place = self.columns.index(column)
        return sorted(rows, key=lambda row: row.sort_key(place), reverse=column.sort < 0)

    def sort_by(self, column: Column | None) -> None:
        """Sort by a column, or by none."""
        self.sorted_by = column
        self.show(self._given)
        self.refresh()

    def update_row(self, row: Row[K]) -> None:
        """Show another row of the same key in its place."""
        for place, old in enumerate(self.rows):
            if old.key == row.key:
                if old != row:
                    self.rows[place] = row
                    self._repaint_row(place)
                    if place == self.cursor:
                        self.post_message(self.Highlighted(self))
                return

    def move_to(self, place: int) -> None:
        """Put the cursor on a row by its place; the ends hold it."""
        self._touched = True
        place = max(0, min(place, len(self.rows) - 1))
        if place == self.cursor or not self.rows:
            return
        before, self.cursor = self.cursor, place
        if not self._scroll_to_cursor():
            self._repaint_row(before)
            self._repaint_row(place)
        self.post_message(self.Highlighted(self))

    def move_to_key(self, key: K) -> bool:
        """Put the cursor on a row by its key. False if there is no such row."""
        for place, row in enumerate(self.rows):
            if row.key == key:
                self.move_to(place)
                return True
        return False

    def reveal_below(self, belongs: Callable[[K], bool]) -> None:
        """Scroll so that the rows below whose keys belong to the cursor's row are in sight, if they fit."""
        available = max(1, self.size.height - 1)
        last = self.cursor
        while last + 1 < len(self.rows) and belongs(self.rows[last + 1].key):
            last += 1
        wanted = min(max(self._first, last - available + 1), self.cursor)
        if wanted != self._first:
            self._first = wanted
            self.refresh()

    def action_move(self, by: int) -> None:
        """Move the cursor by some rows."""
        self.move_to(self.cursor + by)

    def action_page(self, by: int) -> None:
        """Move the cursor by some pages."""
        self.move_to(self.cursor + by * max(1, self.size.height - 2))

    def action_end(self, last: bool) -> None:
        """Move the cursor to the first or the last row."""
        self.move_to(len(self.rows) - 1 if last else 0)

    def action_select(self) -> None:
        """Post that the row under the cursor was selected."""
        if self.rows:
            self.post_message(self.Selected(self))

    def action_mark(self) -> None:
        """Mark the row under the cursor, or take its mark away, and go to the next."""
        if not self.rows:
            return
        self.marked ^= {self.rows[self.cursor].key}
        self._repaint_row(self.cursor)
        self.move_to(self.cursor + 1)

    def action_sort(self) -> None:
        """Sort by the next column that can be sorted by; after the last one, not at all."""
        choices: list[Column | None] = [
            None,
            *(column for column, _, _ in self._visible_columns(self.size.width) if column.sort),
        ]
        here = choices.index(self.sorted_by) if self.sorted_by in choices else 0
        self.sort_by(choices[(here + 1) % len(choices)])

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "sort":
            return any(column.sort for column in self.columns)
        return self.marks if action == "mark" else True

    def focus_on_click(self) -> bool:
        return not self._is_typing

    @property
    def _is_typing(self) -> bool:
        """Whether something is being typed: a click must not send the rest of it elsewhere."""
        return isinstance(self.screen.focused, Input)

    def on_click(self, event: events.Click) -> None:
        if self._is_typing:
            return
        place = event.y - 1 + self._first
        if event.y > 0 and 0 <= place < len(self.rows):
            again = place == self.cursor
            self.move_to(place)
            if again:
                self.action_select()

    def on_mouse_scroll_down(self) -> None:
        self.action_move(3)

    def on_mouse_scroll_up(self) -> None:
        self.action_move(-3)

    def on_resize(self) -> None:
        self._scroll_to_cursor()

    def on_focus(self, event: events.Focus) -> None:
        event.prevent_default()  # Textual paints the whole widget again; ours looks the same
        self.has_focus = True

    def on_blur(self, event: events.Blur) -> None:
        event.prevent_default()
        self.has_focus = False

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self.rows) + 1

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if y == 0:
            return self._build_heading(width)
        place = y - 1 + self._first
        if place >= len(self.rows):
            text = line(Span(" " * _GUTTER + self.empty, Tone.MUTED)) if y == 1 and not self.rows else ()
            return self.paint(text, width)
        row = self.rows[place]
        at_cursor = place == self.cursor
        return self.paint(
            self._build_gutter(row, at_cursor) + self._build_cells(row, width),
            width,
            self._cursor_style() if at_cursor else None,
        )

    def _cursor_style(self) -> Style:
        """How the cursor's row looks: where there are few colours, reversed."""
        if self.app.native_ansi_color:
            return _REVERSE
        return self.get_component_rich_style("rows--cursor", partial=True)

    def _build_gutter(self, row: Row[K], at_cursor: bool) -> Line:
        cursor = Span(self.glyphs.cursor if at_cursor else " ", Tone.KEY)
        flag = Span("*", Tone.KEY) if row.key in self.marked else row.flag
        return (cursor, *fit((flag,), 2))

    def _build_cells(self, row: Row[K], width: int) -> Line:
        if len(row.cells) == 1 and len(self.columns) > 1:
            return row.cells[0]
        spans: list[Span] = []
        for column, cells, at in self._visible_columns(width):
            cell = row.cells[at] if at < len(row.cells) else ()
            spans.extend(fit(cell, cells, self.glyphs.more, right=column.right))
            spans.append(Span(" " * _GAP))
        return tuple(spans[:-1])

    def _visible_columns(self, width: int) -> list[tuple[Column, int, int]]:
        """The columns that are shown, the cells of each, and its place among all columns."""
        shown = [(column, at) for at, column in enumerate(self.columns) if width >= column.least]
        spare = width - _GUTTER - sum(column.width + _GAP for column, _ in shown) + _GAP
        shares = sum(column.flex for column, _ in shown) or 1
        return [(column, column.width + max(0, spare) * column.flex // shares, at) for column, at in shown]

    def _build_heading(self, width: int) -> Strip:
        style = self.get_component_rich_style("rows--heading", partial=True)
        spans = [Span(" " * _GUTTER)]
        for column, cells, _ in self._visible_columns(width):
            spans.extend(fit(line(self._title(column)), cells, self.glyphs.more, right=column.right))
            spans.append(Span(" " * _GAP))
        return self.paint(heading_with_range(tuple(spans[:-1]), width, self._visible_range()), width, style)

    def _title(self, column: Column) -> str:
        if column != self.sorted_by:
            return column.title
        sign = self.glyphs.ascending if column.sort > 0 else self.glyphs.descending
        return f"{column.title[: column.width - 1]}{sign}"

    def _visible_range(self) -> tuple[int, int, int] | None:
        """The first and last row in sight and how many there are, where not all are in sight."""
        available = self.size.height - 1
        if len(self.rows) <= available:
            return None
        return self._first + 1, min(self._first + available, len(self.rows)), len(self.rows)

    def _repaint_changed(self, old: list[Row[K]], was: int) -> None:
        """Paint again the lines in sight that differ from before."""
        first, available = self._first, max(0, self.size.height - 1)
        if not old or not self.rows:
            self.refresh()
            return
        for place in range(first, first + available):
            same = old[place : place + 1] == self.rows[place : place + 1]
            if not same or (place in (was, self.cursor) and was != self.cursor):
                self._repaint_row(place)
        if len(old) != len(self.rows):
            self.repaint_line(0)

    def _scroll_to_cursor(self) -> bool:
        """Scroll so that the cursor is in sight. True if that moved the list."""
        available = max(1, self.size.height - 1)
        first = self._first
        wanted = min(max(first, self.cursor - available + 1), self.cursor)
        wanted = min(wanted, max(0, len(self.rows) - available))
        if wanted == first:
            return False
        self._first = wanted
        self.refresh()
        return True

    def _repaint_row(self, place: int) -> None:
        self.repaint_line(place - self._first + 1)
