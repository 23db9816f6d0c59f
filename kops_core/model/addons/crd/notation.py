"""The lines of a field table, and a scanner for the text in a line.

A table is a tree of lines, each level indented by two blanks; blank lines and lines that start with ``#``
are ignored.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from kops_core.model.documents import Document

_NAME = re.compile(r"[^,()\"]+")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9-]*", re.ASCII)
_SPACE = re.compile(r" *")
_JSON = json.JSONDecoder()


class TableError(ValueError):
    """A field table has an error; the message has its file and line."""


@dataclass
class Line:
    """A line of a table, with the lines indented below it."""

    source: str
    """The file's name."""
    number: int
    """1-based."""
    text: str
    """Without the blanks around it."""
    children: list[Line] = field(default_factory=list)

    def error(self, what: str) -> TableError:
        """An error at this line."""
        return TableError(f"{self.source}:{self.number}: {what}")

    def leaf(self) -> str:
        """The text of a line without lines below it."""
        if self.children:
            raise self.children[0].error(f"nothing can stand below {self.text!r}")
        return self.text

    def words(self) -> list[str]:
        """The words of a line without lines below it."""
        return self.leaf().split()


def read_lines(text: str, source: str) -> list[Line]:
    """The lines of the outermost level. Raises TableError if the indentation is wrong."""
    top: list[Line] = []
    levels = [top]
    for number, raw in enumerate(text.splitlines(), 1):
        stripped = raw.strip()
        if not stripped or stripped.startswith("#"):
            continue
        line = Line(source, number, stripped)
        indent = len(raw) - len(raw.lstrip(" "))
        level, odd = divmod(indent, 2)
        if odd or "\t" in raw or level >= len(levels):
            raise line.error("each level is indented by two blanks, below the line that it belongs to")
        if raw != raw.rstrip():
            raise line.error("there are blanks at the end of the line")
        del levels[level + 1 :]
        levels[level].append(line)
        levels.append(line.children)
    return top


class Scanner:
    """Reads the text of a line from left to right."""

    def __init__(self, line: Line, text: str, start: int = 0) -> None:
        self.line = line
        self._text = text
        self._at = start

    def error(self, what: str) -> TableError:
        """An error at this position."""
        return self.line.error(f"{what} at {self._text[self._at :]!r}")

    def at_end(self) -> bool:
        """Whether only blanks are left."""
        self._skip()
        return self._at == len(self._text)

    def take(self, literal: str) -> bool:
        """Whether a literal is next; if so, consumes it."""
        self._skip()
        found = self._text.startswith(literal, self._at)
        if found:
            self._at += len(literal)
        return found

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """The match of a pattern at this position, which is consumed."""
        self._skip()
        found = pattern.match(self._text, self._at)
        if found:
            self._at = found.end()
        return found

    def word(self) -> str:
        """The next word, or ""."""
        found = self.match(_WORD)
        return found[0] if found else ""

    def expect(self, literal: str) -> None:
        """Consumes a literal. Raises TableError if something else is next."""
        if not self.take(literal):
            raise self.error(f"expected {literal!r}")

    def json(self) -> Document:
        """The next JSON value."""
        self._skip()
        try:
            value, self._at = _JSON.raw_decode(self._text, self._at)
        except ValueError as error:
            raise self.error("expected a JSON value") from error
        result: Document = value
        return result

    def until(self, end: str) -> str:
        """The text up to a literal, which is consumed, too."""
        found = self._text.find(end, self._at)
        if found < 0:
            raise self.error(f"expected {end!r}")
        text = self._text[self._at : found]
        self._at = found + len(end)
        return text

    def rest(self) -> str:
        """The rest of the text, which is consumed."""
        self._skip()
        text = self._text[self._at :]
        self._at = len(self._text)
        return text

    def names(self, words: dict[str, list[str]]) -> list[str]:
        """Names in parentheses, commas between: bare, as a JSON string, or ``@`` and a list of words."""
        self.expect("(")
        return list(self._names(words))

    def _names(self, words: dict[str, list[str]]) -> Iterator[str]:
        while True:
            self._skip()
            if self._text.startswith('"', self._at):
                yield str(self.json())
            elif self.take("@"):
                name = self.word()
                if name not in words:
                    raise self.error(f"there are no words named {name!r}")
                yield from words[name]
            else:
                found = self.match(_NAME)
                if not found:
                    raise self.error("expected a name")
                yield found[0].strip()
            if self.take(")"):
                return
            self.expect(",")

    def _skip(self) -> None:
        found = _SPACE.match(self._text, self._at)
        self._at = found.end() if found else self._at
