"""Writes a cluster as a Terraform module, from the same desired resources."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kops_core.engine.operations.execution import apply_changes
from kops_core.engine.operations.journals import APPLY
from kops_core.engine.operations.kubelet_skew import holding
from kops_core.engine.operations.planning import PlannedChange, PlanRequest, plan_cluster
from kops_core.errors import OperationFailed
from kops_core.infer.inference import Inference
from kops_core.model.kind_spec import Area
from kops_core.model.lifecycles import WHOLE, narrowed
from kops_core.operations.clock import CancelToken
from kops_core.plan.snapshot import Snapshot

if TYPE_CHECKING:
    from kops_core.engine.cluster_services import ClusterLocation, ClusterServices


def terraform_module(
    services: ClusterServices, location: ClusterLocation, inference: Inference, request: PlanRequest
) -> dict[str, bytes]:
    """I/O. The module's files by relative name.

    Missing keysets are created. Raises CloudError, UsageError, Refused in a read-only session that would
    have to create keys.
    """
    whole = replace(request, part=WHOLE)
    planned = plan_cluster(services, location, inference, request=whole)
    keys = _keys_alone(planned)
    if not keys.plan.empty:
        _make_keys(services, location, keys)
        planned = plan_cluster(services, location, inference, request=whole)
    provider, snapshot = services.provider(location), planned.snapshot
    if planned.hold_nodes_at is not None:
        inference = holding(inference, planned.hold_nodes_at)
    # A module contains our texts, not equivalent ones in the account.
    desired = (
        planned.desired
        if _has_balancer(snapshot, provider.model.api_balancer_kind)
        else services.desired(location.at_this_moment(), inference, balancer_known=False)
    )
    bucket = provider.buckets(provider.region_of(location.cluster))
    return provider.terraform(inference, narrowed(desired, request.part), snapshot, bucket)


def _keys_alone(planned: PlannedChange) -> PlannedChange:
    """The part of a plan that is applied before a module is written: keysets and tokens.

    They are stored directly, because a private key must not be in a module (as in kOps).
    """
    changes = tuple(change for change in planned.plan.changes if change.area is Area.KEYS)
    return replace(planned, plan=replace(planned.plan, changes=changes))


def _make_keys(services: ClusterServices, location: ClusterLocation, keys: PlannedChange) -> None:
    if services.offline:
        cloud, desired = services.cloud(location), keys.effective.by_key()
        for change in keys.plan.pending:
            cloud.create(desired[change.key], "")
        return
    services.expect_write("make the cluster's keys")
    cancel = CancelToken()
    with services.locked(APPLY, location, cancel, lambda _: None):
        made = apply_changes(services, location, keys, lambda _: None, cancel)
    if not made.ok:
        raise OperationFailed(made.message, where=location.name)


def _has_balancer(snapshot: Snapshot, kind: str) -> bool:
    """Whether the load balancer of the API, which is of a kind, exists: then nodes may read its name."""
    return any(key.kind == kind for key in snapshot.resources)
