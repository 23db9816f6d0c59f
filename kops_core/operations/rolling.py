"""Rolling updates by the cloud's state alone: terminates each outdated instance; its group starts another.

Groups follow each other by role, bastions first, then control planes, API servers and nodes, by
name within a role. In a group one instance is replaced at a time, and only while all others are in service:

    PENDING  --group complete-->  TERMINATING  --instance gone-->  REPLACING  --group complete-->  DONE

The journal records a termination before it is made, and its end once the group is complete again. A run
after a crash first waits until a group is complete, so that no second instance is terminated before the
replacement of the first is in service. An incomplete group without outdated instances is waited for, too,
as a step named for the group: an update only succeeds when every group is complete.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from kops_core.cloud.ports import GroupState, InstanceGroups
from kops_core.errors import CloudError, KopsError, NotReady, OperationFailed, Throttled
from kops_core.operations.clock import CancelToken, Clock
from kops_core.operations.events import Event, Finished, Phase, Started, StepChanged
from kops_core.operations.group_status import (
    GroupStatus,
    InstanceGroup,
    Role,
    missing_from,
    missing_text,
    status_of,
    waits_for,
)
from kops_core.operations.journal import Journal
from kops_core.operations.outcome import Outcome


@dataclass(frozen=True)
class RollingSettings:
    """The settings of a rolling update; defaults are kOps'."""

    interval: float = 15.0
    """Seconds between two instances (``--node-interval`` and its siblings)."""
    deadline: float = 900.0
    """Timeout in seconds of a replacement (``--validation-timeout``)."""
    poll: float = 5.0
    """Seconds between two reads of a group."""
    force: bool = False
    """Replace instances that are up to date, too."""
    by: str = ""
    """user@host"""


class Stage(Enum):
    """The stage of the replacement of an instance."""

    PENDING = "pending"
    TERMINATING = "terminating"
    REPLACING = "replacing"
    SETTLING = "settling"
    """The stage of a group without outdated instances, until it is complete."""
    DONE = "done"


@dataclass(frozen=True)
class Move:
    """The next move of the state machine."""

    stage: Stage
    waits_for: str = ""
    """What it waits for, for display."""
    terminate: bool = False
    """Whether to terminate the instance now."""


def next_move(stage: Stage, instance: str, group: GroupState) -> Move:
    """The state machine of one instance: from its stage and the state of the group to the next stage."""
    present = any(each.id == instance for each in group.instances)
    missing = missing_from(group)
    if stage is Stage.PENDING:
        if not present:
            return Move(Stage.REPLACING, "its replacement")
        standing_in = _serves(group, instance)
        if missing and standing_in:
            return Move(Stage.PENDING, missing_text(group))
        return Move(Stage.TERMINATING, "its end", terminate=True)
    if stage is Stage.TERMINATING and present:
        return Move(Stage.TERMINATING, "its end")
    if missing:
        return Move(Stage.REPLACING, missing_text(group))
    return Move(Stage.DONE)


def settling(group: GroupState) -> Move:
    """The state machine of a group without outdated instances, which is only waited for."""
    waiting = waits_for(group)
    return Move(Stage.SETTLING, waiting) if waiting else Move(Stage.DONE)


def _serves(group: GroupState, instance: str) -> bool:
    return any(
        each.id == instance and each.lifecycle == "InService" and each.running for each in group.instances
    )


def rolling_update(
    groups: Sequence[InstanceGroup],
    cloud: InstanceGroups,
    journal: Journal,
    *,
    cluster: str,
    clock: Clock,
    emit: Callable[[Event], None],
    cancel: CancelToken | None = None,
    settings: RollingSettings | None = None,
) -> Outcome:
    """Replaces all outdated instances of the groups. Failures are in the outcome.

    A failure in a bastion or control-plane group ends the update, one in a group of API servers or
    nodes ends that group; an instance that is not replaced in time ends the update everywhere.
    """
    run = _Run(cloud, journal, clock, emit, cancel or CancelToken(), settings or RollingSettings())
    return run.carry_out(cluster, groups)


def has_work(groups: Sequence[InstanceGroup], cloud: InstanceGroups) -> bool:
    """Whether any instance has to be replaced, or any group is incomplete. Raises CloudError."""
    states = cloud.groups([group.cloud_name for group in groups])
    return any(
        status_of(group, state).need_update or waits_for(state)
        for group in groups
        if (state := states.get(group.cloud_name)) is not None
    )


class NotReplaced(OperationFailed):
    """The replacement of an instance did not come into service in time."""


class _Stopped(Exception):
    """The operator stopped the update at a safe point."""


class _Run:
    def __init__(  # noqa: PLR0917 - what rolling_update was given
        self,
        cloud: InstanceGroups,
        journal: Journal,
        clock: Clock,
        emit: Callable[[Event], None],
        cancel: CancelToken,
        settings: RollingSettings,
    ) -> None:
        self._cloud = cloud
        self._journal = journal
        self._clock = clock
        self._emit = emit
        self._cancel = cancel
        self._settings = settings
        self._done: list[str] = []
        self._failed: dict[str, KopsError] = {}
        self._skipped: dict[str, str] = {}
        self._unsettled: set[str] = set()
        """Groups without outdated instances that were incomplete at the start."""

    def carry_out(self, cluster: str, groups: Sequence[InstanceGroup]) -> Outcome:
        order = list(Role)
        ordered = sorted(groups, key=lambda group: (order.index(group.role), group.name))
        states = self._cloud.groups([group.cloud_name for group in ordered])
        todo = {
            group.name: self._outdated(status_of(group, states.get(group.cloud_name))) for group in ordered
        }
        self._unsettled = {
            group.name
            for group in ordered
            if not todo[group.name]
            and (state := states.get(group.cloud_name)) is not None
            and waits_for(state)
        }
        self._emit(
            Started(
                self._clock.now(),
                self._journal.operation,
                kind="rolling-update",
                cluster=cluster,
                by=self._settings.by,
                steps=sum(len(instances) for instances in todo.values()) + len(self._unsettled),
                done_before=len(self._journal.before.done_steps),
            )
        )
        for group in ordered:
            for instance in todo[group.name]:
                self._tell(group, instance, Phase.WAITING)
        stopped = self._groups(ordered, todo)
        return self._finish(stopped=stopped)

    def _groups(self, ordered: Sequence[InstanceGroup], todo: dict[str, list[str]]) -> bool:
        """Rolls all groups in turn; whether the operator stopped it."""
        over: str = ""
        for group in ordered:
            if over:
                self._skip(group, todo[group.name], over)
                continue
            try:
                self._group(group, todo[group.name])
            except _Stopped:
                over = "the update was stopped"
            except CloudError as error:
                self._failed[group.name] = error
                if group.role in {Role.BASTION, Role.CONTROL_PLANE}:
                    over = f"{group.name} failed"
            except NotReplaced as error:
                self._failed[group.name] = error
                over = f"{group.name} failed"
            if over or group.name in self._failed:
                self._skip(group, todo[group.name], over or f"{group.name} failed")
        return over == "the update was stopped"

    def _group(self, group: InstanceGroup, outdated: Sequence[str]) -> None:
        for step, entry in self._journal.before.open_steps.items():
            # An earlier run terminated the instance and did not see its replacement.
            if entry.details.get("group") == group.name and step not in outdated:
                self._replace(group, step, Stage.REPLACING)
        if group.name in self._unsettled:
            self._replace(group, group.name, Stage.SETTLING)
        for number, instance in enumerate(outdated):
            if not self._cancel.hold(self._clock):
                raise _Stopped
            if number and not self._cancel.wait(self._clock, self._settings.interval):
                raise _Stopped
            self._replace(group, instance, Stage.PENDING)

    def _replace(self, group: InstanceGroup, instance: str, stage: Stage) -> None:
        """Replaces one instance, from its current stage until its group is complete again."""
        began = self._clock.monotonic()
        shown = ""
        while True:
            left = began + self._settings.deadline - self._clock.monotonic()
            try:
                state = self._look(group)
                move = settling(state) if stage is Stage.SETTLING else next_move(stage, instance, state)
                if move.terminate:
                    self._journal.begin(instance, group=group.name)
                    self._cloud.terminate(instance)
            except (NotReady, Throttled) as error:
                move = Move(stage, error.what)
            stage = move.stage
            if stage is Stage.DONE:
                self._journal.end(instance, group=group.name)
                self._done.append(instance)
                self._tell(group, instance, Phase.DONE, seconds=self._clock.monotonic() - began)
                return
            if move.waits_for != shown:
                shown = move.waits_for
                note = f"waits for {shown}, {left:.0f} s left"
                self._tell(group, instance, Phase.RUNNING, note, self._clock.monotonic() - began)
            if left <= 0:
                self._give_up(group, instance, move.waits_for)
            if self._cancel.left or (self._cancel.stopped and stage is Stage.PENDING):
                raise _Stopped
            self._clock.sleep(min(self._settings.poll, max(left, 0.1)))

    def _give_up(self, group: InstanceGroup, instance: str, waited_for: str) -> None:
        deadline = self._settings.deadline
        whole = instance == group.name
        subject = f"the group {group.name}" if whole else f"{instance} of {group.name}"
        what = f"{subject} still waits for {waited_for} after {deadline:.0f} s"
        self._journal.write("fail", instance, error=what)
        self._tell(group, instance, Phase.FAILED, what, deadline)
        raise NotReplaced(
            what,
            where=group.name,
            remedy="look at the group's activity and the new instance's console output, then run it again",
        )

    def _look(self, group: InstanceGroup) -> GroupState:
        found = self._cloud.groups([group.cloud_name]).get(group.cloud_name)
        if found is None:
            raise CloudError(f"the auto-scaling group {group.cloud_name} does not exist", where=group.name)
        return found

    def _outdated(self, status: GroupStatus) -> list[str]:
        """Instances to replace, the warm pool's first, detached ones last (kOps' order)."""
        rank = {"WarmPool": 0, "NeedsUpdate": 1, "UpToDate": 1, "Detached": 2}
        chosen = [each for each in status.instances if each.outdated or self._settings.force]
        return [each.id for each in sorted(chosen, key=lambda each: (rank[each.status], each.id))]

    def _skip(self, group: InstanceGroup, instances: Sequence[str], why: str) -> None:
        for instance in instances:
            if instance not in self._done and instance not in self._skipped:
                self._skipped[instance] = why
                self._tell(group, instance, Phase.SKIPPED, why)

    def _tell(
        self, group: InstanceGroup, instance: str, phase: Phase, note: str = "", seconds: float = 0.0
    ) -> None:
        self._emit(
            StepChanged(
                self._clock.now(),
                self._journal.operation,
                instance,
                phase,
                note,
                round(seconds, 3),
                group.name,
            )
        )

    def _finish(self, *, stopped: bool) -> Outcome:
        outcome = Outcome(
            ok=not self._failed and not self._skipped and not stopped,
            done=tuple(self._done),
            failed=self._failed,
            skipped=self._skipped,
            stopped=stopped,
        )
        self._journal.write("finished", ok=str(outcome.ok).lower(), done=str(len(outcome.done)))
        self._emit(
            Finished(
                self._clock.now(), self._journal.operation, outcome.ok, len(outcome.done), outcome.message
            )
        )
        return outcome
