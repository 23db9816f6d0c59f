"""Resolves references of resources into plain values, for adapters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from kops_core.errors import KopsError
from kops_core.model.resource import Resource
from kops_core.model.template import Ref, Template

_R = TypeVar("_R", bound=Resource)


class Unresolved(KopsError):
    """The target of a reference does not exist yet."""


def resolve(resource: _R, lookup: Callable[[Ref], str | None]) -> _R:
    """The resource with every ``Ref`` and ``Template`` replaced by its string.

    Raises Unresolved, naming the resource, if ``lookup`` does not know a reference.
    """
    changed: dict[str, Any] = {}
    for name, _, value in resource.attributes():
        plain = _resolve_value(value, lookup, str(resource.key))
        if plain is not value:
            changed[name] = plain
    return replace(resource, **changed) if changed else resource


def _resolve_value(value: object, lookup: Callable[[Ref], str | None], where: str) -> object:
    if isinstance(value, Ref | Template):
        known = lookup(value) if isinstance(value, Ref) else value.resolve(lookup)
        if known is None:
            missing = value if isinstance(value, Ref) else next(r for r in value.refs() if lookup(r) is None)
            raise Unresolved(f"{missing.key} has no {missing.attribute} yet", where=where)
        return known
    if isinstance(value, tuple):
        items = tuple(_resolve_value(item, lookup, where) for item in value)
        return items if items != value else value
    if isinstance(value, Mapping):
        table = {key: _resolve_value(item, lookup, where) for key, item in value.items()}
        return table if table != value else value
    if is_dataclass(value) and not isinstance(value, type):
        parts = {
            each.name: _resolve_value(getattr(value, each.name), lookup, where) for each in fields(value)
        }
        return replace(value, **parts)
    return value
