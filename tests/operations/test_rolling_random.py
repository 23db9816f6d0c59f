"""Randomised rolling updates: whatever happens, the cluster keeps its capacity, quorum and budgets."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kops_core.errors import CloudError, KopsError, NotReady, StoreError
from kops_core.operations.clock import CancelToken
from kops_core.operations.events import Event, Finished, StepChanged
from kops_core.operations.group_status import Role
from kops_core.operations.outcome import Outcome
from kops_core.operations.rolling.settings import RollingSettings, Strategy, resolve_limits
from tests.aws.account import Killed
from tests.operations.roll_world import NEW, OLD, World
from tests.operations.test_kill import EVERY_CALL

pytestmark = pytest.mark.sweep

TEMPLATES = st.lists(st.sampled_from([OLD, OLD, NEW]), min_size=1, max_size=6)


@dataclass(frozen=True)
class Trouble:
    """What happens to a cluster while it is rolled. Times are in seconds of the roll."""

    down: tuple[float, float] | None
    """The API server is away from, and for how long."""
    flaps: list[tuple[float, int, float]]
    """When, which node, and for how long it is not ready."""
    errors: list[tuple[int, int]]
    """At which changing call, and which error."""
    kills: list[int]
    """At which changing calls, counted from the start of each run, the process is killed."""
    stop: int
    """At which changing call the operator stops it, to go on later; 0 for not at all."""


ERRORS: list[KopsError] = [
    NotReady("AWS did not answer"),
    StoreError("503 Slow Down"),
    CloudError("the cloud refuses", code="Boom"),
]

TROUBLES = st.builds(
    Trouble,
    down=st.none() | st.tuples(st.floats(0, 2000), st.floats(1, 800)),
    flaps=st.lists(st.tuples(st.floats(0, 3000), st.integers(0, 11), st.floats(1, 400)), max_size=3),
    errors=st.lists(st.tuples(st.integers(1, 60), st.integers(0, 2)), max_size=2),
    kills=st.lists(st.integers(1, 40), max_size=3),
    stop=st.just(0) | st.integers(1, 40),
)


@dataclass(frozen=True)
class Case:
    """A cluster to be rolled."""

    masters: int
    old_masters: bool
    groups: dict[str, list[str]]
    strategies: dict[str, Strategy]
    replicas: int
    least: int
    parallel: int
    budget: int
    noticed_after: float
    end_shown_at_once: bool
    settings: RollingSettings = field(default_factory=RollingSettings)


STRATEGIES = st.builds(
    Strategy,
    max_surge=st.sampled_from([0, 1, 2, "50%"]),
    max_unavailable=st.sampled_from([None, 1, 2, "40%"]),
)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    names = ["node-1", "node-2", "node-3"][: draw(st.integers(1, 3))]
    replicas = draw(st.integers(0, 5))
    return Case(
        masters=draw(st.sampled_from([1, 3, 3])),
        old_masters=draw(st.booleans()),
        groups={name: draw(TEMPLATES) for name in names},
        strategies={name: draw(STRATEGIES) for name in [*names, "master-1"]},
        replicas=replicas,
        least=draw(st.integers(0, max(0, replicas - 1))),
        parallel=draw(st.integers(1, 3)),
        budget=draw(st.integers(1, 3)),
        noticed_after=draw(st.sampled_from([0.0, 3.0, 40.0])),
        end_shown_at_once=draw(st.booleans()),
    )


def build(case: Case) -> World:
    world = World(noticed_after=case.noticed_after, end_shown_at_once=case.end_shown_at_once)
    template = OLD if case.old_masters else NEW
    world.add("master-1", *[template] * case.masters, role=Role.CONTROL_PLANE, balanced=True)
    for name, templates in case.groups.items():
        world.add(name, *templates)
        world.allowed[name] = allowed_of(case, name, templates)
    if case.replicas:
        world.add_app("web", case.replicas, case.least)
    return world


def allowed_of(case: Case, name: str, templates: list[str]) -> int:
    """How many nodes of a group may be unavailable: without a surge one, so that there is progress."""
    limits = resolve_limits(
        case.strategies[name], Role.NODE, instances=len(templates), updates=templates.count(OLD)
    )
    return limits.unavailable if limits.surge else max(1, limits.unavailable)


class Director:
    """Lets the trouble happen."""

    def __init__(self, world: World, trouble: Trouble) -> None:
        self._world = world
        self._errors = dict(trouble.errors)
        self._kills = list(trouble.kills)
        self._stop = trouble.stop
        self._flaps = trouble.flaps
        self._calls = 0
        self._calls_of_run = 0
        self.cancel = CancelToken()
        self.excuses: list[str] = []
        """What explains that a node is unavailable, or that the roll failed."""
        if trouble.down is not None:
            world.down = (trouble.down[0], trouble.down[0] + trouble.down[1])
        world.fault = self._fault
        sleep = world.clock.sleep

        def watch(seconds: float) -> None:
            sleep(seconds)
            self._flap()

        world.clock.sleep = watch  # type: ignore[method-assign]

    def begin_run(self) -> None:
        self.cancel = CancelToken()
        self._calls_of_run = 0

    def _fault(self, call: str, about: str) -> None:
        self._calls += 1
        self._calls_of_run += 1
        if self._kills and self._calls_of_run >= self._kills[0]:
            self._kills.pop(0)
            raise Killed
        if self._stop and self._calls >= self._stop:
            self._stop = 0
            self.cancel.stop()
        which = self._errors.pop(self._calls, None)
        if which is not None:
            self.excuses.append(f"{call} {about}: {ERRORS[which].what}")
            raise ERRORS[which]

    def _flap(self) -> None:
        now = self._world.clock.seconds
        for each in self._world.machines.values():
            each.flaps = False
        ids = list(self._world.machines)
        for at, which, length in self._flaps:
            if at <= now < at + length and which < len(ids):
                self._world.machines[ids[which]].flaps = True


def run(case: Case, trouble: Trouble, folder: Path) -> tuple[World, Director, Outcome | None, list[Event]]:
    """Rolls, and again after each kill and stop; the outcome is None if the last run raised."""
    world = build(case)
    director = Director(world, trouble)
    options = RollingSettings(
        parallel_groups=case.parallel, max_unavailable_nodes=case.budget, drain_timeout=300
    )
    events: list[Event] = []
    for _ in range(12):
        director.begin_run()
        try:
            # A process that is killed here loses nothing that it has written: no machine crashes.
            with patch("os.fsync"):
                outcome = world.roll(
                    folder,
                    settings=options,
                    strategies=case.strategies,
                    cancel=director.cancel,
                    events=events,
                )
        except Killed:
            continue
        except KopsError as error:
            director.excuses.append(error.what)
            world.clock.sleep(1000)
            continue
        if not outcome.stopped:
            return world, director, outcome, events
    return world, director, None, events


SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
PHASES = [Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink]


# The same cases each time, and new ones in the sweep: one of about 1,500 has found leftovers of a roll.
@settings(
    max_examples=300, deadline=None, suppress_health_check=SLOW, phases=PHASES, derandomize=not EVERY_CALL
)
@given(case=cases(), trouble=TROUBLES)
def test_any_roll_keeps_capacity_quorum_and_budgets_and_leaves_nothing(
    case: Case, trouble: Trouble, tmp_path_factory: pytest.TempPathFactory
) -> None:
    world, director, outcome, events = run(case, trouble, tmp_path_factory.mktemp("roll"))
    flapped = bool(trouble.flaps)
    if not flapped:  # else nodes are not ready without anybody's doing
        assert world.violations == []
    else:
        assert [each for each in world.violations if "lost" in each] == []
    assert outcome is not None, director.excuses
    assert isinstance(events[-1], Finished)
    if outcome.ok:
        assert all(world.old(name) == 0 for name in world.specs)
        assert world.marks() == []
    else:
        # It says why not: for each failed group, and for each instance that was not replaced.
        assert outcome.failed
        assert all(each.what for each in outcome.failed.values())
        assert director.excuses or trouble.down or flapped or case.replicas, outcome.message
        told = {each.step for each in events if isinstance(each, StepChanged)}
        left = {
            each for name in world.specs for each in world.ids(name) if world.machines[each].template == OLD
        }
        assert left <= told
    assert [each for each in world.marks() if not each.endswith("detached")] == []


@settings(
    max_examples=100, deadline=None, suppress_health_check=SLOW, phases=PHASES, derandomize=not EVERY_CALL
)
@given(case=cases(), trouble=TROUBLES)
def test_what_failed_ends_once_the_trouble_is_over(
    case: Case, trouble: Trouble, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("roll")
    world = run(case, trouble, folder)[0]
    world.fault = lambda call, about: None
    world.down = (-1, -1)
    for app in world.apps.values():
        app.least = 0
    world.clock.sleep(5000)
    assert world.roll(folder, strategies=case.strategies).ok
    assert all(world.old(name) == 0 for name in world.specs)
    assert world.marks() == []
