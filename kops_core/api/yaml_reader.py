"""Reads YAML as kOps does, into plain values.

The parser is libyaml's. What a plain scalar means follows the YAML library of
Kubernetes (go-yaml v2, YAML 1.1): ``yes``, ``on`` and ``y`` are true, ``017`` is 15,
``1_000`` is 1000, a date stays a text. Refused: keys that are not strings, duplicate keys, unknown tags,
aliases that expand too far.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, TypeAlias

from _ruamel_yaml import (  # type: ignore[import-not-found]
    AliasEvent,
    CParser,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
    YAMLError,
)

from kops_core.api.path import FieldPath, render
from kops_core.api.values import Tree, Value
from kops_core.errors import FieldError, InvalidSpec

Event: TypeAlias = Any  # the binding of libyaml has no types

LARGEST_FILE = 10_000_000
"""Bytes; a larger file is refused before it is parsed. A large cluster with its groups has some 100,000."""
LARGEST_VALUE = 2_000_000
"""Values in a file after its aliases are expanded."""
DEEPEST = 100
"""Levels of nesting."""


@dataclass
class RawDocument:
    """One document of a file."""

    value: Value
    first_line: int
    """1-based line of its first value."""
    lines: dict[FieldPath, int] = field(default_factory=dict)
    """1-based line of every value, by path (of a mapping's value: of its key); empty unless asked for."""


def read(data: bytes | str, source: str = "", *, lines: bool = False) -> list[RawDocument]:
    """The documents of a file that are not empty.

    Raises InvalidSpec, with line and path, for what can't be read.
    """
    text = _decoded(data, source)
    builder = _Builder(source, lines=lines)
    try:
        parser = CParser(text)
        return list(builder.documents(parser))
    except YAMLError as error:
        raise InvalidSpec([_syntax_error(error, text, source)]) from error


def _decoded(data: bytes | str, source: str) -> str:
    if len(data) > LARGEST_FILE:
        size = f"{len(data) / 1e6:.0f} MB, more than the {LARGEST_FILE / 1e6:.0f} MB that are read"
        raise InvalidSpec([FieldError("Too long", "", f"the file has {size}", source)])
    if isinstance(data, str):
        return data
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"byte {error.start} is not UTF-8; save the file as UTF-8"
        raise InvalidSpec([FieldError("Invalid value", "", message, source, line)]) from error


def _syntax_error(error: YAMLError, text: str, source: str) -> FieldError:
    mark = getattr(error, "problem_mark", None)
    line = mark.line + 1 if mark is not None else 0
    lines = text.split("\n", line)
    broken = lines[line - 1] if 0 < line <= len(lines) else ""
    if "\t" in broken[: len(broken) - len(broken.lstrip())]:
        message = "a tab can't indent YAML; use spaces"
    else:
        problem = getattr(error, "problem", None) or str(error).partition("\n")[0]
        message = f"the YAML can't be read: {problem}"
    return FieldError("Invalid value", "", message, source, line)


@dataclass(slots=True)
class _Open:
    """A mapping or list that is still being read."""

    container: Tree | list[Value]
    anchor: str | None
    before: int
    """The count of values before it, to compute its size when it ends."""
    key: str | None = None
    """The key whose value comes next."""
    merging: bool = False
    """That key is ``<<``, without quotes."""
    merged: list[Tree] = field(default_factory=list)
    """The mappings that ``<<`` names: the mapping's own keys win, then those of earlier ones."""


class _Builder:
    """Turns parser events into values: one pass, no recursion."""

    def __init__(self, source: str, *, lines: bool) -> None:
        self._source = source
        self._wants_lines = lines
        self._lines: dict[FieldPath, int] = {}
        self._stack: list[_Open] = []
        self._anchors: dict[str, tuple[Value, int]] = {}
        self._count = 0

    def documents(self, parser: CParser) -> Iterator[RawDocument]:
        event = parser.get_event()
        while not isinstance(event, StreamEndEvent):
            if isinstance(event, DocumentStartEvent):
                self._anchors.clear()
                self._lines = {}
                line = parser.peek_event().start_mark.line + 1
                value = self._document(parser)
                if value is not None:
                    yield RawDocument(value, line, self._lines)
            event = parser.get_event()

    def _document(self, parser: CParser) -> Value:
        root: Value = None
        while not isinstance(event := parser.get_event(), DocumentEndEvent):
            if isinstance(event, MappingEndEvent | SequenceEndEvent):
                self._close(event)
                continue
            top = self._stack[-1] if self._stack else None
            if top is not None and top.key is None and isinstance(top.container, dict):
                self._key(top, top.container, event)
                continue
            value = self._value(event)
            self._counted(event, 1)
            if top is None:
                root = value
            else:
                self._attach(top, value, event)
            if isinstance(value, dict | list) and not isinstance(event, AliasEvent):
                self._stack.append(_Open(value, event.anchor, self._count))
            elif top is not None:
                self._settle(top, value, event)
        return root

    def _value(self, event: Event) -> Value:
        if isinstance(event, AliasEvent):
            return self._alias(event)
        if not isinstance(event, ScalarEvent):
            return self._opened(event)
        value = self._scalar(event)
        if event.anchor is not None:
            self._anchors[event.anchor] = (value, 1)
        return value

    def _attach(self, top: _Open, value: Value, event: Event) -> None:
        if isinstance(top.container, list):
            top.container.append(value)
            if self._wants_lines:
                self._lines[self._path()] = event.start_mark.line + 1
        elif top.key is not None and not top.merging:
            top.container[top.key] = value

    def _opened(self, event: Event) -> Value:
        if event.tag not in _CONTAINER_TAGS:
            raise self._error(event, "Invalid value", f"the tag {event.tag} has no meaning here")
        if len(self._stack) >= DEEPEST:
            raise self._error(event, "Too long", f"more than {DEEPEST} levels of nesting")
        if isinstance(event, MappingStartEvent):
            return {}
        return []

    def _close(self, event: Event) -> None:
        done = self._stack.pop()
        if isinstance(done.container, dict):
            for other in done.merged:
                for key, item in other.items():
                    done.container.setdefault(key, item)
        if done.anchor is not None:
            self._anchors[done.anchor] = (done.container, self._count - done.before + 1)
        if self._stack:
            self._settle(self._stack[-1], done.container, event)

    def _settle(self, parent: _Open, value: Value, event: Event) -> None:
        """Stores a completed value in its parent."""
        if parent.merging:
            several = value if isinstance(value, list) else [value]
            mappings = [one for one in several if isinstance(one, dict)]
            if len(mappings) != len(several):
                raise self._error(event, "Invalid value", "<< takes mappings, like <<: *defaults")
            parent.merged.extend(mappings)
        parent.key, parent.merging = None, False

    def _key(self, top: _Open, container: Tree, event: Event) -> None:
        if isinstance(event, ScalarEvent) and event.value == "<<" and event.implicit[0]:
            top.key, top.merging = "<<", True
            return
        key = self._value(event) if isinstance(event, ScalarEvent | AliasEvent) else None
        if isinstance(key, int) and not isinstance(key, bool):
            key = str(key)  # priorities of the autoscaler are numbers, and JSON has only strings
        if not isinstance(key, str):
            raise self._error(event, "Invalid value", "a key must be a string; put it in quotes")
        top.key = key
        if key in container:
            raise self._error(event, "Duplicate value", f"the key {key!r} is there twice")
        container[key] = None
        if self._wants_lines:
            self._lines[self._path()] = event.start_mark.line + 1

    def _alias(self, event: Event) -> Value:
        if event.anchor not in self._anchors:
            raise self._error(
                event, "Invalid value", f"there is no anchor {event.anchor!r} before this alias"
            )
        value, size = self._anchors[event.anchor]
        self._counted(event, size)
        return value

    def _counted(self, event: Event, size: int) -> None:
        self._count += size
        if self._count > LARGEST_VALUE:
            message = f"the file holds more than {LARGEST_VALUE} values once its aliases are expanded"
            raise self._error(event, "Too long", message)

    def _scalar(self, event: Event) -> Value:
        tag = event.tag
        if tag is None or tag == "!":
            return resolve(event.value) if event.implicit[0] else str(event.value)
        if tag == "tag:yaml.org,2002:str":
            return str(event.value)
        value = resolve(event.value)
        wanted = _SCALAR_TAGS.get(tag)
        if wanted is float and type(value) is int:
            return float(value)
        if wanted is None or type(value) is not wanted:
            raise self._error(event, "Invalid value", f"the tag {tag} has no meaning here")
        return value

    def _path(self) -> FieldPath:
        return tuple(
            len(here.container) - 1 if isinstance(here.container, list) else str(here.key)
            for here in self._stack
            if isinstance(here.container, list) or here.key is not None
        )

    def _error(self, event: Event, kind: str, message: str) -> InvalidSpec:
        line = event.start_mark.line + 1
        return InvalidSpec([FieldError(kind, render(self._path()), message, self._source, line)])


def resolve(text: str) -> Value:
    """The value of a plain scalar: a boolean, a number, null, or the text itself."""
    head = text[:1]
    if text in _WORDS:
        return _WORDS[text]
    if head not in _NUMERIC:
        return text
    plain = text.replace("_", "") if head != "." else text
    return _integer(plain, text) if _INTEGER.match(plain) else _float(plain, text)


def is_plain(text: str) -> bool:
    """Whether a string can be written without quotes and is still read as that string.

    Dates, and ``1:30`` and the like, are not: other YAML readers take them for times and numbers.
    """
    if resolve(text) is not text or text in _RESERVED or _BASE_60.match(text):
        return False
    return not _INTEGER.match(text.replace("_", "")) and not _is_date(text)


def _is_date(text: str) -> bool:
    match = _DATE.match(text)
    if match is None:
        return False
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
    try:
        datetime(max(year, 1), month, day, hour, minute, second)
    except ValueError:
        return False
    return True


def _integer(plain: str, text: str) -> Value:
    digits = plain.lstrip("+-").lower()
    if len(digits) > _LONGEST_NUMBER:
        return text  # no field holds such a number
    octal = len(digits) > 1 and digits[0] == "0" and digits[1].isdigit()
    number = int(digits, 8) if octal else int(digits, 0)
    return -number if plain[0] == "-" else number


def _float(plain: str, text: str) -> Value:
    if not _FLOAT.match(plain) or len(plain) > _LONGEST_NUMBER:
        return text
    number = float(plain)
    return text if number in (float("inf"), float("-inf")) else number


_LONGEST_NUMBER = 400
_NUMERIC = frozenset("+-.0123456789")
_WORDS: Mapping[str, Value] = MappingProxyType(
    {
        **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
        **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
        **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    }
)
_INTEGER = re.compile(r"[+-]?(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)\Z", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z", re.ASCII)
_RESERVED = frozenset(("<<", ".nan", ".NaN", ".NAN")) | {
    sign + word for sign in ("", "+", "-") for word in (".inf", ".Inf", ".INF")
}
_DATE = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:(?:[Tt](?=.*(?:Z|[+-]\d\d:\d\d)\Z)| (?!.*[Z+]))"
    r"(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?)?\Z",
    re.ASCII,
)
_BASE_60 = re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?\Z", re.ASCII)
_CONTAINER_TAGS = (None, "!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")
_SCALAR_TAGS: Mapping[str, type] = MappingProxyType(
    {
        "tag:yaml.org,2002:bool": bool,
        "tag:yaml.org,2002:int": int,
        "tag:yaml.org,2002:float": float,
        "tag:yaml.org,2002:null": type(None),
    }
)
