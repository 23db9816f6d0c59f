"""Errors as lines for the banner: what, where, what to do. Never a traceback."""

from __future__ import annotations

from kops_core import AccessDenied, InvalidSpec, KopsError, ObjectChanged, Refused, Throttled
from kops_tui.styled_text import Line, Span, Tone, line, wrap

_SHOWN = 3
"""Field errors that the banner shows; the rest is counted."""

_REMEDIES: tuple[tuple[type[KopsError], str], ...] = (
    (AccessDenied, "renew the credentials in another shell"),
    (Throttled, "wait a moment"),
    (ObjectChanged, "read it again and look at what they wrote"),
    (Refused, "plan again with P"),
)
"""Remedies for errors that bring none themselves."""


def banner_lines(problem: BaseException, width: int, *, retry: bool) -> list[Line]:
    """The lines of a banner, wrapped to ``width``. ``retry``: r does it again."""
    again = (Span("  r", Tone.KEY), Span(" try again")) if retry else ()
    if isinstance(problem, InvalidSpec):
        shown = [
            line(
                Span(" ! ", Tone.BAD),
                Span(f"{error.path} ", Tone.STRONG),
                f"{error.kind}: {error.message}",
                f" (did you mean {error.suggestion}?)" if error.suggestion else "",
            )
            for error in problem.errors[:_SHOWN]
        ]
        rest = len(problem.errors) - _SHOWN
        if rest > 0 or again:
            shown.append(line(f"   and {rest} more" if rest > 0 else "   fix it first, then", again))
        return [cut for each in shown for cut in wrap(each, width, 3)]
    if isinstance(problem, KopsError):
        head = line(Span(" ! ", Tone.BAD), Span(_first_line(problem.what), Tone.STRONG))
        where = line(Span("   at ", Tone.MUTED), problem.where) if problem.where else ()
        said = problem.remedy or next((text for kind, text in _REMEDIES if isinstance(problem, kind)), "")
        remedy = line("   ", said, again) if said or again else ()
        return [cut for each in (head, where, remedy) if each for cut in wrap(each, width, 3)]
    head = line(
        Span(" ! ", Tone.BAD),
        Span(f"a fault of kops-tui: {type(problem).__name__}", Tone.STRONG),
        f" {_first_line(str(problem))}",
    )
    told = line("   nothing was changed by it here; please report it, the log has the details", again)
    return [cut for each in (head, told) for cut in wrap(each, width, 3)]


def full_lines(problem: BaseException) -> list[Line]:
    """All that an error says, a line for each sentence or field."""
    if isinstance(problem, InvalidSpec):
        return [
            line(
                Span(f"{error.path or error.source}  ", Tone.STRONG),
                f"{error.kind}: {error.message}",
                f" (did you mean {error.suggestion}?)" if error.suggestion else "",
                Span(f"  {error.source}:{error.line}" if error.line else "", Tone.MUTED),
            )
            for error in problem.errors
        ]
    if not isinstance(problem, KopsError):
        return [line(Span(type(problem).__name__, Tone.STRONG)), line(str(problem))]
    remedy = problem.remedy or next((text for kind, text in _REMEDIES if isinstance(problem, kind)), "")
    return [
        *(line(Span(each, Tone.STRONG)) for each in problem.what.splitlines()),
        *([line(Span("at   ", Tone.MUTED), problem.where)] if problem.where else ()),
        *([line(Span("next ", Tone.MUTED), remedy)] if remedy else ()),
    ]


def error_line(problem: BaseException) -> str:
    """An error in one line, for a cell."""
    return _first_line(
        problem.what if isinstance(problem, KopsError) else f"{type(problem).__name__}: {problem}"
    )


def _first_line(text: str) -> str:
    return text.partition("\n")[0]
