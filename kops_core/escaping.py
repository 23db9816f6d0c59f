"""Escapes untrusted text for terminals: control characters and directional marks.

Escapes, other control characters, directional marks and overrides (bidi), line and paragraph separators
and characters without a glyph are written as ``\\uXXXX``, the form that JSON and YAML have for them too.
"""

from __future__ import annotations

_LINES = "\n\t"


def printable(text: str, *, lines: bool = False) -> str:
    """The text with unprintable characters escaped. lines: line ends and tabs stay."""
    if text.isprintable():
        return text
    return "".join(
        each if each.isprintable() or (lines and each in _LINES) else _spelled(each) for each in text
    )


def _spelled(character: str) -> str:
    number = ord(character)
    if number < 0x10000:
        return f"\\u{number:04x}"
    number -= 0x10000
    return f"\\u{0xD800 + (number >> 10):04x}\\u{0xDC00 + (number & 0x3FF):04x}"
