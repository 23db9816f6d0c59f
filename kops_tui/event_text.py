"""An event of an operation as a line of text, for the log on screens and for the terminal without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kops_core import Event


def event_text(event: Event) -> str:
    """What an event tells, in one line; "" if nobody wants to know of it."""
    from kops_core import (
        Asked,
        Control,
        Controlled,
        Paused,
        Phase,
        Resumed,
        Saved,
        StageStarted,
        Started,
        StepChanged,
        Throttling,
        Warned,
        printable,
    )

    text = ""
    match event:
        case Started():
            before = f", {event.done_before} of an earlier run are done" if event.done_before else ""
            text = f"{event.kind} {event.cluster}: {event.steps} steps{before}"
        case StepChanged() if event.phase is not Phase.RUNNING or event.group:
            note = f"  {printable(event.note)}" if event.note else ""
            text = f"  {event.phase.value:5} {printable(event.step)}  {event.seconds:.1f} s{note}"
        case StageStarted():
            text = f"stage {event.number} of {event.total}: {event.title}"
        case Throttling():
            text = f"  {event.message}"
        case Paused():
            text = f"  paused: {printable(event.reason)}"
        case Resumed():
            text = "  going on"
        case Warned():
            text = f"warning: {printable(event.message)}"
        case Saved():
            text = f"  saved: {printable(', '.join(event.what))}"
        case Asked():
            text = f"  it asks: {printable(event.text)}"
        case Controlled() if event.control is not Control.ANSWER:
            what = f"{event.control.value} {printable(event.step)}".rstrip()
            text = f"  {what}, asked by {printable(event.by)}"
    return text
