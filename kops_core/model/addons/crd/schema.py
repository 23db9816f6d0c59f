"""Builds OpenAPI v3 schemas of the API server from the field lines of a table.

A field is ``name: TYPE FACT...``, with ``!`` after the name if it is required, and its own fields and rules
indented below it. The types and facts are listed in `docs/crd-tables.md`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from kops_core.model.addons.crd.notation import Line, Scanner
from kops_core.model.addons.crd.rules import rule
from kops_core.model.addons.objects import Object
from kops_core.model.documents import Document

TYPES: dict[str, Object] = {
    "any": {"x-kubernetes-preserve-unknown-fields": True},
    "bool": {"type": "boolean"},
    "bytes": {"type": "string", "format": "byte"},
    "int": {"type": "integer"},
    "int-or-string": {
        "anyOf": [{"type": "integer"}, {"type": "string"}],
        "x-kubernetes-int-or-string": True,
    },
    "int32": {"type": "integer", "format": "int32"},
    "int64": {"type": "integer", "format": "int64"},
    "number": {"type": "number"},
    "object": {"type": "object"},
    "string": {"type": "string"},
    "time": {"type": "string", "format": "date-time"},
}
"""Types by name; any other word is the name of a shape."""
_FIELD = re.compile(r"([A-Za-z0-9$_.-]+)(!?):(?: |\Z)", re.ASCII)
_RULE = re.compile(r"(?:(list|map) )?rule ", re.ASCII)
_RANGE = re.compile(r"(-?\d+)?\.\.(-?\d+)?", re.ASCII)
_BOUNDS = {
    "len": ("minLength", "maxLength", "string"),
    "items": ("minItems", "maxItems", "array"),
    "keys": ("minProperties", "maxProperties", "object"),
}
_MAP, _LIST = "x-kubernetes-map-type", "x-kubernetes-list-type"


class Shapes:
    """The named schemas of a table, each built when it is first used, and its lists of words."""

    def __init__(self) -> None:
        self.words: dict[str, list[str]] = {}
        self._lines: dict[str, Line] = {}
        self._made: dict[str, Object] = {}
        self._making: list[str] = []

    def add(self, name: str, line: Line) -> None:
        """Declares ``shape NAME: TYPE FACT...``. Raises TableError if the name is taken."""
        if name in self._lines:
            raise line.error(f"there is a type {name} already")
        self._lines[name] = line

    def include(self, other: Shapes, line: Line) -> None:
        """Adds the shapes and words of another table. Raises TableError if a name is taken."""
        for name in (self._lines.keys() & other._lines.keys()) | (self.words.keys() & other.words.keys()):
            raise line.error(f"both tables have {name}")
        self._lines |= other._lines
        self.words |= other.words

    def find(self, name: str, scan: Scanner) -> Object:
        """The schema of a type or shape. Raises TableError if there is none or it contains itself."""
        if name in TYPES:
            return dict(TYPES[name])
        if name not in self._made:
            if name not in self._lines:
                raise scan.error(f"there is no type {name!r}")
            if name in self._making:
                raise scan.error(f"the shape {name} holds itself")
            self._making.append(name)
            line = self._lines[name]
            self._made[name] = schema(line, line.text.partition(":")[2].strip(), self)
            self._making.pop()
        return dict(self._made[name])


def schema(line: Line, text: str, shapes: Shapes) -> Object:
    """The schema of a text and the lines below it. Raises TableError with file and line."""
    scan = Scanner(line, text)
    outer, inner = _schema(scan, shapes)
    if not scan.at_end():
        raise scan.error("nothing was expected")
    fill(inner, line.children, shapes, around=None if outer is inner else outer)
    return outer


def fill(target: Object, lines: Sequence[Line], shapes: Shapes, around: Object | None = None) -> None:
    """Adds the fields and rules of some lines to a schema.

    around: the list or map whose items ``target`` describes, to which ``list rule`` and ``map rule`` belong.
    """
    properties: dict[str, Document] = {}
    required: list[str] = []
    for line in lines:
        found = _FIELD.match(line.text)
        if found:
            if found[1] in properties:
                raise line.error(f"the field {found[1]} is there already")
            properties[found[1]] = schema(line, line.text[found.end() :], shapes)
            if found[2]:
                required.append(found[1])
        else:
            _add_rule(target, around, line, shapes)
    if not properties:
        return
    if target.get("type") != "object" or "additionalProperties" in target:
        raise lines[0].error("only an object has fields")
    before = target.get("properties")
    known = dict(before) if isinstance(before, dict) else {}
    for name in properties.keys() & known.keys():
        raise lines[0].error(f"the shape has a field {name} already")
    target["properties"] = known | properties
    earlier = target.get("required")
    needed = [*(earlier if isinstance(earlier, list) else []), *required]
    if needed:
        target["required"] = sorted(needed)


def _add_rule(target: Object, around: Object | None, line: Line, shapes: Shapes) -> None:
    found = _RULE.match(line.text)
    if not found:
        raise line.error(f"expected a field or a rule, not {line.text!r}")
    where = target
    if found[1]:
        if around is None or around.get("type") != ("array" if found[1] == "list" else "object"):
            raise line.error(f"there is no {found[1]} around this")
        where = around
    rules = where.get("x-kubernetes-validations")
    made = rule(Scanner(line, line.text, found.end()), shapes.words)
    where["x-kubernetes-validations"] = [*(rules if isinstance(rules, list) else []), made]


def _schema(scan: Scanner, shapes: Shapes) -> tuple[Object, Object]:
    """The innermost schema of nested lists and maps: the schema itself if it is neither."""
    if scan.take("["):
        item, inner = _in_brackets(scan, shapes, "]")
        outer: Object = {"type": "array", "items": item}
    elif scan.take("{"):
        item, inner = _in_brackets(scan, shapes, "}")
        outer = {"type": "object", "additionalProperties": item}
    else:
        outer = inner = shapes.find(scan.word() or "object", scan)
    while _fact(scan, outer, shapes):
        pass
    return outer, inner


def _in_brackets(scan: Scanner, shapes: Shapes, end: str) -> tuple[Object, Object]:
    found = _schema(scan, shapes)
    scan.expect(end)
    return found


def _fact(scan: Scanner, target: Object, shapes: Shapes) -> bool:
    """Reads the next fact of a value, if there is one."""
    if scan.take("= "):
        _set_keyword(scan, target, "default", scan.json())
    elif scan.take("`"):
        _set_keyword(scan, target, "pattern", scan.until("`"))
    elif scan.take("& "):
        more = scan.json()
        if not isinstance(more, dict):
            raise scan.error("expected a JSON object")
        for name, value in more.items():
            _set_keyword(scan, target, name, value)
    elif bounds := scan.match(_RANGE):
        _bound(scan, target, bounds, ("minimum", "maximum"), ("integer", "number"))
    elif word := scan.word():
        _named_fact(scan, target, word, shapes)
    else:
        return False
    return True


def _named_fact(scan: Scanner, target: Object, word: str, shapes: Shapes) -> None:
    kind = target.get("type")
    if word in _BOUNDS:
        bounds = scan.match(_RANGE)
        if not bounds:
            raise scan.error("expected a range, like 1..10")
        least, most, of_kind = _BOUNDS[word]
        _bound(scan, target, bounds, (least, most), (of_kind,))
    elif word == "in":
        _set_keyword(scan, target, "enum", scan.names(shapes.words), kind == "string")
    elif word == "by":
        _set_keyword(scan, target, _LIST, "map", kind == "array")
        _set_keyword(scan, target, "x-kubernetes-list-map-keys", scan.names(shapes.words))
    elif word == "set":
        _set_keyword(scan, target, _LIST, "set", kind == "array")
    elif word == "granular":
        _set_keyword(scan, target, _MAP, "granular", kind == "object")
    elif word == "atomic":
        _set_keyword(scan, target, _LIST if kind == "array" else _MAP, "atomic", kind in ("array", "object"))
    elif word == "open":
        _set_keyword(scan, target, "x-kubernetes-preserve-unknown-fields", True, kind == "object")
    elif word == "nullable":
        _set_keyword(scan, target, "nullable", True)
    else:
        raise scan.error(f"there is no fact {word!r}")


def _bound(
    scan: Scanner,
    target: Object,
    found: re.Match[str],
    names: tuple[str, str],
    kinds: tuple[str, ...],
) -> None:
    if found[1] is None and found[2] is None:
        raise scan.error("a range has a beginning, an end or both")
    for name, text in zip(names, (found[1], found[2]), strict=True):
        if text is not None:
            _set_keyword(scan, target, name, int(text), target.get("type") in kinds)


def _set_keyword(scan: Scanner, target: Object, name: str, value: Document, fits: bool = True) -> None:
    if not fits:
        raise scan.error(f"a value of type {target.get('type', 'any')} has no {name}")
    if name in target:
        raise scan.error(f"{name} is said twice")
    target[name] = value
