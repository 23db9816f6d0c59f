"""Field paths, which address a value in edits, errors, origins and plans.

    spec.etcdClusters[0].version             a field of a list item
    metadata.labels["kops.k8s.io/cluster"]   a key that is not a plain word
    spec.etcdClusters[*].version             a pattern: every item
    instanceGroups.*.spec.machineType        a pattern: every key

A path is a tuple of keys (str) and positions (int). In a pattern the string "*"
stands for any key and ``ANY`` (-1) for any position.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TypeAlias

from kops_core.api.values import UNSET, Maybe, Tree, Value
from kops_core.errors import UsageError

Part: TypeAlias = str | int
FieldPath: TypeAlias = tuple[Part, ...]

ANY = -1
"""In a pattern: any position of a list."""

_TOKEN = re.compile(
    r"""
    \.?(?P<key>[^.\[\]"]+)            # a plain key
    | \[(?P<index>\d{1,9}|\*)\]       # a position, or any
    | \.?\["(?P<quoted>(?:[^"\\]|\\.)*)"\]  # a key with dots or brackets in it
    | \[(?P<name>[^\]"]+)\]           # a list item by its name
    """,
    re.VERBOSE,
)
_PLAIN = re.compile(r'[^.\[\]"*]+\Z')


@lru_cache(maxsize=8192)
def parse(text: str) -> FieldPath:
    """The parts of a path or pattern. An item addressed by name (``[main]``) keeps the name as a key.

    Raises UsageError if the text is not a path.
    """
    parts: list[Part] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or (match["key"] is not None and position > 0 and text[position] != "."):
            raise UsageError(
                "not a field path",
                where=f"{text!r} at {position}",
                remedy="write it like spec.kubelet.maxPods",
            )
        if match["index"] is not None:
            parts.append(ANY if match["index"] == "*" else int(match["index"]))
        elif match["quoted"] is not None:
            parts.append(re.sub(r"\\(.)", r"\1", match["quoted"]))
        else:
            parts.append(match["key"] if match["key"] is not None else match["name"])
        position = match.end()
    return tuple(parts)


@lru_cache(maxsize=8192)
def render(parts: FieldPath) -> str:
    """The text of a path: ``parse(render(p)) == p``."""
    text = ""
    for part in parts:
        if isinstance(part, int):
            text += "[*]" if part == ANY else f"[{part}]"
        elif part == "*" or _PLAIN.match(part):
            text += f".{part}" if text else part
        else:
            escaped = part.replace("\\", "\\\\").replace('"', '\\"')
            text += f'["{escaped}"]'
    return text


def get(tree: Value, parts: FieldPath) -> Maybe:
    """The value at a path, or UNSET where there is none."""
    here: Value = tree
    for part in parts:
        if isinstance(part, int):
            if not isinstance(here, list) or not 0 <= part < len(here):
                return UNSET
            here = here[part]
        elif isinstance(here, dict):
            if part not in here:
                return UNSET
            here = here[part]
        else:
            return UNSET
    return here


def set_at(tree: Tree, parts: FieldPath, value: Value) -> Tree:
    """A copy of a tree with the value at a path set; missing parents are created.

    A position one past the end of a list appends. Raises UsageError if the path runs
    through a scalar or leaves a gap in a list.
    """
    result = _set_below(tree, parts, value, parts)
    assert isinstance(result, dict)  # noqa: S101 - the root of a tree is a mapping
    return result


def _set_below(here: Value, rest: FieldPath, value: Value, whole: FieldPath) -> Value:
    if not rest:
        return value
    head = rest[0]
    if isinstance(head, int):
        items = list(here) if isinstance(here, list) else []
        if (here is not None and not isinstance(here, list)) or head > len(items):
            raise UsageError("the path does not fit the document", where=render(whole))
        items[head : head + 1] = [
            _set_below(items[head] if head < len(items) else None, rest[1:], value, whole)
        ]
        return items
    if here is not None and not isinstance(here, dict):
        raise UsageError("the path does not fit the document", where=render(whole))
    table = dict(here) if here is not None else {}
    table[head] = _set_below(table.get(head), rest[1:], value, whole)
    return table


def unset_at(tree: Tree, parts: FieldPath) -> Tree:
    """A copy of a tree without a path's value; emptied parents stay. Without the value: the same tree."""
    if not parts or get(tree, parts) is UNSET:
        return tree
    parent = get(tree, parts[:-1])
    last = parts[-1]
    if isinstance(parent, list):
        changed: Value = [item for position, item in enumerate(parent) if position != last]
    else:
        assert isinstance(parent, dict)  # noqa: S101 - get() found the value in it
        changed = {key: item for key, item in parent.items() if key != last}
    return set_at(tree, parts[:-1], changed) if len(parts) > 1 else _as_tree(changed)


def _as_tree(value: Value) -> Tree:
    assert isinstance(value, dict)  # noqa: S101 - only called on a changed root
    return value


def leaves(tree: Value, prefix: FieldPath = ()) -> list[tuple[FieldPath, Value]]:
    """Every scalar, empty mapping and empty list below a value, with its path, in document order."""
    if isinstance(tree, dict) and tree:
        return [leaf for key, item in tree.items() for leaf in leaves(item, (*prefix, key))]
    if isinstance(tree, list) and tree:
        return [leaf for position, item in enumerate(tree) for leaf in leaves(item, (*prefix, position))]
    return [(prefix, tree)]


def overlaps(one: FieldPath, other: FieldPath) -> bool:
    """Whether one path equals the other or is above it, so that a change at one may affect the other."""
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]


def differences(one: Value, other: Value, prefix: FieldPath = ()) -> list[FieldPath]:
    """The deepest paths at which two trees differ."""
    if one == other:
        return []
    if isinstance(one, dict) and isinstance(other, dict):
        keys: dict[Part, None] = dict.fromkeys([*one, *other])
        return [
            path
            for key in keys
            for path in (
                differences(one[str(key)], other[str(key)], (*prefix, key))
                if key in one and key in other
                else [(*prefix, key)]
            )
        ]
    return [prefix]
