"""Plans one cluster: compares desired resources with those in its cloud and store."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from kops_core.api import yaml_reader
from kops_core.api.path import FieldPath
from kops_core.api.semver import Version
from kops_core.api.semver import parse as parse_version
from kops_core.api.values import Tree
from kops_core.engine.operations.kubelet_skew import find_skew, holding
from kops_core.engine.operations.options import ApiAccess
from kops_core.engine.operations.throttling import telling_of_throttling
from kops_core.errors import Refused
from kops_core.infer.inference import Inference
from kops_core.model.build import DesiredState
from kops_core.model.lifecycles import WHOLE, Part, narrowed
from kops_core.model.resource import Lifecycle, Resource
from kops_core.model.template import Key
from kops_core.operations.events import Event
from kops_core.plan.causes import changed_since, with_causes
from kops_core.plan.changes import Plan
from kops_core.plan.equivalence import plan_with_equivalents
from kops_core.plan.planner import make_plan
from kops_core.plan.saved import staleness
from kops_core.plan.scope import limited
from kops_core.plan.snapshot import Snapshot
from kops_core.store.layout import COMPLETED, KOPS_VERSION
from kops_core.version import __version__

if TYPE_CHECKING:
    from kops_core.cloud.ports import Observer
    from kops_core.engine.cluster_services import ClusterLocation, ClusterServices

RECORDS = frozenset({Key("ManagedFile", COMPLETED), Key("ManagedFile", KOPS_VERSION)})
"""The files that say what was applied last."""


@dataclass(frozen=True)
class PlanRequest:
    """The options of a plan, so that it can be repeated."""

    prune: bool = False
    """Whether deletions that are otherwise deferred are included."""
    part: Part = WHOLE
    """The part of the cluster that it covers."""
    downgrade: bool = False
    """Whether it is allowed although a newer kOps applied the cluster last."""
    ignore_skew: bool = False
    """Whether worker groups do not wait for the control plane during an upgrade of Kubernetes."""
    access: ApiAccess = field(default_factory=ApiAccess)
    """How to ask the control plane for its version."""
    resources: tuple[Key, ...] = ()
    """The resources that it is limited to, with what their changes need; empty for all."""


@dataclass(frozen=True)
class PlannedChange:
    """A plan with its desired resources."""

    plan: Plan
    effective: DesiredState
    """The desired state, with equivalent texts of the account adopted."""
    snapshot: Snapshot
    desired: DesiredState
    """The desired state with our own texts."""
    request: PlanRequest = PlanRequest()
    hold_nodes_at: Version | None = None
    """The Kubernetes version that worker groups keep until the control plane is upgraded; None if none."""

    @property
    def whole(self) -> bool:
        """Whether it covers the whole cluster."""
        all_synced = all(each.lifecycle is Lifecycle.SYNC for each in self.desired.resources)
        return all_synced and not self.plan.left_out

    def limited_to(self, resources: Collection[Key]) -> PlannedChange:
        """The same plan with the changes of some resources, and of those that have to change with them."""
        plan = limited(self.plan, resources, self.effective.by_key(), RECORDS)
        kept = tuple(change.key for change in plan.pending)
        return replace(self, plan=plan, request=replace(self.request, resources=kept))

    def refused(self, why: str) -> PlannedChange:
        """The same plan with an error, so that it can't be applied."""
        return replace(self, plan=replace(self.plan, errors=(*self.plan.errors, why)))

    def warned(self, of: str) -> PlannedChange:
        """The same plan with a warning, if there is one."""
        return replace(self, plan=replace(self.plan, warnings=(*self.plan.warnings, of))) if of else self

    def expect(self, shown: Plan) -> None:
        """Raises Refused, with the difference, unless this plan equals the one that was shown or saved."""
        different = staleness(shown, self.plan)
        if different:
            raise Refused(
                "the plan is stale: " + "; ".join(different),
                where=shown.cluster,
                remedy="plan again and look at what is different",
            )


@dataclass(frozen=True)
class _AlreadyObserved:
    """An observer of resources that were observed a moment ago."""

    snapshot: Snapshot

    def observe(self, desired: Sequence[Resource]) -> Snapshot:
        """The snapshot of that moment."""
        return self.snapshot


def prepare_plan(
    desired: DesiredState,
    observer: Observer,
    inference: Inference,
    *,
    now: Callable[[], datetime],
    edited: Collection[FieldPath] = (),
    saved: tuple[DesiredState, Inference] | None = None,
    request: PlanRequest,
) -> PlannedChange:
    """I/O. Observes and compares.

    Changes nothing. edited: fields with unsaved edits. saved: the desired state without them, so that they
    are no source of changes that happen anyway.
    """
    snapshot = observer.observe(desired.resources)
    if saved is None:
        edited = (*edited, *changed_since_applied(inference, snapshot))
    inputs = json.dumps([__version__, inference.source], sort_keys=True, default=str)
    digest, made_at = hashlib.sha256(inputs.encode()).hexdigest(), now()

    def plan_for(state: DesiredState) -> Plan:
        return make_plan(
            state,
            snapshot,
            cluster=state.cluster,
            inputs_digest=digest,
            now=made_at,
            inference=inference,
            edited=edited,
            prune=request.prune,
        )

    plan, kept = plan_with_equivalents(desired, snapshot, plan_for)
    if saved is not None:
        plan = with_causes(plan, _plan_of_saved(*saved, snapshot, plan))
    return PlannedChange(plan, kept, snapshot, desired, request)


def _plan_of_saved(desired: DesiredState, inference: Inference, snapshot: Snapshot, plan: Plan) -> Plan:
    """The plan of the spec without unsaved edits, against the same observation."""

    def plan_for(state: DesiredState) -> Plan:
        return make_plan(
            state,
            snapshot,
            cluster=state.cluster,
            inputs_digest="",
            now=plan.made_at,
            inference=inference,
            edited=changed_since_applied(inference, snapshot),
            prune=plan.prune,
        )

    return plan_with_equivalents(desired, snapshot, plan_for)[0]


def changed_since_applied(inference: Inference, snapshot: Snapshot) -> list[FieldPath]:
    """The operator's fields that differ from the last applied completed spec."""
    applied = applied_spec(snapshot)
    return [] if applied is None else [each.path for each in changed_since(applied, inference)]


def applied_spec(snapshot: Snapshot) -> Tree | None:
    """The completed spec that was applied last; None if there is none."""
    observed = snapshot.resources.get(Key("ManagedFile", COMPLETED))
    contents = getattr(observed.resource, "contents", None) if observed is not None else None
    if not isinstance(contents, str):
        return None
    found = yaml_reader.read(contents, COMPLETED)[0].value
    return found if isinstance(found, dict) else None


def newer_version(snapshot: Snapshot, ours: str) -> str:
    """A sentence if a newer kOps than ours applied the cluster last, else ""."""
    observed = snapshot.resources.get(Key("ManagedFile", KOPS_VERSION))
    contents = getattr(observed.resource, "contents", None) if observed is not None else None
    theirs, own = parse_version(str(contents or "").strip()), parse_version(ours)
    if theirs is None or own is None or theirs <= own:
        return ""
    return (
        f"kOps {theirs} applied the cluster last, and this is compatible with {ours}, which is older: "
        "use --allow-kops-downgrade to apply it all the same"
    )


def plan_cluster(
    services: ClusterServices,
    location: ClusterLocation,
    inference: Inference,
    *,
    request: PlanRequest,
    edited: Collection[FieldPath] = (),
    saved: Inference | None = None,
    emit: Callable[[Event], None] = lambda _: None,
) -> PlannedChange:
    """I/O. The plan of a part of a cluster; reads only.

    edited: fields with unsaved edits. saved: the inference without them. emit receives throttling events.
    """
    location = location.at_this_moment()

    def plan_from(inference: Inference, saved: Inference | None, observer: Observer) -> PlannedChange:
        def desired_of(inference: Inference) -> DesiredState:
            return narrowed(services.desired(location, inference), request.part)

        before = (desired_of(saved), saved) if saved is not None else None
        return prepare_plan(
            desired_of(inference),
            observer,
            inference,
            now=services.now,
            edited=edited,
            saved=before,
            request=request,
        )

    with telling_of_throttling(services.provider(location), emit, services.now):
        planned = plan_from(inference, saved, services.cloud(location))
    if not request.ignore_skew:
        skew = find_skew(services, location, inference, planned.snapshot, request.access)
        if skew.hold_at is not None:
            before = holding(saved, skew.hold_at) if saved is not None else None
            seen = _AlreadyObserved(planned.snapshot)
            held = plan_from(holding(inference, skew.hold_at), before, seen)
            planned = replace(held, hold_nodes_at=skew.hold_at)
        planned = planned.warned(skew.warning)
    if request.resources:
        planned = planned.limited_to(request.resources)
    newer = "" if request.downgrade else newer_version(planned.snapshot, services.settings.kops_version)
    return planned.refused(newer) if newer else planned
