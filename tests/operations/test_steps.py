"""The executor of steps: any graph with any failures ends as the rules of dependencies say."""

from __future__ import annotations

import os
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kops_core.errors import CloudError, KopsError, NotReady, Throttled, Undecided
from kops_core.operations.clock import CancelToken
from kops_core.operations.events import Event, Finished, Phase, Started, StepChanged
from kops_core.operations.journal import Journal, read_all
from kops_core.operations.outcome import Outcome
from kops_core.operations.steps import Hooks, Limits, Step, Steps
from kops_core.plan.order import PlanFault
from tests.aws.account import FakeClock

EXAMPLES = 500 if os.environ.get("KOPS_SWEEP") == "full" else 40


@dataclass
class Run:
    """A run of steps in a folder, with what was seen of it."""

    folder: Path
    clock: FakeClock = field(default_factory=FakeClock)
    cancel: CancelToken = field(default_factory=CancelToken)
    events: list[Event] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    """The attempts in the order of their beginning."""
    at: list[float] = field(default_factory=list)
    """When each of them began."""

    def go(
        self,
        needs: Mapping[str, Sequence[str]],
        act: Callable[[str], None] = lambda name: None,
        limits: Limits | None = None,
    ) -> Outcome:
        """Runs steps; ``act`` is called with the name of each, in a worker thread."""

        def attempt(step: Step[None]) -> None:
            self.calls.append(step.name)
            self.at.append(self.clock.monotonic())
            act(step.name)

        with Journal.start(self.folder, "apply", "c", "me@here", "0a", self.clock.now) as journal:
            steps: Steps[None] = Steps(
                journal,
                Hooks(lambda step, error: isinstance(error, NotReady | Throttled), lambda step, made: "made"),
                clock=self.clock,
                random=lambda: 0.0,
                emit=self.events.append,
                cancel=self.cancel,
                limits=limits or Limits(),
            )
            for name, needed in needs.items():
                steps.add(Step(name, tuple(needed), attempt))
            return steps.run(kind="apply", cluster="c", by="me@here")

    def phases(self, name: str) -> list[Phase]:
        """What was told of a step."""
        return [each.phase for each in self.events if isinstance(each, StepChanged) and each.step == name]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


NAMES = "abcdefgh"
graphs = st.permutations(NAMES).flatmap(
    lambda names: st.fixed_dictionaries(
        {
            name: st.lists(st.sampled_from([*names[:at], "unknown"]), max_size=3, unique=True)
            for at, name in enumerate(names)
        }
    )
)
troubles = st.dictionaries(st.sampled_from(NAMES), st.integers(1, 3) | st.just(0), max_size=4)
"""How often a step is not ready before it succeeds; 0: it fails for good."""


@given(graphs, troubles)
@settings(max_examples=EXAMPLES, deadline=None)
def test_what_needs_a_failed_step_is_skipped_and_all_else_is_done_in_order(
    needs: dict[str, list[str]], trouble: dict[str, int]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        run = Run(Path(folder))
        left = Counter(trouble)
        done: list[str] = []
        early: list[str] = []

        def act(name: str) -> None:
            early.extend(each for each in needs[name] if each in needs and each not in done)
            if trouble.get(name) == 0:
                raise CloudError(f"{name} is broken")
            if left[name]:
                left[name] -= 1
                raise NotReady("not yet", progress=str(left[name]))
            done.append(name)

        outcome = run.go(needs, act)
        assert early == [], "nothing begins before what it needs is done"
        broken = {name for name, times in trouble.items() if times == 0}
        lost = _dependents(needs, broken)
        assert set(outcome.failed) == broken - lost
        assert set(outcome.skipped) == lost
        assert set(outcome.done) == set(done) == set(needs) - broken - lost
        assert outcome.ok == (not broken)
        attempts = {name: 0 if name in lost else 1 + trouble.get(name, 0) for name in needs}
        assert Counter(run.calls) == Counter(attempts)
        for name in needs:
            ends = [Phase.SKIPPED if name in lost else Phase.FAILED if name in broken else Phase.DONE]
            begun = [Phase.RUNNING, Phase.RETRYING] * (attempts[name] - 1) + [Phase.RUNNING]
            assert run.phases(name) == (ends if name in lost else begun + ends)
        for event in run.events:
            if isinstance(event, StepChanged) and event.phase is Phase.SKIPPED:
                blamed = event.note.removeprefix("it needs ")
                assert blamed in needs[event.step]
                assert blamed in broken | lost
        (history,) = read_all(run.folder)
        assert [each.step for each in history.entries if each.what == "fail"] == list(
            dict.fromkeys(
                each.step
                for each in run.events
                if isinstance(each, StepChanged) and each.phase is Phase.FAILED
            )
        )
        assert history.finished == outcome.ok


def _dependents(needs: Mapping[str, Sequence[str]], broken: set[str]) -> set[str]:
    """What needs one of some steps, directly or not."""
    lost: set[str] = set()
    while more := {name for name, needed in needs.items() if {*needed} & (broken | lost)} - lost:
        lost |= more
    return lost


def test_the_first_and_the_last_event_count_the_steps(run: Run) -> None:
    def act(name: str) -> None:
        if name == "b":
            raise CloudError("no")

    outcome = run.go({"a": (), "b": (), "c": ("b",)}, act)
    first, last = run.events[0], run.events[-1]
    assert isinstance(first, Started)
    assert (first.steps, first.done_before, first.kind, first.by) == (3, 0, "apply", "me@here")
    assert isinstance(last, Finished)
    assert (last.ok, last.done, last.message) == (False, 1, outcome.message)
    assert outcome.message == "1 done; 1 failed, first b: no; 1 not begun. Run it again to go on from here"


def test_steps_that_wait_for_each_other_are_a_fault_before_any_begins(run: Run) -> None:
    with pytest.raises(PlanFault, match=r"a -> b|b -> a"):
        run.go({"a": ("b",), "b": ("a",), "c": ()})
    assert run.calls == []


@pytest.mark.parametrize("threads", [1, 3])
def test_no_more_steps_run_at_once_than_threads(run: Run, threads: int) -> None:
    running, most = 0, 0
    lock, together = threading.Lock(), threading.Barrier(threads)

    def act(name: str) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        together.wait(20)
        with lock:
            running -= 1

    assert run.go(dict.fromkeys("abcdef", ()), act, Limits(threads=threads)).ok
    assert most == threads


def test_with_one_thread_steps_run_in_the_order_of_adding(run: Run) -> None:
    assert run.go({"c": (), "a": (), "b": ("c",), "d": ()}, limits=Limits(threads=1)).ok
    assert run.calls == ["c", "a", "b", "d"], "b was added before d, and waited for c"


def test_retries_come_after_pauses_that_double_up_to_a_limit(run: Run) -> None:
    left = iter(range(7))

    def act(name: str) -> None:
        if next(left, None) is not None:
            raise NotReady("not yet", progress=str(len(run.calls)))

    assert run.go({"a": ()}, act).ok
    pauses = [after - before for before, after in zip(run.at, run.at[1:], strict=False)]
    # The executor looks every half a second whether something is due.
    assert [round(each * 2) / 2 for each in pauses] == [1.0, 2.0, 4.0, 8.0, 10.0, 10.0, 10.0]


def test_a_step_without_progress_fails_at_its_deadline_with_the_last_thing_that_the_cloud_said(
    run: Run,
) -> None:
    errors: list[KopsError] = [Throttled("slow down"), Undecided("was it made?")]

    def act(name: str) -> None:
        raise errors[min(len(run.calls) - 1, 1)]

    outcome = run.go({"a": (), "b": ("a",)}, act, Limits(deadline=100.0))
    assert outcome.failed["a"].what == "slow down", "a wait to know tells nothing about the trouble"
    assert outcome.skipped == {"b": "what it needs has failed"}
    assert 100 <= run.clock.seconds < 101


@pytest.mark.parametrize(
    ("error", "until"),
    [
        (lambda count: NotReady("x"), 100),
        (lambda count: NotReady("x", within=250.0), 250),
        (lambda count: NotReady("x", within=50.0), 100),
        (lambda count: NotReady("x", progress=str(min(count, 6))), 125),
    ],
    ids=["as set", "an error may allow more", "and never less", "from the last progress on"],
)
def test_when_the_deadline_is(run: Run, error: Callable[[int], NotReady], until: float) -> None:
    def act(name: str) -> None:
        raise error(len(run.calls))

    assert not run.go({"a": ()}, act, Limits(deadline=100.0)).ok
    assert until <= run.clock.seconds < until + 1


def test_any_step_that_is_done_lets_the_others_wait_anew(run: Run) -> None:
    def act(name: str) -> None:
        if name == "slow" and run.clock.seconds < 80:
            raise NotReady("a", progress=str(len(run.calls)))
        if name == "never":
            raise NotReady("b")

    outcome = run.go({"never": (), "slow": ()}, act, Limits(deadline=100.0))
    assert set(outcome.failed) == {"never"}
    assert 180 <= run.clock.seconds < 195


def test_all_steps_together_have_a_limit_however_much_progress_there_is(run: Run) -> None:
    def act(name: str) -> None:
        raise NotReady("x", progress=str(len(run.calls)))

    assert not run.go({"a": ()}, act, Limits(deadline=100.0, total_timeout=150.0)).ok
    assert 150 <= run.clock.seconds < 151


def test_where_no_step_succeeds_in_so_many_attempts_all_fail(run: Run) -> None:
    def act(name: str) -> None:
        raise NotReady("x", progress=str(len(run.calls)))

    outcome = run.go({"a": (), "b": ()}, act, Limits(no_progress=4))
    assert set(outcome.failed) == {"a", "b"}
    assert all(5 <= count <= 6 for count in Counter(run.calls).values())


def test_a_stop_lets_running_steps_end_and_begins_no_other(run: Run) -> None:
    def act(name: str) -> None:
        if name == "b":
            run.cancel.stop()
        if name == "a":
            raise NotReady("not yet")

    outcome = run.go({"a": (), "b": (), "c": ("b",)}, act, Limits(threads=1))
    assert (outcome.ok, outcome.stopped, outcome.done) == (False, True, ("b",))
    assert outcome.skipped == {"a": "not yet", "c": "the operation was stopped"}
    assert outcome.failed == {}
    assert run.calls == ["a", "b"]


def test_a_pause_holds_what_has_not_begun_until_it_is_over(run: Run) -> None:
    looks = 0

    class Clock(FakeClock):
        def sleep(self, seconds: float) -> None:
            nonlocal looks
            super().sleep(seconds)
            looks += 1
            if looks == 3:
                run.cancel.resume()

    run.clock = Clock()

    def act(name: str) -> None:
        if name == "a":
            run.cancel.pause()

    assert run.go({"a": (), "b": ()}, act, Limits(threads=1)).ok
    assert looks >= 3
    assert run.calls == ["a", "b"]


def test_what_has_begun_without_an_end_is_told_to_the_next_run(run: Run) -> None:
    with Journal.start(run.folder, "apply", "c", "me@here", "0a", run.clock.now) as journal:
        journal.begin("a")
        journal.begin("b")
        journal.end("b")
    resumed: dict[str, bool] = {}
    with Journal.start(run.folder, "apply", "c", "me@here", "0b", run.clock.now) as journal:
        steps: Steps[None] = Steps(
            journal,
            Hooks(lambda step, error: True, lambda step, made: ""),
            clock=run.clock,
            random=lambda: 0.0,
            emit=run.events.append,
            cancel=run.cancel,
            limits=Limits(),
        )

        def act(step: Step[None]) -> None:
            first = step.attempts == 1
            resumed[f"{step.name}{step.attempts}"] = step.resumed
            if step.name == "c" and first:
                raise NotReady("once")

        for name in "abc":
            steps.add(Step(name, (), act))
        assert steps.run(kind="apply", cluster="c", by="me@here").ok
    assert resumed == {"a1": True, "b1": False, "c1": False, "c2": True}
    started = run.events[0]
    assert isinstance(started, Started)
    assert started.done_before == 1
