"""Steps with what they need, carried out side by side: the machine below applying and deleting.

    BLOCKED  --what it needs is done-->  READY  -->  RUNNING  -->  DONE
                                           ^            |
                                           +-- retry ---+--> FAILED, and what needs it is SKIPPED

A step that fails takes with it what depends on it, and nothing else. Steps act in worker threads;
everything else, events and hooks too, happens in the caller's thread.
"""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

from kops_core.errors import KopsError, NotReady, Undecided
from kops_core.operations.clock import CancelToken, Clock
from kops_core.operations.events import Event, Finished, Phase, Started, StepChanged
from kops_core.operations.journal import Journal
from kops_core.operations.outcome import Outcome
from kops_core.plan.order import in_order

Emit = Callable[[Event], None]
"""Where events go. Called by one thread at a time."""

R = TypeVar("R")

DEADLINE = 600.0
"""Seconds without progress until a step fails (kOps: ten minutes)."""
FIRST_RETRY, LONGEST_RETRY = 1.0, 10.0
"""Seconds before a step is tried again; doubled each time, with chance of up to a half off."""


class State(Enum):
    """Where a step is."""

    BLOCKED = "blocked"
    READY = "ready"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass
class Step(Generic[R]):
    """Something to be done once, after what it needs."""

    name: str
    depends_on: tuple[str, ...]
    """Names of steps; one that there is not is no hindrance."""
    act: Callable[[Step[R]], R]
    """Run in a worker's thread. Raises KopsError."""
    doing: str = ""
    """What to say when it begins."""
    resumed: bool = False
    """An earlier attempt may have got through."""
    state: State = State.BLOCKED
    first_ready: float = 0.0
    """When it could first be done."""
    progressed: float = 0.0
    """When what it waits for last came closer, or when it could first be done."""
    progress: str = ""
    """How far what it waits for has come, as the last ``NotReady`` told it."""
    due: float = 0.0
    """When it is tried next."""
    attempts: int = 0
    no_progress: int = 0
    """Attempts since anything was last done by any step."""
    error: KopsError | None = None


@dataclass(frozen=True)
class Limits:
    """How long to try, and how much at once."""

    threads: int = 8
    deadline: float = DEADLINE
    """Seconds for one step, counted from when it could first be done or from the last progress: any step
    done, or what this one waits for closer than before. An error may allow more (``NotReady.within``)."""
    total_timeout: float = float("inf")
    """Seconds for all steps together."""
    interval: float = LONGEST_RETRY
    """The longest pause between two attempts, in seconds."""
    no_progress: int = 0
    """Attempts of every step that is left, without any being done, before giving up; 0 for any number."""


@dataclass(frozen=True)
class Hooks(Generic[R]):
    """What the operation decides."""

    is_retryable: Callable[[Step[R], KopsError], bool]
    """Whether the same step may succeed later."""
    done: Callable[[Step[R], R], str]
    """Takes in what a step has yielded; what to say of it."""
    retried: Callable[[Step[R], KopsError], None] = lambda step, error: None
    """A step waits to be tried again; more steps may be added."""


class Steps(Generic[R]):
    """One run of an operation's steps."""

    def __init__(
        self,
        journal: Journal,
        hooks: Hooks[R],
        *,
        clock: Clock,
        random: Callable[[], float],
        emit: Emit,
        control: CancelToken,
        limits: Limits,
    ) -> None:
        self.journal = journal
        self.clock = clock
        self._hooks = hooks
        self._random = random
        self._emit = emit
        self._control = control
        self._limits = limits
        self._began = clock.monotonic()
        self._last_done = self._began
        self._steps: dict[str, Step[R]] = {}
        self._running: dict[Future[R], Step[R]] = {}

    def __iter__(self) -> Iterator[Step[R]]:
        return iter(self._steps.values())

    def __contains__(self, name: object) -> bool:
        return name in self._steps

    def add(self, step: Step[R], key: str = "") -> None:
        """Takes a step in, before or during the run; ``key`` tells two steps of one name apart."""
        step.resumed = step.resumed or step.name in self.journal.before.open_steps
        self._steps[key or step.name] = step

    def run(self, *, kind: str, cluster: str, by: str) -> Outcome:
        """Carries on until nothing can be done any more. Failures are in the outcome.

        Raises PlanFault for steps that wait for each other in a circle: none of them could ever begin.
        """
        in_order({step.name: step.depends_on for step in self})
        self._emit(
            Started(
                self.clock.now(),
                self.journal.operation,
                kind=kind,
                cluster=cluster,
                by=by,
                steps=len(self._steps),
                done_before=len(self.journal.before.done_steps),
            )
        )
        with ThreadPoolExecutor(self._limits.threads, kind) as pool:
            while self._advance(pool):
                pass
        return self._finish()

    def _advance(self, pool: ThreadPoolExecutor) -> bool:
        """Starts what can be started, and takes in what has ended. False when all is said."""
        self._unblock()
        ready = [step for step in self if step.state is State.READY]
        if self._control.stopped:
            ready = []
        now = self.clock.monotonic()
        free = self._limits.threads - len(self._running)
        for step in [step for step in ready if step.due <= now and not self._control.paused][:free]:
            self._start(step, pool)
        if self._running:
            for future in wait(list(self._running), timeout=0.1, return_when=FIRST_COMPLETED).done:
                self._on_complete(self._running.pop(future), future)
            return True
        if ready:
            # Only steps that wait are left: until the first of them is due.
            first = min(step.due for step in ready)
            self.clock.sleep(min(max(first - self.clock.monotonic(), 0.05), 0.5))
        return bool(ready)

    def _unblock(self) -> None:
        for step in self:
            if step.state is not State.BLOCKED:
                continue
            needed = [self._steps[name] for name in step.depends_on if name in self._steps]
            lost = next((each for each in needed if each.state in {State.FAILED, State.SKIPPED}), None)
            if lost is not None:
                step.state = State.SKIPPED
                self._emit_step(step, Phase.SKIPPED, f"it needs {lost.name}")
            elif all(each.state is State.DONE for each in needed):
                step.state = State.READY
                step.first_ready = step.progressed = step.due = self.clock.monotonic()

    def _start(self, step: Step[R], pool: ThreadPoolExecutor) -> None:
        step.state = State.RUNNING
        step.attempts += 1
        self._emit_step(step, Phase.RUNNING, step.doing)
        # The fence of the operation's lock belongs to its thread, and has to hold in this one too.
        self._running[pool.submit(contextvars.copy_context().run, step.act, step)] = step

    def _on_complete(self, step: Step[R], future: Future[R]) -> None:
        try:
            result = future.result()
        except KopsError as error:
            self._on_failure(step, error)
            return
        step.state = State.DONE
        self._last_done = self.clock.monotonic()
        for each in self:
            each.no_progress = 0
        self._emit_step(step, Phase.DONE, self._hooks.done(step, result))

    def _on_failure(self, step: Step[R], error: KopsError) -> None:
        """A step did not work out: it is tried again if that can help, else it has failed."""
        if step.error is None or not isinstance(error, Undecided):
            # That a try has to wait does not tell what is wrong; what the cloud said to the one before does.
            step.error = error
        step.resumed = True
        step.no_progress += 1
        now = self.clock.monotonic()
        limits = self._limits
        left = min(self._deadline(step, error), self._began + limits.total_timeout) - now
        if not self._hooks.is_retryable(step, error) or left <= 0 or self._none_progress():
            step.state = State.FAILED
            error = step.error
            self.journal.write("fail", step.name, kind=type(error).__name__, error=error.what)
            self._emit_step(step, Phase.FAILED, error.what)
            return
        pause = min(FIRST_RETRY * 2 ** (step.attempts - 1), limits.interval) * (1 - self._random() / 2)
        step.state = State.READY
        step.due = now + min(pause, left)
        self._emit_step(step, Phase.RETRYING, f"{error.what}; {left:.0f} s left")
        self._hooks.retried(step, error)

    def _deadline(self, step: Step[R], error: KopsError) -> float:
        """When a step fails that is not done by then."""
        within = self._limits.deadline
        if isinstance(error, NotReady):
            within = max(within, error.within or 0.0)
            if error.progress != step.progress:
                step.progress, step.progressed = error.progress, self.clock.monotonic()
        return max(step.progressed, self._last_done) + within

    def _none_progress(self) -> bool:
        """Whether everything that could be tried was, as often as it may be, and nothing got done."""
        trying = [step for step in self if step.state in {State.READY, State.RUNNING}]
        return bool(self._limits.no_progress) and all(
            step.no_progress > self._limits.no_progress for step in trying
        )

    def _emit_step(self, step: Step[R], phase: Phase, note: str = "") -> None:
        since = self.clock.monotonic() - step.first_ready if step.first_ready else 0.0
        self._emit(
            StepChanged(self.clock.now(), self.journal.operation, step.name, phase, note, round(since, 3))
        )

    def _finish(self) -> Outcome:
        waiting = {
            name: step.error.what if step.error else "the operation was stopped"
            for name, step in self._steps.items()
            if step.state in {State.BLOCKED, State.READY}
        }
        skipped = dict.fromkeys(self._in(State.SKIPPED), "what it needs has failed")
        failed: Mapping[str, KopsError] = {
            name: step.error or KopsError("failed") for name, step in self._in(State.FAILED).items()
        }
        outcome = Outcome(
            ok=all(step.state is State.DONE for step in self),
            done=tuple(self._in(State.DONE)),
            failed=failed,
            skipped=waiting | skipped,
            stopped=self._control.stopped,
        )
        self.journal.write("finished", ok=str(outcome.ok).lower(), done=str(len(outcome.done)))
        self._emit(
            Finished(self.clock.now(), self.journal.operation, outcome.ok, len(outcome.done), outcome.message)
        )
        return outcome

    def _in(self, state: State) -> dict[str, Step[R]]:
        return {name: step for name, step in self._steps.items() if step.state is state}
