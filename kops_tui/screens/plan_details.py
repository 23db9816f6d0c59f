"""A change of a plan in detail: why, when, and field by field what differs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from kops_core import (
    LIVE,
    STATE,
    Action,
    Change,
    FieldChange,
    ObjectChange,
    Plan,
    goes_live,
    object_changes,
    render_path,
)
from kops_tui.field_diff import DiffLine, diff_lines, tally
from kops_tui.shortened import LEAST, shortened_pair
from kops_tui.styled_text import Line, Span, Tone, count, line, width, wrap
from kops_tui.terminal import Glyphs

TONES = {
    Action.CREATE: Tone.GOOD,
    Action.UPDATE: Tone.WARN,
    Action.REPLACE: Tone.BAD,
    Action.DELETE: Tone.BAD,
    Action.RETAIN: Tone.MUTED,
    Action.BLOCKED: Tone.WARN,
    Action.NO_OP: Tone.MUTED,
}
_DIFF_TONES = {"+": Tone.GOOD, "-": Tone.BAD, "@": Tone.MUTED, " ": Tone.MUTED}
_PAD = " " * 10
_INDENT = 14
"""Cells by which the second line of something long is indented."""
_ANY = 1_000_000
"""Cells enough for every value."""


def detail_lines(change: Change, plan: Plan, glyphs: Glyphs, cells: int, *, diffs: bool) -> list[Line]:
    """What is shown of a change that is opened, in lines of at most ``cells`` cells.

    diffs: with the whole values and the lines that differ.
    """
    lines = _detail_lines(change, plan, glyphs, cells, diffs=diffs)
    return [cut for each in lines for cut in wrap(each, cells, _INDENT)]


def _detail_lines(change: Change, plan: Plan, glyphs: Glyphs, cells: int, *, diffs: bool) -> list[Line]:
    lines = [line(Span(f"{_PAD}{change.reason.value}", Tone.MUTED))]
    if goes_live(change):
        lines.append(line(Span(f"{_PAD}{LIVE}", Tone.WARN)))
    if change.spec_paths:
        paths = [render_path(path) for path in change.spec_paths[:4]]
        more = len(change.spec_paths) - 4
        why = ", ".join(paths) + (f" and {more} more" if more > 0 else "")
        lines.append(line(Span(f"{_PAD}why ", Tone.MUTED), why))
    if change.rolls:
        lines.append(line(Span(f"{_PAD}rolls ", Tone.MUTED), Span(", ".join(change.rolls), Tone.WARN)))
    if change.needs:
        needs = ", ".join(str(key) for key in change.needs[:3])
        more = len(change.needs) - 3
        lines.append(
            line(Span(f"{_PAD}after ", Tone.MUTED), needs + (f" and {more} more" if more > 0 else ""))
        )
    if change.key.kind == STATE:
        objects_there = [key for each in change.fields for key in (each.before or "").splitlines()]
        return lines + [line(f"{_PAD}{key}") for key in objects_there]
    for each in change.fields:
        objects = [] if change.action is Action.DELETE else object_changes(change, each, plan)
        lines += (
            _object_lines(objects, glyphs, cells, diffs=diffs)
            if objects
            else _field_lines(each, glyphs, cells, diffs=diffs)
        )
    return lines


def headline(change: Change, plan: Plan, glyphs: Glyphs, cells: int) -> Line:
    """What differs, in one line: a value before and after, or else which fields.

    User data that has another hash of a file of its nodes differs as that file does.
    """
    if change.action is Action.CREATE:
        return ()
    found = _values(change)
    if found and found[0] == _NODE_FILES_HASH:
        found = next(
            (
                values
                for each in plan.pending
                if each.key.kind == "ManagedFile" and each.key.name in _node_files(change)
                if (values := _values(each)) is not None
            ),
            found,
        )
    if found is None:
        return line(", ".join(each.name for each in change.fields[:4]))
    name, before, after = found
    more = f"  and {len(change.fields) - 1} more" if len(change.fields) > 1 else ""
    fitting = cells - len(name) - 1 - len(more)
    return line(f"{name} ", before_and_after(before, after, glyphs, fitting), more)


_NODE_FILES_HASH = "NodeupConfigHash"
_TELLING = ("KubernetesVersion",)
"""Lines of files that tell most about what differs."""


def _node_files(change: Change) -> set[str]:
    """The files of the nodes that are made from a template."""
    return {f"nodeupconfig-{group}" for group in change.rolls}


def _values(change: Change) -> tuple[str, str, str] | None:
    """The name, the value before and that after of what differs; None if none fits into a line."""
    found = [pair for each in change.fields for pair in _pairs(each)]
    telling = [pair for pair in found if pair[0] in _TELLING]
    return next(iter(telling or found), None)


def before_and_after(before: str, after: str, glyphs: Glyphs, cells: int) -> Line:
    """A value before and after on one line of at most ``cells`` cells, in which their difference is seen."""
    arrow = f" {glyphs.arrow} "
    one, other = _one_line(before), _one_line(after)
    if width((Span(one + arrow + other),)) > cells:
        each = max(LEAST, (cells - len(arrow)) // 2)
        one, other = shortened_pair(one, other, each, glyphs.more)
    return line(Span(one, Tone.BAD), Span(arrow, Tone.MUTED), Span(other, Tone.GOOD))


def _pairs(field: FieldChange) -> Iterator[tuple[str, str, str]]:
    """The lines in which a value differs: their names, with the values before and after."""
    if field.before is None or not isinstance(field.after, str):
        return
    lines = diff_lines(field)
    if not lines:
        yield field.name, field.before, field.after
    for former, latter in pairwise(lines):
        (name, colon, before), (same, _, after) = _entry(former), _entry(latter)
        if (former.sign, latter.sign) == ("-", "+") and colon and name == same:
            yield name, before, after


def _entry(part: DiffLine) -> tuple[str, str, str]:
    """A line of YAML or JSON as name, colon and value."""
    name, colon, value = part.text.strip().partition(":")
    return name.strip('"- '), colon, value.strip('", ')


def _object_lines(objects: Sequence[ObjectChange], glyphs: Glyphs, cells: int, *, diffs: bool) -> list[Line]:
    """What comes, changes and goes in a file; with ``diffs``, of what changes each field."""
    lines: list[Line] = []
    for one in objects:
        told = count(len(one.fields), "field") if one.fields else one.action.value
        if one.pruned is not None:
            told = "pruned: the cluster loses it" if one.pruned else "stays in the cluster: not pruned"
        hint = Span("  v shows them", Tone.MUTED) if one.fields and not diffs else Span("")
        name = Span(f"{one.name or 'contents'}  ", Tone.STRONG)
        lines.append(line(Span(f"{_PAD}{one.action.glyph} ", TONES[one.action]), name, told, hint))
        for each in one.fields if diffs else ():
            before = "(unset)" if each.before is None else each.before
            after = "(unset)" if each.after is None else each.after
            values = (Span(before, Tone.BAD), Span(f" {glyphs.arrow} ", Tone.MUTED), Span(after, Tone.GOOD))
            lines.append(line(Span(f"{_PAD}    {each.path}  ", Tone.PLAIN), *values))
    return lines


def _field_lines(each: FieldChange, glyphs: Glyphs, cells: int, *, diffs: bool) -> list[Line]:
    found = diff_lines(each)
    forced = Span("  forces a new one", Tone.BAD) if each.forces_replace else Span("")
    head = Span(f"{_PAD}{each.name:<22} ", Tone.PLAIN)
    if found:
        hint: Line = () if diffs else line(Span("  v shows the lines", Tone.MUTED))
        lines = [line(head, tally(found), hint, forced)]
        return lines + [_diff_line(part, glyphs) for part in found] if diffs else lines
    after = "" if each.after is None else str(each.after)
    if each.before is None:
        return [line(head, Span(_one_line(after), Tone.GOOD), forced)]
    if each.after is None:
        return [line(head, Span(_one_line(each.before), Tone.BAD), Span(" (removed)", Tone.BAD), forced)]
    whole = line(head, before_and_after(each.before, after, glyphs, _ANY), forced)
    if diffs or width(whole) <= 2 * cells - _INDENT:  # it is broken into two lines
        return [whole]
    hint = line(Span("  v shows all", Tone.MUTED))
    cut = before_and_after(each.before, after, glyphs, cells - width((head, forced, *hint)))
    return [line(head, cut, forced, hint)]


def _diff_line(part: DiffLine, glyphs: Glyphs) -> Line:
    if part.sign == "@":
        return line(Span(f"{_PAD}  {glyphs.rule * 3}", Tone.MUTED))
    return line(Span(f"{_PAD}  {part.sign} {part.text}".replace("\t", "  "), _DIFF_TONES[part.sign]))


def _one_line(text: str) -> str:
    return text.replace("\n", " ") if text else '""'
