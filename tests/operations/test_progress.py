"""The progress of an operation: what is shown of it follows from its events alone."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kops_core.operations.events import (
    Asked,
    Control,
    Controlled,
    Event,
    Failed,
    Finished,
    HeldPod,
    Paused,
    Phase,
    Resumed,
    Saved,
    StageStarted,
    Started,
    StepChanged,
    Throttling,
    Warned,
)
from kops_core.operations.progress import Progress
from tests.plan.fixtures import NOW

ENDS = {Phase.DONE, Phase.SKIPPED}


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def told(*events: Event) -> Progress:
    progress = Progress()
    for event in events:
        progress.record_event(event)
    return progress


def started(steps: int, done_before: int = 0) -> Started:
    return Started(NOW, "op", "apply", "c", "ann", steps, done_before)


changes = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(list(Phase))), max_size=12)


@given(changes, st.integers(0, 5), st.integers(0, 3))
def test_steps_are_counted_once_in_their_last_phase_with_those_of_earlier_runs(
    found: list[tuple[str, Phase]], steps: int, before: int
) -> None:
    progress = told(started(steps, before), *(StepChanged(NOW, "op", *each) for each in found))
    last = dict(found)
    assert +progress.counts == +Counter(last.values())
    assert progress.total == before + max(steps, len(last))
    assert progress.done == before + sum(phase in ENDS for phase in last.values())
    assert {name: each.phase for name, each in progress.steps.items()} == last
    assert {name for name, each in progress.steps.items() if each.moving} == {
        name for name, phase in last.items() if phase in {Phase.RUNNING, Phase.RETRYING}
    }


def test_each_event_is_about_a_step_or_about_none() -> None:
    progress = Progress()
    assert progress.record_event(StepChanged(NOW, "op", "a", Phase.RUNNING)) == "a"
    for event in (started(1), Warned(NOW, "op", "careful"), Saved(NOW, "op", ("x",)), Resumed(NOW, "op")):
        assert progress.record_event(event) == ""
    assert progress.warnings == ["careful"]
    assert progress.saved
    assert (progress.total, progress.done, progress.exit_code, progress.ended) == (2, 0, None, False)


def test_steps_of_earlier_stages_count_on() -> None:
    stage = StageStarted(NOW, "op", 2, 5, "roll")
    a, b = (StepChanged(NOW, "op", name, Phase.DONE) for name in "ab")
    progress = told(started(1), a, stage, started(3), b)
    assert (progress.total, progress.done, progress.stage) == (4, 2, stage)


def test_a_step_under_way_ages_and_one_that_ended_does_not() -> None:
    progress = told(
        StepChanged(NOW, "op", "a", Phase.RUNNING, seconds=5.0),
        StepChanged(NOW, "op", "b", Phase.DONE, seconds=5.0),
    )
    a, b = progress.steps.values()
    assert [a.elapsed(after(10)), b.elapsed(after(10))] == [15.0, 5.0]
    assert a.elapsed(after(-10)) == 5.0, "a clock that goes back makes it no younger"
    progress.record_event(Finished(after(3), "op", ok=True, done=1, message=""))
    assert progress.steps["a"].elapsed(after(3)) == 8.0
    assert progress.steps["a"].phase is Phase.RUNNING


def test_a_stage_of_an_instance_lasts_until_the_next_one() -> None:
    held = (HeldPod("a/b", NOW, "web", "no"),)
    progress = Progress()
    since = []
    for seconds, stage in ((0, ""), (1, "drain"), (2, "drain"), (3, "end"), (4, "drain")):
        event = StepChanged(after(seconds), "op", "i", Phase.RUNNING, f"{seconds}", 1.0, "nodes", stage, held)
        progress.record_event(event)
        since.append(progress.steps["i"].stage_since)
    assert since == [None, after(1), after(1), after(3), after(4)]
    step = progress.steps["i"]
    assert (step.note, step.group, step.stage, step.held, step.at) == ("4", "nodes", "drain", held, after(4))


def test_a_failure_fails_what_was_under_way_and_nothing_else() -> None:
    progress = told(
        StepChanged(NOW, "op", "a", Phase.RUNNING),
        StepChanged(NOW, "op", "b", Phase.RETRYING, "slow"),
        StepChanged(NOW, "op", "c", Phase.DONE, "made"),
        Failed(after(2), "op", "LockLost", "lost\nby ann", exit_code=5),
    )
    assert {name: (each.phase, each.note) for name, each in progress.steps.items()} == {
        "a": (Phase.FAILED, "lost"),
        "b": (Phase.FAILED, "lost"),
        "c": (Phase.DONE, "made"),
    }
    assert (progress.exit_code, progress.ended) == (5, True)
    assert +progress.counts == {Phase.FAILED: 2, Phase.DONE: 1}


@pytest.mark.parametrize(("ok", "code"), [(True, 0), (False, 1)])
def test_the_exit_code_is_that_of_the_end(ok: bool, code: int) -> None:
    progress = told(Finished(NOW, "op", ok=ok, done=0, message=""))
    assert (progress.exit_code, progress.ended) == (code, True)


def test_a_pause_is_the_operators_or_the_operations_own() -> None:
    def states(*events: Event) -> list[tuple[bool, str]]:
        progress = Progress()
        found = []
        for event in events:
            progress.record_event(event)
            found.append((progress.paused, progress.paused_for))
        return found

    def asked(control: Control) -> Controlled:
        return Controlled(NOW, "op", control, "ann")

    assert states(Paused(NOW, "op", "no API"), Resumed(NOW, "op")) == [(False, "no API"), (False, "")]
    assert states(
        asked(Control.PAUSE),
        Paused(NOW, "op", "asked for", by_operator=True),
        Paused(NOW, "op", "no API"),
        asked(Control.RESUME),
        Resumed(NOW, "op"),
    ) == [(True, ""), (True, "asked for"), (True, "no API"), (False, "no API"), (False, "")]
    assert states(Paused(NOW, "op", "x", by_operator=True)) == [(True, "x")]


@pytest.mark.parametrize("control", Control)
def test_only_a_stop_stops(control: Control) -> None:
    progress = told(Controlled(NOW, "op", control, "ann"))
    assert progress.stopping == (control in {Control.STOP, Control.STOP_AT_ONCE})
    assert progress.paused == (control is Control.PAUSE)


def test_a_question_waits_for_its_own_answer() -> None:
    question = Asked(NOW, "op", "mfa", "the code?")
    progress = told(question, Controlled(NOW, "op", Control.ANSWER, "ann", "another"))
    assert progress.asked is question
    progress.record_event(Controlled(NOW, "op", Control.SKIP, "ann", "mfa"))
    assert progress.asked is question
    progress.record_event(Controlled(NOW, "op", Control.ANSWER, "ann", "mfa"))
    assert progress.asked is None


def test_the_last_word_about_a_service_counts_and_says_how_it_is() -> None:
    slow = Throttling(NOW, "", "ec2", "RunInstances", 2.5, 3, 1.25)
    over = Throttling(NOW, "", "ec2", "", 0.0, 3, 1.25)
    other = Throttling(NOW, "", "iam", "GetRole", 1.0, 1, 1.0)
    progress = told(slow, other, over)
    assert progress.throttling == {"ec2": over, "iam": other}
    assert slow.message == "ec2 throttles requests (RunInstances): slowed down to 2.5 calls a second"
    assert over.message == "ec2 no longer throttles requests: 3 calls refused, 1.2 s waited"
    assert (slow.over, over.over) == (False, True)
