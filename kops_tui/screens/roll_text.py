"""What a rolling update comes to so far: the time that is left, and what its nodes wait for; pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from statistics import median

from kops_core import HeldPod, Phase, StepProgress
from kops_tui.styled_text import Line, Span, Tone, count, duration, joined, line, wrap


def time_left(steps: Iterable[StepProgress], now: datetime) -> float | None:
    """An estimate of the seconds that are left, from the median of the nodes done; None before one is.

    Nodes that are replaced at the same time share the time that is left.
    """
    known = list(steps)
    done = [each.seconds for each in known if each.phase is Phase.DONE and each.seconds]
    if not done:
        return None
    usual = median(done)
    moving = [each for each in known if each.moving]
    waiting = sum(each.phase is Phase.WAITING for each in known)
    work = waiting * usual + sum(max(0.0, usual - each.elapsed(now)) for each in moving)
    return work / max(1, len(moving))


def phase_text(step: StepProgress) -> str:
    """What is being done to a node, or how it ended."""
    return step.stage if step.moving and step.stage else step.phase.value


def seconds_in_phase(step: StepProgress, now: datetime) -> float:
    """Since when a node is in its phase; of one that has ended, how long it took in all."""
    if step.moving and step.stage_since is not None:
        return max(0.0, (now - step.stage_since).total_seconds())
    return step.elapsed(now)


def note_text(step: StepProgress) -> str:
    """What a node waits for, the pod in the way first; without the name of its phase."""
    if step.held:
        more = f" and {len(step.held) - 1} more" if len(step.held) > 1 else ""
        return f"{step.held[0].pod}{more}: {holder_text(step.held[0])}"
    return _without_phase(step)


def holder_text(pod: HeldPod) -> str:
    """What keeps a pod on its node."""
    return f"PDB {pod.budget}" if pod.budget else pod.answer


def held_up(steps: Iterable[StepProgress], now: datetime) -> Line:
    """The node that is longest in its phase, and what it waits for; () if none is moving."""
    moving = [each for each in steps if each.moving]
    if not moving:
        return ()
    blocked = [each for each in moving if each.held]
    slowest = max(blocked or moving, key=lambda each: seconds_in_phase(each, now))
    note = note_text(slowest)
    return line(
        Span("held up: " if blocked else "now: ", Tone.WARN if blocked else Tone.MUTED),
        Span(slowest.name, Tone.STRONG),
        f"  {phase_text(slowest)} for {duration(seconds_in_phase(slowest, now))}",
        f": {note}" if note else "",
    )


def step_lines(step: StepProgress, now: datetime, width: int) -> list[Line]:
    """A node in full: its phase and times, each held pod and by what, each thing that is waited for."""
    in_phase, in_all = seconds_in_phase(step, now), step.elapsed(now)
    joint = "for" if step.moving else "in"
    times = [phase_text(step) + (f" {joint} {duration(in_phase)}" if in_phase else "")]
    if step.moving and in_all > in_phase:
        times.append(f"{duration(in_all)} in all")
    lines = [line(" ", Span(step.name, Tone.STRONG), "  ", joined([step.group, *times], ", "))]
    for each in step.held:
        since = duration(max(0.0, (now - each.since).total_seconds()))
        lines.append(
            line(
                Span(" held   ", Tone.WARN),
                Span(each.pod, Tone.STRONG),
                f"  for {since} by {holder_text(each)}",
            )
        )
    parts = _parts(step)
    if step.moving and step.stage == "replacing" and len(parts) > 1:
        lines.append(line(Span(f" {count(len(parts), 'thing')} in the way of the next node:", Tone.WARN)))
    for part in parts:
        lines += wrap(line(f" {part}"), width, 1)
    return lines


def _without_phase(step: StepProgress) -> str:
    """The note of a node without the name of its phase in front."""
    note = step.note
    return note.removeprefix(step.stage).removeprefix(": ") if step.moving and step.stage else note


def _parts(step: StepProgress) -> list[str]:
    """What a note lists, without the pods that are shown by themselves."""
    of_pods = (", held since ", "more that are held") if step.held else ()
    return [
        each
        for each in _without_phase(step).split("; ")
        if each and not any(part in each for part in of_pods)
    ]
