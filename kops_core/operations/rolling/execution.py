"""Carries out a rolling update: makes the calls that the pure decisions ask for, journals and reports.

Every stage of an instance is written to the journal before its call is made. Nothing runs in parallel:
calls of several instances follow each other, and what takes its time is asked for again. A run after a crash
plans from the cloud, the nodes and the journal (``selection``), and goes on with each instance where they say
that it is; at its end nothing of an earlier run is left on the nodes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from kops_core.errors import KopsError
from kops_core.operations.clock import CancelToken, Clock
from kops_core.operations.events import Event, Paused, Resumed
from kops_core.operations.journal import Journal
from kops_core.operations.outcome import Outcome
from kops_core.operations.rolling import schedule
from kops_core.operations.rolling.decisions import DISABLED, SKIPPED, Controls, next_due, requests, tick
from kops_core.operations.rolling.errors import passes_by_itself
from kops_core.operations.rolling.leftovers import clean_up
from kops_core.operations.rolling.observation import Observation, Observe
from kops_core.operations.rolling.record import Record
from kops_core.operations.rolling.requests import Requests, World
from kops_core.operations.rolling.results import RETRY, complete
from kops_core.operations.rolling.selection import UP_TO_DATE, remember
from kops_core.operations.rolling.settings import RollingSettings
from kops_core.operations.rolling.state import GroupRoll, GroupStage, Request, Stage

_SLICE: Final = 0.5
"""Seconds between two looks at the cancel token while waiting."""
_LEAST: Final = 0.1
"""Seconds that are waited in any case: what is due may have to wait for other groups, or for the operator."""
_IDLE: Final = 5.0
"""Seconds until the next look if nothing is due."""
_BY_CHOICE: Final = frozenset({SKIPPED, DISABLED, UP_TO_DATE})


def rolling_update(
    plan: Sequence[GroupRoll],
    first: Observation,
    world: World,
    journal: Journal,
    *,
    cluster: str,
    clock: Clock,
    emit: Callable[[Event], None],
    cancel: CancelToken | None = None,
    settings: RollingSettings | None = None,
) -> Outcome:
    """I/O. Replaces the instances of a plan, which was made from the first observation.

    A failure of a bastion's or control plane's group ends the update, one of API servers or nodes ends that
    group; a cluster that is not valid in time ends it for all. Failures are in the outcome. Raises LockLost.
    """
    record = Record(journal, clock, emit)
    run = _Run(plan, first, world, record, clock, cancel or CancelToken(), settings or RollingSettings())
    return run.carry_out(cluster)


def observe_first(
    observe: Observe,
    clock: Clock,
    emit: Callable[[Event], None],
    cancel: CancelToken,
    settings: RollingSettings,
    *,
    operation: str,
) -> Observation:
    """I/O. The first look at a cluster.

    operation: id of an interrupted update, which may have left the API server away: it is waited for. ""
    if there is none. Raises KubernetesError, CloudError, StoreError.
    """
    until = clock.monotonic() + settings.validation_timeout
    told = ""
    while True:
        try:
            found = observe()
        except KopsError as error:
            if not operation or not passes_by_itself(error) or clock.monotonic() >= until:
                raise
            if error.what != told:
                told = error.what
                emit(Paused(clock.now(), operation, told))
            if not cancel.wait(clock, RETRY):
                raise
        else:
            if told:
                emit(Resumed(clock.now(), operation))
            return found


class _Run:
    def __init__(  # noqa: PLR0917 - what rolling_update was given
        self,
        plan: Sequence[GroupRoll],
        first: Observation,
        world: World,
        record: Record,
        clock: Clock,
        cancel: CancelToken,
        settings: RollingSettings,
    ) -> None:
        self._groups = list(plan)
        self._world = world
        self._requests = Requests(world, clock.now, first)
        self._record = record
        self._clock = clock
        self._cancel = cancel
        self._settings = settings
        self._remembered = first
        """The observation whose nodes the instances have."""
        self._held: set[str] = set()
        """Instances after which an interactive update has paused."""

    def carry_out(self, cluster: str) -> Outcome:
        self._record.start(self._groups, cluster, self._settings)
        while not self._cancel.left:
            busy = self._take_turn()
            if all(each.stage is GroupStage.OVER for each in self._groups):
                break
            if not busy:
                self._rest()
        if self._world.api is not None and not self._cancel.left:
            self._clean_up(self._world)
        return self._finish()

    def _take_turn(self) -> bool:
        """Lets every group do what is due; whether anything was."""
        self._requests.forget()
        busy = False
        stopping = self._is_stopping
        admitted = schedule.admit(self._groups, self._settings, self._clock.monotonic(), stopping=stopping)
        for at, group in enumerate(admitted):
            self._change(at, group)
        for at, group in enumerate(self._groups):
            if not group.is_active:
                continue
            self._change(at, tick(group, self._controls(group), self._settings))
            for request in self._requests_of(at):
                if self._cancel.left:
                    return True
                if request not in self._requests_of(at):  # another one has changed that
                    continue
                busy = True
                result = self._requests.perform(self._groups[at], request, self._out_of_service())
                now = self._clock.monotonic()
                self._change(at, complete(self._groups[at], request, result, now, self._settings))
                self._pause_after(self._groups[at].confirmed)
            self._change(at, tick(self._groups[at], self._controls(group), self._settings))
            self._pause_after(self._groups[at].confirmed)
        self._remember_nodes()
        self._record.report_pause(
            self._groups, by_operator=self._cancel.paused, interactive=self._settings.interactive
        )
        return busy

    @property
    def _is_stopping(self) -> bool:
        return self._cancel.stopped or self._settings.clean_up

    def _requests_of(self, at: int) -> list[Request]:
        return requests(self._groups[at], self._clock.monotonic(), paused=self._cancel.paused)

    def _controls(self, group: GroupRoll) -> Controls:
        return Controls(
            now=self._clock.monotonic(),
            stopping=self._is_stopping,
            paused=self._cancel.paused,
            skipped=self._cancel.skipped(),
            undrained=self._cancel.undrained(),
            may_be_unavailable=schedule.may_be_unavailable(group, self._groups, self._settings),
        )

    def _out_of_service(self) -> list[str]:
        return [each.id for group in self._groups for each in group.members if each.stage.has_left_service]

    def _change(self, at: int, after: GroupRoll) -> None:
        before, self._groups[at] = self._groups[at], after
        if after is not before:
            self._record.change(before, after)

    def _remember_nodes(self) -> None:
        latest = self._requests.latest
        if latest is self._remembered:
            return
        self._remembered = latest
        nodes = latest.nodes_by_instance
        if nodes:
            self._groups = [
                group.with_members(lambda member: remember(member, nodes.get(member.id)))
                if any(each.stage is Stage.WAITING for each in group.members)
                else group
                for group in self._groups
            ]

    def _pause_after(self, confirmed: Sequence[str]) -> None:
        left = any(each.stage is Stage.WAITING for group in self._groups for each in group.members)
        if self._settings.interactive and left and not self._held.issuperset(confirmed):
            self._held.update(confirmed)
            self._cancel.pause()

    def _rest(self) -> None:
        """Sleeps until something is due, or the operator wants something else."""
        due = [at for group in self._groups if group.is_active and (at := next_due(group)) is not None]
        now = self._clock.monotonic()
        until = max(min(due, default=now + _IDLE), now + _LEAST)
        wishes = self._wishes()
        while self._wishes() == wishes and (left := until - self._clock.monotonic()) > 0:
            self._clock.sleep(min(left, _SLICE))

    def _wishes(self) -> tuple[bool, bool, frozenset[str], frozenset[str]]:
        cancel = self._cancel
        return cancel.stopped, cancel.paused, cancel.skipped(), cancel.undrained()

    def _clean_up(self, world: World) -> None:
        for warning in clean_up(world, self._groups, self._record.history, self._clock):
            self._record.warn(warning)

    def _finish(self) -> Outcome:
        members = [each for group in self._groups for each in group.members]
        skipped = {each.id: each.why for each in members if each.stage is not Stage.DONE}
        stopped = self._cancel.stopped and bool(skipped)
        failed = {group.name: group.error for group in self._groups if group.error is not None}
        if self._settings.clean_up:
            undone = tuple(each.id for each in members if each.resumed)
            outcome = Outcome(ok=not failed and not stopped, done=undone, failed=failed)
            self._record.finish(outcome)
            return outcome
        outcome = Outcome(
            ok=not failed and not stopped and all(why in _BY_CHOICE for why in skipped.values()),
            done=tuple(each.id for each in members if each.stage is Stage.DONE),
            failed=failed,
            skipped=skipped,
            stopped=stopped,
        )
        self._record.finish(outcome)
        return outcome
