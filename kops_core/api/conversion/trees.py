"""Converts whole objects between v1alpha2 and the internal type, without the fields that kOps loses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from kops_core.api.conversion.table import (
    CLOUD_PROVIDERS,
    MOVED,
    NEGATED,
    POLICY_ROLES,
    RENAMED,
    ROLES,
    TAG_SUBNETS,
)
from kops_core.api.path import FieldPath, get, parse, set_at, unset_at
from kops_core.api.schema import Schema, Type, schema
from kops_core.api.values import UNSET, Maybe, Tree, Value

Edit: TypeAlias = Callable[[Value], Value]
Names: TypeAlias = Callable[[str], Mapping[str, str]]

_PROVIDER: FieldPath = ("spec", "cloudProvider")
_EXTERNAL_DNS: FieldPath = ("spec", "externalDns")
_GROUPS_CLAIM: FieldPath = ("spec", "kubeAPIServer", "oidcGroupsClaim")
_REQUIRED_CLAIM: FieldPath = ("spec", "kubeAPIServer", "oidcRequiredClaim")
_TOPOLOGY_DNS: FieldPath = ("spec", "topology", "dns")
_HOOKS: FieldPath = ("spec", "hooks")
_POLICIES = (("spec", "additionalPolicies"), ("spec", "externalPolicies"))

_CONTAINERS: Final[Mapping[str, tuple[FieldPath, ...]]] = {
    "Cluster": (_PROVIDER, ("spec", "configStore"), ("spec", "authentication", "oidc")),
    "InstanceGroup": (("spec", "rootVolume"),),
}


def to_internal(tree: Tree, kind: str) -> Tree:
    """A v1alpha2 object as kOps' internal type has it; the argument must be valid."""
    moves = [(parse(old), parse(new)) for old, new in MOVED.get(kind, {}).items()]
    result = _before(tree) if kind == "Cluster" else tree
    result = _rearranged(result, kind, moves, _forward)
    result = _edit(result, parse(TAG_SUBNETS[1]), _negated)
    if kind == "InstanceGroup":
        result = _with_hooks(result, "enabled")
    return _with_roles(result, ROLES)


def to_v1alpha2(tree: Tree, kind: str) -> Tree:
    """An internal (or v1alpha3) object as v1alpha2 has it; the argument must be valid."""
    moves = [(parse(new), parse(old)) for old, new in MOVED.get(kind, {}).items()]
    result = _rearranged(tree, kind, moves, backward)
    for container in _CONTAINERS.get(kind, ()):
        result = unset_at(result, container)
    result = _edit(result, parse(TAG_SUBNETS[0]), _negated)
    if kind == "Cluster":
        result = _after(result, get(tree, _PROVIDER))
    if kind == "InstanceGroup":
        result = _with_hooks(result, "disabled")
    return _with_roles(result, {new: old for old, new in ROLES.items()})


def has_place(kind: str, at: FieldPath) -> bool:
    """Whether v1alpha2 can hold the value at a path of an internal (or v1alpha3) object, known or not.
    Some structs have no counterpart: their known fields move elsewhere, the rest would be lost."""
    inside = [each for each in _CONTAINERS.get(kind, ()) if at[: len(each)] == each]
    moved = [parse(new) for new in MOVED.get(kind, {}).values()]
    return not inside or any(at[: len(each)] == each for each in moved)


def _rearranged(tree: Tree, kind: str, moves: list[tuple[FieldPath, FieldPath]], names: Names) -> Tree:
    """The object with its subtrees moved, and the keys of all structs renamed."""
    known = schema()
    taken = [get(tree, start) for start, _ in moves]
    rest = tree
    for start, _ in moves:
        rest = unset_at(rest, start)
    result = _as_tree(_renamed(rest, Type(struct=kind), known, names))
    for (start, end), value in zip(moves, taken, strict=True):
        if value is not UNSET and value is not None:
            type_ = known.field(kind, start if names is _forward else end).type
            result = set_at(result, end, _renamed(value, type_, known, names))
    return result


def _before(tree: Tree) -> Tree:
    """Conversions from v1alpha2 that are not a mere move or rename."""
    result = tree
    provider = get(result, _PROVIDER)
    if isinstance(provider, str):
        result = unset_at(result, _PROVIDER)
        if provider:
            result = set_at(result, (*_PROVIDER, CLOUD_PROVIDERS.get(provider, provider)), {})
    if get(result, (*_EXTERNAL_DNS, "disable")) is True:
        result = set_at(result, (*_EXTERNAL_DNS, "provider"), "none")
    result = unset_at(result, (*_EXTERNAL_DNS, "disable"))
    result = _edit(result, _GROUPS_CLAIM, lambda text: list(str(text).split(",")))
    result = _edit(result, _REQUIRED_CLAIM, _claims)
    result = _edit(result, _TOPOLOGY_DNS, lambda dns: dns.get("type") if isinstance(dns, dict) else dns)
    if get(result, _TOPOLOGY_DNS) is None:
        result = unset_at(result, _TOPOLOGY_DNS)
    for at in _POLICIES:
        result = _edit(result, at, _keys(POLICY_ROLES))
    return result


def _after(tree: Tree, provider: Maybe) -> Tree:
    """Conversions to v1alpha2 that are not a mere move or rename."""
    result = tree
    if isinstance(provider, dict) and provider:
        texts = {key: text for text, key in CLOUD_PROVIDERS.items()}
        key = next(iter(provider))
        result = set_at(result, _PROVIDER, texts.get(key, key))
    if get(result, (*_EXTERNAL_DNS, "provider")) == "none":
        result = set_at(unset_at(result, (*_EXTERNAL_DNS, "provider")), (*_EXTERNAL_DNS, "disable"), True)
    result = _edit(result, _GROUPS_CLAIM, lambda claims: ",".join(map(str, _list(claims))))
    result = _edit(result, _REQUIRED_CLAIM, _claim_texts)
    result = _edit(result, _TOPOLOGY_DNS, lambda dns: {"type": dns})
    backward = {new: old for old, new in POLICY_ROLES.items()}
    for at in _POLICIES:
        result = _edit(result, at, _keys(backward))
    for container in ("networking", "api"):
        if get(result, ("spec", container)) == {}:
            result = unset_at(result, ("spec", container))
    return result


def _forward(struct: str) -> Mapping[str, str]:
    return RENAMED.get(struct, {})


def backward(struct: str) -> Mapping[str, str]:
    """Names of a struct's renamed fields: internal to v1alpha2's."""
    return {new: old for old, new in RENAMED.get(struct, {}).items()}


def _renamed(value: Value, type_: Type, known: Schema, names: Names) -> Value:
    """The value with the keys of every struct in it renamed, and fields of opposite meaning negated."""
    if isinstance(value, list) and type_.item is not None:
        inner = type_.item
        return [_renamed(item, inner, known, names) for item in value]
    if not isinstance(value, dict) or type_.scalar:
        return value
    if type_.value is not None:
        inner = type_.value
        return {key: _renamed(item, inner, known, names) for key, item in value.items()}
    if not type_.struct:
        return value
    fields, table = known.structs[type_.struct].fields, names(type_.struct)
    result: Tree = {}
    for key, item in value.items():
        new = table.get(key, key)
        field = fields.get(
            key if key in fields and key not in RENAMED.get(type_.struct, {}).values() else new
        )
        if field is None:
            result[new] = item
        elif field.zero != "lost":
            negate = (type_.struct, field.name) in NEGATED
            result[new] = _negated(item) if negate else _renamed(item, field.type, known, names)
    return result


def _edit(tree: Tree, at: FieldPath, change: Edit) -> Tree:
    value = get(tree, at)
    return tree if value is UNSET or value is None else set_at(tree, at, change(value))


def _negated(value: Value) -> Value:
    return not value if isinstance(value, bool) else value


def _translate(table: Mapping[str, str]) -> Edit:
    return lambda value: table.get(value, value) if isinstance(value, str) else value


def _keys(table: Mapping[str, str]) -> Edit:
    def change(value: Value) -> Value:
        return (
            {table.get(key, key): item for key, item in value.items()} if isinstance(value, dict) else value
        )

    return change


def _with_roles(tree: Tree, table: Mapping[str, str]) -> Tree:
    """The object with the roles of groups and hooks renamed."""
    translate = _translate(table)
    result = _edit(tree, ("spec", "role"), translate)
    for position, hook in enumerate(_list(get(result, _HOOKS))):
        roles = hook.get("roles") if isinstance(hook, dict) else None
        if isinstance(roles, list):
            result = set_at(result, (*_HOOKS, position, "roles"), [translate(role) for role in roles])
    return result


def _with_hooks(group: Tree, field: str) -> Tree:
    """The group with ``enabled`` of its hooks as it was: kOps negates it for a cluster's hooks only."""
    for position in range(len(_list(get(group, _HOOKS)))):
        group = _edit(group, (*_HOOKS, position, field), _negated)
    return group


def _claim_texts(claims: Value) -> Value:
    if not isinstance(claims, dict):
        return claims
    texts: list[Value] = [*sorted(f"{name}={value}" for name, value in claims.items())]
    return texts


def _claims(value: Value) -> Value:
    return {claim.partition("=")[0]: claim.partition("=")[2] for claim in map(str, _list(value))}


def _list(value: Maybe) -> list[Value]:
    return value if isinstance(value, list) else []


def _as_tree(value: Value) -> Tree:
    assert isinstance(value, dict)  # noqa: S101 - a struct stays a mapping
    return value
