"""A field of a spec as a row: its value, who set it, what it was, and where it comes from."""

from __future__ import annotations

from collections.abc import Sequence

from kops_core import FieldError, FieldPath, Holder, MissingFact, SpecRow
from kops_tui.ports import Workspace
from kops_tui.styled_text import Line, Span, Tone, count, joined, line, value_text
from kops_tui.terminal import Glyphs
from kops_tui.widgets.rows import Row


def passes(field: SpecRow, only: str) -> bool:
    """Whether a field is shown by a filter: ``all``, ``mine``, ``inferred``, ``overrides`` or ``changed``."""
    if only == "mine":
        return field.holder in (Holder.USER, Holder.OVERRIDE)
    if only == "inferred":
        return field.holder is Holder.INFERRED
    if only == "overrides":
        return field.holder is Holder.OVERRIDE
    return field.moved if only == "changed" else True


def spec_line(field: SpecRow, glyphs: Glyphs, *, wide: bool, closed: bool, error: str = "") -> Row[FieldPath]:
    """The row of a field or structure, in two columns of values or in one with a letter before it."""
    indent = "  " * field.depth
    flag = Span(glyphs.moved, Tone.WARN) if field.moved else Span("")
    if error:
        flag = Span("!", Tone.BAD)
    if field.holder is Holder.STRUCTURE:
        sign = glyphs.closed if closed else glyphs.open
        below = Span(f"  {count(field.below, 'field')}", Tone.MUTED) if closed else Span("")
        told = Span(f"  {error}" if error else "", Tone.BAD)
        return Row(field.path, (line(f"{indent}{sign} ", Span(field.name, Tone.STRONG), below, told),), flag)
    name = line(f"{indent}  {field.name}")
    was = line(Span(f"  was {value_text(field.was) or 'unset'}", Tone.WARN)) if field.moved else ()
    if error:
        was = line(Span(f"  {error}", Tone.BAD))
    if wide:
        return Row(field.path, (name, *_value_cells(field, was), _origin_line(field)), flag)
    letter = Span(f"{field.holder.value} ", _field_tone(field))
    return Row(
        field.path,
        (name, line(letter, Span(shown_value(field), _field_tone(field)), was), _origin_line(field)),
        flag,
    )


def shown_value(field: SpecRow) -> str:
    """The value that counts."""
    return value_text(field.inferred if field.holder is Holder.INFERRED else field.yours) or "(none)"


def _value_cells(field: SpecRow, was: Line) -> tuple[Line, Line]:
    yours = line(Span(value_text(field.yours) or ".", _field_tone(field)))
    if field.holder is Holder.INFERRED:
        return yours, (*line(value_text(field.inferred) or "(none)"), *was)
    if field.holder is Holder.OVERRIDE:
        inferred = line(Span(f"(would be {value_text(field.inferred)})", Tone.MUTED))
    else:
        inferred = line(Span(value_text(field.inferred) or "-", Tone.MUTED))
    return (*yours, *was), inferred


def _field_tone(field: SpecRow) -> Tone:
    if field.holder is Holder.OVERRIDE:
        return Tone.WARN
    return Tone.YOURS if field.holder is Holder.USER else Tone.PLAIN


def _origin_line(field: SpecRow) -> Line:
    if field.holder is Holder.INFERRED:
        return line(Span(field.rule, Tone.MUTED))
    over = f"you, over {field.rule}" if field.holder is Holder.OVERRIDE else "you"
    return joined([Span(over, Tone.YOURS)], "")


def edits_line(workspace: Workspace, errors: Sequence[FieldError]) -> Line:
    """What the edits come to."""
    if errors:
        return line(
            Span(f" {count(len(errors), 'error')}: ", Tone.BAD), f"{errors[0].path}: {errors[0].message}"
        )
    if not workspace.facts_read:
        return line(Span(" values that depend on the cloud are not known yet", Tone.MUTED))
    if not workspace.edits:
        return line(Span(" no unsaved edits; the spec is valid", Tone.MUTED))
    edits = Span(f" {count(workspace.edits, 'edit')}", Tone.YOURS)
    try:
        moved = workspace.moved()
    except MissingFact as problem:
        return line(edits, f" so far; what follows from them is not known without {problem.fact}")
    return line(
        edits,
        f" so far: {count(moved, 'value')} move (",
        Span("c", Tone.KEY),
        " shows them) ",
        Span("z", Tone.KEY),
        " undo  ",
        Span("s", Tone.KEY),
        " save  ",
        Span("P", Tone.KEY),
        " plan",
    )
