"""Help: the keys that work on the screen one came from, as they are now, and the commands."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.screen import Screen

from kops_tui.commands import COMMANDS
from kops_tui.keys import KEYS, written
from kops_tui.screens.page import Page
from kops_tui.styled_text import Span, Tone, line
from kops_tui.widgets.rows import Column, Row, Rows

_PARTS = {"app": "Everywhere", "page": "On every screen", "rows": "In a list"}
"""Headings of the parts that many screens share; the others are the screen's own."""


class HelpPage(Page):
    """Keys and commands."""

    def __init__(self, about: Screen[object]) -> None:
        super().__init__()
        self.about = about
        self.cluster = about.cluster if isinstance(about, Page) else ""
        self._keys = _effective(about)

    def body(self) -> ComposeResult:
        yield Rows((Column("KEY", 14), Column("WHAT IT DOES", 40, flex=1)))

    def breadcrumbs(self) -> tuple[str, ...]:
        return (*(self.about.breadcrumbs() if isinstance(self.about, Page) else ()), "Help")

    def on_mount(self) -> None:
        self.refill()

    def refill(self) -> None:
        rows: list[Row] = []
        own = [part for part in self._keys if part not in _PARTS]
        for part in [*own, *(part for part in ("rows", "page", "app") if part in self._keys)]:
            shown = [
                Row(name, (line(Span(keys, Tone.KEY)), line(KEYS[name].help)))
                for name, keys in self._keys[part].items()
                if self.matches_filter(keys, KEYS[name].help)
            ]
            if shown:
                rows += [_heading(_PARTS.get(part, "On this screen"), part), *shown]
        commands = [
            Row(f":{name}", (line(Span(f":{command.usage}", Tone.KEY), f"  {command.help}"),))
            for name, command in COMMANDS.items()
            if self.matches_filter(name, command.usage, command.help)
        ]
        if commands:
            rows += [_heading("Commands", "commands"), *commands]
        self.query_one(Rows).show(rows, empty=self.empty_text("no keys"))


def _heading(text: str, part: str) -> Row:
    return Row(f"heading:{part}", (line(Span(text, Tone.STRONG)),))


def _effective(screen: Screen[object]) -> dict[str, dict[str, str]]:
    """The keys that work, by part and id, after any remapping."""
    found: dict[str, dict[str, list[str]]] = {}
    for each in screen.active_bindings.values():
        name = each.binding.id or ""
        if name in KEYS:
            part = name.partition(".")[0]
            found.setdefault(part, {}).setdefault(name, []).append(written(each.binding))
    return {
        part: {name: ", ".join(keys[name]) for name in KEYS if name in keys} for part, keys in found.items()
    }
