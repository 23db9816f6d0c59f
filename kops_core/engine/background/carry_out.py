"""From a request to the engine's operation."""

from __future__ import annotations

from datetime import UTC, datetime

from kops_core.engine.background.requests import (
    ApplyRequest,
    DeleteGroupRequest,
    DeleteInstanceRequest,
    DeleteRequest,
    OperationRequest,
    ReconcileRequest,
    RollRequest,
)
from kops_core.engine.background.run import Emit
from kops_core.engine.engine import Engine
from kops_core.engine.operations.planning import PlanRequest
from kops_core.engine.workspace import kept_edits
from kops_core.engine.workspace.workspace import Workspace
from kops_core.errors import Refused
from kops_core.operations.clock import CancelToken
from kops_core.operations.events import Finished, Warned
from kops_core.operations.steps import Limits
from kops_core.plan import saved
from kops_core.plan.scope import read_key


def carry_out(engine: Engine, request: OperationRequest, emit: Emit, cancel: CancelToken) -> Finished:
    """I/O. Does what a request asks. Raises KopsError."""
    if isinstance(request, DeleteRequest):
        return _delete(engine, request, emit, cancel)
    workspace = engine.open(request.cluster)
    for warning in workspace.warnings:
        emit(Warned(datetime.now(UTC), "", warning))
    if isinstance(request, RollRequest):
        return workspace.roll(
            request.groups,
            emit,
            cancel,
            roles=request.roles,
            settings=request.settings,
            access=request.access,
        )
    if isinstance(request, ReconcileRequest):
        return workspace.reconcile(
            emit, cancel, settings=request.settings, access=request.access, downgrade=request.downgrade
        )
    if isinstance(request, DeleteInstanceRequest):
        deleter = workspace.instance_deleter(
            request.instance, request.settings, request.access, surge=request.surge
        )
        return workspace.delete_instance(deleter, emit, cancel)
    if isinstance(request, DeleteGroupRequest):
        return workspace.group_deleter(request.group, request.options).carry_out(emit, cancel)
    return _apply(workspace, request, emit, cancel)


def _apply(workspace: Workspace, request: ApplyRequest, emit: Emit, cancel: CancelToken) -> Finished:
    if request.edits and not workspace.take_up(kept_edits.loads(request.edits)):
        raise Refused(
            "the cluster is not as it was looked at: somebody changed what the unsaved edits were made on",
            where=workspace.name,
            remedy="nothing was done; open it again, and look at the plan again",
        )
    return workspace.apply(
        emit,
        cancel,
        request=plan_request(workspace, request),
        expected=saved.loads(request.expected) if request.expected else None,
    )


def plan_request(workspace: Workspace, request: ApplyRequest) -> PlanRequest:
    """The options of the plan that a request asks for. Raises UsageError for unknown names."""
    part = workspace.part(
        phase=request.phase, overrides=request.overrides, groups=request.groups, roles=request.roles
    )
    return PlanRequest(
        request.prune,
        part,
        request.downgrade,
        request.ignore_skew,
        request.access,
        resources=tuple(map(read_key, request.resources)),
    )


def _delete(engine: Engine, request: DeleteRequest, emit: Emit, cancel: CancelToken) -> Finished:
    deletion = engine.deletion(
        request.cluster, region=request.region, external=request.external, unregister=request.unregister
    )
    usual = Limits()
    limits = Limits(
        deadline=usual.deadline if request.deadline is None else request.deadline,
        total_timeout=usual.total_timeout if request.total_timeout is None else request.total_timeout,
        interval=usual.interval if request.interval is None else request.interval,
        no_progress=request.no_progress,
    )
    shown = saved.loads(request.expected) if request.expected else None
    return deletion.carry_out(shown, emit, cancel, limits, keys_in=request.keys_in)
