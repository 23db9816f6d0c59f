"""Applying a plan: its changes, each after what it needs, several at a time.

The plan decides and this carries out. For every change there is one step:

    journal "begin"  ->  one call of the cloud's port  ->  journal "end"  ->  event

A step that the cloud is not ready for waits and is tried again, up to a deadline that counts from
when it could first be done. A step that fails takes with it what depends on it, and nothing else.
Killed anywhere, the operation is run again: the cloud is observed and planned anew, so what was
done is seen; steps that the journal knows as begun and not ended look before they make
anything; and creations carry the same token as before, so that the cloud recognises them.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from enum import Enum

from kops_core.cloud.ports import Mutator
from kops_core.errors import CloudConflict, CloudNotFound, KopsError, NotReady, Refused, Throttled
from kops_core.model.resolve import Unresolved, resolve
from kops_core.model.resource import Key, Ref, Resource, sha256_base64
from kops_core.operations.clock import Clock, Control
from kops_core.operations.events import Event, Finished, Phase, Started, StepChanged
from kops_core.operations.journal import Journal
from kops_core.operations.outcome import Outcome
from kops_core.plan.changes import Action, Change, Plan
from kops_core.plan.snapshot import Observed, Snapshot

Emit = Callable[[Event], None]
"""Where events go. Called from one thread only."""

DEADLINE = 600.0
"""Seconds from when a step could first be done until it fails (kOps: ten minutes)."""
FIRST_RETRY, LONGEST_RETRY = 1.0, 10.0
"""Seconds before a step is tried again; doubled each time, with chance of up to a half off."""


@dataclass(frozen=True)
class ApplySettings:
    """How to apply."""

    threads: int = 8
    deadline: float = DEADLINE
    """Seconds for one step."""
    by: str = ""
    """user@host, for the journal and other operators."""


class _State(Enum):
    BLOCKED = "blocked"
    READY = "ready"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass
class _Step:
    change: Change
    needs: tuple[str, ...]
    act: Callable[[_Step], Observed | None]
    state: _State = _State.BLOCKED
    first_ready: float = 0.0
    """When it could first be done; what the deadline counts from."""
    due: float = 0.0
    """When it is tried next."""
    attempts: int = 0
    again: bool = False
    """An earlier attempt may have got through."""
    error: KopsError | None = None

    @property
    def name(self) -> str:
        return str(self.change.key)


def apply(
    plan: Plan,
    desired: Mapping[Key, Resource],
    snapshot: Snapshot,
    cloud: Mutator,
    journal: Journal,
    *,
    clock: Clock,
    random: Callable[[], float],
    emit: Emit,
    control: Control | None = None,
    settings: ApplySettings | None = None,
) -> Outcome:
    """Carries a plan out. Raises Refused for a plan with errors; failures are in the outcome.

    desired and snapshot are those that the plan was made from; random yields numbers in [0, 1).
    """
    if plan.errors:
        raise Refused(
            f"the plan has {len(plan.errors)} errors: {plan.errors[0]}",
            where=plan.cluster,
            remedy="resolve what the plan says could not be read or can't be done, and plan again",
        )
    run = _Run(
        desired,
        snapshot,
        cloud,
        journal,
        clock,
        random,
        emit,
        control or Control(),
        settings or ApplySettings(),
    )
    return run.carry_out(plan)


class _Run:
    """One run of one apply. Steps act in worker threads; everything else happens in the caller's."""

    def __init__(  # noqa: PLR0917 - what apply was given
        self,
        desired: Mapping[Key, Resource],
        snapshot: Snapshot,
        cloud: Mutator,
        journal: Journal,
        clock: Clock,
        random: Callable[[], float],
        emit: Emit,
        control: Control,
        settings: ApplySettings,
    ) -> None:
        self._desired = desired
        self._cloud = cloud
        self._journal = journal
        self._clock = clock
        self._random = random
        self._emit = emit
        self._control = control
        self._settings = settings
        self._there: dict[Key, Observed] = dict(snapshot.resources)
        """What exists, and is added to by each step that ends."""
        self._leftovers = {each.resource.key: each for each in snapshot.foreign}
        self._made: set[str] = set()
        """Steps that this run carried out: AWS may not list their results yet."""
        self._steps: dict[str, _Step] = {}
        self._running: dict[Future[Observed | None], _Step] = {}

    def carry_out(self, plan: Plan) -> Outcome:
        """Runs until nothing can be done any more."""
        for change in plan.pending:
            self._add(change)
        self._journal.write("plan", plan=plan.id, steps=str(len(self._steps)))
        self._emit(
            Started(
                self._clock.now(),
                self._journal.operation,
                kind="apply",
                cluster=plan.cluster,
                by=self._settings.by,
                steps=len(self._steps),
                done_before=len(self._journal.before.done_steps),
            )
        )
        with ThreadPoolExecutor(self._settings.threads, "apply") as pool:
            while self._advance(pool):
                pass
        return self._finish()

    def _add(self, change: Change) -> None:
        step = _Step(change, tuple(str(key) for key in change.needs), self._act)
        step.again = step.name in self._journal.before.open_steps
        self._steps[step.name] = step

    def _advance(self, pool: ThreadPoolExecutor) -> bool:
        """Starts what can be started, and takes in what has ended. False when all is said."""
        self._unblock()
        ready = [step for step in self._steps.values() if step.state is _State.READY]
        if self._control.stopped:
            ready = []
        now = self._clock.monotonic()
        free = self._settings.threads - len(self._running)
        for step in [step for step in ready if step.due <= now and not self._control.paused][:free]:
            self._start(step, pool)
        if self._running:
            for future in wait(list(self._running), timeout=0.1, return_when=FIRST_COMPLETED).done:
                self._take_in(self._running.pop(future), future)
            return True
        if ready:
            # Only steps that wait are left: until the first of them is due.
            first = min(step.due for step in ready)
            self._clock.sleep(min(max(first - self._clock.monotonic(), 0.05), 0.5))
        return bool(ready)

    def _unblock(self) -> None:
        for step in self._steps.values():
            if step.state is not _State.BLOCKED:
                continue
            needed = [self._steps[name] for name in step.needs if name in self._steps]
            lost = next((each for each in needed if each.state in {_State.FAILED, _State.SKIPPED}), None)
            if lost is not None:
                step.state = _State.SKIPPED
                self._tell(step, Phase.SKIPPED, f"it needs {lost.name}")
            elif all(each.state is _State.DONE for each in needed):
                step.state = _State.READY
                step.first_ready = step.due = self._clock.monotonic()

    def _start(self, step: _Step, pool: ThreadPoolExecutor) -> None:
        step.state = _State.RUNNING
        step.attempts += 1
        self._tell(step, Phase.RUNNING, step.change.action.value)
        self._running[pool.submit(step.act, step)] = step

    def _act(self, step: _Step) -> Observed | None:
        """What happens in a worker's thread: announce, do, note."""
        change, key = step.change, step.change.key
        if change.action is Action.DELETE:
            self._journal.begin(step.name, action=change.action.value)
            self._cloud.delete(self._leftovers[key])
            self._journal.end(step.name)
            return None
        wanted = resolve(self._desired[key], self._lookup)
        token = self._token(wanted)
        self._journal.begin(step.name, action=change.action.value, token=token)
        if change.action is Action.CREATE:
            made = self._cloud.create(wanted, token, again=step.again)
        elif change.action is Action.REPLACE:
            replaced = self._cloud.replace(wanted, self._there[key], token, again=step.again)
            made = replaced.made
            if replaced.left is not None:
                self._leftovers[replaced.left.resource.key] = replaced.left
        else:
            changed = frozenset(each.name for each in change.fields)
            made = self._cloud.update(wanted, self._there[key], changed, token)
        self._journal.end(step.name, id=made.id)
        return made

    def _token(self, wanted: Resource) -> str:
        """The same for the same creation by the same operation, in whichever run and attempt.

        Derived from what is wanted, for AWS refuses a token that comes with other parameters.
        """
        return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{self._journal.operation}/{_fingerprint(wanted)}"))

    def _lookup(self, ref: Ref) -> str | None:
        found = self._there.get(ref.key)
        if found is None:
            return None
        return found.id if ref.attribute == "id" else found.outputs.get(ref.attribute)

    def _take_in(self, step: _Step, future: Future[Observed | None]) -> None:
        try:
            made = future.result()
        except KopsError as error:
            self._missed(step, error)
            return
        step.state = _State.DONE
        self._made.add(step.name)
        old = self._there.get(step.change.key)
        if made is not None:
            self._there[step.change.key] = made
        self._tell(step, Phase.DONE, "" if made is None else made.id)
        if step.change.action is Action.REPLACE and old is not None and step.change.key in self._leftovers:
            self._remove_later(step)

    def _remove_later(self, step: _Step) -> None:
        """What was replaced goes once everything that needs the new one has been done."""
        users = tuple(each.name for each in self._steps.values() if step.change.key in each.change.needs)
        removal = _Step(
            Change(step.change.key, Action.DELETE, step.change.reason), (step.name, *users), self._act
        )
        self._steps[f"{step.name} (old)"] = removal

    def _missed(self, step: _Step, error: KopsError) -> None:
        """A step did not work out: it is tried again if that can help, else it has failed."""
        step.error = error
        step.again = True
        now = self._clock.monotonic()
        left = step.first_ready + self._settings.deadline - now
        if not self._may_pass(step, error) or left <= 0:
            step.state = _State.FAILED
            self._journal.write("fail", step.name, error=error.what)
            self._tell(step, Phase.FAILED, error.what)
            return
        pause = min(FIRST_RETRY * 2 ** (step.attempts - 1), LONGEST_RETRY) * (1 - self._random() / 2)
        step.state = _State.READY
        step.due = now + min(pause, left)
        self._tell(step, Phase.RETRYING, f"{error.what}; {left:.0f} s left")

    def _may_pass(self, step: _Step, error: KopsError) -> bool:
        """Whether the same step may succeed later."""
        if isinstance(error, NotReady | Throttled | Unresolved):
            return True
        if isinstance(error, CloudNotFound):
            # AWS does not find at once what was just made.
            return any(name in self._made for name in step.needs)
        # What a deletion is refused for may be going away at this moment.
        return isinstance(error, CloudConflict) and step.change.action is Action.DELETE

    def _tell(self, step: _Step, phase: Phase, note: str = "") -> None:
        since = self._clock.monotonic() - step.first_ready if step.first_ready else 0.0
        self._emit(
            StepChanged(self._clock.now(), self._journal.operation, step.name, phase, note, round(since, 3))
        )

    def _finish(self) -> Outcome:
        steps = self._steps
        waiting = {
            name: step.error.what if step.error else "the operation was stopped"
            for name, step in steps.items()
            if step.state in {_State.BLOCKED, _State.READY}
        }
        skipped = dict.fromkeys(_in(steps, _State.SKIPPED), "what it needs has failed")
        outcome = Outcome(
            ok=all(step.state is _State.DONE for step in steps.values()),
            done=tuple(_in(steps, _State.DONE)),
            failed={name: steps[name].error or KopsError("failed") for name in _in(steps, _State.FAILED)},
            skipped=waiting | skipped,
            stopped=self._control.stopped,
        )
        self._journal.write("finished", ok=str(outcome.ok).lower(), done=str(len(outcome.done)))
        self._emit(
            Finished(
                self._clock.now(), self._journal.operation, outcome.ok, len(outcome.done), outcome.message
            )
        )
        return outcome


def _in(steps: Mapping[str, _Step], state: _State) -> Iterable[str]:
    return [name for name, step in steps.items() if step.state is state]


def _fingerprint(resource: Resource) -> str:
    return f"{resource.key}/{sha256_base64(repr(sorted((n, repr(v)) for n, _, v in resource.attributes())))}"
