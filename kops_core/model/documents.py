"""Renders trees with references as JSON and YAML."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from kops_core.api.canonical import emit
from kops_core.api.values import Value
from kops_core.model.template import JsonString, LiteralBlock, Piece, Ref, Template, YamlListEntry

Scalar: TypeAlias = str | int | float | bool | Ref | Template | YamlListEntry | None
Document: TypeAlias = "Mapping[str, Document] | Sequence[Document] | Scalar"

_MARK = "\ue000"
"""Private-use character that encloses the number of a reference; our documents have no other."""

_OF_SEVERAL_LINES = ("certificates", "public_keys")
"""Outputs that are PEM."""


def json_document(tree: Document) -> Template:
    """A document as JSON, indented by two, with keys in the order given."""
    found: list[Piece] = []
    return _joined(json.dumps(_marked(tree, found), indent=2, ensure_ascii=False), found)


def yaml_document(tree: Document) -> Template:
    """A document as YAML in the form of Kubernetes' library: keys sorted, multi-line texts as blocks."""
    found: list[Piece] = []
    marked = _joined(emit(_marked(tree, found)), [_bare(each) for each in found])
    return Template(tuple(_entries(tuple(_blocks(marked.parts)))))


def _entries(parts: tuple[Piece, ...]) -> Iterator[Piece]:
    """Replaces lists of unknown length together with the lines of their keys."""
    for at, part in enumerate(parts):
        before, after = (parts[at - 1] if at else None), (parts[at + 1] if at + 1 < len(parts) else None)
        if isinstance(part, YamlListEntry) and isinstance(before, str):
            line = before.rpartition("\n")[2]
            indent = len(line) - len(line.lstrip())
            yield replace(part, key=line.strip().removesuffix(":"), indent=indent)
        elif isinstance(part, str):
            text = part.removeprefix("\n") if isinstance(before, YamlListEntry) else part
            if isinstance(after, YamlListEntry):
                text = text[: text.rfind("\n") + 1]
            yield text
        else:
            yield part


def _blocks(parts: tuple[Piece, ...]) -> Iterator[Piece]:
    """Replaces keys and certificates, which have several lines, by blocks below their key."""
    line = ""
    for part in parts:
        if isinstance(part, str):
            line = part.rpartition("\n")[2]
        elif isinstance(part, JsonString) and any(
            isinstance(each, Ref) and each.attribute in _OF_SEVERAL_LINES for each in part.of.parts
        ):
            yield LiteralBlock(part.of, len(line) - len(line.lstrip()) + 2)
            continue
        yield part


def _marked(value: Document, found: list[Piece]) -> Value:
    if isinstance(value, Ref | Template | YamlListEntry):
        text = Template.of(value) if isinstance(value, Ref) else value
        if isinstance(text, Template) and all(isinstance(part, str) for part in text.parts):
            return "".join(str(part) for part in text.parts)
        found.append(JsonString(text) if isinstance(text, Template) else text)
        return f"{_MARK}{len(found) - 1}{_MARK}"
    if isinstance(value, Mapping):
        return {key: _marked(item, found) for key, item in value.items()}
    if isinstance(value, str):
        return value
    if isinstance(value, Sequence):
        return [_marked(item, found) for item in value]
    return value


def _bare(piece: Piece) -> Piece:
    return replace(piece, bare=True) if isinstance(piece, JsonString) else piece


def _joined(text: str, found: list[Piece]) -> Template:
    """The text with each mark, and quotes around it, replaced by its reference."""
    parts: list[Piece] = []
    pieces = text.split(_MARK)
    for at, piece in enumerate(pieces):
        if at % 2:
            parts.append(found[int(piece)])
            continue
        start = 1 if at and piece.startswith('"') else 0
        end = len(piece) - 1 if at + 1 < len(pieces) and piece.endswith('"') else len(piece)
        if start < end:
            parts.append(piece[start:end])
    return Template(tuple(parts))
