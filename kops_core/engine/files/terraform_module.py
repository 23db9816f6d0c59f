"""A cluster as a Terraform module: the same desired resources, written instead of applied."""

from __future__ import annotations

from dataclasses import replace

from kops_core.engine.operations.planning import PlannedChange
from kops_core.model.kind_spec import Area
from kops_core.plan.snapshot import Snapshot


def keys_alone(prepared: PlannedChange) -> PlannedChange:
    """The part of a plan that is applied before a module can be written: keysets and tokens.

    They go straight to the store: a private key has no place in a module (kOps does so too).
    """
    changes = tuple(change for change in prepared.plan.changes if change.area is Area.KEYS)
    return replace(prepared, plan=replace(prepared.plan, changes=changes))


def has_balancer(snapshot: Snapshot, kind: str) -> bool:
    """Whether the load balancer of the API, which is of a kind, exists: then nodes may read its name."""
    return any(key.kind == kind for key in snapshot.resources)
