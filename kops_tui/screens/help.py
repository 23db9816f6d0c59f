"""Help: the keys of the screen that it was opened from, after remapping, and the commands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from textual.app import ComposeResult
from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import Screen

from kops_tui.keys import FooterRank, key_name
from kops_tui.screens.page import Page
from kops_tui.styled_text import Span, Tone, line
from kops_tui.widgets.rows import Column, Row, Rows

SHARED_PARTS = {"app": "Everywhere", "page": "On every screen", "rows": "In a list"}
"""Headings of the parts that many screens share; the others are the screen's own."""


@dataclass(frozen=True)
class HeadingKey:
    """The heading over the keys of one part, or over the commands."""

    part: str


@dataclass(frozen=True)
class BindingKey:
    """A key binding."""

    id: str


@dataclass(frozen=True)
class CommandKey:
    """A command."""

    name: str


HelpKey: TypeAlias = HeadingKey | BindingKey | CommandKey


class HelpPage(Page):
    """Keys and commands."""

    def __init__(self, about: Screen[object]) -> None:
        super().__init__()
        self.about = about
        self.cluster = about.cluster if isinstance(about, Page) else ""
        self.table: Rows[HelpKey] = Rows((Column("KEY", 14), Column("WHAT IT DOES", 40, flex=1)))
        self._keys = _active_keys(about)

    def body(self) -> ComposeResult:
        yield self.table

    def breadcrumbs(self) -> tuple[str, ...]:
        return (*(self.about.breadcrumbs() if isinstance(self.about, Page) else ()), "Help")

    def on_mount(self) -> None:
        self.refill()

    def refill(self) -> None:
        rows: list[Row[HelpKey]] = []
        own = [part for part in self._keys if part not in SHARED_PARTS]
        sections: list[tuple[str, str, list[str]]] = [("On this screen", "screen", own)]
        sections += [
            (SHARED_PARTS[part], part, [part]) for part in ("rows", "page", "app") if part in self._keys
        ]
        for title, name, parts in sections:
            shown: list[Row[HelpKey]] = [
                Row(BindingKey(id_), (line(Span(keys, Tone.KEY)), line(help_)))
                for part in parts
                for id_, (keys, help_) in self._keys[part].items()
                if self.matches_filter(keys, help_)
            ]
            if shown:
                rows += [_build_heading(title, name), *shown]
        commands: list[Row[HelpKey]] = [
            Row(CommandKey(name), (line(Span(f":{command.usage}", Tone.KEY), f"  {command.help}"),))
            for name, command in self.kops.registry.commands.items()
            if self.matches_filter(name, command.usage, command.help)
        ]
        if commands:
            rows += [_build_heading("Commands", "commands"), *commands]
        self.table.show(rows, empty=self.empty_text("no keys"))


def _build_heading(text: str, part: str) -> Row[HelpKey]:
    return Row(HeadingKey(part), (line(Span(text, Tone.STRONG)),))


def _active_keys(screen: Screen[object]) -> dict[str, dict[str, tuple[str, str]]]:
    """The keys that work on a screen, after any remapping: by part and id, how written and what they do."""
    found: dict[str, list[Binding]] = {}
    declared: dict[str, None] = {}
    for each in screen.active_bindings.values():
        if each.binding.id and isinstance(each.binding.group, FooterRank):
            declared |= dict.fromkeys(_declared_ids(each.node))
            found.setdefault(each.binding.id, []).append(each.binding)
    parts: dict[str, dict[str, tuple[str, str]]] = {}
    # As they are declared: a key that Textual binds itself would come first in its own order.
    for name in (each for each in dict.fromkeys([*declared, *found]) if each in found):
        keys = ", ".join(key_name(binding) for binding in found[name])
        parts.setdefault(name.partition(".")[0], {})[name] = (keys, found[name][0].tooltip)
    return parts


def _declared_ids(node: DOMNode) -> list[str]:
    """Ids of the keys that the class of a node declares, in their order."""
    return [each.id for each in type(node).BINDINGS if isinstance(each, Binding) and each.id]
