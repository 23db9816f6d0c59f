"""Splits a template into texts and the tokens of its actions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from kops_core.templating.errors import TemplateError
from kops_core.templating.tree import Text

_TOKEN: Final = re.compile(
    r"""
    (?P<blank>\s+)
  | (?P<string>"(?:[^"\\\n]|\\.)*")
  | (?P<raw>`[^`]*`)
  | (?P<char>'(?:[^'\\\n]|\\.[0-9a-fA-F]*)')
  | (?P<number>[+-]?(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+
        |(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?![\w.]))
  | (?P<variable>\$\w*)
  | (?P<field>\.[^\W\d]\w*)
  | (?P<word>[^\W\d]\w*)
  | (?P<assign>:=|=)
  | (?P<mark>[|(),.])
    """,
    re.VERBOSE,
)
_ACTION: Final = re.compile(r"\{\{(?P<left>-(?=\s))?")
_ESCAPES: Final = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "v": "\v",
}
"""Go's escapes that do not stand for themselves."""
_ESCAPE: Final = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))")


@dataclass(frozen=True)
class Token:
    """A part of an action."""

    kind: str
    text: str


@dataclass(frozen=True)
class Action:
    """What is between two pairs of braces."""

    line: int
    tokens: tuple[Token, ...]


def split_actions(text: str) -> Iterator[Text | Action]:
    """Texts and actions, with trim markers applied."""
    at, line, trims = 0, 1, False
    while True:
        start = text.find("{{", at)
        piece = text[at:] if start < 0 else text[at:start]
        lines = piece.count("\n")
        if trims:
            piece = piece.lstrip()
        if start < 0:
            if piece:
                yield Text(piece)
            return
        opening = _ACTION.match(text, start)
        assert opening is not None  # noqa: S101 - it was found
        if opening["left"]:
            piece = piece.rstrip()
        if piece:
            yield Text(piece)
        line += lines
        inner, at, trims = _inside(text, opening.end(), line)
        if inner is not None:
            yield Action(line, inner)
        line += text.count("\n", start, at)


def _inside(text: str, at: int, line: int) -> tuple[tuple[Token, ...] | None, int, bool]:
    """The tokens of an action from a position on, None for a comment; its end, and whether it trims."""
    comment = re.compile(r"\s*/\*.*?\*/\s*?(?P<trim>\s-)?\}\}", re.DOTALL).match(text, at)
    if comment is not None:
        return None, comment.end(), bool(comment["trim"])
    tokens: list[Token] = []
    while True:
        closing = re.compile(r"(?P<trim>\s+-)?\s*\}\}").match(text, at)
        if closing is not None:
            return tuple(tokens), closing.end(), bool(closing["trim"])
        found = _TOKEN.match(text, at)
        if found is None:
            rest = text[at : at + 20].partition("\n")[0]
            what = f"{rest!r} is not understood" if rest else "the action is not closed with }}"
            raise TemplateError(what, where=f"line {line}", remedy="write actions as {{ ... }}")
        kind = str(found.lastgroup)
        # A blank ends a chain of fields: ``f .a`` is not ``f.a``.
        tokens.append(Token(kind, found[0]))
        at = found.end()


def unquoted(token: Token) -> str:
    """The text of a quoted token."""
    inner = token.text[1:-1]
    return inner if token.kind == "raw" else unescaped(inner)


def unescaped(text: str) -> str:
    """A text with Go's escapes undone."""

    def replaced(found: re.Match[str]) -> str:
        for group in found.groups()[:3]:
            if group:
                return chr(int(group, 16))
        return chr(int(found[4], 8)) if found[4] else _ESCAPES.get(found[5], found[5])

    return _ESCAPE.sub(replaced, text)


def number_of(text: str) -> int | float:
    """The number that Go reads in a text."""
    plain = text.replace("_", "")
    try:
        return int(plain, 0)
    except ValueError:
        try:
            return float(plain)
        except ValueError:
            return int(plain, 8)  # 0755
