"""Whole objects from one spelling to the other; what kOps forgets on reading is left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kops_core.api.conversion.table import (
    CLOUD_PROVIDERS,
    MOVED,
    NEGATED,
    POLICY_ROLES,
    RENAMED,
    ROLES,
    TAG_SUBNETS,
)
from kops_core.api.path import Parts, drop, get, parse, put
from kops_core.api.schema import Schema, Type, schema
from kops_core.api.values import UNSET, Maybe, Tree, Value

Edit = Callable[[Value], Value]

_SPEC: Parts = ("spec",)
_PROVIDER: Parts = ("spec", "cloudProvider")
_EXTERNAL_DNS: Parts = ("spec", "externalDns")
_GROUPS_CLAIM: Parts = ("spec", "kubeAPIServer", "oidcGroupsClaim")
_REQUIRED_CLAIM: Parts = ("spec", "kubeAPIServer", "oidcRequiredClaim")
_TOPOLOGY_DNS: Parts = ("spec", "topology", "dns")
_POLICIES = (("spec", "additionalPolicies"), ("spec", "externalPolicies"))


def to_internal(tree: Tree, kind: str) -> Tree:
    """A v1alpha2 object as kOps' internal type has it; the argument must be valid."""
    known = schema()
    result = tree
    if kind == "Cluster":
        result = _before(result)
    moved = [(parse(new), get(result, parse(old))) for old, new in MOVED.get(kind, {}).items()]
    for old in MOVED.get(kind, {}):
        result = drop(result, parse(old))
    subtrees = {parse(old): known.field(kind, parse(old)).type for old in MOVED.get(kind, {})}
    result = _as_tree(_respelled(result, Type(struct=kind), known, _forward))
    for (at, value), type_ in zip(moved, subtrees.values(), strict=True):
        if value is not UNSET and value is not None:
            result = put(result, at, _respelled(_value(value), type_, known, _forward))
    result = _edit(result, parse(TAG_SUBNETS[1]), _negated)
    return _edit(result, ("spec", "role"), _translate(ROLES)) if kind == "InstanceGroup" else result


def to_v1alpha2(tree: Tree, kind: str) -> Tree:
    """An internal (or v1alpha3) object as v1alpha2 has it; the argument must be valid."""
    known = schema()
    result = tree
    taken = []
    for old, new in MOVED.get(kind, {}).items():
        taken.append((parse(old), get(result, parse(new))))
        result = drop(result, parse(new))
    had_oidc = get(tree, ("spec", "authentication", "oidc")) is not UNSET
    provider = get(result, _PROVIDER)
    result = drop(result, _PROVIDER) if kind == "Cluster" else drop(result, ("spec", "rootVolume"))
    for container in ("configStore",) if kind == "Cluster" else ():
        result = drop(result, ("spec", container))
    if had_oidc:
        result = drop(result, ("spec", "authentication", "oidc"))
    result = _as_tree(_respelled(result, Type(struct=kind), known, _backward))
    for at, value in taken:
        if value is not UNSET and value is not None:
            type_ = known.field(kind, at).type
            result = put(result, at, _respelled(_value(value), type_, known, _backward))
    if kind == "Cluster":
        result = _edit(result, parse(TAG_SUBNETS[0]), _negated)
        return _after(result, provider)
    return _edit(result, ("spec", "role"), _translate({new: old for old, new in ROLES.items()}))


def _before(tree: Tree) -> Tree:
    """What is not a mere move or rename, from v1alpha2."""
    result = tree
    provider = get(result, _PROVIDER)
    if isinstance(provider, str):
        result = drop(result, _PROVIDER)
        if provider:
            result = put(result, (*_PROVIDER, CLOUD_PROVIDERS.get(provider, provider)), {})
    if get(result, (*_EXTERNAL_DNS, "disable")) is True:
        result = put(result, (*_EXTERNAL_DNS, "provider"), "none")
    result = drop(result, (*_EXTERNAL_DNS, "disable"))
    result = _edit(result, _GROUPS_CLAIM, lambda text: list(str(text).split(",")))
    result = _edit(result, _REQUIRED_CLAIM, _claims)
    result = _edit(result, _TOPOLOGY_DNS, lambda dns: dns.get("type") if isinstance(dns, dict) else dns)
    if get(result, _TOPOLOGY_DNS) is None:
        result = drop(result, _TOPOLOGY_DNS)
    for at in _POLICIES:
        result = _edit(result, at, _keys(POLICY_ROLES))
    return _edit(result, ("spec", "hooks"), lambda hooks: _hook_roles(hooks, ROLES))


def _after(tree: Tree, provider: Maybe) -> Tree:
    """What is not a mere move or rename, to v1alpha2."""
    result = tree
    if isinstance(provider, dict) and provider:
        texts = {key: text for text, key in CLOUD_PROVIDERS.items()}
        key = next(iter(provider))
        result = put(result, _PROVIDER, texts.get(key, key))
    if get(result, (*_EXTERNAL_DNS, "provider")) == "none":
        result = put(drop(result, (*_EXTERNAL_DNS, "provider")), (*_EXTERNAL_DNS, "disable"), True)
    result = _edit(result, _GROUPS_CLAIM, lambda claims: ",".join(map(str, _list(claims))))
    result = _edit(
        result,
        _REQUIRED_CLAIM,
        lambda claims: (
            [f"{name}={value}" for name, value in sorted(claims.items())]
            if isinstance(claims, dict)
            else claims
        ),
    )
    result = _edit(result, _TOPOLOGY_DNS, lambda dns: {"type": dns})
    backward = {new: old for old, new in POLICY_ROLES.items()}
    for at in _POLICIES:
        result = _edit(result, at, _keys(backward))
    result = _edit(
        result, ("spec", "hooks"), lambda hooks: _hook_roles(hooks, {new: old for old, new in ROLES.items()})
    )
    for container in ("networking", "api"):
        if get(result, ("spec", container)) == {}:
            result = drop(result, ("spec", container))
    return result


def _forward(struct: str) -> Mapping[str, str]:
    return RENAMED.get(struct, {})


def _backward(struct: str) -> Mapping[str, str]:
    return {new: old for old, new in RENAMED.get(struct, {}).items()}


def _respelled(value: Value, type_: Type, known: Schema, names: Callable[[str], Mapping[str, str]]) -> Value:
    """The value with the keys of every struct in it renamed, and what says the opposite negated."""
    if isinstance(value, list) and type_.item is not None:
        inner = type_.item
        return [_respelled(item, inner, known, names) for item in value]
    if not isinstance(value, dict) or type_.scalar:
        return value
    if type_.value is not None:
        inner = type_.value
        return {key: _respelled(item, inner, known, names) for key, item in value.items()}
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
            result[new] = _negated(item) if negate else _respelled(item, field.type, known, names)
    return result


def _edit(tree: Tree, at: Parts, change: Edit) -> Tree:
    value = get(tree, at)
    return tree if value is UNSET or value is None else put(tree, at, change(value))


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


def _hook_roles(hooks: Value, table: Mapping[str, str]) -> Value:
    translate = _translate(table)
    return [
        put(hook, ("roles",), [translate(role) for role in _list(hook["roles"])])
        if isinstance(hook, dict) and isinstance(hook.get("roles"), list)
        else hook
        for hook in _list(hooks)
    ]


def _claims(value: Value) -> Value:
    return {claim.partition("=")[0]: claim.partition("=")[2] for claim in map(str, _list(value))}


def _list(value: Value) -> list[Value]:
    return value if isinstance(value, list) else []


def _value(value: Maybe) -> Value:
    assert value is not UNSET  # noqa: S101 - the callers looked
    return value


def _as_tree(value: Value) -> Tree:
    assert isinstance(value, dict)  # noqa: S101 - a struct stays a mapping
    return value
