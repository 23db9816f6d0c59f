"""The fixed lines of a screen: context, breadcrumbs, banner and keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from textual.app import App
from textual.binding import Binding
from textual.screen import Screen
from textual.strip import Strip
from textual.widgets import Input, TextArea

from kops_tui.keys import key_name, rank
from kops_tui.styled_text import Line, Span, Tone, fit, joined, line, width
from kops_tui.widgets.styled_lines import Note, StyledLines


@dataclass(frozen=True)
class Context:
    """The content of the first line."""

    store: str = ""
    cluster: str = ""
    account: str = ""
    """Account and region, e.g. ``123456789012/us-east-1``."""
    operator: str = ""
    write: bool = False
    environment: str = ""
    """``prod``, ``sandbox`` or ""."""
    note: str = ""
    """A note at the right end, e.g. ``2 unsaved``."""


class ContextBar(StyledLines):
    """The first line. All of it is always there; what is too long is shortened, longest first."""

    DEFAULT_CSS = """
    ContextBar { height: 1; background: $surface; }
    """

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context

    def show(self, context: Context) -> None:
        """Show another context."""
        if context != self.context:
            self.context = context
            self.refresh()

    def render_line(self, y: int) -> Strip:
        return self.paint(self.line(self.size.width), self.size.width)

    def line(self, cells: int) -> Line:
        """The line for a width."""
        context = self.context
        state = [
            Span("RW", Tone.WARN) if context.write else Span("RO", Tone.GOOD),
            Span(context.environment, Tone.BAD if context.environment == "prod" else Tone.STRONG),
        ]
        right = joined([joined(state, " "), Span(context.note, Tone.WARN)], "  ")
        pieces = [context.store, context.cluster, context.account, context.operator]
        between = f" {self.glyphs.dot} "
        available = cells - width(right) - 2 - len(between) * max(0, sum(map(bool, pieces)) - 1)
        short = _shorten_parts(pieces, available, self.glyphs.more)
        tones = [Tone.PLAIN, Tone.STRONG, Tone.PLAIN, Tone.PLAIN]
        left = joined([Span(text, tone) for text, tone in zip(short, tones, strict=True)], between)
        return (Span(" "), *fit(left, cells - width(right) - 1, self.glyphs.more), *right)


_LEAST = ((0, 9), (3, 9), (1, 16), (2, 14), (1, 6), (2, 6))
"""How the parts of the first line are shortened, in this order: which part, and to how many cells."""


def _shorten_parts(pieces: list[str], available: int, more: str) -> list[str]:
    """The pieces cut until all fit."""
    if sum(map(len, pieces)) > available:
        pieces = [pieces[0].removeprefix("s3://"), *pieces[1:]]
    lengths = [len(piece) for piece in pieces]
    for at, least in _LEAST:
        over = sum(lengths) - available
        if over > 0:
            lengths[at] = max(min(least, lengths[at]), lengths[at] - over)
    return [
        piece if length >= len(piece) else piece[: length - len(more)] + more
        for piece, length in zip(pieces, lengths, strict=True)
    ]


class Crumbs(StyledLines):
    """The second line: breadcrumbs, and what is being read or filtered."""

    DEFAULT_CSS = """
    Crumbs { height: 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.crumbs: tuple[str, ...] = ()
        self.badge: Line = ()

    def show(self, crumbs: tuple[str, ...], badge: Line) -> None:
        """Show other breadcrumbs, or another badge."""
        if (crumbs, badge) != (self.crumbs, self.badge):
            self.crumbs, self.badge = crumbs, badge
            self.refresh()

    def render_line(self, y: int) -> Strip:
        cells = self.size.width
        way = [Span(crumb) for crumb in self.crumbs[:-1]]
        way += [Span(crumb, Tone.STRONG) for crumb in self.crumbs[-1:]]
        left = line(" ", joined(way, f" {self.glyphs.crumb} "))
        badge = self.badge
        if width(badge) > cells // 2:
            badge = fit(badge, max(cells - width(left) - 3, cells // 2), self.glyphs.more)
        return self.paint((*fit(left, cells - width(badge) - 1, self.glyphs.more), *badge), cells)


_CHOOSE, _ENTER_PLACE = "rows.choose", 10


@runtime_checkable
class NamesEnter(Protocol):
    """A screen that tells what Enter does with the row under the cursor."""

    ENTER: str


class KeyLine(StyledLines):
    """The last line: the keys that work here, the most wanted first, as many as fit."""

    DEFAULT_CSS = """
    KeyLine { height: 1; background: $surface; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._shown: Line = ()

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._refresh_keys)

    def _refresh_keys(self, screen: Screen[object]) -> None:
        if self.is_attached and self.line() != self._shown:
            self.refresh()

    def line(self) -> Line:
        """The keys, ordered for reading: those of the screen, then the common ones."""
        focused = self.screen.focused
        if isinstance(focused, Input):
            return self._typing_keys(focused)
        active = list(self.screen.active_bindings.values())
        if isinstance(focused, TextArea):  # letters are text
            active = [each for each in active if len(key_name(each.binding)) > 1]
        enter = self.screen.ENTER if isinstance(self.screen, NamesEnter) else ""
        seen: dict[str, tuple[int, Line]] = {}
        for each in active:
            binding = each.binding
            place = rank(binding)
            if place and each.enabled and binding.show and (binding.id or "") not in seen:
                key = binding.key_display or key_name(binding)
                seen[binding.id or ""] = (place, line(Span(key, Tone.KEY), f" {binding.description}"))
            elif binding.id == _CHOOSE and enter:
                seen[_CHOOSE] = (_ENTER_PLACE, line(Span(key_name(binding), Tone.KEY), f" {enter}"))
        chosen: list[tuple[int, Line]] = []
        available = self.size.width - 1
        for place, text in sorted(seen.values(), key=lambda item: item[0]):
            if width(text) + 2 <= available:
                chosen.append((place, text))
                available -= width(text) + 2
        return line(" ", joined([text for _, text in chosen], "  "))

    def _typing_keys(self, entry: Input) -> Line:
        """The keys while something is typed: letters are text then."""
        widgets = (node for node in entry.ancestors if not isinstance(node, Screen | App))
        declared = [each for node in widgets for each in node.BINDINGS]
        keys = sorted((each for each in declared if isinstance(each, Binding) and rank(each)), key=rank)
        own = [line(Span(each.key_display or each.key, Tone.KEY), f" {each.description}") for each in keys]
        common = [line(Span("enter", Tone.KEY), " take it"), line(Span("esc", Tone.KEY), " leave it")]
        return line(" ", joined([*common, *own], "  "))

    def render_line(self, y: int) -> Strip:
        self._shown = self.line()
        return self.paint(self._shown, self.size.width)


class Banner(Note):
    """An error or notice; hidden while there is none."""

    DEFAULT_CSS = """
    Banner { display: none; background: $surface; }
    Banner.-shown { display: block; }
    """

    def show_lines(self, lines: list[Line]) -> None:
        """Show an error or notice; no lines hide the banner."""
        self.set_class(bool(lines), "-shown")
        self.show(lines)
