"""Checks types and field names of a document against the schema: all errors at once, none repaired.

Reports what the pydantic models would (a test compares them), without importing pydantic.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kops_core.api import scalars
from kops_core.api.path import FieldPath, render
from kops_core.api.schema import Schema, Type, nearest, schema
from kops_core.api.values import Value
from kops_core.errors import FieldError, UsageError

Finding = tuple[FieldPath, FieldError]


def check(value: Value, kind: str, *, at: FieldPath = (), known: Schema | None = None) -> list[Finding]:
    """The errors in a value of a kind (or of the field at a path of it), in document order."""
    if known is not None:
        return list(_walk(value, known.field(kind, at).type, at, known))
    found = list(_walk(value, schema().field(kind, at).type, at, schema()))
    return [(path, _renamed(path, error, kind)) for path, error in found]


def _renamed(path: FieldPath, error: FieldError, kind: str) -> FieldError:
    """The error of an unknown field, with its v1alpha2 name if kOps' internal type (or v1alpha3) has it."""
    if error.kind != "Unknown field":
        return error
    from kops_core.api.internal_names import to_v1alpha2

    try:
        return replace(error, suggestion=render(to_v1alpha2(path, kind)))
    except UsageError:
        return error


def _walk(value: Value, type_: Type, at: FieldPath, known: Schema) -> Iterator[Finding]:
    if value is None:
        return
    if type_.scalar:
        wrong = scalars.problem(type_.scalar, value)
        if wrong:
            yield at, FieldError("Invalid value", render(at), f"{wrong}, not {_shown(value)}")
    elif type_.struct:
        yield from _struct(value, type_, at, known)
    elif type_.item is not None:
        if not isinstance(value, list):
            yield at, FieldError("Invalid value", render(at), f"must be a list, not {_shown(value)}")
            return
        for position, item in enumerate(value):
            if item is None:
                message = "an item of a list can't be empty"
                yield (*at, position), FieldError("Invalid value", render((*at, position)), message)
            yield from _walk(item, type_.item, (*at, position), known)
    elif type_.value is not None:
        if not isinstance(value, dict):
            yield at, FieldError("Invalid value", render(at), f"must be a mapping, not {_shown(value)}")
            return
        for key, item in value.items():
            yield from _walk(item, type_.value, (*at, key), known)


def _struct(value: Value, type_: Type, at: FieldPath, known: Schema) -> Iterator[Finding]:
    if not isinstance(value, dict):
        yield at, FieldError("Invalid value", render(at), f"must be a mapping, not {_shown(value)}")
        return
    fields = known.structs[type_.struct].fields
    for key, item in value.items():
        field = fields.get(key)
        if field is not None:
            yield from _walk(item, field.type, (*at, key), known)
        else:
            path = (*at, key)
            message = f"{type_.struct} has no field {key!r}"
            yield path, FieldError("Unknown field", render(path), message, suggestion=nearest(key, fields))


def _shown(value: Value) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
