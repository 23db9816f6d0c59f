"""Checks of the operator's keymap: unknown ids, and keys that would mean two things on one screen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from textual.binding import Binding
from textual.dom import DOMNode

_Node = TypeVar("_Node", bound=DOMNode)


def declared(*nodes: type[DOMNode]) -> list[Binding]:
    """The key bindings that classes and their bases declare."""
    found: dict[int, Binding] = {}
    for node in nodes:
        for base in node.__mro__:
            for each in base.__dict__.get("BINDINGS", ()):
                if isinstance(each, Binding) and each.id:
                    found[id(each)] = each
    return list(found.values())


def subclasses(node: type[_Node]) -> Iterator[type[_Node]]:
    """A class and all that are derived from it, as far as they are loaded."""
    yield node
    for each in node.__subclasses__():
        yield from subclasses(each)


def problems(keymap: Mapping[str, str], screens: Iterable[Sequence[Binding]]) -> list[str]:
    """What is wrong with a keymap, a sentence each.

    screens: the bindings that work together, of each screen.
    """
    known: set[str] = set()
    told: dict[str, None] = {}
    for bindings in screens:
        known |= {each.id for each in bindings if each.id}
        meanings: dict[str, set[str]] = {}
        for each in bindings:
            for key in keymap.get(each.id or "", each.key).split(","):
                meanings.setdefault(key.strip(), set()).add(each.id or "")
        for key, ids in meanings.items():
            if len(ids) > 1 and not ids.isdisjoint(keymap):
                told[f"{key} is the key of {' and of '.join(sorted(ids))}"] = None
    told |= {f"there is no key {each}": None for each in sorted(set(keymap) - known)}
    return list(told)
