"""Printing the events of an operation: lines for people on stderr, or one JSON event a line on stdout."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING

from kops_tui.cli.streams import echo

if TYPE_CHECKING:
    from kops_core import Event


def event_printer(form: str) -> Callable[[Event], None]:
    """Where to send events: ``ndjson`` to stdout as data, ``text`` to stderr as narration."""
    return _print_json if form == "ndjson" else _print_text


def _print_json(event: Event) -> None:
    row = {"event": type(event).__name__, **dataclasses.asdict(event)}
    echo(json.dumps(row, default=_json_default))


def _print_text(event: Event) -> None:
    from kops_core import Phase, Started, StepChanged, Throttling, Warned, printable

    match event:
        case Started():
            before = f", {event.done_before} of an earlier run are done" if event.done_before else ""
            echo(f"{event.kind} {event.cluster}: {event.steps} steps{before}", err=True)
        case StepChanged() if event.phase is not Phase.RUNNING or event.group:
            note = f"  {printable(event.note)}" if event.note else ""
            echo(f"  {event.phase.value:5} {printable(event.step)}  {event.seconds:.1f} s{note}", err=True)
        case Throttling():
            echo(f"  {event.message}", err=True)
        case Warned():
            echo(f"warning: {printable(event.message)}", err=True)


def _json_default(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else str(value)
