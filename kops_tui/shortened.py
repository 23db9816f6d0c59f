"""Shortens two values to a width so that the part in which they differ stays visible."""

from __future__ import annotations

from rich.cells import cell_len

LEAST = 6
"""Cells under which two values can't be told apart."""


def shortened_pair(before: str, after: str, cells: int, more: str = "…") -> tuple[str, str]:
    """The two texts, each in at most ``cells`` cells, of which there have to be ``LEAST``.

    What is left out at an end is marked by ``more``. Texts that differ are different after it, too: both
    begin at the same place, before the first sign that is not the same.
    """
    if max(cell_len(before), cell_len(after)) <= cells:
        return before, after
    same = _common(before, after)
    tail = _common(before[same:][::-1], after[same:][::-1])
    differing = max(cell_len(text[same : len(text) - tail]) for text in (before, after))
    spare = cells - 2 * cell_len(more) - max(2, differing)
    spare -= min(tail, max(0, spare) // 3)  # some of what follows is shown, too
    start = same
    while start and cell_len(before[start - 1 : same]) <= spare:
        start -= 1
    if cell_len(before[:same]) <= spare + cell_len(more):
        start = 0
    least = same - start + 1
    return _window(before, start, least, cells, more), _window(after, start, least, cells, more)


def _common(one: str, other: str) -> int:
    """How many signs two texts have in common at the beginning."""
    size = min(len(one), len(other))
    return next((place for place in range(size) if one[place] != other[place]), size)


def _window(text: str, start: int, least: int, cells: int, more: str) -> str:
    """A text from ``start`` on, as far as it fits, and at least so many signs of it."""
    head, rest = more if start else "", text[start:]
    if cell_len(head + rest) <= cells:
        return head + rest
    end = least
    while cell_len(head + rest[: end + 1] + more) <= cells:
        end += 1
    return head + rest[:end] + more
