"""The functions of sprig 3 that depend on their arguments alone."""

from __future__ import annotations

import json
import math
import posixpath
import re
from collections.abc import Mapping
from typing import Final

from kops_core.api import semver
from kops_core.api.canonical import emit
from kops_core.api.json_text import read_json
from kops_core.templating.errors import TemplateError
from kops_core.templating.evaluation import Function
from kops_core.templating.sprig_texts import TEXTS, fail, texts_of
from kops_core.templating.values import Data, as_int, as_number, kind_of, shown, truth


def sprig_functions(environment: Mapping[str, str]) -> dict[str, Function]:
    """The functions by name. environment: what ``env`` and ``expandenv`` read."""
    return {
        **TEXTS,
        **_LISTS,
        **_MAPPINGS,
        **_NUMBERS,
        **_OTHERS,
        "env": lambda name: environment.get(str(name), ""),
        "expandenv": lambda text: re.sub(
            r"\$(?:\{(\w+)\}|(\w+))", lambda found: environment.get(found[1] or found[2], ""), str(text)
        ),
    }


def _listed(value: Data) -> list[Data]:
    if not isinstance(value, list | tuple):
        raise TemplateError(f"{shown(value)!r} is no list")
    return list(value)


def _unique(values: Data) -> list[Data]:
    found: list[Data] = []
    for each in _listed(values):
        if each not in found:
            found.append(each)
    return found


def _until_step(start: Data, stop: Data, step: Data) -> list[int]:
    width = as_int(step)
    return list(range(as_int(start), as_int(stop), width)) if width else []


def _seq(*ends: Data) -> str:
    """The numbers from one to another: ``seq stop``, ``seq start stop`` or ``seq start step stop``."""
    numbers = [as_int(each) for each in ends]
    start, stop = numbers[0] if len(numbers) > 1 else 1, numbers[-1]
    step = numbers[1] if len(numbers) > 2 else 1 if stop >= start else -1
    return " ".join(map(str, range(start, stop + (1 if step > 0 else -1), step))) if step else ""


def _chunk(size: Data, values: Data) -> list[Data]:
    found, width = _listed(values), as_int(size)
    return [found[at : at + width] for at in range(0, len(found), width)]


def _has(wanted: Data, values: Data) -> bool:
    return wanted in _listed(values) if values is not None else False


_LISTS: Final[dict[str, Function]] = {
    "append": lambda values, item: [*_listed(values), item],
    "chunk": _chunk,
    "compact": lambda values: [each for each in _listed(values) if truth(each)],
    "concat": lambda *lists: [each for values in lists for each in _listed(values)],
    "first": lambda values: next(iter(_listed(values)), None),
    "has": _has,
    "initial": lambda values: _listed(values)[:-1],
    "last": lambda values: next(iter(_listed(values)[-1:]), None),
    "list": lambda *values: list(values),
    "prepend": lambda values, item: [item, *_listed(values)],
    "push": lambda values, item: [*_listed(values), item],
    "rest": lambda values: _listed(values)[1:],
    "reverse": lambda values: _listed(values)[::-1],
    "seq": _seq,
    "sortAlpha": lambda values: sorted(texts_of(values)),
    "tuple": lambda *values: list(values),
    "uniq": _unique,
    "until": lambda count: (
        list(range(as_int(count))) if as_int(count) > 0 else list(range(0, as_int(count), -1))
    ),
    "untilStep": _until_step,
    "without": lambda values, *items: [each for each in _listed(values) if each not in items],
}


def _mapping(value: Data) -> dict[str, Data]:
    if not isinstance(value, dict):
        raise TemplateError(f"{shown(value)!r} is no mapping")
    return value


def _dict(*pairs: Data) -> dict[str, Data]:
    values = [*pairs, *([""] if len(pairs) % 2 else [])]
    return {shown(key): value for key, value in zip(values[::2], values[1::2], strict=True)}


def _set_key(mapping: Data, key: Data, value: Data) -> Data:
    _mapping(mapping)[shown(key)] = value
    return mapping


def _unset_key(mapping: Data, key: Data) -> Data:
    _mapping(mapping).pop(shown(key), None)
    return mapping


def _merge(target: Data, *sources: Data, over: bool = False) -> Data:
    """Merges mappings into the first one, recursively. over: later values win, not earlier ones."""
    into = _mapping(target)
    for source in sources:
        for key, value in _mapping(source).items():
            known = into.get(key)
            if isinstance(known, dict) and isinstance(value, dict):
                _merge(known, value, over=over)
            elif over or not truth(known):
                into[key] = value
    return into


def _dig(*given: Data) -> Data:
    *keys, default, mapping = given
    value: Data = mapping
    for key in keys:
        if not isinstance(value, dict) or key not in value:
            return default
        value = value[key]
    return value


_MAPPINGS: Final[dict[str, Function]] = {
    "deepCopy": lambda value: json.loads(json.dumps(value)),
    "dict": _dict,
    "dig": _dig,
    "get": lambda mapping, key: _mapping(mapping).get(shown(key), ""),
    "hasKey": lambda mapping, key: shown(key) in _mapping(mapping),
    "keys": lambda *mappings: [key for each in mappings for key in _mapping(each)],
    "merge": _merge,
    "mergeOverwrite": lambda target, *sources: _merge(target, *sources, over=True),
    "omit": lambda mapping, *keys: {key: each for key, each in _mapping(mapping).items() if key not in keys},
    "pick": lambda mapping, *keys: {key: each for key, each in _mapping(mapping).items() if key in keys},
    "pluck": lambda key, *mappings: [each[key] for each in mappings if key in _mapping(each)],
    "set": _set_key,
    "unset": _unset_key,
    "values": lambda mapping: list(_mapping(mapping).values()),
}


def _divide(one: Data, other: Data) -> int:
    """Go's division of integers, which cuts off."""
    return math.trunc(as_int(one) / as_int(other)) if as_int(other) else fail("division by zero")


def _round(value: Data, places: Data, *_: Data) -> float:
    factor = 10 ** as_int(places)
    return float(math.floor(float(as_number(value)) * factor + 0.5) / factor)


_NUMBERS: Final[dict[str, Function]] = {
    "add": lambda *values: sum(map(as_int, values)),
    "add1": lambda value: as_int(value) + 1,
    "addf": lambda *values: float(sum(map(as_number, values))),
    "atoi": as_int,
    "ceil": lambda value: float(math.ceil(as_number(value))),
    "div": _divide,
    "float64": lambda value: float(as_number(value)),
    "floor": lambda value: float(math.floor(as_number(value))),
    "int": as_int,
    "int64": as_int,
    "max": lambda *values: max(map(as_int, values)),
    "maxf": lambda *values: float(max(map(as_number, values))),
    "min": lambda *values: min(map(as_int, values)),
    "minf": lambda *values: float(min(map(as_number, values))),
    "mod": lambda one, other: int(math.fmod(as_int(one), as_int(other))),
    "mul": lambda *values: math.prod(map(as_int, values)),
    "mulf": lambda *values: float(math.prod(map(as_number, values))),
    "round": _round,
    "sub": lambda one, other: as_int(one) - as_int(other),
    "subf": lambda one, *others: float(as_number(one) - sum(map(as_number, others))),
    "toDecimal": lambda value: int(str(value), 8),
}


def _coalesce(*values: Data) -> Data:
    return next((each for each in values if truth(each)), None)


def _default(default: Data, *values: Data) -> Data:
    return values[0] if values and truth(values[0]) else default


def _required(message: Data, value: Data) -> Data:
    return fail(message) if value in (None, "") else value


def _json(value: Data, *, pretty: bool = False, escaped: bool = True) -> str:
    """As Go writes JSON: keys in order, whole floats without a point, and HTML escaped."""
    text = json.dumps(
        _whole(value), sort_keys=True, ensure_ascii=False, indent=2 if pretty else None,
        separators=None if pretty else (",", ":"),
    )  # fmt: skip
    if escaped:
        for mark in "<>&":
            text = text.replace(mark, f"\\u{ord(mark):04x}")
    return text


def _whole(value: Data) -> Data:
    """A value whose floats without a fraction are integers."""
    if isinstance(value, dict):
        return {key: _whole(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_whole(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e21 else value


def _yaml(value: Data) -> str:
    return emit(_whole(value)).removesuffix("\n")


def _compare_versions(constraint: Data, version: Data) -> bool:
    found = semver.parse_tolerant(str(version))
    if found is None:
        raise TemplateError(f"{version!r} is no version")
    return semver.in_range(found, re.sub(r",\s*", " ", str(constraint)))


def _version(text: Data) -> dict[str, Data]:
    found = semver.parse_tolerant(str(text))
    if found is None:
        raise TemplateError(f"{text!r} is no version")
    return {"Major": found.major, "Minor": found.minor, "Patch": found.patch, "Prerelease": found.pre}


_OTHERS: Final[dict[str, Function]] = {
    "all": lambda *values: all(map(truth, values)),
    "any": lambda *values: any(map(truth, values)),
    "base": lambda path: posixpath.basename(str(path)) or ".",
    "clean": lambda path: posixpath.normpath(str(path)),
    "coalesce": _coalesce,
    "default": _default,
    "dir": lambda path: posixpath.dirname(str(path)) or ".",
    "empty": lambda value: not truth(value),
    "ext": lambda path: posixpath.splitext(str(path))[1],
    "fail": fail,
    "fromJson": lambda text: read_json(str(text).encode()),
    "isAbs": lambda path: str(path).startswith("/"),
    "kindIs": lambda kind, value: kind_of(value) == kind,
    "kindOf": kind_of,
    "required": _required,
    "semver": _version,
    "semverCompare": _compare_versions,
    "ternary": lambda yes, no, test: yes if truth(test) else no,
    "toJson": _json,
    "toPrettyJson": lambda value: _json(value, pretty=True),
    "toRawJson": lambda value: _json(value, escaped=False),
    "toYaml": _yaml,
    "typeOf": kind_of,
}
