"""``--set`` and ``--set-string``, as Helm reads them: ``a.b=1,list[0]=x,more={y,z}``."""

from __future__ import annotations

import re
from typing import Final

from kops_core.templating.errors import TemplateError
from kops_core.templating.values import Data

_PART: Final = re.compile(r"(?P<name>(?:\\.|[^.\[\]=,\\])+)?(?:\[(?P<index>\d{1,5})\])?")


def assign(text: str, into: dict[str, Data], *, strings: bool) -> None:
    """Sets the values of one argument in a mapping. strings: all stay texts. Raises TemplateError."""
    for each in _split(text):
        path, equals, value = _partition(each)
        if not equals:
            raise TemplateError("not an assignment", where=each, remedy="write it like key=value")
        _set(into, _path(path, each), _value(value, strings=strings))


def _split(text: str) -> list[str]:
    """The assignments between commas; those in braces, and after a backslash, do not count."""
    found, depth, escaped = [""], 0, False
    for mark in text:
        if mark == "," and not depth and not escaped:
            found.append("")
            continue
        depth += (mark == "{" and not escaped) - (mark == "}" and not escaped)
        escaped = mark == "\\" and not escaped
        found[-1] += mark
    return [each for each in found if each]


def _partition(text: str) -> tuple[str, str, str]:
    found = re.match(r"((?:\\.|[^=\\])*)(=?)(.*)", text, re.DOTALL)
    assert found is not None  # noqa: S101 - every part may be empty
    return found[1], found[2], found[3]


def _path(text: str, where: str) -> list[str | int]:
    parts: list[str | int] = []
    for piece in re.split(r"(?<!\\)\.", text):
        names = re.fullmatch(r"((?:\\.|[^\[\]\\])*)((?:\[\d{1,5}\])*)", piece)
        if names is None or not (names[1] or names[2]):
            raise TemplateError("this is no key", where=where, remedy="write it like a.b[0]=value")
        if names[1]:
            parts.append(_plain(names[1]))
        parts += [int(each) for each in re.findall(r"\d+", names[2])]
    return parts


def _value(text: str, *, strings: bool) -> Data:
    if text.startswith("{") and text.endswith("}"):
        inner = text[1:-1]
        return [_value(each, strings=strings) for each in _split(inner)] if inner else []
    plain = _plain(text)
    if strings:
        return plain
    if plain in ("true", "false", "null"):
        return {"true": True, "false": False, "null": None}[plain]
    return int(plain) if re.fullmatch(r"0|-?[1-9]\d{0,17}", plain) else plain


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _set(into: Data, path: list[str | int], value: Data) -> None:
    part, *rest = path
    if isinstance(part, int):
        while len(into) <= part:
            into.append(None)
        known = into[part]
    else:
        known = into.get(part)
    if not rest:
        into[part] = value
        return
    wanted: type = list if isinstance(rest[0], int) else dict
    if not isinstance(known, wanted):
        known = wanted()
        into[part] = known
    _set(known, rest, value)
