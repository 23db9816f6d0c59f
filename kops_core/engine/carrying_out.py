"""Planning, applying and rolling one cluster: its inference against its cloud."""

from __future__ import annotations

import hashlib
import json
import random
import secrets
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from kops_core.api import yaml_reader
from kops_core.api.path import Parts, get, leaves
from kops_core.api.semver import parse as parse_version
from kops_core.engine.locking import locked
from kops_core.engine.settings import Settings
from kops_core.errors import Refused
from kops_core.infer.inference import Inference
from kops_core.model.build import DesiredState
from kops_core.model.resource import Key, Lifecycle
from kops_core.operations.apply import ApplySettings, apply
from kops_core.operations.clock import Clock, Control, SystemClock
from kops_core.operations.events import Event, Finished
from kops_core.operations.group_status import InstanceGroup
from kops_core.operations.journal import Journal
from kops_core.operations.rolling import RollingSettings, rolling_update
from kops_core.plan.changes import Plan
from kops_core.plan.planner import make_plan
from kops_core.plan.saved import staleness
from kops_core.plan.snapshot import Snapshot
from kops_core.plan.wording import planned
from kops_core.store.layout import COMPLETED, KOPS_VERSION
from kops_core.version import __version__

if TYPE_CHECKING:
    from kops_core.cloud.ports import InstanceGroups, Mutator, Observer
    from kops_core.store.backend import Backend

APPLY, ROLLING_UPDATE = "apply", "rolling-update"
"""Kinds of operations, as journals and locks name them."""


@dataclass(frozen=True)
class Prepared:
    """A plan with what it was made from."""

    plan: Plan
    desired: DesiredState
    """In the words of what is there already, where those say the same."""
    snapshot: Snapshot
    wanted: DesiredState
    """The same in our own words."""

    @property
    def whole(self) -> bool:
        """Whether it is about all of a cluster."""
        return all(each.lifecycle is Lifecycle.SYNC for each in self.wanted.resources)

    def refused(self, why: str) -> Prepared:
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
    edited: Collection[Parts] = (),
    prune: bool = False,
) -> Prepared:
    """Observe, and compare. Changes nothing."""
    snapshot = observer.observe(desired.resources)
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
            prune=prune,
        )

    plan, kept = planned(desired, snapshot, plan_for)
    return Prepared(plan, kept, snapshot, desired)


def changed_since_applied(inference: Inference, snapshot: Snapshot) -> list[Parts]:
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
    prepared: Prepared,
    mutator: Mutator,
    store: Backend,
    settings: Settings,
    *,
    emit: Callable[[Event], None],
    control: Control,
) -> Finished:
    """Apply a plan under the cluster's lock, with a journal. Raises Refused if it can't be begun."""
    clock = SystemClock()
    if prepared.plan.empty:
        return Finished(clock.now(), "", ok=True, done=0, message="nothing to do")
    with operation(store, settings, APPLY, prepared.plan.cluster, clock, control=control) as journal:
        outcome = apply(
            prepared.plan,
            prepared.desired.by_key(),
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
    store: Backend,
    settings: Settings,
    *,
    cluster: str,
    emit: Callable[[Event], None],
    control: Control,
    interval: float,
) -> Finished:
    """Replace the outdated instances of groups, under the cluster's lock, with a journal."""
    clock = SystemClock()
    with operation(store, settings, ROLLING_UPDATE, cluster, clock, control=control) as journal:
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


@contextmanager
def operation(
    store: Backend, settings: Settings, kind: str, cluster: str, clock: Clock, *, control: Control
) -> Iterator[Journal]:
    """The lock and the journal of an operation. Raises Refused while another holds the lock."""
    with (
        locked(store, settings, kind, cluster, clock, lost=control.stop),
        journal_of(settings, kind, cluster, clock) as journal,
    ):
        yield journal


def journal_of(settings: Settings, kind: str, cluster: str, clock: Clock) -> Journal:
    """The journal of an operation: a new one, or that of one that did not come to its end."""
    return Journal.start(settings.journals, kind, cluster, settings.operator, secrets.token_hex(6), clock.now)
