"""Operations whose process ended in the middle: telling what they left, and offering to go on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from kops_core import OperationSummary
from kops_tui.dialogs.confirm import Question
from kops_tui.host import ScreenHost
from kops_tui.runs import describe_stop
from kops_tui.styled_text import Line, Span, Tone, line

_SHOWN = 4
"""Operations that the question names; the others are counted."""
_STEPS = 3
"""Steps that it names of each."""


def offer_to_resume(host: ScreenHost, left: Sequence[OperationSummary]) -> None:
    """Ask whether interrupted operations should go on."""
    host.confirm(resume_question(left, host.now()), partial(_resume, host, left))


def resume_question(left: Sequence[OperationSummary], now: datetime) -> Question:
    """The question whether interrupted operations should go on, with what is known of each."""
    lines: list[Line] = []
    for each in left[:_SHOWN]:
        handle, progress = each.handle, each.progress
        lines.append(line(Span(describe_stop(each, now), Tone.STRONG), Span(f", by {handle.by}", Tone.MUTED)))
        moving = [step for step in progress.steps.values() if step.moving]
        lines += [
            line(Span("  in the middle of  ", Tone.MUTED), f"{step.name}  {step.note}")
            for step in moving[:_STEPS]
        ]
    if len(left) > _SHOWN:
        lines.append(line(f"and {len(left) - _SHOWN} more"))
    lines += [
        line("Its process ended in the middle. Going on plans anew, and does what is left."),
        line("Later: ", Span(":operations", Tone.KEY), " lists it, ", *_KEYS),
    ]
    return Question(
        "Go on with what was interrupted?",
        tuple(lines),
        yes="go on",
        no="not now, ask again at the next start",
    )


_KEYS = (Span("A", Tone.KEY), Span(" there goes on, "), Span("c", Tone.KEY), Span(" cleans up"))


def _resume(host: ScreenHost, left: Sequence[OperationSummary]) -> None:
    for each in left:
        host.resume_run(each.handle)
