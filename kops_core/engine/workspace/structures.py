"""Edits of whole structures of a document: lists, maps and structs as YAML, and the order of items."""

from __future__ import annotations

from kops_core.api import check
from kops_core.api.canonical import emit
from kops_core.api.path import FieldPath, get, render, set_at
from kops_core.api.schema import schema
from kops_core.api.values import UNSET, Maybe, Tree, Value
from kops_core.api.yaml_reader import read
from kops_core.errors import FieldError, InvalidSpec, UsageError


def structure_text(value: Maybe) -> str:
    """A value as YAML, to be edited; "" where there is none."""
    return "" if value is UNSET or value is None else emit(value)


def with_structure(document: Tree, kind: str, path: FieldPath, text: str) -> Tree:
    """A document with a value from YAML at a path. Raises InvalidSpec for YAML that does not fit there.

    YAML that names the field itself, or the way to it from ``spec``, may be pasted: what lies in it counts.
    """
    value = _unwrapped(_only_value(text, render(path)), path)
    schema().field(kind, path)  # raises UsageError for a path that no type has
    findings = check.check(value, kind, at=path)
    if findings:
        raise InvalidSpec([error for _, error in findings])
    if get(document, path[:-1]) is UNSET and isinstance(path[-1], int):
        raise UsageError("there is no such list", where=render(path[:-1]))
    return set_at(document, path, value)


def _only_value(text: str, where: str) -> Value:
    documents = read(text, where)
    if len(documents) != 1:
        message = "nothing is written here: unset the field instead" if not documents else "write one value"
        raise InvalidSpec([FieldError("Invalid value", where, message)])
    return documents[0].value


def _unwrapped(value: Value, path: FieldPath) -> Value:
    """What pasted YAML has at a field, if it begins with the names that lead there."""
    names = [part for part in path if isinstance(part, str)]
    for start in range(len(names)):
        wanted = tuple(names[start:])
        if isinstance(value, dict) and list(value) == [wanted[0]]:
            inner = get(value, wanted)
            if inner is not UNSET:
                return inner
    return value


def with_item_moved(document: Tree, path: FieldPath, by: int) -> Tree:
    """A document with a list's item moved by some places; at an end of the list it stays.

    Raises UsageError if the path is not an item's.
    """
    items, place = get(document, path[:-1]), path[-1]
    if not isinstance(items, list) or not isinstance(place, int):
        raise UsageError("that is no item of a list of yours", where=render(path))
    wanted = place + by
    if not 0 <= wanted < len(items):
        return document
    moved = list(items)
    moved.insert(wanted, moved.pop(place))
    return set_at(document, path[:-1], moved)


def next_item(document: Tree, path: FieldPath) -> FieldPath:
    """The path of one more item of a list."""
    items = get(document, path)
    return (*path, len(items) if isinstance(items, list) else 0)


def lines_of(text: str) -> dict[FieldPath, int]:
    """The line of each value in a document's YAML, from 1."""
    return {path: number for each in read(text, lines=True) for path, number in each.lines.items()}


def is_list(kind: str, path: FieldPath) -> bool:
    """Whether the field at a path is a list. False for a path that no type has."""
    try:
        return schema().field(kind, path).type.item is not None
    except UsageError:
        return False
