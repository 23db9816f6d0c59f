"""The kinds of patches that the API takes: JSON patch, JSON merge patch, strategic merge patch, and apply."""

from __future__ import annotations

from typing import Any, Final

from kops_core.cloud.sandbox.kubernetes.kinds import Object, clone
from kops_core.cloud.sandbox.kubernetes.refusals import Refusal, bad_request, invalid

JSON: Final = "application/json-patch+json"
MERGE: Final = "application/merge-patch+json"
STRATEGIC: Final = "application/strategic-merge-patch+json"
APPLY: Final = ("application/apply-patch+yaml", "application/apply-patch+json")

_KEYS: Final = {
    "conditions": ("type",),
    "containers": ("name",),
    "initContainers": ("name",),
    "ephemeralContainers": ("name",),
    "env": ("name",),
    "volumes": ("name",),
    "volumeMounts": ("mountPath",),
    "volumeDevices": ("devicePath",),
    "imagePullSecrets": ("name",),
    "hostAliases": ("ip",),
    "topologySpreadConstraints": ("topologyKey",),
    "ownerReferences": ("uid",),
    "addresses": ("type",),
    "secrets": ("name",),
    "ports": ("containerPort", "port"),
}
"""Lists that are merged by a key of their items (``patchMergeKey`` of the API's types); the first key that
an item has counts. Other lists are replaced."""
_SETS: Final = ("finalizers",)
"""Lists of scalars that are merged."""


def patch(content_type: str, before: Object, body: Any) -> Object:
    """A copy of an object with a patch in it. Raises Refusal."""
    kind = content_type.partition(";")[0].strip()
    if kind == JSON:
        return _json_patch(before, body)
    if not isinstance(body, dict):
        raise bad_request("the patch is not an object")
    if kind == MERGE:
        return _merge(clone(before), body)
    if kind == STRATEGIC or kind in APPLY:
        return _strategic(clone(before), clone(body))
    raise Refusal(415, "UnsupportedMediaType", f"unsupported patch type {kind}")


def _json_patch(before: Object, body: Any) -> Object:
    import jsonpatch

    try:
        changed: Object = jsonpatch.apply_patch(before, body)
    except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException, TypeError) as error:
        raise invalid(f"the JSON patch can't be applied: {error}") from error
    return changed


def _merge(found: Object, body: Object) -> Object:
    for name, value in body.items():
        if value is None:
            found.pop(name, None)
        elif isinstance(value, dict):
            inner = found.get(name)
            found[name] = _merge(inner if isinstance(inner, dict) else {}, value)
        else:
            found[name] = clone(value)
    return found


def _strategic(found: Object, body: Object) -> Object:
    if (directive := body.pop("$patch", "merge")) == "replace":
        return body
    if directive == "delete":
        return {}
    if (kept := body.pop("$retainKeys", None)) is not None:
        found = {name: value for name, value in found.items() if name in kept}
    orders = {name: body.pop(name) for name in [*body] if name.startswith("$setElementOrder/")}
    removed = {name: body.pop(name) for name in [*body] if name.startswith("$deleteFromPrimitiveList/")}
    for name, value in removed.items():
        field = name.partition("/")[2]
        found[field] = [each for each in found.get(field) or () if each not in value]
    for name, value in body.items():
        if value is None:
            found.pop(name, None)
        elif isinstance(value, dict) and not _is_selector(value):
            inner = found.get(name)
            found[name] = _strategic(inner if isinstance(inner, dict) else {}, value)
        elif isinstance(value, list):
            found[name] = _merge_lists(name, found.get(name) or [], value)
        else:
            found[name] = value
    for name, order in orders.items():
        field = name.partition("/")[2]
        if field in found:
            found[field] = _ordered(field, found[field], order)
    return found


def _is_selector(value: Object) -> bool:
    """Whether it is a LabelSelector; the one of a disruption budget is replaced as a whole."""
    return bool(value) and value.keys() <= {"matchLabels", "matchExpressions"}


def _merge_lists(name: str, found: list[Any], changes: list[Any]) -> list[Any]:
    if any(isinstance(each, dict) and each.get("$patch") == "replace" for each in changes):
        return [each for each in changes if each != {"$patch": "replace"}]
    if name in _SETS:
        return [*found, *(each for each in changes if each not in found)]
    if name not in _KEYS or not all(isinstance(each, dict) for each in (*found, *changes)):
        return changes
    merged = list(found)
    for change in changes:
        at = next((at for at, each in enumerate(merged) if _is_same(name, each, change)), None)
        if change.get("$patch") == "delete":
            if at is not None:
                del merged[at]
        elif at is None:
            merged.append(_strategic({}, change))
        else:
            merged[at] = _strategic(merged[at], change)
    return merged


def _is_same(name: str, one: Object, other: Object) -> bool:
    key = next((key for key in _KEYS[name] if key in other), _KEYS[name][0])
    same = one.get(key) == other.get(key)
    return same and one.get("protocol", "TCP") == other.get("protocol", "TCP") if name == "ports" else same


def _ordered(name: str, found: list[Any], order: list[Any]) -> list[Any]:
    def place(each: Any) -> int:
        for at, wanted in enumerate(order):
            if _is_same(name, each, wanted) if isinstance(wanted, dict) and name in _KEYS else each == wanted:
                return at
        return len(order)

    return sorted(found, key=place)
