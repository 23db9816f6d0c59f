"""The generic diff of a desired and an observed resource, field by field."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import TypeAlias

from kops_core.api.json_text import read_json
from kops_core.model.resource import AttributeInfo, Resource
from kops_core.model.template import (
    CidrSubnet,
    Digest,
    Gzipped,
    JsonString,
    LiteralBlock,
    Piece,
    Ref,
    Template,
    YamlListEntry,
)
from kops_core.plan.changes import FieldChange, Unknown
from kops_core.plan.redaction import redacted

Lookup: TypeAlias = Callable[[Ref], str | None]
"""The value of a reference, or None if it is only known after a resource was created."""

SECRET, CHANGED_SECRET = "(secret)", "(another secret)"


def differences(desired: Resource, observed: Resource, lookup: Lookup) -> tuple[FieldChange, ...]:
    """The fields that the desired resource sets and that differ in the observed one.

    A field that depends on a resource that does not exist yet counts as different, because its value will be.
    """
    there = {name: value for name, _, value in observed.attributes()}
    found = []
    for name, info, value in desired.attributes():
        if value is None or info.create_only:
            continue
        wanted = settled(value, lookup)
        if same(wanted, there.get(name), info):
            continue
        found.append(_field(name, info, there.get(name), wanted))
    return tuple(found)


def creation(desired: Resource, lookup: Lookup) -> tuple[FieldChange, ...]:
    """All fields of a new resource."""
    return tuple(
        _field(name, info, None, settled(value, lookup), forces=False)
        for name, info, value in desired.attributes()
        if value is not None and value != ""
    )


def deletion(observed: Resource) -> tuple[FieldChange, ...]:
    """All fields of a deleted resource."""
    return tuple(
        _field(name, info, value, None, forces=False)
        for name, info, value in observed.attributes()
        if value is not None
    )


def settled(value: object, lookup: Lookup) -> object:
    """The value with references replaced by what they are, or by ``Unknown``; a Text that is not
    wholly known stays a Text."""
    if isinstance(value, Ref):
        return lookup(value) or Unknown.AFTER_APPLY
    if isinstance(value, Template):
        known = value.resolve(lookup)
        return value.resolve_known(lookup) if known is None else known
    if isinstance(value, Mapping):
        return {key: settled(item, lookup) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple(settled(item, lookup) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        return _Settled(
            type(value).__name__,
            {each.name: settled(getattr(value, each.name), lookup) for each in fields(value)},
        )
    return value


class _Settled:
    """A nested dataclass with resolved references; fields that are None are not managed."""

    __slots__ = ("kind", "values")

    def __init__(self, kind: str, values: Mapping[str, object]) -> None:
        self.kind = kind
        self.values = values


def same(wanted: object, there: object, info: AttributeInfo) -> bool:
    """Whether an observed value equals the desired one, as far as it is managed."""
    if isinstance(wanted, Unknown | Template):
        return False
    if isinstance(wanted, _Settled):
        return _same_parts(wanted, there, info)
    if isinstance(wanted, tuple):
        return isinstance(there, tuple) and _same_items(wanted, there, info)
    if isinstance(wanted, Mapping):
        return isinstance(there, Mapping) and _same_table(wanted, there, info)
    if info.form == "json" and isinstance(wanted, str) and isinstance(there, str):
        return _same_json(wanted, there, info)
    return bool(wanted == there)


def _same_table(wanted: Mapping[str, object], there: Mapping[str, object], info: AttributeInfo) -> bool:
    keys = wanted if info.partial_map else {*wanted, *there}
    return all(key in there and key in wanted and wanted[key] == there[key] for key in keys)


def _same_parts(wanted: _Settled, there: object, info: AttributeInfo) -> bool:
    if not is_dataclass(there) or isinstance(there, type):
        return False
    return all(
        same(value, getattr(there, name), info) for name, value in wanted.values.items() if value is not None
    )


def _same_items(wanted: tuple[object, ...], there: tuple[object, ...], info: AttributeInfo) -> bool:
    if len(wanted) != len(there):
        return False
    if not info.unordered:
        return all(same(one, other, info) for one, other in zip(wanted, there, strict=True))
    left = list(there)
    for item in wanted:
        match = next((at for at, other in enumerate(left) if same(item, other, info)), None)
        if match is None:
            return False
        del left[match]
    return True


def _same_json(one: str, other: str, info: AttributeInfo) -> bool:
    if one == other:
        return True
    try:
        wanted, there = read_json(one), read_json(other)
    except ValueError:
        return False
    return wanted == there or (info.equivalent is not None and info.equivalent(wanted, there))


def _field(
    name: str, info: AttributeInfo, before: object, after: object, *, forces: bool = True
) -> FieldChange:
    if info.secret:
        return FieldChange(
            name,
            None if before is None else SECRET,
            None if after is None else SECRET if before is None else CHANGED_SECRET,
            forces_replace=forces and info.replace,
        )
    if info.partial_map and isinstance(before, Mapping) and isinstance(after, Mapping):
        changed = [key for key in after if before.get(key) != after[key]]
        before = {key: before[key] for key in changed if key in before}
        after = {key: after[key] for key in changed}
    return FieldChange(
        name,
        None if before is None else redacted(text_of(before), info.form),
        None
        if after is None
        else after
        if isinstance(after, Unknown)
        else redacted(text_of(after), info.form),
        info.form,
        forces_replace=forces and info.replace,
    )


def text_of(value: object) -> str:
    """A value as text for display: a line for each item."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Template):
        return "".join(_piece(part) for part in value.parts)
    if isinstance(value, Mapping):
        return "\n".join(f"{key}: {_one_line(value[key])}" for key in sorted(value))
    if isinstance(value, tuple):
        return "\n".join(_one_line(item) for item in value) if value else "(none)"
    parts = _parts(value)
    if parts is not None:
        return "\n".join(f"{name}: {_one_line(item)}" for name, item in parts)
    return str(value)


def _one_line(value: object) -> str:
    parts = _parts(value)
    if parts is not None:
        return ", ".join(f"{name}: {_one_line(item)}" for name, item in parts)
    if isinstance(value, tuple):
        return ", ".join(_one_line(item) for item in value) or "(none)"
    return text_of(value)


def _parts(value: object) -> list[tuple[str, object]] | None:
    """The set fields of a nested dataclass, before or after references were resolved."""
    if isinstance(value, _Settled):
        return [(name, item) for name, item in value.values.items() if item not in (None, "")]
    if is_dataclass(value) and not isinstance(value, type | Template | Ref):
        pairs = ((each.name, getattr(value, each.name)) for each in fields(value))
        return [(name, item) for name, item in pairs if item not in (None, "")]
    return None


def _piece(part: Piece) -> str:
    """A piece of a template that is not completely known."""
    if isinstance(part, str):
        return part
    if isinstance(part, Ref):
        return f"({part.key} {part.attribute}, known after apply)"
    if isinstance(part, CidrSubnet):
        return f"(network {part.number} of {part.of.key}, known after apply)"
    if isinstance(part, LiteralBlock):
        return text_of(part.of)
    if isinstance(part, JsonString):
        return f'"{text_of(part.of)}"'
    return _later(part)


def _later(part: Digest | Gzipped | YamlListEntry) -> str:
    if isinstance(part, YamlListEntry):
        return f"{' ' * part.indent}{part.key}: (known after apply)\n"
    return "(hash, known after apply)" if isinstance(part, Digest) else "(compressed, known after apply)"


def too_long(desired: Resource, lookup: Lookup) -> tuple[str, ...]:
    """The fields that exceed the cloud's limits of size, a sentence each. Unknown parts count as empty."""
    found = []
    for name, info, value in desired.attributes():
        size = len(text_of(settled(value, lookup)).encode()) if info.max_bytes and value is not None else 0
        if size > info.max_bytes:
            found.append(f"{desired.key}: {name} has {size} bytes, and the limit is {info.max_bytes}")
    return tuple(found)


def contains(resource: Resource, text: str) -> bool:
    """Whether a field of an observed resource is or contains an id."""
    return any(text in _strings(value) for _, _, value in resource.attributes())


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, tuple):
        for item in value:
            yield from _strings(item)
    elif is_dataclass(value) and not isinstance(value, type):
        for each in fields(value):
            yield from _strings(getattr(value, each.name))
