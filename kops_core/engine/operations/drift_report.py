"""Drift: stores the applied state, and compares it with spec and account."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from kops_core.api.path import FieldPath
from kops_core.engine.operations.planning import PlannedChange, PlanRequest, plan_cluster
from kops_core.errors import StoreError
from kops_core.infer.inference import Inference
from kops_core.model.resource import Resource
from kops_core.model.store_resources import ManagedFile
from kops_core.model.template import Key, Template
from kops_core.operations.events import Event
from kops_core.plan.changes import Plan
from kops_core.plan.drift import Applied, Drift, added_parts, drift_of, fingerprints
from kops_core.store.applied_state import AppliedRecord, completed_digest, read_applied, write_applied
from kops_core.store.backend import Backend
from kops_core.store.identity import created_in
from kops_core.store.layout import COMPLETED
from kops_core.version import __version__

if TYPE_CHECKING:
    from kops_core.engine.cluster_services import ClusterLocation, ClusterServices


@dataclass(frozen=True)
class DriftReport:
    """All differences between spec and account."""

    plan: Plan
    """The changes that remove it, now and (``deferred``) when pruning."""
    found: tuple[Drift, ...]
    applied: Applied | None
    """The last apply, if it was ours."""
    note: str = ""
    """Why it is unknown, if so."""


def remember(backend: Backend, cluster: str, prepared: PlannedChange, *, at: datetime, by: str) -> None:
    """I/O. Stores the applied state, unless it is unchanged. Raises StoreError."""
    text = _contents(prepared.effective.by_key().get(_COMPLETED))
    if text is None:
        return
    wanted = fingerprints(prepared.desired.resources)
    record = AppliedRecord(at, by, completed_digest(text), wanted, created_in(text), __version__)
    try:
        kept = read_applied(backend, cluster)
    except StoreError:  # damaged: written again
        kept = None
    if kept is None or replace(kept, at=at, by=by, created=record.created) != record:
        write_applied(backend, cluster, record)


def drift_report(backend: Backend, cluster: str, prepared: PlannedChange) -> DriftReport:
    """I/O. A plan's changes by their cause. Raises StoreError."""
    record = read_applied(backend, cluster)
    created = created_in(_contents(prepared.effective.by_key().get(_COMPLETED)) or "")
    if record is not None and record.created and created and record.created != created:
        # It is of an earlier cluster of this name.
        record = None
    observed = prepared.snapshot.resources.get(_COMPLETED)
    text = _contents(observed.resource if observed is not None else None)
    applied, note = None, ""
    if text is None:
        note = "the cluster was never applied"
    elif record is None:
        note = "it was not applied by kops-tui, so only the spec and the account can be compared"
    elif record.completed != completed_digest(text):
        note = f"another program has applied it after {record.by} did at {record.at:%Y-%m-%d %H:%M} UTC"
    else:
        applied = Applied(record.at, record.by, record.fingerprints, record.program)
    # Before the first apply all changes are of the spec.
    before = Applied(prepared.plan.made_at, "", {}) if text is None else applied
    wanted = fingerprints(prepared.desired.resources)
    found = (
        *drift_of(prepared.plan, wanted, before, prepared.snapshot.foreign),
        *added_parts(prepared.plan, prepared.effective.by_key(), prepared.snapshot),
    )
    return DriftReport(prepared.plan, found, applied, note)


def cluster_drift(
    services: ClusterServices,
    location: ClusterLocation,
    inference: Inference,
    *,
    edited: Collection[FieldPath],
    emit: Callable[[Event], None],
) -> DriftReport:
    """I/O. The differences between a cluster's spec and its account, by cause; reads only."""
    planned = plan_cluster(services, location, inference, request=PlanRequest(), edited=edited, emit=emit)
    return drift_report(location.store.backend, location.name, planned)


_COMPLETED = Key("ManagedFile", COMPLETED)


def _contents(file: Resource | None) -> str | None:
    if not isinstance(file, ManagedFile):
        return None
    return file.contents.resolve(lambda _: None) if isinstance(file.contents, Template) else file.contents
