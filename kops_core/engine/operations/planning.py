"""Planning, applying and rolling one cluster: its inference against its cloud."""

from __future__ import annotations

import hashlib
import json
import random
import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from kops_core.api import yaml_reader
from kops_core.api.path import FieldPath, get, leaves
from kops_core.api.semver import parse as parse_version
from kops_core.engine.settings import Settings
from kops_core.errors import Refused
from kops_core.infer.inference import Inference
from kops_core.model.build import DesiredState
from kops_core.model.lifecycles import WHOLE, Part
from kops_core.model.resource import Key, Lifecycle
from kops_core.operations.apply import ApplySettings, apply, expect_applicable
from kops_core.operations.clock import CancelToken, Clock
from kops_core.operations.events import Event, Finished
from kops_core.operations.group_status import InstanceGroup
from kops_core.operations.journal import Journal, find_unfinished
from kops_core.operations.rolling import RollingSettings, has_work, rolling_update
from kops_core.plan.causes import with_causes
from kops_core.plan.changes import Plan
from kops_core.plan.equivalence import plan_with_equivalents
from kops_core.plan.planner import make_plan
from kops_core.plan.saved import staleness
from kops_core.plan.snapshot import Snapshot
from kops_core.store.layout import COMPLETED, KOPS_VERSION
from kops_core.version import __version__

if TYPE_CHECKING:
    from kops_core.cloud.ports import InstanceGroups, Mutator, Observer

APPLY, ROLLING_UPDATE = "apply", "rolling-update"
"""Kinds of operations, as journals and locks name them."""


@dataclass(frozen=True)
class PlanRequest:
    """What a plan is asked for, so that the same can be asked for again."""

    prune: bool = False
    """Whether what is otherwise only listed is to be deleted."""
    part: Part = WHOLE
    """Of the cluster."""
    downgrade: bool = False
    """Whether a newer kOps may have applied the cluster last."""


@dataclass(frozen=True)
class PlannedChange:
    """A plan with what it was made from."""

    plan: Plan
    effective: DesiredState
    """In the words of what is there already, where those say the same."""
    snapshot: Snapshot
    desired: DesiredState
    """The same in our own words."""
    request: PlanRequest = PlanRequest()

    @property
    def whole(self) -> bool:
        """Whether it is about all of a cluster."""
        return all(each.lifecycle is Lifecycle.SYNC for each in self.desired.resources)

    def refused(self, why: str) -> PlannedChange:
        """The same plan, which can't be applied."""
        return replace(self, plan=replace(self.plan, errors=(*self.plan.errors, why)))

    def expect(self, shown: Plan) -> None:
        """Raises Refused, saying what differs, unless this plan is the one that was shown or saved."""
        different = staleness(shown, self.plan)
        if different:
            raise Refused(
                "the plan is stale: " + "; ".join(different),
                where=shown.cluster,
                remedy="plan again and look at what is different",
            )


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
    """Observe, and compare. Changes nothing.

    edited: fields with unsaved edits. saved: what the spec without them desires, so that they are blamed
    for nothing that would change anyway.
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
    """The operator's fields whose value is another than in the completed spec that was last applied."""
    observed = snapshot.resources.get(Key("ManagedFile", COMPLETED))
    contents = getattr(observed.resource, "contents", None) if observed is not None else None
    if not isinstance(contents, str):
        return []
    applied = yaml_reader.read(contents, COMPLETED)[0].value
    spec = inference.source.get("spec")
    return [
        ("spec", *path)
        for path, _ in leaves(spec if spec is not None else {})
        if get(applied, ("spec", *path)) != inference.value(("spec", *path))
    ]


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


def carry_out(
    prepared: PlannedChange,
    mutator: Mutator,
    settings: Settings,
    *,
    clock: Clock,
    created: str,
    emit: Callable[[Event], None],
    control: CancelToken,
) -> Finished:
    """Apply a plan with a journal, under a lock that the caller holds. Raises Refused if it can't be begun.

    created: the cluster's creationTimestamp. A journal that an interrupted run left open is ended even if
    nothing is left to do.
    """
    cluster = prepared.plan.cluster
    expect_applicable(prepared.plan)
    if prepared.plan.empty and not find_unfinished(settings.journals, APPLY, cluster, created=created):
        return Finished(clock.now(), "", ok=True, done=0, message="nothing to do")
    with journal_of(settings, APPLY, cluster, clock, created=created) as journal:
        outcome = apply(
            prepared.plan,
            prepared.effective.by_key(),
            prepared.snapshot,
            mutator,
            journal,
            clock=clock,
            random=random.random,
            emit=emit,
            control=control,
            settings=ApplySettings(by=settings.operator),
        )
    return Finished(clock.now(), journal.operation, outcome.ok, len(outcome.done), outcome.message)


def roll(
    groups: Sequence[InstanceGroup],
    cloud: InstanceGroups,
    settings: Settings,
    *,
    clock: Clock,
    cluster: str,
    created: str,
    emit: Callable[[Event], None],
    control: CancelToken,
    interval: float,
) -> Finished:
    """Replace the outdated instances of groups with a journal, under a lock that the caller holds.

    Also waits for groups that are not whole, as an update leaves them that was killed.
    """
    unfinished = find_unfinished(settings.journals, ROLLING_UPDATE, cluster, created=created)
    if unfinished is None and not has_work(groups, cloud):
        return Finished(clock.now(), "", ok=True, done=0, message="nothing to do")
    with journal_of(settings, ROLLING_UPDATE, cluster, clock, created=created) as journal:
        outcome = rolling_update(
            groups,
            cloud,
            journal,
            cluster=cluster,
            clock=clock,
            emit=emit,
            control=control,
            settings=RollingSettings(interval=interval, by=settings.operator),
        )
    return Finished(clock.now(), journal.operation, outcome.ok, len(outcome.done), outcome.message)


def journal_of(settings: Settings, kind: str, cluster: str, clock: Clock, *, created: str) -> Journal:
    """The journal of an operation: a new one, or that of one that did not come to its end."""
    return Journal.start(
        settings.journals,
        kind,
        cluster,
        settings.operator,
        secrets.token_hex(6),
        clock.now,
        created=created,
    )
