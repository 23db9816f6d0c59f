"""Printing the events of an operation: lines for people on stderr, or one JSON event a line on stdout."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from kops_tui.cli.streams import echo, echo_data
from kops_tui.event_text import event_text

if TYPE_CHECKING:
    from kops_core import Event, LoggedEvent


def event_printer(form: str) -> Callable[[LoggedEvent], None]:
    """Where to send events: ``ndjson`` to stdout as they are in the log, ``text`` to stderr as narration."""
    return _print_json if form == "ndjson" else lambda logged: print_event(logged.event)


def _print_json(logged: LoggedEvent) -> None:
    echo_data(f"{logged.line}\n")


def print_event(event: Event) -> None:
    """Tell of an event on stderr, if it is one that people want to know of."""
    text = event_text(event)
    if text:
        echo(text, err=True)
