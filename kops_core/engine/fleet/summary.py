"""Summarises a stored cluster as its row in the fleet."""

from __future__ import annotations

from collections.abc import Iterable

from kops_core.api.path import get, parse
from kops_core.api.values import Tree, Value, mappings
from kops_core.engine.fleet.rows import ClusterSummary, GroupSummary
from kops_core.errors import InvalidSpec, KopsError
from kops_core.store.layout import CONFIG
from kops_core.store.reading import StoredCluster, Unreadable

PROTECTED = "kops-tui/protected"
"""Annotation that protects a cluster from deletion by this program."""

_ROLES = {"Master": "ControlPlane"}
"""Roles of v1alpha2 that have another name on screens."""


def summary_of(store: str, stored: StoredCluster | Unreadable) -> ClusterSummary:
    """The row of one cluster of a store, with an error if it is unreadable."""
    if isinstance(stored, Unreadable):
        error = stored.error
        return ClusterSummary(store, stored.name, error=error.what, error_line=_line_of([error]))
    spec = stored.cluster.get("spec")
    spec = spec if isinstance(spec, dict) else {}
    return ClusterSummary(
        store=store,
        name=stored.name,
        kubernetes_version=_string_or_empty(spec.get("kubernetesVersion")).removeprefix("v"),
        cloud=_string_or_empty(spec.get("cloudProvider"))
        or _string_or_empty(spec.get("legacyCloudProvider")),
        networking=_plugin(spec.get("networking")),
        zones=_zones(spec.get("subnets")),
        groups=tuple(group_of(name, group) for name, group in stored.instance_groups.items()),
        group_count=stored.group_count,
        applied=stored.applied_at is not None,
        applied_at=stored.applied_at,
        protected=is_protected(stored.cluster),
        changed_at=max(one.modified for one in stored.objects.values()) if CONFIG in stored.objects else None,
        error="; ".join(error.what for error in stored.errors),
        error_line=_line_of(stored.errors),
        warnings=stored.warnings,
    )


def is_protected(document: Tree) -> bool:
    """Whether an object has the annotation that protects it."""
    return get(document, ("metadata", "annotations", PROTECTED)) == "true"


def group_of(name: str, group: Tree) -> GroupSummary:
    """The summary of an instance group's spec; sizes default to 0."""
    role = _string_or_empty(get(group, parse("spec.role")))
    subnets = get(group, parse("spec.subnets"))
    return GroupSummary(
        name=name,
        role=_ROLES.get(role, role),
        machine_type=_string_or_empty(get(group, parse("spec.machineType"))),
        minimum=_number(get(group, parse("spec.minSize"))),
        maximum=_number(get(group, parse("spec.maxSize"))),
        subnets=tuple(each for each in subnets if isinstance(each, str)) if isinstance(subnets, list) else (),
    )


def _line_of(errors: Iterable[KopsError]) -> int:
    """The first line that an error names; 0 if none does."""
    lines = (each.line for error in errors if isinstance(error, InvalidSpec) for each in error.errors)
    return next((line for line in lines if line), 0)


def _plugin(networking: Value) -> str:
    return next(iter(networking), "") if isinstance(networking, dict) else ""


def _zones(subnets: Value) -> tuple[str, ...]:
    zones = (_string_or_empty(row.get("zone")) for row in mappings(subnets))
    return tuple(dict.fromkeys(filter(None, zones)))


def _string_or_empty(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
