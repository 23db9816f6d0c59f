"""The page of the keys: what each screen and widget declares, and what ``:`` takes."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

from textual.binding import Binding
from textual.dom import DOMNode

import kops_tui
from kops_tui.commands import ALIASES, all_commands
from kops_tui.keys import FooterRank, key_name
from kops_tui.screens.help import SHARED_PARTS
from kops_tui.screens.registry import CLUSTER_SCREENS


def declared_keys(node: type[DOMNode]) -> list[Binding]:
    """The keys that a class itself declares, not those of its bases."""
    own = node.__dict__.get("BINDINGS", ())
    return [each for each in own if isinstance(each, Binding) and isinstance(each.group, FooterRank)]


def classes_with_keys() -> list[type[DOMNode]]:
    """The screens, widgets and the app that declare keys, by module and name."""
    found: set[type[DOMNode]] = set()
    for module in pkgutil.walk_packages(kops_tui.__path__, "kops_tui."):
        if not module.name.startswith("kops_tui.cli"):
            for value in vars(importlib.import_module(module.name)).values():
                if isinstance(value, type) and issubclass(value, DOMNode) and declared_keys(value):
                    found.add(value)
    return sorted(found, key=lambda each: (each.__module__, each.__qualname__))


def page() -> str:
    """The page."""
    lines = [
        "# Keys and commands of the terminal UI",
        "`?` shows the keys of the screen in front. Each can be set to another by its id, under `keymap:` of"
        " [ui.yaml](settings.md#preferences).",
        "",
    ]
    for part, keys in sorted(_parts().items(), key=lambda each: (each[0] not in SHARED_PARTS, each[0])):
        title = SHARED_PARTS.get(part, part.replace("_", " ").capitalize())
        lines += [f"## {title}", "", "| key | does | id |", "|---|---|---|"]
        lines += [f"| {_keys(key)} | {_cell(key.tooltip)} | `{key.id}` |" for key in keys]
        lines.append("")
    return "\n".join([*lines, "", *_commands()]) + "\n"


def _parts() -> dict[str, list[Binding]]:
    """The keys by the part of the screen that they belong to, as the help groups them."""
    linked = [entry.key for entry in CLUSTER_SCREENS.values() if entry.key is not None]
    found: dict[str, list[Binding]] = {}
    for each in [*(key for node in classes_with_keys() for key in declared_keys(node)), *linked]:
        found.setdefault(str(each.id).partition(".")[0], []).append(each)
    return found


def _keys(binding: Binding) -> str:
    names = [key_name(Binding(each, "", "")) for each in binding.key.split(",")]
    return " or ".join(f"`{_cell(each)}`" for each in names)


def _cell(text: object) -> str:
    return str(text or "").replace("|", "\\|")


def _commands() -> Iterator[str]:
    yield from ("## Commands", "", "What `:` takes.", "", "| command | does |", "|---|---|")
    for command in all_commands(CLUSTER_SCREENS).values():
        yield f"| `:{_cell(command.usage)}` | {_cell(command.help)} |"
    others = ", ".join(f"`:{short}` is `:{name}`" for short, name in sorted(ALIASES.items()))
    yield from ("", f"Other names: {others}.")
