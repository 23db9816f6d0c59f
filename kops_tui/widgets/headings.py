"""The headings of a list with the place in it, where there is room."""

from __future__ import annotations

from rich.cells import cell_len

from kops_tui.styled_text import Line, Span, Tone, plain


def heading_with_range(heading: Line, width: int, place: tuple[int, int, int] | None) -> Line:
    """The headings with the place in the list after them, as long as that fits; no title gives way to it."""
    if place is None:
        return heading
    first, last, total = place
    titles = plain(heading).rstrip()
    for text in (f"{first}-{last} of {total}", f"{first}-{last}/{total}", f"{last}/{total}"):
        available = width - len(text)
        if cell_len(titles) < available:
            return (Span(titles.ljust(available)), Span(text, Tone.MUTED))
    return heading
