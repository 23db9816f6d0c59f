"""The diff of a manifest by Kubernetes object: added, changed and removed ones.

Works on texts for display, in which secrets are redacted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kops_core.api import yaml_reader
from kops_core.api.json_text import read_json
from kops_core.api.values import UNSET, Maybe, Value
from kops_core.errors import InvalidSpec
from kops_core.model import store_resources
from kops_core.model.kind_spec import Risk
from kops_core.model.store_resources import AddonManifest, BootstrapChannel
from kops_core.plan.changes import Action, Change, FieldChange, Plan

_APPLIED = frozenset(kind.__name__ for kind in store_resources.KINDS if kind.spec.applied_by_control_plane)
"""Kinds of files that the control plane applies to the cluster by itself."""
LIVE = "goes live within minutes, without a rolling update: the control plane applies it"
_NAMED_BY = ("name", "key", "path", "kind")
"""Fields that identify items of a list, if they are unique."""


@dataclass(frozen=True)
class ValueChange:
    """A field of an object, before and after as one line each; None where it is not set."""

    path: str
    """e.g. ``spec.template.spec.containers[coredns].image``"""
    before: str | None
    after: str | None


@dataclass(frozen=True)
class ObjectChange:
    """One object of a file."""

    name: str
    """Kind, namespace and name, e.g.

    ``Deployment kube-system/coredns``; "" for a file that is not an object.
    """
    action: Action
    fields: tuple[ValueChange, ...] = ()
    """Changed fields of an object."""
    pruned: bool | None = None
    """For a removed one: whether it is pruned from the cluster, too; None if unknown."""


def goes_live(change: Change) -> bool:
    """Whether the control plane applies a change of a file by itself."""
    return change.risk is Risk.LIVE and change.key.kind in _APPLIED


def object_changes(field: FieldChange) -> tuple[ObjectChange, ...]:
    """The changed objects in a field of YAML, in the order of the new text; removed ones are last.

    Empty for another format, an invalid text, or equal content.
    """
    if field.form != "yaml" or not isinstance(field.after, str | None):
        return ()
    try:
        before, after = _objects(field.before), _objects(field.after)
    except InvalidSpec:
        return ()
    found = []
    for key, value in after.items():
        if key not in before:
            found.append(ObjectChange(_name(value), Action.CREATE))
        elif fields := tuple(_compared("", before[key], value)):
            found.append(ObjectChange(_name(value), Action.UPDATE, fields))
    gone = [ObjectChange(_name(before[key]), Action.DELETE) for key in before if key not in after]
    return (*found, *gone)


def changes_of(change: Change, field: FieldChange, plan: Plan) -> tuple[ObjectChange, ...]:
    """Like ``object_changes``, with whether removed objects of an add-on are pruned."""
    found = object_changes(field)
    if change.key.kind != AddonManifest.__name__ or not any(each.action is Action.DELETE for each in found):
        return found
    kinds = _pruned_kinds(change, plan)
    return tuple(
        each
        if each.action is not Action.DELETE
        else ObjectChange(each.name, each.action, pruned=None if kinds is None else _kind(each) in kinds)
        for each in found
    )


def _kind(each: ObjectChange) -> str:
    return each.name.partition(" ")[0]


def _pruned_kinds(change: Change, plan: Plan) -> frozenset[str] | None:
    """The kinds that the add-on's entry in the channel prunes.

    The channel contains the hash of each manifest, so it changes with them. None without such an entry.
    """
    for other in plan.changes:
        for field in other.fields:
            if other.key.kind != BootstrapChannel.__name__ or field.name != "contents":
                continue
            for entry in _entries(field.after if isinstance(field.after, str) else ""):
                addon = "-".join(str(entry[name]) for name in ("name", "id") if entry.get(name))
                if addon and change.key.name.endswith(f"-addons-{addon}"):
                    prune = entry.get("prune")
                    rules = prune.get("kinds") if isinstance(prune, dict) else None
                    return frozenset(
                        str(rule.get("kind"))
                        for rule in (rules if isinstance(rules, list) else [])
                        if isinstance(rule, dict)
                    )
    return None


def _entries(text: str) -> Iterator[Mapping[str, Value]]:
    try:
        documents = yaml_reader.read(text)
    except InvalidSpec:
        return
    for document in documents:
        spec = document.value.get("spec") if isinstance(document.value, dict) else None
        addons = spec.get("addons") if isinstance(spec, dict) else None
        yield from (each for each in (addons if isinstance(addons, list) else []) if isinstance(each, dict))


def _objects(text: str | None) -> dict[tuple[str, ...], Value]:
    """The documents of a text by identity; several of the same are numbered."""
    found: dict[tuple[str, ...], Value] = {}
    for document in yaml_reader.read(text or ""):
        value = document.value
        if value is None:
            continue
        number = 0
        while (key := (*_identity(value), str(number))) in found:
            number += 1
        found[key] = value
    return found


def _identity(value: Value) -> tuple[str, str, str, str]:
    """The identity: API group, kind, namespace and name. The version is an ordinary field."""
    if not isinstance(value, dict):
        return ("", "", "", "")
    about = value.get("metadata")
    about = about if isinstance(about, dict) else {}
    group, slash, _ = str(value.get("apiVersion", "")).rpartition("/")
    kind, namespace, name = value.get("kind", ""), about.get("namespace", ""), about.get("name", "")
    return (group if slash else "", str(kind), str(namespace), str(name))


def _name(value: Value) -> str:
    _, kind, namespace, name = _identity(value)
    return f"{kind} {namespace}{'/' if namespace else ''}{name}".strip()


def _compared(path: str, before: Maybe, after: Maybe) -> Iterator[ValueChange]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in [*after, *(key for key in before if key not in after)]:
            yield from _compared(_below(path, key), before.get(key, UNSET), after.get(key, UNSET))
    elif isinstance(before, list) and isinstance(after, list):
        yield from _compared_lists(path, before, after)
    elif not _same(before, after):
        yield ValueChange(path, _line(before), _line(after))


def _compared_lists(path: str, before: list[Value], after: list[Value]) -> Iterator[ValueChange]:
    by = next((each for each in _NAMED_BY if _tells(before, each) and _tells(after, each)), None)
    if by is None:
        if not _same(before, after):
            yield from _by_number(path, before, after)
        return
    old, new = _by_name(before, by), _by_name(after, by)
    for name in [*new, *(name for name in old if name not in new)]:
        yield from _compared(f"{path}[{name}]", old.get(name, UNSET), new.get(name, UNSET))
    kept = [name for name in new if name in old]
    if kept != [name for name in old if name in new]:
        yield ValueChange(f"{path} (order)", ", ".join(old), ", ".join(new))


def _by_number(path: str, before: list[Value], after: list[Value]) -> Iterator[ValueChange]:
    if len(before) == len(after):
        for number, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _compared(f"{path}[{number}]", one, other)
        return
    # With items removed or added, numbers no longer identify the same item.
    rest = list(after)
    gone: list[Value] = []
    for item in before:
        match = next((at for at, other in enumerate(rest) if _same(item, other)), None)
        if match is None:
            gone.append(item)
        else:
            del rest[match]
    yield from (ValueChange(f"{path}[]", _line(item), None) for item in gone)
    yield from (ValueChange(f"{path}[]", None, _line(item)) for item in rest)


def _tells(items: list[Value], field: str) -> bool:
    names = [item.get(field) for item in items if isinstance(item, dict)]
    texts = [name for name in names if isinstance(name, str)]
    return len(texts) == len(items) and len(set(texts)) == len(texts)


def _by_name(items: list[Value], field: str) -> dict[str, Value]:
    return {str(item[field]): item for item in items if isinstance(item, dict)}


def _below(path: str, key: str) -> str:
    plain = key.replace("-", "").replace("_", "").isalnum()
    if not plain:
        return f'{path}["{key}"]'
    return f"{path}.{key}" if path else key


def _same(one: Maybe, other: Maybe) -> bool:
    """Whether two values are equal; unlike in Python, 1 is neither true nor 1.0."""
    return one is other or (one is not UNSET and other is not UNSET and _line(one) == _line(other))


def _line(value: Maybe) -> str | None:
    if value is UNSET:
        return None
    if isinstance(value, str) and value and "\n" not in value:
        return value if not _looks_otherwise(value) else json.dumps(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


def _looks_otherwise(text: str) -> bool:
    """Whether a text without quotes would look like another type."""
    try:
        read_json(text)
    except ValueError:
        return False
    return True
