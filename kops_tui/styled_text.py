"""Styled text: lines of spans, each with a tone that themes give a colour.

A line is a row of spans, each a text and its tone. Words and signs carry the
meaning; the tone repeats it as colour where there is colour.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import Enum
from typing import NamedTuple, TypeAlias

from rich.cells import cell_len, set_cell_size

from kops_core import UNSET, Maybe


class Tone(Enum):
    """The meaning of a piece of text, which the theme shows as a colour."""

    PLAIN = "plain"
    STRONG = "strong"
    MUTED = "muted"
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    YOURS = "yours"
    """Written by the operator."""
    KEY = "key"
    """A key to press, or a heading."""


class Span(NamedTuple):
    """A piece of a line."""

    text: str
    tone: Tone = Tone.PLAIN


Line: TypeAlias = tuple[Span, ...]


def line(*pieces: str | Span | Line) -> Line:
    """A line out of texts, spans and lines."""
    spans: list[Span] = []
    for piece in pieces:
        if isinstance(piece, str):
            spans.append(Span(piece))
        elif isinstance(piece, Span):
            spans.append(piece)
        else:
            spans.extend(piece)
    return tuple(span for span in spans if span.text)


def joined(pieces: Iterable[str | Span | Line], between: str) -> Line:
    """The pieces that are not empty, with a muted text between them."""
    kept = [made for piece in pieces if (made := line(piece))]
    spans: list[Span] = []
    for at, piece in enumerate(kept):
        if at:
            spans.append(Span(between, Tone.MUTED))
        spans.extend(piece)
    return tuple(spans)


def plain(spans: Line) -> str:
    """The text of a line."""
    return "".join(span.text for span in spans)


def width(spans: Line) -> int:
    """Cells that a line takes."""
    return sum(cell_len(span.text) for span in spans)


def fit(spans: Line, cells: int, more: str = "…", *, right: bool = False) -> Line:
    """A line of exactly ``cells`` cells: padded, or cut with ``more`` as its last sign."""
    size = width(spans)
    if size <= cells:
        padding = Span(" " * (cells - size))
        return (padding, *spans) if right else (*spans, padding)
    available = cells - cell_len(more)
    if available < 0:
        return (Span(" " * cells),)
    kept: list[Span] = []
    for span in spans:
        size = cell_len(span.text)
        if size > available:
            kept.append(Span(set_cell_size(span.text, available) + more, span.tone))
            break
        kept.append(span)
        available -= size
    return tuple(kept)


def wrap(spans: Line, cells: int, indent: int = 0) -> list[Line]:
    """A line broken at spaces to lines of at most ``cells``; those after the first are indented."""
    if width(spans) <= cells:
        return [spans]
    lines: list[list[Span]] = [[]]
    used = 0
    for span in spans:
        for word in _split_words(span.text):
            kept = word
            if used + cell_len(word.rstrip()) > cells and used > indent:
                lines.append([Span(" " * indent)] if indent else [])
                used = indent
                kept = word.lstrip()
            lines[-1].append(Span(kept, span.tone))
            used += cell_len(kept)
    return [tuple(found) for found in lines]


def _split_words(text: str) -> list[str]:
    words: list[str] = []
    for piece in text.split(" "):
        if words:
            words[-1] += " "
        words.append(piece)
    return [word for word in words if word]


def value_text(value: Maybe) -> str:
    """A value as an operator would write it on one line; "" where there is none."""
    if value is UNSET:
        return ""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "[" + ", ".join(map(value_text, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {value_text(item)}" for key, item in value.items()) + "}"
    text = str(value)
    return text.replace("\n", "\\n") if text else '""'


def age(then: datetime | None, now: datetime) -> str:
    """How long ago, in one unit: ``now``, ``7m``, ``5h``, ``2d``; "" if unknown."""
    if then is None:
        return ""
    seconds = max(0, int((now - then).total_seconds()))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= size:
            return f"{seconds // size}{unit}"
    return "now"


def ago(then: datetime, now: datetime) -> str:
    """How long ago, in words: ``just now``, ``five minutes ago``, ``two hours ago``, ``30 days ago``."""
    seconds = max(0, int((now - then).total_seconds()))
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            number = seconds // size
            word = _NUMBERS[number - 1] if number <= len(_NUMBERS) else str(number)
            return f"{word} {unit if number == 1 else unit + 's'} ago"
    return "just now"


_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def duration(seconds: float) -> str:
    """How long: ``0.4s``, ``12s``, ``4m10s``, ``1h04m``."""
    if seconds < 10:
        return f"{seconds:.1f}s"
    whole = int(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02d}s"
    return f"{whole // 3600}h{whole % 3600 // 60:02d}m"


def count(number: int, noun: str, plural: str = "") -> str:
    """``1 edit``, ``2 edits``."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"
