"""Applies a plan, also one that deletes a cluster: its changes in parallel, each after its dependencies.

Each change is one step:

    journal "begin"  ->  one call of the cloud's port  ->  journal "end"  ->  event

A step that the cloud is not ready for is retried up to a deadline, which counts from when it could first
run. A failed step skips its dependents, and nothing else. After it was killed, the operation is run again:
the cloud is observed and planned again, which finds completed changes; steps that have begun without an end
in the journal search before they create anything; and creations have the same token as before, so that the
cloud recognises them. Without tokens, a creation waits until a search is reliable, because clouds list
late.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from kops_core.cloud.ports import Discovery, Mutator
from kops_core.errors import (
    CloudConflict,
    CloudNotFound,
    CreationFailed,
    DependencyNotReady,
    KopsError,
    NotReady,
    Refused,
    Throttled,
    Undecided,
)
from kops_core.model.resolve import Unresolved, resolve
from kops_core.model.resource import Resource
from kops_core.model.template import Key, Ref, sha256_base64
from kops_core.operations.clock import CancelToken, Clock
from kops_core.operations.journal import Journal
from kops_core.operations.outcome import Outcome
from kops_core.operations.rediscovery import NOTHING_LEFT, Rediscovery
from kops_core.operations.steps import Emit, Hooks, Limits, Step, Steps
from kops_core.plan.changes import Action, Change, Plan
from kops_core.plan.order import without_circles
from kops_core.plan.snapshot import DiscoveredResource, Observed, Snapshot, look_up

FOUND_WITHIN = 60.0
"""Seconds for which a step is retried because the cloud did not find something."""
RECENT = 300.0
"""Seconds after which the cloud certainly lists a created resource."""


@dataclass(frozen=True)
class ApplySettings:
    """The settings of an apply."""

    limits: Limits = field(default_factory=Limits)
    by: str = ""
    """user@host, for the journal and other operators."""


@dataclass(frozen=True)
class ClusterDeletion:
    """The functions for the deletion of a cluster beside the cloud."""

    discovery: Discovery | None = None
    """Deletes cloud resources, and discovers them again; None if the cloud is left alone."""
    final: Mapping[Key, Callable[[], None]] = field(default_factory=dict)
    """Functions for the changes outside of the cloud; each may be repeated. Raise KopsError."""


def apply(
    plan: Plan,
    desired: Mapping[Key, Resource],
    snapshot: Snapshot,
    cloud: Mutator | None,
    journal: Journal,
    *,
    clock: Clock,
    random: Callable[[], float],
    emit: Emit,
    cancel: CancelToken | None = None,
    settings: ApplySettings | None = None,
    deletion: ClusterDeletion | None = None,
) -> Outcome:
    """Applies a plan.

    Raises Refused for a plan with errors; failures are in the outcome. desired, snapshot: those of the
    plan; random yields numbers in [0, 1). cloud may be None if the plan changes nothing there. deletion:
    for a plan that deletes a cluster.
    """
    expect_applicable(plan)
    settings = settings or ApplySettings()
    run = _Run(plan.cluster, desired, snapshot, cloud, journal, deletion)
    run.steps = Steps(
        journal,
        Hooks(run.is_retryable, run.done, run.retried),
        clock=clock,
        random=random,
        emit=emit,
        cancel=cancel or CancelToken(),
        limits=settings.limits,
    )
    run.add_all(plan)
    journal.write("plan", plan=plan.id, steps=str(len(plan.pending)))
    kind = "apply" if deletion is None else "delete"
    return run.steps.run(kind=kind, cluster=plan.cluster, by=settings.by)


def expect_applicable(plan: Plan) -> None:
    """Raises Refused for a plan with errors or blockers."""
    blocking = [change for change in plan.changes if change.action is Action.BLOCKED]
    if blocking:
        named = "; ".join(
            f"{each.key.kind} {each.label or each.key.name} ({each.key.name})" for each in blocking
        )
        notes = "\n  ".join(f"{each.key.name}: {each.note}" for each in blocking)
        raise Refused(f"what is not the cluster's is in the way: {named}", where=plan.cluster, remedy=notes)
    if plan.errors:
        raise Refused(
            f"the plan has {len(plan.errors)} errors: {plan.errors[0]}",
            where=plan.cluster,
            remedy="resolve what the plan says could not be read or can't be done, and plan again",
        )


class _Run:
    """One run of one apply."""

    steps: Steps[Observed | None]

    def __init__(  # noqa: PLR0917 - all are what a run works with
        self,
        cluster: str,
        desired: Mapping[Key, Resource],
        snapshot: Snapshot,
        cloud: Mutator | None,
        journal: Journal,
        deletion: ClusterDeletion | None,
    ) -> None:
        self._desired = desired
        self._mutator = cloud
        self._journal = journal
        self._changes: dict[str, Change] = {}
        self._deletion = deletion or ClusterDeletion()
        discovery = self._deletion.discovery
        self._rediscovery = Rediscovery(cluster, discovery, self._changes) if discovery is not None else None
        self._there: dict[Key, Observed] = dict(snapshot.resources)
        """The existing resources, updated by each completed step."""
        self._deletable: dict[Key, Observed | DiscoveredResource] = {
            **{each.resource.key: each for each in snapshot.foreign},
            **{each.key: each for each in snapshot.discovered},
        }
        self._made: set[str] = set()
        """Steps that this run has completed: the cloud may not list their results yet."""
        self._begun = dict(journal.begun)
        """When each step last began, in this run or an earlier one."""
        self._failed = Counter(
            entry.step
            for entry in journal.before.entries
            if entry.what == "fail" and entry.details.get("kind") == CreationFailed.__name__
        )
        """The number of failed creations in earlier runs."""

    @property
    def _cloud(self) -> Mutator:
        assert self._mutator is not None  # noqa: S101 - a plan that changes the cloud comes with one
        return self._mutator

    def add_all(self, plan: Plan) -> None:
        """Adds a step for each change, and one that discovers again before the final ones."""
        for change in plan.pending:
            self._add(change)
        if self._rediscovery is not None:
            self.steps.add(Step(NOTHING_LEFT, self._in_cloud(), self._look))

    def _add(self, change: Change) -> None:
        name = str(change.key)
        self._changes[name] = change
        needs = tuple(str(key) for key in change.needs)
        if change.key in self._deletion.final:
            needs = (*needs, NOTHING_LEFT)
        self.steps.add(Step(name, needs, lambda step: self._act(step, change), change.action.value))

    def _in_cloud(self) -> tuple[str, ...]:
        return tuple(name for name, each in self._changes.items() if each.key not in self._deletion.final)

    def _look(self, step: Step[Observed | None]) -> None:
        assert self._rediscovery is not None  # noqa: S101 - the step is only there with it
        self._rediscovery.look(step)

    def retried(self, step: Step[Observed | None], error: KopsError) -> None:
        """Adds newly discovered resources, which may block waiting steps."""
        if self._rediscovery is None:
            return
        found = self._rediscovery.take(step, error, self.steps.clock.monotonic())
        if found is None:
            return
        self._deletable |= {each.key: each for each in found.snapshot.discovered}
        for change in found.plan.pending:
            if str(change.key) not in self._changes:
                self._add(change)
        needs = {each.name: each.depends_on for each in self.steps}
        for change in found.plan.pending:
            needs[str(change.key)] += tuple(map(str, change.needs))
        needs[NOTHING_LEFT] = self._in_cloud()
        # References may have changed between two discoveries, and both together may form a cycle.
        needs = without_circles(needs)
        for each in self.steps:
            self.steps.wait_for(each, needs[each.name])
            if each.name == NOTHING_LEFT:
                self.steps.block(each)

    def _act(self, step: Step[Observed | None], change: Change) -> Observed | None:
        """Runs in a worker thread: writes the journal, acts, writes again."""
        key = change.key
        if change.action is Action.DELETE:
            self._journal.begin(step.name, action=change.action.value)
            self._delete(key)
            self._journal.end(step.name)
            return None
        wanted = resolve(self._desired[key], self._lookup)
        token = self._token(wanted)
        since = self._since(step)
        self._journal.begin(step.name, action=change.action.value, token=token)
        began = self.steps.clock.now()
        try:
            made = self._do(change, wanted, token, since)
        except Undecided:
            raise
        except KopsError:
            self._begun[step.name] = began
            raise
        self._journal.end(step.name, id=made.id)
        return made

    def _delete(self, key: Key) -> None:
        final = self._deletion.final.get(key)
        if final is not None:
            final()
            return
        found = self._deletable[key]
        if isinstance(found, Observed):
            self._cloud.delete(found)
            return
        assert self._deletion.discovery is not None  # noqa: S101 - what was discovered comes with it
        self._deletion.discovery.delete(found)

    def _do(self, change: Change, wanted: Resource, token: str, since: float | None) -> Observed:
        key = change.key
        if change.action is Action.CREATE:
            return self._cloud.create(wanted, token, since=since)
        if change.action is Action.REPLACE:
            replaced = self._cloud.replace(wanted, self._there[key], token, since=since)
            if replaced.left is not None:
                self._deletable[replaced.left.resource.key] = replaced.left
            return replaced.made
        changed = frozenset(each.name for each in change.fields)
        return self._cloud.update(wanted, self._there[key], changed, token)

    def _since(self, step: Step[Observed | None]) -> float | None:
        """Seconds since an earlier attempt that may have succeeded; None if there was none."""
        begun = self._begun.get(step.name)
        if begun is None:
            return None
        since = (self.steps.clock.now() - begun).total_seconds()
        return since if step.resumed or since < RECENT else None

    def _rests_on_new(self, step: Step[Observed | None]) -> bool:
        """Whether a resource depends, directly or not, on one that was created recently."""
        known: set[Key] = set()
        open_ = [self._changes[step.name].key]
        while open_:
            resource = self._desired.get(open_.pop())
            needs = () if resource is None else (*(ref.key for ref in resource.refs()), *resource.depends_on)
            open_ += [key for key in dict.fromkeys(needs) if key not in known]
            known.update(needs)
        now = self.steps.clock.now()
        return any(
            name in self._made or (name in self._begun and (now - self._begun[name]).total_seconds() < RECENT)
            for name in map(str, known)
        )

    def _has_siblings(self, step: Step[Observed | None]) -> bool:
        """Whether this run also changes other users of a resource's dependencies, e.g. of its network."""
        own = self._changes[step.name].key
        about = {ref.key for ref in self._desired[own].refs()} if own in self._desired else set()
        others = [self._desired.get(each.key) for each in self._changes.values() if each.key != own]
        return any(ref.key in about for other in others if other is not None for ref in other.refs())

    def _token(self, wanted: Resource) -> str:
        """The idempotency token of a creation, the same in all runs and attempts of an operation.

        It depends on the desired values, because clouds refuse a token with other parameters; and on the
        number of failures in earlier runs, because clouds answer a known token with the failed resource.
        """
        seed = f"{self._journal.operation}/{_fingerprint(wanted)}"
        failed = self._failed[str(wanted.key)]
        return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{seed}/{failed}" if failed else seed))

    def _lookup(self, ref: Ref) -> str | None:
        return look_up(self._there, ref)

    def done(self, step: Step[Observed | None], made: Observed | None) -> str:
        """Records the result of a step."""
        self._made.add(step.name)
        if made is None:
            return ""
        change = self._changes[step.name]
        old = self._there.get(change.key)
        self._there[change.key] = made
        if change.action is Action.REPLACE and old is not None and change.key in self._deletable:
            self._remove_later(step, change)
        return made.id

    def _remove_later(self, step: Step[Observed | None], change: Change) -> None:
        """Adds the deletion of a replaced resource, after all steps that need the new one."""
        users = tuple(name for name, each in self._changes.items() if change.key in each.needs)
        removal = Change(change.key, Action.DELETE, change.reason)
        self.steps.add(
            Step(step.name, (step.name, *users), lambda again: self._act(again, removal), "delete"),
            key=f"{step.name} (old)",
        )

    def is_retryable(self, step: Step[Observed | None], error: KopsError) -> bool:
        """Whether a retry of the step may succeed."""
        if isinstance(error, NotReady | Throttled | Unresolved):
            return True
        if step.name not in self._changes:
            return isinstance(error, CloudConflict)
        waited = self.steps.clock.monotonic() - step.first_ready
        if isinstance(error, DependencyNotReady):
            return self._rests_on_new(step) or (waited < FOUND_WITHIN and self._has_siblings(step))
        if isinstance(error, CloudNotFound):
            # Clouds do not find new resources at once, even those of this step.
            return any(name in self._made for name in step.depends_on) or waited < FOUND_WITHIN
        # The blocker of a deletion may be disappearing right now.
        return isinstance(error, CloudConflict) and step.doing == Action.DELETE.value


def _fingerprint(resource: Resource) -> str:
    return f"{resource.key}/{sha256_base64(repr(sorted((n, repr(v)) for n, _, v in resource.attributes())))}"
