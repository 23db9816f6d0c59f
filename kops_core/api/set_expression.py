"""``--set`` and ``--unset``: changes one field of an object, by its internal path and a text.

Facts: kOps' pkg/commands and util/pkg/reflectutils. A text becomes the field's type;
lists take commas and grow by what is set; a map takes ``key=value``; ``[*]`` is every
item and must find one; ``[n]`` one past the end appends; an empty text makes an empty
struct. What is changed is the internal form of the object, so names are the internal ones.
"""

from __future__ import annotations

import re
from typing import Final

from kops_core.api import scalars
from kops_core.api.conversion.fields import internal_schema
from kops_core.api.conversion.trees import to_internal, to_v1alpha2
from kops_core.api.internal_names import parse_internal
from kops_core.api.path import ANY, FieldPath, get, render, set_at, unset_at
from kops_core.api.schema import Field, Type, schema
from kops_core.api.values import UNSET, Scalar, Tree, Value
from kops_core.errors import UsageError

_TRUE: Final = frozenset(("1", "t", "T", "TRUE", "true", "True"))
_FALSE: Final = frozenset(("0", "f", "F", "FALSE", "false", "False"))
_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,20}\Z", re.ASCII)
_ITEMS_BY_TEXT: Final = frozenset(("EnvVar",))
_BY_FILE_ONLY: Final = frozenset(("uint8",))
"""Types that kOps can't set from a text, such as the id of a Cilium cluster; nor a map to booleans."""


class NoPlace(UsageError):
    """The field is known, but its parent does not exist in the object."""


def set_field(tree: Tree, kind: str, path_text: str, value_text: str, *, either: bool = False) -> Tree:
    """The object with a field set. Raises UsageError for an unknown path, or a text of another type.

    either: v1alpha2's names are taken too, where kOps takes its internal ones alone.
    """
    return _change_field(tree, kind, path_text, value_text, either=either)


def unset_field(tree: Tree, kind: str, path_text: str, *, either: bool = False) -> Tree:
    """The object without a field (or without it in every item). Raises UsageError for an unknown path.

    either: as for ``set_field``.
    """
    return _change_field(tree, kind, path_text, None, either=either)


def value_from_text(kind: str, parts: FieldPath, text: str) -> Value:
    """The value of a text for a field of v1alpha2; lists take commas, maps key=value by comma.

    A list may be written as it is shown, too: ``[a, b]``. Raises UsageError for an unknown path, or a
    text of another type.
    """
    type_ = schema().field(kind, parts).type
    if type_.item is not None and text[:1] == "[" and text[-1:] == "]":
        inside = text[1:-1].strip()
        return [_one(_unquoted(token.strip()), type_.item, parts) for token in inside.split(",") if inside]
    tokens = text.split(",") if text else []
    if type_.item is not None:
        return [_one(token.strip(), type_.item, parts) for token in tokens]
    if type_.value is not None and not type_.value.item:
        pairs = [token.partition("=") for token in tokens]
        return {key.strip(): _one(value.strip(), type_.value, parts) for key, _, value in pairs}
    return _one(text, type_, parts)


def _unquoted(token: str) -> str:
    quoted = len(token) > 1 and token[0] == token[-1] and token[0] in "\"'"
    return token[1:-1] if quoted else token


def _change_field(tree: Tree, kind: str, path_text: str, value_text: str | None, *, either: bool) -> Tree:
    parts = parse_internal(path_text, kind, aliases=value_text is not None, either=either)
    field = internal_schema().field(kind, parts)
    _refuse_inside_map(kind, parts)
    internal = to_internal(tree, kind)
    places = _matching_paths(internal, parts, ())
    if not places:
        raise NoPlace("no item of the object has this field", where=path_text)
    for at in places:
        if value_text is None:
            _require_parent(internal, kind, at)
            internal = _without(internal, at)
        else:
            before = get(internal, at)
            known = None if before is UNSET else before
            internal = _placed(internal, at, _value(value_text, field, known, parts))
    return to_v1alpha2(internal, kind)


def _matching_paths(tree: Tree, parts: FieldPath, done: FieldPath) -> list[FieldPath]:
    """The paths of an object that match a pattern."""
    for position, part in enumerate(parts):
        if part in (ANY, "*"):
            parent = get(tree, (*done, *parts[:position]))
            count = len(parent) if isinstance(parent, list) else 0
            return [
                place
                for index in range(count)
                for place in _matching_paths(tree, parts[position + 1 :], (*done, *parts[:position], index))
            ]
    return [(*done, *parts)]


def _refuse_inside_map(kind: str, parts: FieldPath) -> None:
    known = internal_schema()
    for end in range(1, len(parts)):
        if known.field(kind, parts[:end]).type.value is not None:
            where = render(parts[:end])
            raise UsageError(
                "the keys of a map are no fields", where=where, remedy=f"set {where} to key=value"
            )


def _require_parent(tree: Tree, kind: str, at: FieldPath) -> None:
    known = internal_schema()
    if isinstance(at[-1], int) and get(tree, at) is UNSET:
        raise NoPlace("there is no such item", where=render(at))
    for end in range(1, len(at)):
        absent = get(tree, at[:end]) in (UNSET, None)
        if absent and known.field(kind, at[:end]).zero != "written":
            raise NoPlace(f"{render(at[:end])} is not set, so nothing in it can be unset", where=render(at))


def _placed(tree: Tree, at: FieldPath, value: Value) -> Tree:
    try:
        return set_at(tree, at, value)
    except UsageError as gap:
        raise NoPlace(gap.what, where=render(at)) from gap


def _without(tree: Tree, at: FieldPath) -> Tree:
    if isinstance(at[-1], int):
        return set_at(tree, at, {}) if isinstance(get(tree, at), dict) else unset_at(tree, at)
    return unset_at(tree, at)


def _value(text: str, field: Field, before: Value, parts: FieldPath) -> Value:
    type_ = field.type
    of_bools = type_.value is not None and type_.value.scalar == "boolean"
    if type_.scalar in _BY_FILE_ONLY or (of_bools and text):
        raise UsageError(
            "no text can be set here", where=render(parts), remedy="set it in the cluster's file instead"
        )
    if type_.item is not None:
        kept = before if isinstance(before, list) else []
        return [*kept, *(_one(token, type_.item, parts) for token in text.split(","))]
    if type_.value is not None:
        kept_map = before if isinstance(before, dict) else {}
        if not text:
            return kept_map
        key, _, value = text.partition("=")
        inner = type_.value
        texts: list[Value] = list(value.split(","))
        return {**kept_map, key: texts if inner.item is not None else _one(value, inner, parts)}
    by_value = field.zero == "written" or isinstance(parts[-1], int)
    if type_.struct and not text and before is not None and by_value:
        return before  # it is not a pointer, so it exists already
    return _one(text, type_, parts)


def _one(text: str, type_: Type, parts: FieldPath) -> Value:
    where = render(parts)
    if type_.struct in _ITEMS_BY_TEXT:
        name, _, setting = text.partition("=")
        return {"name": name, "value": setting} if setting else {"name": name}
    if type_.struct:
        if text:
            raise UsageError(f"{type_} has fields of its own; set one of them", where=where)
        return {}
    value = _parse_scalar(text, type_.scalar)
    wrong = scalars.problem(type_.scalar, value)
    if wrong:
        raise UsageError(f"{wrong}, not {text!r}", where=where)
    return value


def _parse_scalar(text: str, scalar: str) -> Scalar:
    """The value of a text for a type; the text itself where it has none."""
    if scalar == "boolean" and text in _TRUE | _FALSE:
        return text in _TRUE
    if "int" in scalar.lower() and _WHOLE.match(text):
        return int(text)
    return text
