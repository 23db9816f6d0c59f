"""The deadline of a step counts from the last progress of any step."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kops_core.errors import CloudError, NotReady
from kops_core.operations.clock import CancelToken
from kops_core.operations.events import Event
from kops_core.operations.journal import Journal
from kops_core.operations.outcome import Outcome
from kops_core.operations.steps import DEADLINE, Hooks, Limits, Step, Steps
from kops_core.plan.order import PlanFault
from tests.aws.account import FakeClock


def _run(clock: FakeClock, folder: Path, acts: dict[str, Callable[[], None]]) -> Outcome:
    events: list[Event] = []
    with Journal.start(folder, "apply", "c", "me@here", "1", clock.now) as journal:
        steps = Steps[None](
            journal,
            Hooks(lambda step, error: isinstance(error, NotReady), lambda step, result: ""),
            clock=clock,
            random=lambda: 0.0,
            emit=events.append,
            cancel=CancelToken(),
            limits=Limits(),
        )
        for name, act in acts.items():
            steps.add(Step(name, (), lambda step, act=act: act()))  # type: ignore[misc]
        return steps.run(kind="apply", cluster="c", by="me@here")


def _ready_at(
    clock: FakeClock, at: float, tell: Callable[[], str], within: float | None = None
) -> Callable[[], None]:
    def act() -> None:
        if clock.seconds < at:
            raise NotReady("it is on its way", progress=tell(), within=within)

    return act


def test_what_comes_closer_may_take_longer_than_the_deadline(tmp_path: Path) -> None:
    clock = FakeClock()
    act = _ready_at(clock, 3 * DEADLINE, lambda: f"{clock.seconds // (DEADLINE / 2):.0f} of 6 are there")
    assert _run(clock, tmp_path, {"A": act}).ok


def test_what_does_not_move_fails_at_the_deadline(tmp_path: Path) -> None:
    clock = FakeClock()
    outcome = _run(clock, tmp_path, {"A": _ready_at(clock, 3 * DEADLINE, lambda: "0 of 6 are there")})
    assert list(outcome.failed) == ["A"]
    assert DEADLINE <= clock.seconds < DEADLINE + 30


def test_an_error_may_allow_its_step_more_time(tmp_path: Path) -> None:
    clock = FakeClock()
    assert _run(clock, tmp_path, {"A": _ready_at(clock, 1.4 * DEADLINE, lambda: "", 1.5 * DEADLINE)}).ok


def test_no_step_fails_for_its_time_while_others_get_done(tmp_path: Path) -> None:
    clock = FakeClock()
    acts = {str(number): _ready_at(clock, number * 0.9 * DEADLINE, lambda: "") for number in range(1, 5)}
    assert _run(clock, tmp_path, acts).ok


def test_an_error_that_can_not_pass_is_not_waited_for(tmp_path: Path) -> None:
    clock = FakeClock()

    def act() -> None:
        raise CloudError("wrong for ever")

    assert list(_run(clock, tmp_path, {"A": act}).failed) == ["A"]
    assert clock.seconds < 1


def test_steps_that_wait_for_each_other_are_a_fault_and_none_begins(tmp_path: Path) -> None:
    clock, begun = FakeClock(), list[str]()
    with Journal.start(tmp_path, "apply", "c", "me@here", "1", clock.now) as journal:
        steps = Steps[None](
            journal,
            Hooks(lambda step, error: False, lambda step, result: ""),
            clock=clock,
            random=lambda: 0.0,
            emit=lambda event: None,
            cancel=CancelToken(),
            limits=Limits(),
        )
        for name, needed in (("A", "B"), ("B", "A"), ("C", "unknown")):
            steps.add(Step(name, (needed,), lambda step: begun.append(step.name)))
        with pytest.raises(PlanFault, match=r"A -> B -> A|B -> A -> B"):
            steps.run(kind="apply", cluster="c", by="me@here")
    assert begun == []
