"""Edits one value of a YAML file and keeps every other byte.

The new text is spliced into the old one, so comments, order, quoting and blank lines are kept. Each result
is read again and must hold exactly the intended change; an edit that can't be made that way is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from kops_core.api import yaml_reader
from kops_core.api.canonical import emit
from kops_core.api.path import FieldPath, Part, get, render, set_at, unset_at
from kops_core.api.values import UNSET, Maybe, Tree, Value
from kops_core.api.yaml_positions import Node, document_nodes
from kops_core.errors import InvalidSpec, Refused, UsageError


def set_value(text: str, parts: FieldPath, value: Value) -> str:
    """The text of one document with one value set; parents that are missing are made.

    Raises UsageError if the path does not fit the document, Refused if the value can't be
    set without touching what is beside it (it comes from an alias, say), InvalidSpec if the
    text can't be read.
    """
    return _in_lines(text, lambda plain: _set(plain, parts, value))


def _set(text: str, parts: FieldPath, value: Value) -> str:
    before = _tree(text)
    return _edited(text, before, set_at(before, parts, value), parts)


def _in_lines(text: str, edit: Callable[[str], str]) -> str:
    """An edit of a file with a byte order mark or Windows' line ends, which it keeps."""
    mark, plain = ("\ufeff", text[1:]) if text.startswith("\ufeff") else ("", text)
    windows = "\r\n" in plain and plain.count("\r\n") == plain.count("\n")
    edited = edit(plain.replace("\r\n", "\n") if windows else plain)
    return mark + (edited.replace("\n", "\r\n") if windows else edited)


def _tree(text: str) -> Tree:
    documents = yaml_reader.read(text)
    if len(documents) != 1:
        raise UsageError("the file has to hold one document")
    tree = documents[0].value
    if not isinstance(tree, dict):
        raise UsageError("the document is not a mapping")
    return tree


def _edited(text: str, before: Tree, after: Tree, parts: FieldPath) -> str:
    result, here = text, before
    while (step := _first_difference(here, after, ())) is not None:
        at, wanted = step
        changed = _spliced(result, at, wanted)
        expected = unset_at(here, at) if wanted is UNSET else set_at(here, at, wanted)
        if not _holds(changed, expected):
            return _whole(text, after, parts)
        result, here = changed, expected
    return result


def _whole(text: str, after: Tree, parts: FieldPath) -> str:
    """The text with the value replaced at once, where its parts can't be changed one by one."""
    changed = _spliced(text, parts, get(after, parts))
    if not _holds(changed, after):
        raise Refused(
            "this value can't be changed by itself here",
            where=render(parts),
            remedy="an anchor, alias or merge is in the way: edit the file by hand",
        )
    return changed


def _first_difference(before: Value, after: Value, at: FieldPath) -> tuple[FieldPath, Maybe] | None:
    """The deepest path at which two values first differ, and the new value there."""
    if _same(before, after):
        return None
    if isinstance(before, dict) and isinstance(after, dict) and before and after:
        return _difference_of_mappings(before, after, at)
    if isinstance(before, list) and isinstance(after, list) and before and after:
        return _difference_of_lists(before, after, at)
    return at, after


def _difference_of_mappings(before: Tree, after: Tree, at: FieldPath) -> tuple[FieldPath, Maybe] | None:
    for key in before:
        if key not in after:
            # The last key can only be removed once another one exists.
            return _added(before, after, at) if len(before) == 1 else ((*at, key), UNSET)
        if not _same(before[key], after[key]):
            return _first_difference(before[key], after[key], (*at, key))
    return _added(before, after, at)


def _added(before: Tree, after: Tree, at: FieldPath) -> tuple[FieldPath, Maybe]:
    key = next(key for key in after if key not in before)
    return (*at, key), after[key]


def _difference_of_lists(
    before: list[Value], after: list[Value], at: FieldPath
) -> tuple[FieldPath, Maybe] | None:
    pairs = enumerate(zip(before, after, strict=False))
    position = next((i for i, (old, new) in pairs if not _same(old, new)), min(len(before), len(after)))
    if len(before) > len(after):
        return (*at, position), UNSET
    if position == len(before):
        return (*at, position), after[position]
    return _first_difference(before[position], after[position], (*at, position))


def _same(one: Value, other: Value) -> bool:
    return one == other and json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _holds(changed: str, expected: Tree) -> bool:
    try:
        return [_same(raw.value, expected) for raw in yaml_reader.read(changed)] == [True]
    except InvalidSpec:
        return False


def _spliced(text: str, at: FieldPath, wanted: Maybe) -> str:
    (root,) = document_nodes(text)
    if wanted is UNSET:
        return _without(text, root, at)
    parent, node = root.at(at[:-1]), root.at(at)
    if parent is None or parent.shape not in ("mapping", "list"):
        return text  # below an alias: the caller finds nothing changed, and refuses
    if node is not None:
        return _replaced(text, root, node, at, wanted)
    return _inserted(text, parent, at, wanted)


def _replaced(text: str, root: Node, node: Node, at: FieldPath, value: Value) -> str:
    parent = root.at(at[:-1])
    assert parent is not None  # noqa: S101 - the node was found in it
    in_flow = _in_flow(root, at)
    key_start, key_end = parent.keys[at[-1]]
    if not _inline(value) and not in_flow:
        span = (key_start, _entry_end(text, node))
        kept = _lines(_comments(text, root, span), parent.column)
        return text[:key_start] + _block(at[-1], value, parent.column).lstrip(" ") + kept + text[span[1] :]
    new = _flow_text(value, node.style, in_flow=in_flow)
    if node.shape in ("mapping", "list") and not node.flow:
        # A block is replaced by a value on the line of its key; its comments stay below.
        start = text.index(":", key_end) + 1 if parent.shape == "mapping" else key_end
        span = (start, _content_end(text, node))
        kept = _lines(_comments(text, root, span), parent.column)
        stop = span[1] if text[span[1] - 1] == "\n" else _line_end(text, span[1])
        return f"{text[:start]} {new}{text[span[1] : stop] or chr(10)}{kept}{text[stop:]}"
    behind = "\n" if node.style in ("|", ">") else ""
    lead = " " if node.start and text[node.start - 1] in ":-" else ""
    return text[: node.start] + lead + new + behind + text[node.end :]


def _inserted(text: str, parent: Node, at: FieldPath, value: Value) -> str:
    key = at[-1]
    if parent.flow:
        new = _flow_text(value, "", in_flow=True)
        entry = f"{_flow_text(key, '', in_flow=True)}: {new}" if isinstance(key, str) else new
        if not parent.children:
            return text[: parent.start] + _bracketed(parent, entry) + text[parent.end :]
        last = list(parent.children.values())[-1]
        return text[: last.end] + f", {entry}" + text[last.end :]
    place = _insertion_index(text, parent, key)
    lead = "" if not place or text[place - 1] == "\n" else "\n"
    return text[:place] + lead + _block(key, value, parent.column) + text[place:]


def _bracketed(parent: Node, entry: str) -> str:
    return f"{{{entry}}}" if parent.shape == "mapping" else f"[{entry}]"


def _insertion_index(text: str, parent: Node, key: str | int) -> int:
    """The position of a new entry: sorted if the keys are sorted, else last."""
    names = list(parent.children)
    after = names[-1]
    if isinstance(key, str):
        words = [str(name) for name in names]
        if words == sorted(words) and key < words[-1]:
            earlier = [name for name in names if str(name) < key]
            first = parent.keys[names[0]][0]
            alone = not text[text.rfind("\n", 0, first) + 1 : first].strip()
            if not earlier and alone:
                return text.rfind("\n", 0, first) + 1
            after = earlier[-1] if earlier else names[0]
    return _entry_end(text, parent.children[after])


def _without(text: str, root: Node, at: FieldPath) -> str:
    parent = root.at(at[:-1])
    if parent is None or at[-1] not in parent.children:
        return text
    if len(parent.children) > 1:
        return (
            _without_flow(text, parent, at[-1]) if parent.flow else _without_block(text, root, parent, at[-1])
        )
    if len(at) == 1:
        return text  # a document can't be empty
    return _replaced(text, root, parent, at[:-1], {} if parent.shape == "mapping" else [])


def _without_flow(text: str, parent: Node, key: Part) -> str:
    names = list(parent.children)
    position = names.index(key)
    if position:
        start, end = parent.children[names[position - 1]].end, parent.children[key].end
    elif parent.shape == "mapping":
        start, end = parent.keys[key][0], parent.keys[names[1]][0]
    else:
        start, end = parent.children[key].start, parent.children[names[1]].start
    return text[:start] + text[end:]


def _without_block(text: str, root: Node, parent: Node, key: Part) -> str:
    names = list(parent.children)
    start, end = parent.keys[key][0], _entry_end(text, parent.children[key])
    line = text.rfind("\n", 0, start) + 1
    before = text[line:start]
    if before.strip():
        # The first key of a list's item: the next one moves up to the dash.
        end = parent.keys[names[names.index(key) + 1]][0]
    kept = _lines(_comments(text, root, (start, end)), parent.column)
    return text[:line] + kept + (before if before.strip() else "") + text[end:]


def _comments(text: str, root: Node, span: tuple[int, int]) -> list[str]:
    """The comments in a span of the text, in order."""
    start, end = span
    found: list[str] = []
    position = start
    for scalar in [*root.scalars, (end, end)]:
        if scalar[1] >= start and scalar[0] <= end:
            gap = text[position : max(position, scalar[0])]
            found.extend(match.group(1) for match in _COMMENT.finditer(gap))
            position = max(position, scalar[1])
    return found


def _lines(comments: list[str], column: int) -> str:
    return "".join(f"{' ' * column}{comment}\n" for comment in comments)


def _content_end(text: str, node: Node) -> int:
    """The end of the value itself; of a block, the end of its last value."""
    if node.children and not node.flow:
        return _content_end(text, list(node.children.values())[-1])
    return node.end


def _entry_end(text: str, node: Node) -> int:
    """The position after the last line of a block entry, its comment included."""
    end = _content_end(text, node)
    return end if end and text[end - 1] == "\n" else _line_end(text, end)


def _line_end(text: str, position: int) -> int:
    newline = text.find("\n", position)
    return len(text) if newline < 0 else newline + 1


def _in_flow(root: Node, at: FieldPath) -> bool:
    nodes = (root.at(at[:end]) for end in range(len(at)))
    return any(node is not None and node.flow for node in nodes)


def _inline(value: Value) -> bool:
    if isinstance(value, str):
        return "\n" not in value
    return not isinstance(value, dict | list) or not value


def _flow_text(value: Value, style: str, *, in_flow: bool) -> str:
    """A value on one line, in the quotes that the old one had."""
    if isinstance(value, dict):
        inner = (
            f"{_flow_text(k, '', in_flow=True)}: {_flow_text(v, '', in_flow=True)}" for k, v in value.items()
        )
        return "{" + ", ".join(inner) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow_text(item, "", in_flow=True) for item in value) + "]"
    if not isinstance(value, str):
        return emit(value).rstrip("\n")
    if style == "'" and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    if style == '"' or "\n" in value or (in_flow and re.search(r"[\[\]{},:#]", value)):
        return json.dumps(value, ensure_ascii=False)
    return emit(value, width=1_000_000).rstrip("\n")


def _block(key: str | int, value: Value, column: int) -> str:
    content: Value = {key: value} if isinstance(key, str) else [value]
    lines = emit(content, width=1_000_000).splitlines()
    return "".join(f"{' ' * column if line else ''}{line}\n" for line in lines)


_COMMENT = re.compile(r"(?:^|[ \t\n])(#[^\n]*)")
