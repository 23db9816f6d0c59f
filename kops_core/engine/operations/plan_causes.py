"""Finds the causes of a plan's changes: in the edits, the last apply and the account."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from kops_core.api.path import FieldPath, get, overlaps, set_at, unset_at
from kops_core.api.values import UNSET, Tree
from kops_core.engine.operations.drift_report import DriftReport, drift_report
from kops_core.engine.operations.kubelet_skew import holding
from kops_core.engine.operations.planning import PlannedChange, applied_spec
from kops_core.errors import KopsError, StoreError
from kops_core.infer.inference import Inference, Inputs
from kops_core.model.lifecycles import narrowed
from kops_core.plan.causes import Desired, Evidence, SpecChange, by_cause, changed_since, consequences
from kops_core.plan.changes import CauseKind
from kops_core.version import __version__

if TYPE_CHECKING:
    from kops_core.engine.cluster_services import ClusterLocation, ClusterServices


_MANY = 12
"""Changes of the spec from which on it is not built without each of them, which takes a while."""


def planned_by_cause(
    services: ClusterServices,
    location: ClusterLocation,
    planned: PlannedChange,
    inference: Inference,
    *,
    saved: Inference | None,
    written: Tree,
    edited: Collection[FieldPath],
) -> PlannedChange:
    """I/O. The same plan with its changes grouped by cause.

    saved: the inference of the stored documents; None without edits, or if they can't be planned.
    written: these documents; edited: the fields in which they differ from the edits.
    """
    plan = planned.plan
    if plan.empty and not plan.deferred:
        return planned
    try:
        report = drift_report(location.store.backend, location.name, planned)
    except StoreError:  # the record is damaged: the next apply writes it anew, and needs a plan
        report = None
    applied = applied_spec(planned.snapshot)
    unsaved = [
        SpecChange(CauseKind.UNSAVED, path, get(written, path), get(inference.source, path))
        for path in edited
    ]
    waiting = changed_since(applied, saved or inference) if applied is not None else []
    still = [each for each in waiting if not any(overlaps(each.path, path) for path in edited)]
    spec = [*unsaved, *still]
    desired = planned.desired.by_key()

    def desired_without(change: SpecChange) -> Desired | None:
        try:
            before = inference.after(_put_back(inference.inputs, change))
            if planned.hold_nodes_at is not None:
                before = holding(before, planned.hold_nodes_at)
            return narrowed(services.desired(location, before), planned.request.part).by_key()
        except KopsError:  # without this edit alone, the others make no sense
            return None

    known = Evidence(
        spec=spec,
        consequences=None
        if applied is None or len(spec) > _MANY
        else consequences(plan, spec, desired, desired_without),
        drift={each.change.key: each.cause for each in report.found} if report is not None else {},
        source=inference.source,
        desired=desired,
        programs=_programs(report),
        never_applied=applied is None,
    )
    return replace(planned, plan=replace(plan, causes=by_cause(plan, known)))


def _put_back(inputs: Inputs, change: SpecChange) -> Inputs:
    """The inputs with the former value of a field."""

    def without(document: Tree, path: FieldPath) -> Tree:
        return unset_at(document, path) if change.before is UNSET else set_at(document, path, change.before)

    if change.path[0] == "spec":
        return replace(inputs, cluster=without(inputs.cluster, change.path))
    name = str(change.path[1])
    group = without(inputs.instance_groups[name], change.path[2:])
    return replace(inputs, instance_groups={**inputs.instance_groups, name: group})


def _programs(report: DriftReport | None) -> tuple[str, str] | None:
    applied = report.applied if report is not None else None
    last = applied.program if applied is not None else ""
    return (last, __version__) if last and last != __version__ else None
