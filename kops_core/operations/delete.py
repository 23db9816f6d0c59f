"""Deleting a cluster: each thing once nothing refers to it any more, then what is kept of the cluster.

    find  ->  things, those that refer to others first  ->  find again, until nothing is left
          ->  the last acts: the state in the store, the local kubeconfig

What the cloud refuses because something still depends on it is tried again until its deadline, and
meanwhile the account is looked at again: controllers of the cluster make and leave things until their
machines are gone. Killed anywhere and run again, it goes on with what is found; the state goes last,
so that there is always a cluster to name until nothing of it is left.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from kops_core.cloud.ports import Belongings
from kops_core.errors import CloudConflict, KopsError, NotReady, Refused, Throttled
from kops_core.operations.clock import CancelToken, Clock
from kops_core.operations.journal import Journal
from kops_core.operations.outcome import Outcome
from kops_core.operations.steps import Emit, Hooks, Limits, State, Step, Steps
from kops_core.plan.teardown import DiscoveredResource, Teardown, needs

LOOK_AGAIN = 30.0
"""Seconds between two looks at the account while deletions are refused."""
NOTHING_LEFT = "Cloud/nothing left"
"""The step that looks whether anything has been made meanwhile."""


@dataclass(frozen=True)
class LastAct:
    """What is done once the cloud has nothing left of the cluster."""

    name: str
    """Like ``State/s3://store/cluster``."""
    act: Callable[[], None]
    """May be done again. Raises KopsError."""


@dataclass(frozen=True)
class DeleteSettings:
    """How to delete."""

    limits: Limits = field(default_factory=Limits)
    by: str = ""
    """user@host, for the journal and other operators."""


def delete_cluster(
    found: Teardown,
    cloud: Belongings | None,
    last: Sequence[LastAct],
    journal: Journal,
    *,
    clock: Clock,
    random: Callable[[], float],
    emit: Emit,
    control: CancelToken | None = None,
    settings: DeleteSettings | None = None,
) -> Outcome:
    """Deletes what was found, then carries out the last acts in order. Failures are in the outcome.

    cloud: None leaves the cloud alone. Raises Refused if something of others is in the way.
    """
    expect_free(found)
    settings = settings or DeleteSettings()
    run = _Run(cloud, journal)
    run.steps = Steps(
        journal,
        Hooks(run.may_pass, lambda step, nothing: "", run.retried),
        clock=clock,
        random=random,
        emit=emit,
        control=control or CancelToken(),
        limits=settings.limits,
    )
    run.add(found.going)
    if cloud is not None:
        run.steps.add(Step(NOTHING_LEFT, tuple(step.name for step in run.steps), run.look))
    before = tuple(step.name for step in run.steps)
    for each in last:
        run.steps.add(Step(each.name, before, run.last_act(each), "delete"))
        before = (each.name,)
    journal.write("plan", steps=str(len(found.going)))
    return run.steps.run(kind="delete", cluster=found.cluster, by=settings.by)


def expect_free(found: Teardown) -> None:
    """Raises Refused, naming each thing, if something of others would make deletions fail."""
    blocking = found.blocking
    if blocking:
        named = "; ".join(f"{each.kind} {each.name or each.id} ({each.id})" for each in blocking)
        notes = "\n  ".join(f"{each.id}: {each.note}" for each in blocking)
        raise Refused(f"what is not the cluster's is in the way: {named}", where=found.cluster, remedy=notes)


class _Run:
    """One run of one deletion."""

    steps: Steps[None]

    def __init__(self, cloud: Belongings | None, journal: Journal) -> None:
        self._cloud = cloud
        self._journal = journal
        self._known: dict[str, DiscoveredResource] = {}
        self._more: tuple[DiscoveredResource, ...] = ()
        """What the last look has found anew."""
        self._looked = float("-inf")

    def add(self, things: Sequence[DiscoveredResource]) -> None:
        """Steps for things that are not known yet."""
        new = [each for each in things if each.key not in self._known]
        self._known |= {each.key: each for each in new}
        before = needs(list(self._known.values()))
        for each in new:
            self.steps.add(Step(each.key, before[each.key], self._removal(each), "delete"))
        for step in self.steps:
            # Something may have come to light that holds on to what waits already.
            if step.name in before and step.state in {State.BLOCKED, State.READY}:
                step.depends_on = before[step.name]
            elif step.name == NOTHING_LEFT and new:
                step.depends_on, step.state = tuple(self._known), State.BLOCKED

    def _removal(self, thing: DiscoveredResource) -> Callable[[Step[None]], None]:
        def act(step: Step[None]) -> None:
            assert self._cloud is not None  # noqa: S101 - there are no things without a cloud
            self._journal.begin(step.name, action="delete")
            self._cloud.remove(thing)
            self._journal.end(step.name)

        return act

    def last_act(self, last: LastAct) -> Callable[[Step[None]], None]:
        """A step for a last act."""

        def act(step: Step[None]) -> None:
            self._journal.begin(step.name, action="delete")
            last.act()
            self._journal.end(step.name)

        return act

    def look(self, step: Step[None]) -> None:
        """Raises NotReady if something of the cluster has come to light that was not known."""
        assert self._cloud is not None  # noqa: S101 - the step is only there with a cloud
        self._more = tuple(each for each in self._cloud.find().going if each.key not in self._known)
        if self._more:
            raise NotReady(f"found {len(self._more)} more, first {self._more[0].key}", where=step.name)

    def may_pass(self, step: Step[None], error: KopsError) -> bool:
        """Whether the same step may succeed later."""
        return isinstance(error, NotReady | Throttled | CloudConflict)

    def retried(self, step: Step[None], error: KopsError) -> None:
        """Takes in what a look has found, and looks again where something unknown may hold on."""
        now = self.steps.clock.monotonic()
        if isinstance(error, CloudConflict) and self._cloud is not None and now - self._looked >= LOOK_AGAIN:
            self._looked = now
            # What it finds is added below; what it could not read is read by the next look.
            with suppress(KopsError):
                self.look(step)
        more, self._more = self._more, ()
        self.add(more)
