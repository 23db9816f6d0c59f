"""The positions of all values in a YAML text, by character."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from _ruamel_yaml import (  # type: ignore[import-not-found]
    AliasEvent,
    CParser,
    DocumentStartEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from kops_core.api.path import FieldPath, Part


@dataclass
class Node:
    """A value in the text: ``text[start:end]``, without comments after it."""

    shape: Literal["scalar", "alias", "mapping", "list"]
    start: int
    end: int
    column: int
    """Column of its first character; of the dashes, for a block list."""
    style: str = ""
    """A scalar's quote or block indicator."""
    flow: bool = False
    """A container in brackets."""
    children: dict[Part, Node] = field(default_factory=dict)
    keys: dict[Part, tuple[int, int]] = field(default_factory=dict)
    """The start and end of each key of a mapping."""
    scalars: list[tuple[int, int]] = field(default_factory=list)
    """The spans of all scalars of a document; they contain no comments."""

    def at(self, parts: FieldPath) -> Node | None:
        """The node at a path; None if there is none (or only through an alias)."""
        here: Node | None = self
        for part in parts:
            here = here.children.get(part) if here is not None else None
        return here


def document_nodes(text: str) -> list[Node]:
    """The root node of every document that is not empty. The text must be valid YAML."""
    parser = CParser(text)
    roots = []
    while not isinstance(event := parser.get_event(), StreamEndEvent):
        if isinstance(event, DocumentStartEvent):
            spans: list[tuple[int, int]] = []
            root = _node(parser.get_event(), parser, text, spans)
            if not (root.shape == "scalar" and root.start == root.end):
                root.scalars = spans
                roots.append(root)
    return roots


def _node(event: Any, parser: Any, text: str, spans: list[tuple[int, int]]) -> Node:
    start = event.start_mark
    if isinstance(event, ScalarEvent | AliasEvent):
        shape: Literal["scalar", "alias"] = "scalar" if isinstance(event, ScalarEvent) else "alias"
        style = getattr(event, "style", None) or ""
        node = Node(shape, start.index, event.end_mark.index, start.column, style)
        spans.append((node.start, node.end))
        return node
    if isinstance(event, MappingStartEvent):
        return _mapping(event, parser, text, spans)
    return _list(event, parser, text, spans)


def _mapping(event: Any, parser: Any, text: str, spans: list[tuple[int, int]]) -> Node:
    start = event.start_mark
    node = Node("mapping", start.index, start.index, start.column, flow=bool(event.flow_style))
    while isinstance(key := parser.get_event(), ScalarEvent | AliasEvent):
        span = (key.start_mark.index, key.end_mark.index)
        spans.append(span)
        name = str(key.value) if isinstance(key, ScalarEvent) else f"*{key.anchor}"
        child = _node(parser.get_event(), parser, text, spans)
        if child.shape == "scalar" and child.start == child.end and not child.style:
            child.start = child.end = text.index(":", span[1]) + 1
        node.children[name], node.keys[name] = child, span
        node.end = child.end
    if node.flow:
        node.end = key.end_mark.index
    elif node.keys:
        first = next(iter(node.keys.values()))[0]
        node.column = first - (text.rfind("\n", 0, first) + 1)
    return node


def _list(event: Any, parser: Any, text: str, spans: list[tuple[int, int]]) -> Node:
    start = event.start_mark
    node = Node("list", start.index, start.index, start.column, flow=bool(event.flow_style))
    while isinstance(
        item := parser.get_event(), ScalarEvent | AliasEvent | MappingStartEvent | SequenceStartEvent
    ):
        child = _node(item, parser, text, spans)
        position = len(node.children)
        dash = start.index if node.flow or not position else _dash(text, node.end, node.column)
        if child.shape == "scalar" and child.start == child.end and not child.style and not node.flow:
            child.start = child.end = dash + 1
        node.children[position], node.keys[position] = child, (dash, dash + 1)
        node.end = child.end
    if node.flow:
        node.end = item.end_mark.index
    return node


def _dash(text: str, after: int, column: int) -> int:
    """The next dash of a block list: the first line below whose first character is one in that column."""
    line = after if after and text[after - 1] == "\n" else text.index("\n", after) + 1
    while text[line : line + column].strip() or text[line + column : line + column + 1] != "-":
        line = text.index("\n", line) + 1
    return line + column
