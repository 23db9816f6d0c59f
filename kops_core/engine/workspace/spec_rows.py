"""A spec as rows of fields, with the user's and the inferred values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

from kops_core.api.path import FieldPath, Part, get
from kops_core.api.values import UNSET, Maybe, Tree
from kops_core.errors import FactsNotRead, InvalidSpec, KopsError, MissingFact
from kops_core.infer.inference import Inference


class Holder(Enum):
    """The source of a field's value; the enum's value is the letter in the gutter."""

    USER = "U"
    INFERRED = "I"
    OVERRIDE = "O"
    """The user's value, which differs from the inferred one."""
    STRUCTURE = " "


@dataclass(frozen=True)
class SpecRow:
    """One field or structure of one document."""

    path: FieldPath
    """From the root of the inference: ``spec...`` or ``instanceGroups.<name>.spec...``."""
    depth: int
    """0 for the fields of ``spec`` itself."""
    name: str
    """Last part, e.g. ``cgroupDriver`` or ``[0] main``."""
    holder: Holder
    yours: Maybe
    inferred: Maybe
    """The value that is inferred, or would be without the user's value."""
    rule: str
    """Name of the rule behind the inferred value; "" if there is none."""
    moved: bool
    """Whether the completed value differs from the saved spec's."""
    was: Maybe
    """The completed value before the unsaved edits, if it changed."""
    below: int
    """The number of fields below a structure."""
    error: str = ""
    """Why the value can't be inferred; then only the user's value is known."""
    missing_fact: str = ""
    """The cloud fact that has to be read to infer the value, also if the user has set one."""


def spec_rows(now: Inference, saved: Inference, root: FieldPath) -> list[SpecRow]:
    """The rows below ``root``, structures before their fields, in the user's order, then by name.

    A value that can't be inferred is a row with an error and hides no other field.
    """
    rows: list[SpecRow] = []
    _add(rows, now, saved, root, len(root))
    return rows


def with_unknown(
    rows: list[SpecRow], document: Tree, root: FieldPath, unknown: Sequence[FieldPath]
) -> list[SpecRow]:
    """The rows with unknown fields added, each at the end of its structure.

    document: the object; unknown: paths below its ``spec``.
    """
    found = list(rows)
    for below in unknown:
        path = (*root, *below)
        value = get(document, ("spec", *below))
        at = max((n for n, row in enumerate(found) if _within(row.path, path[:-1])), default=len(found) - 1)
        row = SpecRow(path, len(below) - 1, str(below[-1]), Holder.USER, value, UNSET, "", False, UNSET, 0)
        found.insert(at + 1, replace(row, error="no kOps of this version has such a field: it is ignored"))
    return found


def _within(path: FieldPath, structure: FieldPath) -> bool:
    return path[: len(structure)] == structure


def _add(rows: list[SpecRow], now: Inference, saved: Inference, path: FieldPath, top: int) -> int:
    yours = get(now.source, path)
    value, problem = _value(now, path, yours)
    before, _ = _value(saved, path, get(saved.source, path))
    if _is_structure(value) or (value is UNSET and _is_structure(before)):
        at = len(rows)
        total = 0
        for part in _parts(yours, value, before):
            total += _add(rows, now, saved, (*path, part), top)
        if len(path) > top:
            moved = value is UNSET or before is UNSET
            row = SpecRow(
                path,
                len(path) - top - 1,
                _name(path, value),
                Holder.STRUCTURE,
                UNSET,
                UNSET,
                "",
                moved,
                UNSET,
                total,
            )
            rows.insert(at, row)
        return total
    if value is UNSET and before is UNSET and yours is UNSET and problem is None:
        return 0
    rows.append(_leaf(now, path, depth=len(path) - top - 1, before=before, value=value, problem=problem))
    return 1


def _leaf(
    now: Inference, path: FieldPath, *, depth: int, before: Maybe, value: Maybe, problem: KopsError | None
) -> SpecRow:
    yours = get(now.source, path)
    moved = value != before
    rule = now.rule_at(path)
    would_be: Maybe = UNSET
    missing: KopsError | None = problem
    if yours is UNSET:
        holder, would_be = Holder.INFERRED, value
        rule = now.origin(path).rule if problem is None else rule
    else:
        if rule and problem is None:
            would_be, missing = _value(now, path, UNSET, without_yours=True)
        over = would_be is not UNSET and would_be != value
        holder = Holder.OVERRIDE if over else Holder.USER
    return SpecRow(
        path,
        depth,
        _name(path, value),
        holder,
        yours,
        would_be,
        rule,
        moved,
        before if moved else UNSET,
        0,
        _error_text(problem),
        missing.fact if isinstance(missing, (FactsNotRead, MissingFact)) else "",
    )


def _value(
    inference: Inference, path: FieldPath, otherwise: Maybe, *, without_yours: bool = False
) -> tuple[Maybe, KopsError | None]:
    """The completed value; if it can't be inferred the user's, with the error."""
    try:
        return (inference.would_be(path) if without_yours else inference.value(path)), None
    except KopsError as problem:
        return otherwise, problem


def _error_text(problem: KopsError | None) -> str:
    if isinstance(problem, InvalidSpec) and problem.errors:
        return problem.errors[0].message
    return problem.what if problem is not None else ""


def _is_structure(value: Maybe) -> bool:
    return isinstance(value, (dict, list)) and bool(value) and not _is_plain_list(value)


def _is_plain_list(value: Maybe) -> bool:
    return isinstance(value, list) and not any(isinstance(item, (dict, list)) for item in value)


def _parts(*values: Maybe) -> list[Part]:
    """Keys and positions of several versions of a structure: the user's in order, then the rest sorted."""
    found: dict[Part, None] = {}
    for value in values:
        if isinstance(value, dict):
            rest = [key for key in value if key not in found]
            found.update(dict.fromkeys(sorted(rest) if found or value is not values[0] else rest))
        elif isinstance(value, list):
            found.update(dict.fromkeys(range(len(value))))
    return list(found)


def _name(path: FieldPath, value: Maybe) -> str:
    last = path[-1]
    if isinstance(last, str):
        return last
    label = value.get("name") if isinstance(value, dict) else None
    return f"[{last}] {label}" if isinstance(label, str) else f"[{last}]"
