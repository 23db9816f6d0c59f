"""Writes objects as kOps does, byte for byte: key order, quoting, forms of numbers, omitted fields.

Two steps. `shaped` brings a tree into the form that kOps' Go types give it: zero
values of fields that can't hold them are dropped, quantities, durations and times are
in their canonical form. `emit` writes any tree the way Kubernetes' YAML library does.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterable, Iterator
from functools import cmp_to_key
from typing import Any

from _ruamel_yaml import (  # type: ignore[import-not-found]
    CEmitter,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from kops_core.api import scalars
from kops_core.api.schema import Field, Schema, Type, schema
from kops_core.api.values import UNSET, Maybe, Scalar, Tree, Value
from kops_core.api.yaml_reader import is_plain

_GROUPS = ("kops.k8s.io", "kops")


def to_yaml(tree: Tree, kind: str = "", *, keep_unknown: bool = False) -> str:
    """The text that kOps would store for an object; ``kind`` defaults to the tree's own.

    An object of another kind is only sorted. The tree must be valid
    (`kops_core.api.check`). keep_unknown: keep fields that no type has; kOps drops them.
    """
    kind = kind or own_kind(tree)
    if not kind:
        return emit(tree)
    done = shaped(tree, kind)
    whole = Type(struct=schema().kind(kind))
    return emit(_with_unknown(done, tree, whole, schema()) if keep_unknown else done)


def own_kind(tree: Tree) -> str:
    """The kind of one of kOps' objects; "" for any other object."""
    kind = tree.get("kind")
    group = str(tree.get("apiVersion", "")).partition("/")[0]
    return kind if isinstance(kind, str) and group in _GROUPS and kind in schema().kinds else ""


def join(texts: Iterable[str]) -> str:
    """Several objects in one text, as ``kops get -o yaml`` writes them."""
    return "\n---\n\n".join(texts)


def shaped(tree: Tree, kind: str) -> Tree:
    """The object after kOps read and wrote it, as far as the Go types of v1alpha2 decide."""
    return pruned(tree, kind, schema())


def pruned(tree: Tree, kind: str, known: Schema) -> Tree:
    """The object without the fields that a schema does not have."""
    result = _shaped(tree, Type(struct=known.kind(kind)), known)
    assert isinstance(result, dict)  # noqa: S101 - a struct stays a mapping
    return result


def emit(tree: Value, *, width: int = 80) -> str:
    """YAML with sorted keys, lists at their parent's indent, strings quoted only where needed."""
    stream = io.StringIO()
    emitter = CEmitter(stream, width=width, allow_unicode=True)
    emitter.emit(StreamStartEvent())
    emitter.emit(DocumentStartEvent(explicit=False))
    for event in _events(tree):
        emitter.emit(event)
    emitter.emit(DocumentEndEvent(explicit=False))
    emitter.emit(StreamEndEvent())
    text = stream.getvalue()
    return text[:-4] if text.endswith("\n...\n") else text


def _with_unknown(done: Value, tree: Value, type_: Type, known: Schema) -> Value:
    """A shaped value, with the unknown fields of the tree that it was made from."""
    if type_.item is not None and isinstance(tree, list):
        items = done if isinstance(done, list) else [None] * len(tree)
        both = zip(items, tree, strict=True)
        whole = [_with_unknown(one, other, type_.item, known) for one, other in both]
        # Of a list that kOps drops, only items with unknown fields stay.
        return whole if isinstance(done, list) or any(whole) else done
    if not isinstance(tree, dict) or not isinstance(done, dict | None):
        return done
    if type_.value is not None and done is not None:
        return {key: _with_unknown(item, tree[key], type_.value, known) for key, item in done.items()}
    if not type_.struct:
        return done
    fields = known.structs[type_.struct].fields
    result: Tree = dict(done or {})
    for name, item in tree.items():
        if name not in fields:
            result[name] = item
        elif isinstance(item, dict | list):
            kept = _with_unknown(result.get(name), item, fields[name].type, known)
            if kept not in (None, {}) or name in result:
                result[name] = kept
    return result


def _shaped(value: Value, type_: Type, known: Schema) -> Value:
    if value is None:
        return None
    if type_.scalar:
        return value if isinstance(value, dict | list) else scalars.canonical(type_.scalar, value)
    if type_.item is not None and isinstance(value, list):
        return [_shaped(item, type_.item, known) for item in value]
    if not isinstance(value, dict) or type_.item is not None:
        return value
    if type_.value is not None:
        return {key: _shaped(item, type_.value, known) for key, item in value.items()}
    result: Tree = {}
    for name, field in known.structs[type_.struct].fields.items():
        item = _field(value.get(name), field, known)
        if item is not UNSET:
            result[name] = item
    return result


def _field(value: Value, field: Field, known: Schema) -> Maybe:
    if field.zero == "written":
        return _zero(field.type, known) if value is None else _shaped(value, field.type, known)
    if value is None or field.zero == "lost":
        return UNSET
    item = _shaped(value, field.type, known)
    if field.zero == "unset" and not field.type.struct and item in ("", False, 0, [], {}):
        return UNSET
    return item


def _zero(type_: Type, known: Schema) -> Value:
    if type_.struct:
        return _shaped({}, type_, known)
    if type_.item is not None or type_.value is not None:
        return None
    zeros: dict[str, Scalar] = {"string": "", "boolean": False, "quantity": "0"}
    return zeros.get(type_.scalar, 0)


def _events(value: Value) -> Iterator[Any]:
    if isinstance(value, dict):
        yield MappingStartEvent(None, None, True, flow_style=False)
        for key in _sorted(value):
            yield _string_event(key)
            yield from _events(value[key])
        yield MappingEndEvent()
    elif isinstance(value, list):
        yield SequenceStartEvent(None, None, True, flow_style=False)
        for item in value:
            yield from _events(item)
        yield SequenceEndEvent()
    elif isinstance(value, str):
        yield _string_event(value)
    else:
        yield ScalarEvent(None, None, (True, True), _number(value), style="")


def _string_event(text: str) -> Any:
    style = "|" if "\n" in text else "" if is_plain(text) else '"'
    return ScalarEvent(None, None, (True, True), text, style=style)


def _number(value: bool | int | float | None) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) or (value.is_integer() and abs(value) < 1e21):
        return str(int(value))
    digits, _, exponent = f"{value!r}e".partition("e")
    power = int(exponent.rstrip("e")) if exponent.rstrip("e") else 0
    if -4 <= math.floor(math.log10(abs(value))) < 21 and not power:
        return digits
    return f"{digits.removesuffix('.0')}e{power:+03d}"


def _sorted(keys: Iterable[str]) -> list[str]:
    """Keys in Kubernetes' order: letters after all else, digits by the number they form."""
    names = list(keys)
    if all(name.isalpha() and name.isascii() for name in names):
        return sorted(names)
    return sorted(names, key=cmp_to_key(_compare))


def _compare(one: str, other: str) -> int:
    split = next(
        (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
    rest, other_rest = one[split:], other[split:]
    if not rest or not other_rest:
        return len(rest) - len(other_rest)
    letter, other_letter = rest[0].isalpha(), other_rest[0].isalpha()
    if letter or other_letter:
        return 1 if (letter, rest[0]) > (other_letter, other_rest[0]) else -1
    return 1 if _digits(rest, one[:split]) > _digits(other_rest, one[:split]) else -1


def _digits(rest: str, before: str) -> tuple[int, str, int, str]:
    """The number at the first difference of two keys, its length, and the character there.

    Numbers are compared as texts, the longer ones last: a key may have thousands of digits.
    """
    run = _RUN.match(rest)
    count = run.end() if run is not None else 0
    in_number = before[-1:].isdecimal() and before.rstrip("0123456789") != before.rstrip("0")
    number = (("1" if in_number else "") + rest[:count]).lstrip("0")
    return len(number), number, count, rest[0]


_RUN = re.compile(r"[0-9]*")
