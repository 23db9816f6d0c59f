"""Checks of objects before they are stored: what controllers rely on has to be there, and of its type."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from kops_core.cloud.sandbox.kubernetes.kinds import (
    BUDGETS,
    DAEMON_SETS,
    DEFINITIONS,
    DEPLOYMENTS,
    NODES,
    PODS,
    REPLICA_SETS,
    STATEFUL_SETS,
    Kind,
    Object,
)
from kops_core.cloud.sandbox.kubernetes.refusals import invalid
from kops_core.cloud.sandbox.kubernetes.selectors import selects

_NAME: Final = re.compile(r"[a-z0-9]([-a-z0-9:.]{0,251}[a-z0-9])?")
_PERCENT: Final = re.compile(r"\d{1,6}%")
_OPERATORS: Final = ("In", "NotIn", "Exists", "DoesNotExist")
_EFFECTS: Final = ("NoSchedule", "PreferNoSchedule", "NoExecute")


def check(kind: Kind, found: Object) -> None:
    """Raises Refusal for an object that makes no sense."""
    _check_metadata(found.get("metadata"))
    _check_status(found.get("status", {}))
    if kind in _CHECKS:
        spec = found.get("spec")
        if not isinstance(spec, dict):
            raise invalid("spec: this has to be an object")
        _CHECKS[kind](spec)


def _expect(true: bool, where: str, what: str) -> None:
    if not true:
        raise invalid(f"{where}: this has to be {what}")


def _check_metadata(metadata: Any) -> None:
    _expect(isinstance(metadata, dict), "metadata", "an object")
    for field in ("name", "generateName", "namespace"):
        if field in metadata:
            name = metadata[field]
            _expect(isinstance(name, str), f"metadata.{field}", "text")
            whole = f"{name}x" if field == "generateName" else name
            _expect(bool(_NAME.fullmatch(whole)), f"metadata.{field}", "a name in lower case")
    for field in ("labels", "annotations"):
        _check_labels(metadata.get(field), f"metadata.{field}")
    for each in _items(metadata, "finalizers", "metadata"):
        _expect(isinstance(each, str), "metadata.finalizers", "a list of texts")
    for each in _items(metadata, "ownerReferences", "metadata"):
        named = isinstance(each, dict) and all(
            isinstance(each.get(one), str) for one in ("kind", "name", "uid")
        )
        _expect(named, "metadata.ownerReferences", "a list of references")


def _check_status(status: Any) -> None:
    _expect(isinstance(status, dict), "status", "an object")
    for field, parts in (("conditions", ("type", "status")), ("addresses", ("type", "address"))):
        for each in _items(status, field, "status"):
            told = isinstance(each, dict) and all(isinstance(each.get(part), str) for part in parts)
            _expect(told, f"status.{field}", f"a list of objects with {' and '.join(parts)}")
    _expect(isinstance(status.get("nodeInfo", {}), dict), "status.nodeInfo", "an object")
    for field in ("phase", "reason"):
        _expect(isinstance(status.get(field, ""), str), f"status.{field}", "text")
    for field in ("readyReplicas", "replicas"):
        _expect(isinstance(status.get(field, 0), int), f"status.{field}", "a number")


def _check_labels(labels: Any, where: str) -> None:
    _expect(labels is None or isinstance(labels, dict), where, "an object")
    for key, value in (labels or {}).items():
        _expect(isinstance(value, str), f"{where}.{key}", "text")


def _check_selector(selector: Any, where: str) -> None:
    _expect(isinstance(selector, dict), where, "a label selector")
    _check_labels(selector.get("matchLabels"), f"{where}.matchLabels")
    expressions = selector.get("matchExpressions")
    _expect(expressions is None or isinstance(expressions, list), f"{where}.matchExpressions", "a list")
    for each in expressions or ():
        known = (
            isinstance(each, dict) and isinstance(each.get("key"), str) and each.get("operator") in _OPERATORS
        )
        _expect(
            known and isinstance(each.get("values", []), list), f"{where}.matchExpressions", "requirements"
        )


def _check_pod(spec: Any, where: str = "spec") -> None:
    _expect(isinstance(spec, dict), where, "an object")
    containers = spec.get("containers")
    named = isinstance(containers, list) and all(
        isinstance(each, dict)
        and isinstance(each.get("name"), str)
        and isinstance(each.get("image", ""), str)
        for each in containers
    )
    _expect(named and bool(containers), f"{where}.containers", "a list of containers with names")
    _check_labels(spec.get("nodeSelector"), f"{where}.nodeSelector")
    for each in _items(spec, "tolerations", where):
        fields = ("key", "operator", "value", "effect")
        plain = isinstance(each, dict) and all(isinstance(each.get(one, ""), str) for one in fields)
        _expect(plain, f"{where}.tolerations", "a list of tolerations")
    for field in ("nodeName", "priorityClassName"):
        _expect(isinstance(spec.get(field, ""), str), f"{where}.{field}", "text")
    grace = spec.get("terminationGracePeriodSeconds", 30)
    _expect(isinstance(grace, int) and grace >= 0, f"{where}.terminationGracePeriodSeconds", "a number")


def _items(spec: Object, field: str, where: str) -> list[Any]:
    found = spec.get(field, [])
    _expect(isinstance(found, list), f"{where}.{field}", "a list")
    return list(found)


def _check_set(spec: Object) -> None:
    replicas = spec.get("replicas", 1)
    counts = isinstance(replicas, int) and not isinstance(replicas, bool) and 0 <= replicas <= 10_000
    _expect(counts, "spec.replicas", "a number of pods")
    _check_selector(spec.get("selector"), "spec.selector")
    template = spec.get("template")
    if not isinstance(template, dict):
        raise invalid("spec.template: this has to be an object")
    metadata = template.get("metadata", {})
    _check_metadata(metadata)
    labels = metadata.get("labels") or {}
    chosen = bool(spec["selector"]) and selects(spec["selector"], labels)
    _expect(chosen, "spec.template.metadata.labels", "what spec.selector selects")
    _check_pod(template.get("spec"), "spec.template.spec")


def _check_budget(spec: Object) -> None:
    if spec.get("selector") is not None:
        _check_selector(spec["selector"], "spec.selector")
    values = [spec[each] for each in ("minAvailable", "maxUnavailable") if spec.get(each) is not None]
    _expect(len(values) < 2, "spec", "either minAvailable or maxUnavailable")
    for each in values:
        number = isinstance(each, int) and not isinstance(each, bool) and each >= 0
        share = isinstance(each, str) and _PERCENT.fullmatch(each) is not None
        _expect(number or share, "spec", "a number of pods or a percentage")


def _check_node(spec: Object) -> None:
    _expect(isinstance(spec.get("unschedulable", False), bool), "spec.unschedulable", "true or false")
    for each in _items(spec, "taints", "spec"):
        known = isinstance(each, dict) and isinstance(each.get("key"), str) and each.get("effect") in _EFFECTS
        _expect(known and isinstance(each.get("value", ""), str), "spec.taints", "taints with key and effect")
    keys = [(each["key"], each["effect"]) for each in _items(spec, "taints", "spec")]
    _expect(len(keys) == len(set(keys)), "spec.taints", "without two taints of one key and effect")


def _check_definition(spec: Object) -> None:
    names, versions = spec.get("names"), spec.get("versions")
    _expect(isinstance(spec.get("group"), str), "spec.group", "text")
    named = isinstance(names, dict) and all(isinstance(names.get(each), str) for each in ("plural", "kind"))
    _expect(named, "spec.names", "an object with plural and kind")
    short = names.get("shortNames", []) if isinstance(names, dict) else []
    plain = isinstance(short, list) and all(isinstance(each, str) for each in short)
    _expect(plain, "spec.names.shortNames", "a list of texts")
    known = isinstance(versions, list) and all(
        isinstance(each, dict)
        and isinstance(each.get("name"), str)
        and isinstance(each.get("subresources", {}), dict)
        for each in versions
    )
    _expect(known and bool(versions), "spec.versions", "a list of versions with names")


_CHECKS: Final[dict[Kind, Callable[[Object], None]]] = {
    PODS: _check_pod,
    NODES: _check_node,
    BUDGETS: _check_budget,
    DEFINITIONS: _check_definition,
    **dict.fromkeys((DEPLOYMENTS, REPLICA_SETS, STATEFUL_SETS, DAEMON_SETS), _check_set),
}
