"""What an apply asks of the cloud: which call, with which token, knowing which attempts, and how often."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kops_core.cloud.ports import Replaced
from kops_core.errors import (
    AccessDenied,
    CloudConflict,
    CloudError,
    CloudNotFound,
    CreationFailed,
    DependencyNotReady,
    KopsError,
    NotReady,
    Throttled,
    Undecided,
)
from kops_core.model.resource import Resource
from kops_core.model.template import Key, Ref
from kops_core.operations.apply import apply
from kops_core.operations.journal import Journal
from kops_core.operations.outcome import Outcome
from kops_core.plan.changes import Action, Change, FieldChange, Plan, Reason
from kops_core.plan.snapshot import Observed, Snapshot
from tests.aws.account import FakeClock
from tests.plan.fixtures import NOW
from tests.plan.test_diff import Thing

Fault = Callable[[str, int], KopsError | None]
"""The error of a call by ``create x`` and the number of the attempt, from 1; None if it succeeds."""


@dataclass
class Cloud:
    """A cloud of things that notes its calls."""

    clock: FakeClock
    fault: Fault = lambda call, attempt: None
    calls: list[tuple[str, object]] = field(default_factory=list)
    """Each call, with what it was told beside the resource."""
    keeps_old: bool = False
    """Whether a replaced resource is left for later."""

    def _call(self, name: str, told: object) -> None:
        self.calls.append((name, told))
        self.clock.sleep(1)
        error = self.fault(name, sum(each == name for each, _ in self.calls))
        if error is not None:
            raise error

    def create(self, desired: Resource, token: str, *, since: float | None = None) -> Observed:
        self._call(f"create {desired.name}", (token, since))
        return Observed(desired, f"id-{desired.name}")

    def update(
        self, desired: Resource, observed: Observed, changed: frozenset[str], token: str = ""
    ) -> Observed:
        self._call(f"update {desired.name}", (observed.id, changed))
        return Observed(desired, observed.id)

    def replace(
        self, desired: Resource, observed: Observed, token: str, *, since: float | None = None
    ) -> Replaced:
        self._call(f"replace {desired.name}", (observed.id, desired))
        made = Observed(desired, f"new-{desired.name}")
        return Replaced(made, observed if self.keeps_old else None)

    def delete(self, observed: Observed) -> None:
        self._call(f"delete {observed.resource.name}", observed.id)

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.calls]

    def told(self, name: str) -> list[object]:
        return [told for each, told in self.calls if each == name]


A, B, C = (Key("Thing", name) for name in "abc")
THINGS: Mapping[Key, Resource] = {
    A: Thing(name="a", size=1),
    B: Thing(name="b", vpc=Ref(A)),
    C: Thing(name="c", vpc=Ref(A)),
}


@pytest.fixture
def cloud() -> Cloud:
    return Cloud(FakeClock())


def change(key: Key, action: Action, *needs: Key, fields: tuple[str, ...] = ()) -> Change:
    changed = tuple(FieldChange(name, "1", "2") for name in fields)
    return Change(key, action, Reason.DIFFERS, changed, needs)


def run(
    cloud: Cloud,
    folder: Path,
    *changes: Change,
    there: tuple[Key, ...] = (),
    things: Mapping[Key, Resource] = THINGS,
    foreign: tuple[Observed, ...] = (),
    operation: str = "op-1",
) -> Outcome:
    snapshot = Snapshot(NOW, {key: Observed(THINGS[key], f"old-{key.name}") for key in there}, foreign)
    plan = Plan("c", "1", NOW, changes)
    with Journal.start(folder, "apply", "c", "me@here", operation, cloud.clock.now) as journal:
        return apply(
            plan,
            things,
            snapshot,
            cloud,
            journal,
            clock=cloud.clock,
            random=lambda: 0.0,
            emit=lambda event: None,
        )


def test_each_change_is_one_call_with_ids_in_place_of_references(cloud: Cloud, tmp_path: Path) -> None:
    leftover = Observed(Thing(name="left"), "id-left")
    outcome = run(
        cloud,
        tmp_path,
        change(A, Action.CREATE),
        change(B, Action.UPDATE, A, fields=("vpc", "size")),
        change(Key("Thing", "left"), Action.DELETE, B),
        change(C, Action.NO_OP),
        there=(B, C),
        foreign=(leftover,),
    )
    assert outcome.ok
    assert cloud.names == ["create a", "update b", "delete left"]
    assert cloud.told("update b") == [("old-b", frozenset({"vpc", "size"}))]
    assert cloud.told("delete left") == ["id-left"]


def test_a_replaced_resource_goes_after_all_that_used_it(cloud: Cloud, tmp_path: Path) -> None:
    cloud.keeps_old = True
    changes = (change(A, Action.REPLACE), change(B, Action.UPDATE, A), change(C, Action.REPLACE, A))
    outcome = run(cloud, tmp_path, *changes, there=(A, B, C))
    assert outcome.ok
    assert cloud.names[0] == "replace a"
    assert set(cloud.names[1:3]) == {"update b", "replace c"}
    assert set(cloud.names[3:]) == {"delete a", "delete c"}
    assert cloud.told("delete a") == ["old-a"]
    ((_, replaced),) = cloud.told("replace c")  # type: ignore[misc]
    assert replaced.vpc == "new-a", "it refers to the new one"  # type: ignore[has-type]


def test_a_replacement_that_took_the_old_one_along_deletes_nothing(cloud: Cloud, tmp_path: Path) -> None:
    assert run(cloud, tmp_path, change(A, Action.REPLACE), there=(A,)).ok
    assert cloud.names == ["replace a"]


def tokens(cloud: Cloud) -> list[str]:
    return [str(told[0]) for told in cloud.told("create a") if isinstance(told, tuple)]


def test_attempts_at_one_creation_have_one_token_also_in_the_next_run(cloud: Cloud, tmp_path: Path) -> None:
    cloud.fault = lambda call, attempt: {1: NotReady("wait"), 2: AccessDenied("no")}.get(attempt)
    assert not run(cloud, tmp_path, change(A, Action.CREATE)).ok
    assert run(cloud, tmp_path, change(A, Action.CREATE)).ok
    assert len(tokens(cloud)) == 3
    assert len(set(tokens(cloud))) == 1
    # Another value is another creation: clouds refuse a token with other parameters.
    assert run(cloud, tmp_path, change(A, Action.CREATE), things={A: Thing(name="a", size=2)}).ok
    # So is one of another operation.
    assert run(cloud, tmp_path, change(A, Action.CREATE), operation="op-2").ok
    assert len(set(tokens(cloud)[2:])) == 3


def test_a_creation_that_failed_later_gets_another_token_in_the_next_run(
    cloud: Cloud, tmp_path: Path
) -> None:
    """Clouds answer a token that they know with the resource that failed."""
    cloud.fault = lambda call, attempt: CreationFailed("it ended") if attempt < 3 else None
    assert not run(cloud, tmp_path, change(A, Action.CREATE)).ok
    assert not run(cloud, tmp_path, change(A, Action.CREATE)).ok
    assert run(cloud, tmp_path, change(A, Action.CREATE)).ok
    assert len(set(tokens(cloud))) == 3


def since(cloud: Cloud) -> list[float | None]:
    return [told[1] for told in cloud.told("create a") if isinstance(told, tuple)]


def test_an_attempt_knows_how_long_ago_an_earlier_one_may_have_succeeded(
    cloud: Cloud, tmp_path: Path
) -> None:
    errors = {1: Throttled("slow"), 2: Undecided("not listed yet"), 3: Undecided("not listed yet")}
    cloud.fault = lambda call, attempt: errors.get(attempt)
    assert run(cloud, tmp_path, change(A, Action.CREATE)).ok
    first, *rest = since(cloud)
    assert first is None, "there was none"
    assert rest == sorted(rest, key=lambda each: each or 0.0), "an attempt that did nothing does not count"
    assert all(each is not None and each >= 2 for each in rest)


def test_a_run_after_a_death_searches_for_what_had_begun_and_forgets_what_ended_long_ago(
    cloud: Cloud, tmp_path: Path
) -> None:
    with Journal.start(tmp_path, "apply", "c", "me@here", "op-1", cloud.clock.now) as journal:
        journal.begin("Thing/a")
        journal.begin("Thing/b")
        journal.end("Thing/b")
    cloud.clock.sleep(1000)
    assert run(cloud, tmp_path, change(A, Action.CREATE), change(B, Action.CREATE, A)).ok
    assert since(cloud) == [1000.0]
    ((_, other),) = cloud.told("create b")  # type: ignore[misc]
    assert other is None  # type: ignore[has-type]


def test_what_ended_a_moment_ago_is_searched_for_too(cloud: Cloud, tmp_path: Path) -> None:
    with Journal.start(tmp_path, "apply", "c", "me@here", "op-1", cloud.clock.now) as journal:
        journal.begin("Thing/a")
        journal.end("Thing/a")
    cloud.clock.sleep(299)
    assert run(cloud, tmp_path, change(A, Action.CREATE)).ok
    assert since(cloud) == [299.0]


@pytest.mark.parametrize(
    ("error", "action", "seconds"),
    [
        (NotReady("x"), Action.CREATE, 600),
        (Throttled("x"), Action.UPDATE, 600),
        (CloudNotFound("x"), Action.UPDATE, 60),
        (CloudConflict("x"), Action.DELETE, 600),
        (CloudConflict("x"), Action.UPDATE, 0),
        (DependencyNotReady("x"), Action.CREATE, 0),
        (AccessDenied("x"), Action.CREATE, 0),
        (CloudError("x"), Action.DELETE, 0),
        (CreationFailed("x"), Action.CREATE, 0),
    ],
    ids=lambda each: type(each).__name__ if isinstance(each, KopsError) else str(each),
)
def test_how_long_a_refused_change_is_tried_again(
    error: KopsError, action: Action, seconds: float, cloud: Cloud, tmp_path: Path
) -> None:
    cloud.fault = lambda call, attempt: error
    left = Observed(Thing(name="a"), "id-a")
    there, foreign = ((), (left,)) if action is Action.DELETE else ((A,), ())
    outcome = run(
        cloud,
        tmp_path,
        change(A, action),
        there=there if action is not Action.CREATE else (),
        foreign=foreign,
    )
    assert outcome.failed == {"Thing/a": error}
    assert seconds <= cloud.clock.seconds < seconds + 12
    assert (len(cloud.calls) == 1) == (seconds == 0)


def _refusing(name: str, error: KopsError) -> Fault:
    return lambda call, attempt: error if call == name else None


def test_a_dependency_that_was_made_just_now_may_not_be_known_everywhere_yet(
    cloud: Cloud, tmp_path: Path
) -> None:
    for error in (DependencyNotReady("x"), CloudNotFound("x")):
        fresh = Cloud(FakeClock(), lambda call, attempt, error=error: error if call == "create b" else None)  # type: ignore[misc]
        outcome = run(
            fresh, tmp_path / type(error).__name__, change(A, Action.CREATE), change(B, Action.CREATE, A)
        )
        assert set(outcome.failed) == {"Thing/b"}
        assert 600 <= fresh.clock.seconds < 625
    # One that was there before is known; but what others do to it at the moment may be in the way.
    cloud.fault = _refusing("create b", DependencyNotReady("x"))
    outcome = run(cloud, tmp_path / "alone", change(B, Action.CREATE), there=(A,))
    assert cloud.names == ["create b"]
    busy = Cloud(FakeClock(), cloud.fault)
    outcome = run(busy, tmp_path / "busy", change(B, Action.CREATE), change(C, Action.CREATE), there=(A,))
    assert (set(outcome.failed), outcome.done) == ({"Thing/b"}, ("Thing/c",))
    assert 60 <= busy.clock.seconds < 75
