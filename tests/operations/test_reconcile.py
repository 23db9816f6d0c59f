"""Tests of the order of a reconciliation's stages, and of what ends it."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from kops_core.errors import KopsError, Refused
from kops_core.operations.clock import CancelToken
from kops_core.operations.events import Event, Finished, StageStarted
from kops_core.operations.reconcile import STAGES, Stage, reconcile
from tests.aws.account import FakeClock


@dataclass
class Story:
    """What happened, in order."""

    fails_at: int = 0
    refused_at: int = 0
    stopped_at: int = 0
    told: list[str] = field(default_factory=list)
    clock: FakeClock = field(default_factory=FakeClock)
    cancel: CancelToken = field(default_factory=CancelToken)

    def run(self) -> Finished:
        return reconcile(
            self._carry_out, check=self._check, clock=self.clock, emit=self._emit, cancel=self.cancel
        )

    def _carry_out(self, stage: Stage) -> Finished:
        number = STAGES.index(stage) + 1
        self.told.append(f"do {number}")
        if number == self.stopped_at:
            self.cancel.stop()
        ok = number != self.fails_at
        return Finished(self.clock.now(), f"op{number}", ok, done=number, message="" if ok else "2 failed")

    def _check(self, stage: Stage) -> None:
        number = STAGES.index(stage) + 1
        self.told.append(f"check {number}")
        if number == self.refused_at:
            raise Refused("a control-plane node still runs 1.34.0")

    def _emit(self, event: Event) -> None:
        assert isinstance(event, StageStarted)
        self.told.append(f"tell {event.number} of {event.total}")


def test_the_control_plane_comes_first_and_pruning_last() -> None:
    titles = [(each.rolls, bool(each.roles), each.prune) for each in STAGES]
    assert titles == [
        (False, True, False),
        (True, True, False),
        (False, False, False),
        (True, False, False),
        (False, False, True),
    ]


def test_each_stage_is_checked_told_and_done_in_turn() -> None:
    story = Story()
    ended = story.run()
    assert (ended.ok, ended.done) == (True, 15)
    assert story.told == [
        text for number in range(1, 6) for text in (f"check {number}", f"tell {number} of 5", f"do {number}")
    ]


def test_the_first_stage_that_fails_ends_it_and_is_named() -> None:
    story = Story(fails_at=2)
    ended = story.run()
    assert not ended.ok
    assert ended.message == "stage 2 of 5 (roll the control plane): 2 failed"
    assert (ended.operation, ended.done) == ("op2", 3)
    assert story.told[-1] == "do 2"


def test_a_stage_that_versions_do_not_allow_does_not_begin() -> None:
    story = Story(refused_at=3)
    with pytest.raises(KopsError, match="still runs"):
        story.run()
    assert story.told[-1] == "check 3"


def test_a_stop_takes_effect_before_the_next_stage() -> None:
    story = Story(stopped_at=1)
    ended = story.run()
    assert not ended.ok
    assert "stopped by the operator" in ended.message
    assert story.told[-1] == "do 1"
