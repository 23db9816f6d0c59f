"""What a rolling update writes down and reports: the journal's entries and the events of each change."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kops_core.operations.clock import Clock
from kops_core.operations.events import (
    Event,
    Finished,
    Paused,
    Phase,
    Resumed,
    Started,
    StepChanged,
    Warned,
)
from kops_core.operations.journal import History, Journal
from kops_core.operations.outcome import Outcome
from kops_core.operations.rolling.selection import FORCED, before_details, chosen_entry
from kops_core.operations.rolling.settings import RollingSettings
from kops_core.operations.rolling.state import GroupRoll, GroupStage, Member, Stage

PAUSED_BY_OPERATOR = "paused by the operator"
PAUSED_TO_ASK = "paused after an instance, as the update is interactive"

_PHASES = {
    Stage.WAITING: Phase.WAITING,
    Stage.DONE: Phase.DONE,
    Stage.FAILED: Phase.FAILED,
    Stage.SKIPPED: Phase.SKIPPED,
}


class Record:
    """Writes the journal and emits the events of one run."""

    def __init__(self, journal: Journal, clock: Clock, emit: Callable[[Event], None]) -> None:
        self._journal = journal
        self._clock = clock
        self._emit = emit
        self._shown: dict[str, tuple[Stage, Phase, str]] = {}
        self._paused = ""

    @property
    def history(self) -> History:
        """The entries of earlier runs of the update."""
        return self._journal.before

    def start(self, groups: Sequence[GroupRoll], cluster: str, settings: RollingSettings) -> None:
        """Records what the update is going to do."""
        self._emit(
            Started(
                self._clock.now(),
                self._journal.operation,
                kind=self.history.kind,
                cluster=cluster,
                by=settings.by,
                steps=sum(len(group.members) for group in groups),
                done_before=len(self.history.done_steps),
            )
        )
        before = self.history.entries
        forced = {each.step for each in before if each.what == FORCED}
        for group in groups:
            if settings.force and group.members and group.name not in forced:
                self._journal.write(FORCED, group.name, **chosen_entry(group))
            for member in group.members:
                self._show(group, member)

    def change(self, before: GroupRoll, after: GroupRoll) -> None:
        """Records the difference between two states of a group."""
        known = {each.id: each for each in before.members}
        following = _find_next(after)
        for member in after.members:
            earlier = known[member.id]
            if member.stage is not earlier.stage:
                self._write(after, member, earlier.stage)
            # What these two tell depends on their group as well.
            if member is not earlier or member is following or member.stage is Stage.REPLACING:
                self._show(after, member)
        if after.error is not None and before.error is None:
            self._journal.write("fail", after.name, error=after.error.what)
        for warning in after.warnings[len(before.warnings) :]:
            self.warn(warning)

    def warn(self, message: str) -> None:
        """Reports a warning."""
        self._emit(Warned(self._clock.now(), self._journal.operation, message))

    def report_pause(self, groups: Sequence[GroupRoll], *, by_operator: bool, interactive: bool) -> None:
        """Reports that nothing new starts, and why, or that it goes on, if that has changed."""
        if by_operator:
            reason = PAUSED_TO_ASK if interactive else PAUSED_BY_OPERATOR
        else:
            reason = next((why for group in groups if (why := _find_reason(group))), "")
        if reason == self._paused:
            return
        self._paused = reason
        at, operation = self._clock.now(), self._journal.operation
        self._emit(Paused(at, operation, reason, by_operator) if reason else Resumed(at, operation))

    def finish(self, outcome: Outcome) -> None:
        """Records the end."""
        self._journal.write("finished", ok=str(outcome.ok).lower(), done=str(len(outcome.done)))
        self._emit(
            Finished(
                self._clock.now(), self._journal.operation, outcome.ok, len(outcome.done), outcome.message
            )
        )

    def _write(self, group: GroupRoll, member: Member, before: Stage) -> None:
        journal = self._journal
        match member.stage:
            case Stage.DONE:
                journal.end(member.id, group=group.name)
            case Stage.FAILED | Stage.SKIPPED:
                if before is Stage.RETURNING and not member.left:
                    journal.write("undone", member.id, group=group.name)
                if member.stage is Stage.FAILED:
                    journal.write("fail", member.id, group=group.name, error=member.why)
            case _ if before is Stage.WAITING:
                journal.begin(member.id, stage=member.stage.value, **before_details(group, member))
            case _:
                journal.note("stage", member.id, group=group.name, stage=member.stage.value)

    def _show(self, group: GroupRoll, member: Member) -> None:
        note = told = _note_of(group, member)
        phase = _PHASES.get(member.stage, Phase.RUNNING)
        if member.failing_since is not None:
            phase = Phase.RETRYING
        shown = (member.stage, phase, note)
        if self._shown.get(member.id) == shown:
            return
        self._shown[member.id] = shown
        now = self._clock.monotonic()
        if member.stage is Stage.REPLACING and group.check is not None and group.note:
            told = f"{note}, {max(0.0, group.check.until - now):.0f} s left"
        self._emit(
            StepChanged(
                self._clock.now(),
                self._journal.operation,
                member.id,
                phase,
                told,
                round(now - member.began if member.began else 0.0, 3),
                group.name,
                member.stage.value,
                member.held,
            )
        )


def _note_of(group: GroupRoll, member: Member) -> str:
    match member.stage:
        case Stage.WAITING:
            return _why_waiting(group, member) or member.note or member.reason
        case Stage.FAILED | Stage.SKIPPED:
            return member.why
        case Stage.DONE:
            return ""
        case Stage.REPLACING if group.note:
            return f"{member.stage.value}: waits for {group.note}"
        case _:
            return f"{member.stage.value}: {member.note}" if member.note else member.stage.value


def _find_next(group: GroupRoll) -> Member | None:
    """The instance of a group that is replaced next; None if none waits."""
    return next((each for each in group.members if each.stage is Stage.WAITING), None)


def _why_waiting(group: GroupRoll, member: Member) -> str:
    """What the next instance of a group waits for; "" for the others, and if it is its turn alone."""
    if group.check is None or _find_next(group) is not member:
        return ""
    first = "the added instance to join" if group.check.after_surge else "the cluster to be valid"
    return f"waits for {first}" + (f": {group.check.why}" if group.check.why else "")


def _find_reason(group: GroupRoll) -> str:
    """What keeps a group from going on, other than what takes its time; "" for nothing."""
    if group.check is not None and group.check.why and not group.check.is_replacing:
        return f"{group.name}: {group.check.why}"
    if group.stage is GroupStage.TAINTING and group.failing_since is not None:
        return f"{group.name}: {group.note}"
    blocked = [each for each in group.members if each.is_blocked]
    return f"{blocked[0].node or blocked[0].id}: {blocked[0].note}" if blocked else ""
