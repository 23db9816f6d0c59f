"""Translates field paths between v1alpha2 and kOps' internal names (``--set``, ``--unset``, messages).

spec.networking.topology.dns            spec.topology.dns.type
spec.cloudProvider.aws.warmPool.minSize spec.warmPool.minSize
spec.etcdClusters[*].cpuRequest         the same
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Final

from kops_core.api.conversion.fields import internal_schema
from kops_core.api.conversion.table import MOVED, RENAMED, UNNAMED
from kops_core.api.conversion.trees import backward
from kops_core.api.path import FieldPath, Part, parse, render
from kops_core.api.schema import Schema, Type, schema
from kops_core.errors import UsageError

_TOPOLOGY_DNS: Final = (parse("spec.topology.dns.type"), parse("spec.networking.topology.dns"))
_PROVIDER: Final = parse("spec.cloudProvider")
_DISABLE: Final = (parse("spec.externalDns.disable"), parse("spec.externalDNS.provider"))


def to_internal(parts: FieldPath, kind: str = "Cluster") -> FieldPath:
    """The internal path of a v1alpha2 path or pattern. Raises UsageError if v1alpha2 has no such field."""
    schema().field(kind, parts)
    if kind == "Cluster":
        if parts[:3] == _TOPOLOGY_DNS[0][:3]:
            return _TOPOLOGY_DNS[1]
        if parts == _DISABLE[0]:
            return _DISABLE[1]
    return _mapped(parts, _moves(kind), kind, lambda struct: RENAMED.get(struct, {}))


def to_v1alpha2(parts: FieldPath, kind: str = "Cluster") -> FieldPath:
    """The v1alpha2 path of an internal path or pattern.

    Raises UsageError, with the nearest known name, if the internal
    type has no such field, or v1alpha2 no counterpart.
    """
    internal_schema().field(kind, parts)
    if kind == "Cluster":
        if parts == _TOPOLOGY_DNS[1]:
            return _TOPOLOGY_DNS[0]
        if parts[:2] == _PROVIDER and len(parts) <= len(_PROVIDER) + 1 and parts not in _moves(kind).values():
            return _PROVIDER
    moves = {new: old for old, new in _moves(kind).items()}
    found = _mapped(parts, moves, kind, backward)
    try:
        schema().field(kind, found)
    except UsageError as error:
        raise UsageError("v1alpha2 has no field for this", where=render(parts)) from error
    return found


def parse_internal(
    text: str, kind: str = "Cluster", *, aliases: bool = True, either: bool = False
) -> FieldPath:
    """An internal path or pattern from its text.

    A leading ``cluster.`` or ``instancegroup.`` is left out. aliases: the few v1alpha2
    paths that ``--set`` takes for internal ones (and ``--unset`` does not) are
    translated. either: v1alpha2's names are taken too, as specs and errors have them. Raises
    UsageError for anything that is not a field of the internal type.
    """
    prefix = kind.lower() + "."
    parts = parse(text[len(prefix) :] if text.startswith(prefix) else text)
    if not parts:
        raise UsageError("no field is named", where=repr(text), remedy="write it like spec.kubelet.maxPods")
    if kind == "Cluster" and aliases:
        parts = _ACCEPTED.get(parts, parts)
    try:
        internal_schema().field(kind, parts)
    except UsageError as error:
        renamed = _elsewhere(parts, kind)
        if renamed is None:
            raise
        if not either:
            raise UsageError(
                error.what, where=error.where, remedy=f"it is called {render(renamed)} here"
            ) from error
        parts = renamed
    _check_named(parts, kind)
    return parts


def _check_named(parts: FieldPath, kind: str) -> None:
    """Raises UsageError for a path into a map, which kOps only sets whole, or to a field without a name."""
    known = internal_schema()
    for end in range(1, len(parts)):
        type_ = known.field(kind, parts[:end]).type
        if type_.value is not None:
            whole = render(parts[:end])
            raise UsageError("there is no such field", where=render(parts), remedy=f"set {whole}=key=value")
        if parts[end] in UNNAMED.get(type_.struct, ()):
            raise UsageError(
                "there is no such field", where=render(parts), remedy="it has no effect any more"
            )


def _elsewhere(parts: FieldPath, kind: str) -> FieldPath | None:
    """The internal path, if the path is v1alpha2's."""
    try:
        return to_internal(parts, kind)
    except UsageError:
        return None


# kOps' own table of v1alpha2 paths that its commands understand.
_ACCEPTED: Final[Mapping[FieldPath, FieldPath]] = {
    parse(old): parse(new)
    for old, new in (
        ("spec.masterPublicName", "spec.api.publicName"),
        ("spec.topology.dns.type", "spec.networking.topology.dns"),
        ("spec.topology.bastion.loadBalancer.type", "spec.networking.topology.bastion.loadBalancer.type"),
        ("spec.externalDns.provider", "spec.externalDNS.provider"),
        ("spec.externalDns.priorityClassName", "spec.externalDNS.priorityClassName"),
    )
}


@cache
def _moves(kind: str) -> Mapping[FieldPath, FieldPath]:
    return {parse(old): parse(new) for old, new in MOVED.get(kind, {}).items()}


def _mapped(
    parts: FieldPath,
    moves: Mapping[FieldPath, FieldPath],
    kind: str,
    names: Callable[[str], Mapping[str, str]],
) -> FieldPath:
    """A path, moved by the longest match, with the keys below it renamed."""
    split = next((end for end in range(len(parts), 0, -1) if parts[:end] in moves), 0)
    known = schema()
    if split:
        start = moves[parts[:split]]
        original = parts[:split] if names is not backward else start
        type_ = known.field(kind, original).type
    else:
        start, type_ = (), Type(struct=kind)
    return (*start, *_renamed(parts[split:], type_, known, names))


def _renamed(
    rest: FieldPath, type_: Type, known: Schema, names: Callable[[str], Mapping[str, str]]
) -> tuple[Part, ...]:
    result: list[Part] = []
    here: Type | None = type_
    for part in rest:
        if here is None:
            result.append(part)
            continue
        if here.struct and isinstance(part, str):
            new = names(here.struct).get(part, part)
            fields = known.structs[here.struct].fields
            field = fields.get(part if names is not backward else new)
            result.append(new)
            here = field.type if field is not None else None
        else:
            result.append(part)
            here = here.item or here.value
    return tuple(result)
