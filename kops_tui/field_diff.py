"""Differences of a field as lines: structured for JSON, by line for scripts and YAML."""

from __future__ import annotations

import difflib
import json
from dataclasses import dataclass

from kops_core import FieldChange, Unknown

_AROUND = 1
"""Equal lines shown before and after a difference."""


@dataclass(frozen=True)
class DiffLine:
    """One line of a difference."""

    sign: str
    """``+``, ``-``, ``@`` (something equal is left out here) or a blank."""
    text: str


def diff_lines(field: FieldChange) -> list[DiffLine]:
    """The lines that differ, with a few around them. Empty for values of one line."""
    before, after = field.before or "", _after_text(field)
    if isinstance(field.after, Unknown) or not (field.form or "\n" in before + after):
        return []
    one, other = _split_lines(before, field.form), _split_lines(after, field.form)
    found: list[DiffLine] = []
    for number, text in enumerate(difflib.unified_diff(one, other, n=_AROUND, lineterm="")):
        if number < 2:  # the names of the two sides, which are known here
            continue
        if text.startswith("@@"):
            if number > 2:
                found.append(DiffLine("@", ""))
            continue
        found.append(DiffLine(text[:1], text[1:]))
    return found


def tally(lines: list[DiffLine]) -> str:
    """``+3 -2``."""
    added = sum(each.sign == "+" for each in lines)
    taken = sum(each.sign == "-" for each in lines)
    return f"+{added} -{taken}"


def _after_text(field: FieldChange) -> str:
    return "" if field.after is None or isinstance(field.after, Unknown) else field.after


def _split_lines(text: str, form: str) -> list[str]:
    if form == "json" and text:
        try:
            text = json.dumps(json.loads(text), indent=1, sort_keys=True)
        except ValueError:  # shown as it stands
            return text.splitlines()
    return text.splitlines()
