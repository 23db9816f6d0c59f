"""The page and the JSON Schemas of what programs read: events of operations, and plans."""

from __future__ import annotations

import inspect
import json
from typing import Any

import msgspec

from kops_core.operations import event_json, events
from kops_core.operations.events import Event
from kops_core.plan import saved
from kops_core.plan.saved_json import PlanJson

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def event_types() -> list[type[Event]]:
    """The events that operations report, in the order of their module."""
    return [
        each
        for each in vars(events).values()
        if isinstance(each, type) and issubclass(each, Event) and each is not Event
    ]


def events_schema() -> dict[str, Any]:
    """The schema of a line of ``--events ndjson``."""
    types = event_types()
    references, definitions = msgspec.json.schema_components(types, ref_template="#/$defs/{name}")
    for each in types:
        shape = definitions[each.__name__]
        row = {
            "version": {"const": event_json.VERSION},
            "seq": {"type": "integer", "minimum": 1},
            "event": {"const": each.__name__},
        }
        shape["properties"] = {**row, **shape["properties"]}
        shape["required"] = ["version", "event", *shape.get("required", ())]
    return {
        "$schema": _DIALECT,
        "title": "An event of an operation",
        "anyOf": [*references],
        "$defs": definitions,
    }


def plan_schema() -> dict[str, Any]:
    """The schema of ``--plan -o json`` and of a saved plan."""
    schema = msgspec.json.schema(PlanJson, ref_template="#/$defs/{name}")
    return {"$schema": _DIALECT, "title": "A plan", **schema}


def page() -> str:
    """The page."""
    lines = [
        "# Events and plans as JSON",
        "Fields are added within a version, so pass over those that you do not know.",
        "",
        "## Events",
        "",
        "One JSON object a line, as `--events ndjson` and `attach` print them:"
        " [JSON Schema](events.schema.json). What they are for is told in [operations](../operations.md).",
        "",
    ]
    for each in event_types():
        about = (inspect.getdoc(each) or "").splitlines()[0]
        fields = ", ".join(
            f"`{name}`" for name in each.__dataclass_fields__ if name not in ("at", "operation")
        )
        lines.append(f"- `{each.__name__}`: {about} {fields}")
    lines += [
        "",
        "## Plans",
        "",
        f"Format {saved.FORMAT_VERSION}, of `--plan -o json`, `--plan --out FILE` and `drift -o json`'s changes:"
        " [JSON Schema](plan.schema.json). The digest `sha256` is over all other keys; a saved plan that was"
        " changed is refused.",
    ]
    return "\n".join(lines) + "\n"


def files() -> dict[str, str]:
    """The schemas by file name."""
    return {
        "events.schema.json": json.dumps(events_schema(), indent=2) + "\n",
        "plan.schema.json": json.dumps(plan_schema(), indent=2) + "\n",
    }
