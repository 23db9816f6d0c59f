"""Writes Terraform's language, formatted as by ``terraform fmt``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

DATA = "data"
"""Folder of data files, beside ``kubernetes.tf``."""


@dataclass(frozen=True)
class Expression:
    """A Terraform expression, e.g. ``aws_vpc.main.id``."""

    text: str


@dataclass(frozen=True)
class DataFile:
    """The content of a file in the ``data`` folder."""

    name: str
    content: str
    base64: bool = False
    """Whether the argument is base64."""


@dataclass(frozen=True)
class Block:
    """A nested block; its name is its key in the body around it."""

    body: Body


Value: TypeAlias = "str | bool | int | Expression | DataFile | tuple[Value, ...] | Mapping[str, Value]"
"""The value of an argument. A tuple is a list on one line, a mapping one with quoted keys."""
Entry: TypeAlias = "Value | Block | list[Block]"
"""An argument, a block, or several blocks of one name."""
Body: TypeAlias = Mapping[str, Entry]
"""The contents of a block, in order."""


@dataclass(frozen=True)
class Section:
    """A block at the top of a file, e.g. of type ``resource`` with the labels ``aws_vpc`` and ``main``."""

    type: str
    labels: tuple[str, ...]
    body: Body


def arguments(**entries: Entry | None) -> dict[str, Entry]:
    """A body sorted by names, without unset and empty values.

    Tags keep their position even if empty: kOps' writer separates the lines around them.
    """
    if "tags" in entries:
        entries["tags"] = entries["tags"] or {}
    given = {name: entry for name, entry in entries.items() if entry is not None and entry not in _EMPTY}
    return dict(sorted(given.items()))


_EMPTY: tuple[Entry, ...] = ((), [])


def text_of(sections: Iterable[Section]) -> str:
    """The text of a file of these sections."""
    return "\n".join("\n".join(_section(each)) + "\n" for each in sections)


def data_files(entry: Entry | Body) -> Iterator[DataFile]:
    """All data files that are referred to, at any depth."""
    if isinstance(entry, DataFile):
        yield entry
    elif isinstance(entry, Block):
        yield from data_files(entry.body)
    elif isinstance(entry, Mapping):
        for each in entry.values():
            yield from data_files(each)
    elif isinstance(entry, list | tuple):
        for each in entry:
            yield from data_files(each)


def inline(value: Value) -> str:
    """A value that fits on a line."""
    match value:
        case Expression(text):
            return text
        case DataFile(name, _, base64):
            return f'{"filebase64" if base64 else "file"}("${{path.module}}/{DATA}/{_escaped(name)}")'
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case str():
            return f'"{_escaped(value)}"'
        case tuple():
            return f"[{', '.join(inline(each) for each in value)}]"
        case _:
            raise TypeError("a mapping is written on several lines")


_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _escaped(text: str) -> str:
    """The contents of a quoted template (Terraform's "Strings and Templates")."""
    plain = "".join(_ESCAPES.get(each, each) for each in text)
    return plain.replace("${", "$${").replace("%{", "%%{")


def _section(section: Section) -> Iterator[str]:
    head = " ".join([section.type, *(f'"{label}"' for label in section.labels)])
    yield f"{head} {{"
    yield from _body(section.body, "  ")
    yield "}"


def _body(body: Body, indent: str) -> Iterator[str]:
    """The lines of a body; equals signs of neighbouring one-line arguments are aligned."""
    neighbours: dict[str, str] = {}
    for name, entry in body.items():
        if not isinstance(entry, Mapping | Block | list):
            neighbours[name] = inline(entry)
            continue
        yield from _aligned(neighbours, indent)
        neighbours = {}
        if isinstance(entry, Mapping):
            yield from _mapping(name, entry, indent)
            continue
        for block in entry if isinstance(entry, list) else [entry]:
            yield f"{indent}{name} {{"
            yield from _body(block.body, indent + "  ")
            yield f"{indent}}}"
    yield from _aligned(neighbours, indent)


def _mapping(name: str, items: Mapping[str, Value], indent: str) -> Iterator[str]:
    if not items:
        return
    yield f"{indent}{name} = {{"
    yield from _aligned({inline(key): inline(items[key]) for key in sorted(items)}, indent + "  ")
    yield f"{indent}}}"


def _aligned(pairs: Mapping[str, str], indent: str) -> Iterator[str]:
    width = max(map(len, pairs), default=0)
    for name, value in pairs.items():
        yield f"{indent}{name:<{width}} = {value}"
