"""The executor of an operation's steps: runs them in parallel, each after its dependencies.

    BLOCKED --dependencies are done--> READY  -->  RUNNING  -->  DONE
                                          ^            |
                                          +-- retry ---+--> FAILED, and its dependents are SKIPPED

A failed step skips its dependents, and nothing else. Steps run in worker threads; everything else, including
events and hooks, runs in the caller's thread.
"""

from __future__ import annotations

import contextvars
from collections import defaultdict, deque
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
"""Receives events. Called by one thread at a time."""

R = TypeVar("R")

DEADLINE = 600.0
"""Seconds without progress until a step fails (kOps: ten minutes)."""
FIRST_RETRY, LONGEST_RETRY = 1.0, 10.0
"""Seconds before a retry; doubled each time, with a random reduction of up to a half."""


class State(Enum):
    """The state of a step."""

    BLOCKED = "blocked"
    READY = "ready"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass
class Step(Generic[R]):
    """A unit of work that runs once, after its dependencies."""

    name: str
    depends_on: tuple[str, ...]
    """Names of steps; unknown ones are ignored."""
    act: Callable[[Step[R]], R]
    """Runs in a worker thread. Raises KopsError."""
    doing: str = ""
    """The note of the event when it begins."""
    resumed: bool = False
    """Whether an earlier attempt may have succeeded."""
    state: State = State.BLOCKED
    first_ready: float = 0.0
    """When it could first run."""
    progressed: float = 0.0
    """When it last made progress, or could first run."""
    progress: str = ""
    """The progress in the last ``NotReady``."""
    due: float = 0.0
    """When it is tried next (monotonic seconds)."""
    attempts: int = 0
    no_progress: int = 0
    """Attempts since any step was last completed, as of ``counted_at``."""
    counted_at: int = 0
    """The number of completed steps at its last attempt."""
    error: KopsError | None = None
    key: str = ""
    """By which other steps name it; set when it is added."""
    place: int = 0
    """Among all steps, in the order of adding; steps that are ready begin in this order."""


@dataclass(frozen=True)
class Limits:
    """Limits of time and parallelism."""

    threads: int = 8
    deadline: float = DEADLINE
    """Timeout in seconds of a step, without progress.

    It counts from when the step could first run or from the last progress: any step completed, or what this
    one waits for came closer. An error may allow more (``NotReady.within``).
    """
    total_timeout: float = float("inf")
    """Timeout in seconds of all steps together."""
    interval: float = LONGEST_RETRY
    """The longest pause between two attempts, in seconds."""
    no_progress: int = 0
    """Limit of attempts of all remaining steps without any success; 0 for none."""


@dataclass(frozen=True)
class Hooks(Generic[R]):
    """The operation's decisions about steps."""

    is_retryable: Callable[[Step[R], KopsError], bool]
    """Whether a retry of the step may succeed."""
    done: Callable[[Step[R], R], str]
    """Records the result of a step; the note of its event."""
    retried: Callable[[Step[R], KopsError], None] = lambda step, error: None
    """Called when a step is going to be retried; may add steps."""


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
        cancel: CancelToken,
        limits: Limits,
    ) -> None:
        self.journal = journal
        self.clock = clock
        self._hooks = hooks
        self._random = random
        self._emit = emit
        self._cancel = cancel
        self._limits = limits
        self._began = clock.monotonic()
        self._last_done = self._began
        self._steps: dict[str, Step[R]] = {}
        self._running: dict[Future[R], Step[R]] = {}
        self._ready: dict[int, Step[R]] = {}
        """By place."""
        self._dependents: dict[str, dict[int, Step[R]]] = defaultdict(dict)
        """By the key of the step that they need, or needed once, and by place."""
        self._to_check: deque[Step[R]] = deque()
        """Blocked steps of which a dependency has ended since they were last looked at, and new ones."""
        self._completed = 0

    def __iter__(self) -> Iterator[Step[R]]:
        return iter(self._steps.values())

    def __contains__(self, name: object) -> bool:
        return name in self._steps

    def add(self, step: Step[R], key: str = "") -> None:
        """Adds a step, before or during the run; ``key`` distinguishes two steps of the same name."""
        step.resumed = step.resumed or step.name in self.journal.before.open_steps
        step.key, step.place = key or step.name, len(self._steps)
        self._steps[step.key] = step
        self.wait_for(step, step.depends_on)

    def wait_for(self, step: Step[R], needs: tuple[str, ...]) -> None:
        """Lets a step wait for others than before, unless it is ready or has run."""
        for name in needs:
            self._dependents[name][step.place] = step
        step.depends_on = needs
        self._to_check.append(step)

    def block(self, step: Step[R]) -> None:
        """Lets a step wait for its dependencies again."""
        self._ready.pop(step.place, None)
        step.state = State.BLOCKED
        self._to_check.append(step)

    def run(self, *, kind: str, cluster: str, by: str) -> Outcome:
        """Runs until no step can run any more.

        Failures are in the outcome. Raises PlanFault for steps that wait for each other in a cycle, so that
        none could ever begin.
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
        """Starts steps that are ready, and handles ended ones. False when none are left."""
        self._unblock()
        ready = [] if self._cancel.stopped else [self._ready[place] for place in sorted(self._ready)]
        now = self.clock.monotonic()
        free = self._limits.threads - len(self._running)
        for step in [step for step in ready if step.due <= now and not self._cancel.paused][:free]:
            self._start(step, pool)
        if self._running:
            for future in wait(list(self._running), timeout=0.1, return_when=FIRST_COMPLETED).done:
                self._on_complete(self._running.pop(future), future)
            return True
        if ready:
            # Only waiting steps are left: sleep until the first is due.
            first = min(step.due for step in ready)
            self.clock.sleep(min(max(first - self.clock.monotonic(), 0.05), 0.5))
        return bool(ready)

    def _unblock(self) -> None:
        while self._to_check:
            step = self._to_check.popleft()
            if step.state is not State.BLOCKED:
                continue
            needed = [self._steps[name] for name in step.depends_on if name in self._steps]
            lost = next((each for each in needed if each.state in {State.FAILED, State.SKIPPED}), None)
            if lost is not None:
                self._end(step, State.SKIPPED)
                self._emit_step(step, Phase.SKIPPED, f"it needs {lost.name}")
            elif all(each.state is State.DONE for each in needed):
                self._make_ready(step)
                step.first_ready = step.progressed = step.due = self.clock.monotonic()

    def _start(self, step: Step[R], pool: ThreadPoolExecutor) -> None:
        step.state = State.RUNNING
        del self._ready[step.place]
        step.attempts += 1
        self._emit_step(step, Phase.RUNNING, step.doing)
        # The fence of the operation's lock belongs to its thread, and has to be set in this one, too.
        self._running[pool.submit(contextvars.copy_context().run, step.act, step)] = step

    def _on_complete(self, step: Step[R], future: Future[R]) -> None:
        try:
            result = future.result()
        except KopsError as error:
            self._on_failure(step, error)
            return
        self._end(step, State.DONE)
        self._last_done = self.clock.monotonic()
        self._completed += 1
        self._emit_step(step, Phase.DONE, self._hooks.done(step, result))

    def _on_failure(self, step: Step[R], error: KopsError) -> None:
        """Handles a failed attempt: retries the step if that can help."""
        if step.error is None or not isinstance(error, Undecided):
            # NotReady says nothing about the problem; the previous error of the cloud does.
            step.error = error
        step.resumed = True
        step.no_progress = self._attempts_without_progress(step) + 1
        step.counted_at = self._completed
        now = self.clock.monotonic()
        limits = self._limits
        left = min(self._deadline(step, error), self._began + limits.total_timeout) - now
        if not self._hooks.is_retryable(step, error) or left <= 0 or self._none_progress():
            self._end(step, State.FAILED)
            error = step.error
            self.journal.write("fail", step.name, kind=type(error).__name__, error=error.what)
            self._emit_step(step, Phase.FAILED, error.what)
            return
        pause = min(FIRST_RETRY * 2 ** (step.attempts - 1), limits.interval) * (1 - self._random() / 2)
        self._make_ready(step)
        step.due = now + min(pause, left)
        self._emit_step(step, Phase.RETRYING, f"{error.what}; {left:.0f} s left")
        self._hooks.retried(step, error)

    def _deadline(self, step: Step[R], error: KopsError) -> float:
        """The deadline of a step."""
        within = self._limits.deadline
        if isinstance(error, NotReady):
            within = max(within, error.within or 0.0)
            if error.progress != step.progress:
                step.progress, step.progressed = error.progress, self.clock.monotonic()
        return max(step.progressed, self._last_done) + within

    def _none_progress(self) -> bool:
        """Whether all remaining steps were tried up to the limit without any success."""
        trying = [step for step in self if step.state in {State.READY, State.RUNNING}]
        return bool(self._limits.no_progress) and all(
            self._attempts_without_progress(step) > self._limits.no_progress for step in trying
        )

    def _attempts_without_progress(self, step: Step[R]) -> int:
        return step.no_progress if step.counted_at == self._completed else 0

    def _make_ready(self, step: Step[R]) -> None:
        step.state = State.READY
        self._ready[step.place] = step

    def _end(self, step: Step[R], state: State) -> None:
        """Ends a step; those that need it are looked at again."""
        step.state = state
        self._to_check.extend(self._dependents[step.key].values())

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
            stopped=self._cancel.stopped,
        )
        self.journal.write("finished", ok=str(outcome.ok).lower(), done=str(len(outcome.done)))
        self._emit(
            Finished(self.clock.now(), self.journal.operation, outcome.ok, len(outcome.done), outcome.message)
        )
        return outcome

    def _in(self, state: State) -> dict[str, Step[R]]:
        return {name: step for name, step in self._steps.items() if step.state is state}
