"""What the journal and the events of a rolling update say: each change once, with its reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from kops_core.errors import CloudError
from kops_core.operations.events import Event, Finished, Paused, Phase, Resumed, Started, StepChanged, Warned
from kops_core.operations.group_status import InstanceGroup, Role
from kops_core.operations.journal import Journal, read_all
from kops_core.operations.outcome import Outcome
from kops_core.operations.rolling.record import Record
from kops_core.operations.rolling.settings import GroupLimits, RollingSettings
from kops_core.operations.rolling.state import Check, GroupRoll, GroupStage, Member, Stage
from tests.aws.account import FakeClock


@dataclass
class Book:
    """A record, and what was written into it."""

    folder: Path
    clock: FakeClock = field(default_factory=FakeClock)
    events: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.journal = Journal.start(self.folder, "rolling-update", "c", "ann", "op-1", self.clock.now)
        self.record = Record(self.journal, self.clock, self.events.append)

    def lines(self) -> list[tuple[str, str, dict[str, str]]]:
        """The journal without its first line."""
        (history,) = read_all(self.folder)
        return [(each.what, each.step, dict(each.details)) for each in history.entries[1:]]

    def notes(self) -> list[tuple[str, Phase, str]]:
        return [(each.step, each.phase, each.note) for each in self.events if isinstance(each, StepChanged)]


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    book = Book(tmp_path)
    with book.journal:
        yield book


A, B = Member("i-a", reason="old", node="node-a"), Member("i-b", reason="old")


def _group(*members: Member, **fields: Any) -> GroupRoll:
    return GroupRoll(
        InstanceGroup("nodes", Role.NODE, "nodes.c"), GroupLimits(0, 1), members or (A, B), 15.0, **fields
    )


def _through(book: Book, *stages: Member) -> None:
    """Records an instance going through stages, one after the other."""
    before = _group(A, B)
    for member in stages:
        after = _group(member, B)
        book.record.change(before, after)
        before = after


def test_each_stage_of_an_instance_is_in_the_journal_before_the_next(book: Book) -> None:
    cordoning = replace(A, stage=Stage.CORDONING, cordoned_before=True)
    draining = replace(cordoning, stage=Stage.DRAINING, note="default/web")
    _through(book, cordoning, draining, replace(draining, note="default/db"), replace(A, stage=Stage.DONE))
    begun = {"group": "nodes", "node": "node-a", "cordoned": "true", "excluded": "false"}
    assert book.lines() == [
        ("begin", "i-a", {"stage": Stage.CORDONING.value, **begun}),
        ("stage", "i-a", {"group": "nodes", "stage": Stage.DRAINING.value}),
        ("end", "i-a", {"group": "nodes"}),
    ]
    assert book.notes() == [
        ("i-a", Phase.RUNNING, Stage.CORDONING.value),
        ("i-b", Phase.WAITING, "old"),
        ("i-a", Phase.RUNNING, f"{Stage.DRAINING.value}: default/web"),
        ("i-a", Phase.RUNNING, f"{Stage.DRAINING.value}: default/db"),
        ("i-a", Phase.DONE, ""),
    ], "what was told already is not told again"


@pytest.mark.parametrize(
    ("ends", "left", "lines"),
    [
        (Stage.SKIPPED, False, [("undone", "i-a", {"group": "nodes"})]),
        (Stage.SKIPPED, True, []),
        (
            Stage.FAILED,
            False,
            [
                ("undone", "i-a", {"group": "nodes"}),
                ("fail", "i-a", {"group": "nodes", "error": "a budget"}),
            ],
        ),
        (Stage.FAILED, True, [("fail", "i-a", {"group": "nodes", "error": "a budget"})]),
    ],
)
def test_what_was_put_back_is_undone_and_what_could_not_be_is_not(
    ends: Stage, left: bool, lines: list[Any], book: Book
) -> None:
    returning = replace(A, stage=Stage.RETURNING)
    before, after = _group(returning), _group(replace(A, stage=ends, why="a budget", left=left))
    book.record.change(before, after)
    assert book.lines() == lines
    phase = Phase.FAILED if ends is Stage.FAILED else Phase.SKIPPED
    assert book.notes() == [("i-a", phase, "a budget")]


def test_an_instance_that_never_began_has_nothing_to_be_undone(book: Book) -> None:
    book.record.change(_group(A), _group(replace(A, stage=Stage.SKIPPED, why="stopped")))
    assert book.lines() == []
    assert book.notes() == [("i-a", Phase.SKIPPED, "stopped")]


def test_the_beginning_tells_how_much_there_is_and_keeps_what_a_force_chose(book: Book) -> None:
    book.record.start([_group()], "c", RollingSettings(force=True, by="ann"))
    started = book.events[0]
    assert isinstance(started, Started)
    assert (started.steps, started.by, started.kind, started.cluster) == (2, "ann", "rolling-update", "c")
    assert book.lines() == [("forced", "nodes", {"instances": "i-a i-b"})]
    assert book.notes() == [("i-a", Phase.WAITING, "old"), ("i-b", Phase.WAITING, "old")]


@pytest.mark.parametrize("settings", [RollingSettings(), RollingSettings(force=True)])
def test_without_instances_or_a_force_nothing_was_chosen(settings: RollingSettings, book: Book) -> None:
    group = _group() if not settings.force else replace(_group(), members=())
    book.record.start([group], "c", settings)
    assert book.lines() == []


def test_the_next_instance_says_what_it_waits_for(book: Book) -> None:
    check = Check(needed=1, until=100.0, due=0.0, why="i-9 is not ready")
    book.record.change(_group(), _group(check=check))
    added = replace(check, after_surge=True, why="")
    book.record.change(_group(check=check), _group(check=added))
    assert book.notes() == [
        ("i-a", Phase.WAITING, "waits for the cluster to be valid: i-9 is not ready"),
        ("i-a", Phase.WAITING, "waits for the added instance to join"),
    ], "the others wait for it"


def test_a_replacement_says_what_it_waits_for_and_how_long_yet(book: Book) -> None:
    book.clock.sleep(40)
    gone = replace(A, stage=Stage.REPLACING, began=10.0)
    check = Check(needed=1, until=100.0, due=0.0)
    book.record.change(_group(A), _group(gone, check=check, note="1 of 2 instances"))
    (event,) = (each for each in book.events if isinstance(each, StepChanged))
    assert event.note == f"{Stage.REPLACING.value}: waits for 1 of 2 instances, 60 s left"
    assert (event.seconds, event.group, event.stage) == (30.0, "nodes", Stage.REPLACING.value)
    book.clock.sleep(1)
    book.record.change(_group(gone), _group(gone, check=check, note="1 of 2 instances"))
    assert len(book.events) == 1, "the seconds alone are nothing new"


def test_what_fails_for_now_is_tried_again(book: Book) -> None:
    failing = replace(A, stage=Stage.DRAINING, failing_since=3.0, note="no API")
    book.record.change(_group(A), _group(failing))
    assert book.notes() == [("i-a", Phase.RETRYING, f"{Stage.DRAINING.value}: no API")]


def test_the_failure_of_a_group_and_each_warning_are_told_once(book: Book) -> None:
    failed = _group(error=CloudError("no"), warnings=("one", "two"))
    book.record.change(_group(warnings=("one",)), failed)
    book.record.change(failed, replace(failed, proven=True))
    assert book.lines() == [("fail", "nodes", {"error": "no"})]
    assert [each.message for each in book.events if isinstance(each, Warned)] == ["two"]


def test_a_pause_is_told_when_its_reason_changes(book: Book) -> None:
    valid, invalid = _group(), _group(check=Check(1, 9.0, 0.0, why="not valid"))
    blocked = _group(replace(A, is_blocked=True, note="a budget"), B)
    nameless = _group(A, replace(B, is_blocked=True, note="a budget"))
    expected = replace(invalid, check=Check(1, 9.0, 0.0, why="not valid", is_replacing=True))
    away = _group(stage=GroupStage.TAINTING, failing_since=1.0, note="no API")
    for group, by_operator, interactive in (
        (valid, False, False),
        (invalid, False, False),
        (invalid, False, False),
        (expected, False, False),
        (blocked, False, False),
        (nameless, False, False),
        (away, False, False),
        (away, True, False),
        (away, True, True),
        (valid, False, False),
    ):
        book.record.report_pause([group], by_operator=by_operator, interactive=interactive)
    told = [
        (each.reason, each.by_operator) if isinstance(each, Paused) else "goes on"
        for each in book.events
        if isinstance(each, Paused | Resumed)
    ]
    assert told[:6] == [
        ("nodes: not valid", False),
        "goes on",
        ("node-a: a budget", False),
        ("i-b: a budget", False),
        ("nodes: no API", False),
        told[5],
    ]
    assert [each[1] for each in told[5:7]] == [True, True]
    assert told[5] != told[6], "an operator who is asked is told so"
    assert told[7:] == ["goes on"]


def test_the_end_is_in_the_journal_and_the_events(book: Book) -> None:
    book.record.finish(Outcome(ok=False, done=("i-a",), skipped={"i-b": "stopped"}))
    assert book.lines() == [("finished", "", {"ok": "false", "done": "1"})]
    (finished,) = book.events
    assert isinstance(finished, Finished)
    assert (finished.ok, finished.done) == (False, 1)
    assert finished.message == "1 done; 1 not begun. Run it again to go on from here"
