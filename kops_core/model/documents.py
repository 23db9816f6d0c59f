"""JSON and YAML texts out of trees that may hold references."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from io import StringIO
from typing import TypeAlias

from kops_core.model.resource import Piece, Quoted, Ref, Text

Document: TypeAlias = (
    "Mapping[str, Document] | Sequence[Document] | str | int | float | bool | Ref | Text | None"
)

_MARK = "\ue000"
"""Private-use character that no document of ours holds; stands around the number of a reference."""


def json_document(tree: Document) -> Text:
    """A document as JSON, indented by two, with keys in the order given."""
    found: list[Piece] = []
    return _joined(json.dumps(_marked(tree, found), indent=2, ensure_ascii=False), found)


def yaml_document(tree: Document) -> Text:
    """A document as YAML with its keys sorted, as Kubernetes' tools write it."""
    found: list[Piece] = []
    return _joined(dump_yaml(_marked(tree, found)), found)


def dump_yaml(tree: object) -> str:
    """YAML in block style with sorted keys; texts of several lines as literal blocks."""
    from ruamel.yaml import YAML  # here: it is a slow import, and only builders of files need it
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

    def styled(value: object) -> object:
        if isinstance(value, Mapping):
            return {key: styled(value[key]) for key in sorted(value)}
        if isinstance(value, list | tuple):
            return [styled(item) for item in value]
        if isinstance(value, str) and "\n" in value:
            return LiteralScalarString(value) if _fits_block(value) else DoubleQuotedScalarString(value)
        return value

    yaml = YAML(typ="rt", pure=False)
    yaml.width = 1 << 20
    yaml.default_flow_style = False
    out = StringIO()
    yaml.dump(styled(tree), out)
    return out.getvalue()


def _fits_block(text: str) -> bool:
    return not text.startswith((" ", "\t", "\n")) and "\t\n" not in text and " \n" not in text


def _marked(value: Document, found: list[Piece]) -> object:
    if isinstance(value, Ref | Text):
        text = value if isinstance(value, Text) else Text.of(value)
        if all(isinstance(part, str) for part in text.parts):
            return "".join(str(part) for part in text.parts)
        found.append(Quoted(text))
        return f"{_MARK}{len(found) - 1}{_MARK}"
    if isinstance(value, Mapping):
        return {key: _marked(item, found) for key, item in value.items()}
    if isinstance(value, str):
        return value
    if isinstance(value, Sequence):
        return [_marked(item, found) for item in value]
    return value


def _joined(text: str, found: list[Piece]) -> Text:
    """The text with each mark, and the quotes around it if any, replaced by its reference."""
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
    return Text(tuple(parts))
