"""Events as JSON objects: the one form of the event log, of ``--events ndjson`` and of ``attach``.

Each row has ``version``, ``seq`` (in a log, counted from 1) and ``event`` (the name of the class), then the
fields of the event. A reader ignores fields that it does not know; an event that it does not know is read
as an ``Event`` without its own fields, so that an older viewer follows a newer operation.
"""

from __future__ import annotations

import json
from typing import Any

from kops_core.operations import events
from kops_core.operations.events import Event
from kops_core.operations.plain_data import from_data, to_data

VERSION = 1
"""Version of the rows. Additions keep it."""

_TYPES = {
    name: each for name, each in vars(events).items() if isinstance(each, type) and issubclass(each, Event)
}


def to_json(event: Event, seq: int = 0) -> str:
    """An event as one line of JSON. seq: its number in a log, 0 outside of one."""
    row = {"version": VERSION, **({"seq": seq} if seq else {}), "event": type(event).__name__}
    return json.dumps({**row, **to_data(event)})


def from_json(line: bytes | str) -> tuple[int, Event]:
    """The number and the event of a line. Raises ValueError if it is none."""
    row: Any = json.loads(line)
    if not isinstance(row, dict):
        raise ValueError("an event is a JSON object")
    seq, name = row.get("seq", 0), str(row.get("event"))
    if not isinstance(seq, int):
        raise ValueError("the number of an event is an integer")
    return seq, from_data(row, _TYPES.get(name, Event))
