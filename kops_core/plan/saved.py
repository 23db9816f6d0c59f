"""Saves plans as JSON, reads them, and compares them with a new one to detect stale plans."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from kops_core.api.json_text import read_json
from kops_core.api.path import parse, render
from kops_core.errors import Refused, UsageError
from kops_core.model.kind_spec import Area, Risk
from kops_core.model.template import Key
from kops_core.plan.changes import (
    Action,
    CauseGroup,
    CauseKind,
    Change,
    FieldChange,
    Plan,
    Reason,
    Unknown,
)
from kops_core.plan.comparison import compare, differing_fields
from kops_core.plan.manifest_diff import changes_of
from kops_core.plan.saved_json import CauseJson, ChangeJson, FieldJson, PlanJson

FORMAT_VERSION = "3.1"
"""The version of the JSON format. Additions increase the second number, other changes the first."""
_SEAL = "sha256"
"""The key of the digest over all the others, which detects changes of a saved plan."""


def to_json(plan: Plan) -> PlanJson:
    """The plan as data, in the format of ``-o json`` and of saved plans."""
    data: PlanJson = {
        "format_version": FORMAT_VERSION,
        "cluster": plan.cluster,
        "id": plan.id,
        "made_at": plan.made_at.isoformat(),
        "prune": plan.prune,
        "summary": {action.value: plan.count(action) for action in Action},
        "changes": [_with_objects(change, plan) for change in plan.changes],
        "deferred": [_with_objects(change, plan) for change in plan.deferred],
        "causes": [_cause_to_json(group) for group in plan.causes],
        "errors": list(plan.errors),
        "warnings": list(plan.warnings),
    }
    return {**data, "sha256": _seal(data)}


def _seal(data: Mapping[str, object]) -> str:
    content = {key: value for key, value in data.items() if key != _SEAL}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def dumps(plan: Plan) -> str:
    """The JSON text of a plan."""
    return json.dumps(to_json(plan), indent=2, ensure_ascii=False) + "\n"


def change_to_json(change: Change) -> ChangeJson:
    """A change as data; enumerations by their names."""
    return {
        "kind": change.key.kind,
        "name": change.key.name,
        "area": change.area.name.lower(),
        "action": change.action.value,
        "reason": change.reason.name.lower(),
        "fields": [_field_to_json(each) for each in change.fields],
        "needs": [str(key) for key in change.needs],
        "risk": change.risk.name.lower(),
        "rolls": list(change.rolls),
        "spec_paths": [render(path) for path in change.spec_paths],
        "label": change.label,
        "note": change.note,
        "confirm": change.confirm,
    }


def _with_objects(change: Change, plan: Plan) -> ChangeJson:
    """A change as data, with the changed objects in its files, which are ignored on reading."""
    data = change_to_json(change)
    for field, each in zip(data["fields"], change.fields, strict=True):
        field["objects"] = [
            {
                "name": one.name,
                "action": one.action.value,
                "pruned": one.pruned,
                "fields": [
                    {"path": value.path, "before": value.before, "after": value.after} for value in one.fields
                ],
            }
            for one in changes_of(change, each, plan)
        ]
    return data


def _cause_to_json(group: CauseGroup) -> CauseJson:
    return {
        "kind": group.kind.name.lower(),
        "path": render(group.path),
        "before": group.before,
        "after": group.after,
        "changes": [str(key) for key in group.changes],
        "deferred": [str(key) for key in group.deferred],
    }


def _field_to_json(each: FieldChange) -> FieldJson:
    after = None if isinstance(each.after, Unknown) else each.after
    return {
        "name": each.name,
        "before": each.before,
        "after": after,
        "after_unknown": isinstance(each.after, Unknown),
        "form": each.form,
        "forces_replace": each.forces_replace,
    }


def loads(text: bytes | str) -> Plan:
    """The plan in a JSON text.

    Raises UsageError if it is invalid or of an unknown format, Refused if it was modified.
    """
    try:
        data: Any = read_json(text)
        version = str(data["format_version"])
        if version.partition(".")[0] != FORMAT_VERSION.partition(".")[0]:
            raise UsageError(
                f"the saved plan has format {version}, and this program reads {FORMAT_VERSION}",
                remedy="make the plan again",
            )
        if data[_SEAL] != _seal(data):
            raise Refused(
                "the plan was changed since it was saved, or not all of it is there",
                remedy="make the plan again",
            )
        return Plan(
            cluster=data["cluster"],
            id=data["id"],
            made_at=datetime.fromisoformat(data["made_at"]),
            changes=tuple(map(_change, data["changes"])),
            errors=tuple(data["errors"]),
            warnings=tuple(data["warnings"]),
            deferred=tuple(map(_change, data["deferred"])),
            prune=data["prune"],
            causes=tuple(map(_cause, data.get("causes", ()))),
        )
    except (LookupError, TypeError, ValueError, AttributeError) as problem:
        why = f"it has no {problem}" if isinstance(problem, KeyError) else str(problem)
        raise UsageError(
            f"this is not a saved plan: {why}", remedy="save one with: kops-tui --plan --out FILE"
        ) from problem


def _change(data: dict[str, Any]) -> Change:
    return Change(
        key=Key(data["kind"], data["name"]),
        action=Action(data["action"]),
        reason=Reason[data["reason"].upper()],
        fields=tuple(map(_field, data["fields"])),
        needs=tuple(_key(each) for each in data["needs"]),
        risk=Risk[data["risk"].upper()],
        rolls=tuple(data["rolls"]),
        spec_paths=tuple(parse(each) for each in data["spec_paths"]),
        area=Area[data["area"].upper()],
        label=data["label"],
        note=data["note"],
        confirm=data["confirm"],
    )


def _cause(data: dict[str, Any]) -> CauseGroup:
    return CauseGroup(
        kind=CauseKind[data["kind"].upper()],
        path=parse(data["path"]) if data["path"] else (),
        before=data["before"],
        after=data["after"],
        changes=tuple(map(_key, data["changes"])),
        deferred=tuple(map(_key, data["deferred"])),
    )


def _key(text: str) -> Key:
    kind, _, name = text.partition("/")
    return Key(kind, name)


def _field(data: dict[str, Any]) -> FieldChange:
    return FieldChange(
        name=data["name"],
        before=data["before"],
        after=Unknown.AFTER_APPLY if data["after_unknown"] else data["after"],
        form=data["form"],
        forces_replace=data["forces_replace"],
    )


def staleness(saved: Plan, fresh: Plan) -> tuple[str, ...]:
    """The differences between a saved plan and a new one, a sentence each; empty if it is not stale.

    Everything but the time is compared, because an id proves nothing.
    """
    if replace(saved, made_at=fresh.made_at) == fresh:
        return ()
    difference = compare(saved.pending, fresh.pending)
    found = [
        *(f"{each.key}: {each.action.value} is needed now, too" for each in difference.added),
        *(f"{each.key}: {each.action.value} is no longer needed" for each in difference.removed),
        *(_told(one, other) for one, other in difference.changed),
    ]
    if saved.cluster != fresh.cluster:
        found.append(f"it is a plan for {saved.cluster}")
    if saved.errors != fresh.errors:
        found.append("the errors are others")
    if saved.deferred != fresh.deferred and saved.prune == fresh.prune:
        found.append("what waits to be pruned is different")
    return tuple(found) or ("the specs, the state store or what was planned changed",)


def _told(one: Change, other: Change) -> str:
    if one.action is not other.action:
        return f"{one.key}: {other.action.value} is needed now, instead of {one.action.value}"
    return f"{one.key}: {', '.join(differing_fields(one, other))} differ from when the plan was made"
