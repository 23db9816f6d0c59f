"""Printing the events of an operation: lines for people on stderr, or one JSON event a line on stdout."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from kops_tui.cli.streams import echo, echo_data

if TYPE_CHECKING:
    from kops_core import Event, LoggedEvent


def event_printer(form: str) -> Callable[[LoggedEvent], None]:
    """Where to send events: ``ndjson`` to stdout as they are in the log, ``text`` to stderr as narration."""
    return _print_json if form == "ndjson" else lambda logged: print_event(logged.event)


def _print_json(logged: LoggedEvent) -> None:
    echo_data(f"{logged.line}\n")


def print_event(event: Event) -> None:
    """Tell of an event on stderr, if it is one that people want to know of."""
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

    match event:
        case Started():
            before = f", {event.done_before} of an earlier run are done" if event.done_before else ""
            echo(f"{event.kind} {event.cluster}: {event.steps} steps{before}", err=True)
        case StepChanged() if event.phase is not Phase.RUNNING or event.group:
            note = f"  {printable(event.note)}" if event.note else ""
            echo(f"  {event.phase.value:5} {printable(event.step)}  {event.seconds:.1f} s{note}", err=True)
        case StageStarted():
            echo(f"stage {event.number} of {event.total}: {event.title}", err=True)
        case Throttling():
            echo(f"  {event.message}", err=True)
        case Paused():
            echo(f"  paused: {printable(event.reason)}", err=True)
        case Resumed():
            echo("  going on", err=True)
        case Warned():
            echo(f"warning: {printable(event.message)}", err=True)
        case Saved():
            echo(f"  saved: {printable(', '.join(event.what))}", err=True)
        case Asked():
            echo(f"  it asks: {printable(event.text)}", err=True)
        case Controlled() if event.control is not Control.ANSWER:
            what = f"{event.control.value} {printable(event.step)}".rstrip()
            echo(f"  {what}, asked by {printable(event.by)}", err=True)
