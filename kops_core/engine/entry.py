"""What an operator types for a field, as a value of the field's type."""

from __future__ import annotations

from kops_core.api import check, yaml_reader
from kops_core.api.path import Parts, put, render
from kops_core.api.schema import Type, describe
from kops_core.api.values import Tree, Value
from kops_core.errors import FieldError, InvalidSpec

_TEXTS = frozenset({"string", "quantity", "duration", "intOrString", "timestamp", "bytes"})
"""Scalars that are typed as they are; all others are read as YAML."""


def with_field(document: Tree, kind: str, path: Parts, text: str) -> Tree:
    """A document with a field set from text: plain for strings, commas for lists, YAML for the rest.

    Raises UsageError for a path that the type does not have, InvalidSpec for a text that does not fit.
    """
    value = _value(text.strip(), describe(kind, path).type, path)
    changed = put(document, path, value)
    findings = [error for at, error in check.check(changed, kind) if at[: len(path)] == path]
    if findings:
        raise InvalidSpec(findings)
    return changed


def _value(text: str, wanted: Type, path: Parts) -> Value:
    if wanted.scalar in _TEXTS and not (wanted.scalar == "intOrString" and text.isdigit()):
        return text
    if wanted.item is not None and wanted.item.scalar and not text.startswith(("[", "-")):
        return [_value(part.strip(), wanted.item, path) for part in text.split(",") if part.strip()]
    try:
        (found,) = yaml_reader.read(text, "")
    except InvalidSpec as broken:
        message = f"{broken.errors[0].message}; a {wanted} is expected"
        raise InvalidSpec([FieldError("Invalid value", render(path), message)]) from broken
    except ValueError:
        raise InvalidSpec([FieldError("Invalid value", render(path), f"a {wanted} is expected")]) from None
    return found.value
