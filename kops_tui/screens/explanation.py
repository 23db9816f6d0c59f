"""The explanation of a field's value: who set it, by which rule, from which inputs."""

from __future__ import annotations

from kops_core import UNSET, FieldPath, Holder, Maybe, Origin, Read, Source, SpecRow, render_path
from kops_tui.ports import Workspace
from kops_tui.styled_text import Line, Span, Tone, count, joined, line, plain, value_text, wrap
from kops_tui.terminal import Glyphs

_WHOSE = {
    Source.USER: "you",
    Source.INFERRED: "inferred",
    Source.CLOUD: "cloud",
    Source.CHANNEL: "channel",
}


def explanation_lines(
    workspace: Workspace, field: SpecRow, width: int, glyphs: Glyphs, available: int, *, error: str = ""
) -> list[Line]:
    """At most ``available`` lines about a field; what does not fit is counted, never cut silently."""
    if field.holder is Holder.STRUCTURE:
        wrong = wrap(line(Span(f" {error}", Tone.BAD)), width, 3)[: available - 2] if error else []
        return [
            *wrong,
            line(" ", Span(own_path(field.path), Tone.STRONG), f"  {count(field.below, 'field')} below"),
            line(Span(" enter folds and unfolds", Tone.MUTED)),
        ]
    found = workspace.explain(field.path)
    kind = joined([found.type, " | ".join(found.allowed)], ": ")
    lines = [
        line(
            " ",
            Span(own_path(field.path), Tone.STRONG),
            f" = {value_text(found.value) or '(none)'}",
            Span(f"  was {value_text(field.was) or 'unset'}" if field.moved else "", Tone.WARN),
        ),
        line(" ", joined([Span(plain(kind), Tone.KEY), Span(found.description)], f" {glyphs.dot} ")),
        _reason_line(found.origin, found.would_be),
    ]
    if error or found.error:
        lines.insert(1, line(Span(f" ! {error or found.error}", Tone.BAD)))
    reads = [_input_line(read) for read in found.origin.reads]
    if reads:
        lines.append(line(Span("   read ", Tone.MUTED), joined(reads, "  ")))
    wrapped = [cut for each in lines if each for cut in wrap(each, width, 3)]
    if len(wrapped) <= available:
        return wrapped
    hidden = len(wrapped) - available + 1
    return [
        *wrapped[: available - 1],
        line(Span(f"   {glyphs.more} {count(hidden, 'more line')}", Tone.MUTED)),
    ]


def own_path(path: FieldPath) -> str:
    """A path as it is written of the object itself, in errors and by ``--set``: ``spec.minSize``."""
    return render_path(path[2:] if path[:1] == ("instanceGroups",) else path)


def _reason_line(origin: Origin, would_be: Maybe) -> Line:
    if origin.source is Source.USER:
        if would_be is UNSET:
            return line(" written by ", Span("you", Tone.YOURS))
        return line(
            " written by ",
            Span("you", Tone.YOURS),
            "; without it, inferred as ",
            Span(value_text(would_be) or "(none)", Tone.STRONG),
        )
    because = f" because {origin.because}" if origin.because else ""
    return line(" inferred by ", Span(origin.rule, Tone.STRONG), because)


def _input_line(read: Read) -> Line:
    value = value_text(read.value) or "unset"
    if len(value) > 40:
        value = value[:37] + "..."
    return line(f"{render_path(read.path)} = {value}", Span(f" ({_WHOSE[read.source]})", Tone.MUTED))
