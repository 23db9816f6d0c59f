"""Go's truth, order and printing of the values in a template.

Values are those of YAML: None, booleans, integers, floats, strings, lists and mappings with strings as keys.
As in kOps, all numbers of files are floats: it reads YAML as JSON.
"""

from __future__ import annotations

from decimal import Decimal
from math import isfinite, isnan
from typing import Any, Final, TypeAlias

from kops_core.templating.errors import TemplateError

Data: TypeAlias = Any
"""A value of a template: only running it tells its type."""

NO_VALUE: Final = "<no value>"


def truth(value: Data) -> bool:
    """Whether a value is not its type's zero."""
    return bool(value)


def shown(value: Data) -> str:
    """A value as an action prints it."""
    return NO_VALUE if value is None else printed(value)


def printed(value: Data) -> str:
    """A value as ``fmt.Sprint`` prints it."""
    if isinstance(value, dict):
        return f"map[{' '.join(f'{key}:{printed(value[key])}' for key in sorted(value))}]"
    if isinstance(value, list | tuple):
        return f"[{' '.join(map(printed, value))}]"
    if isinstance(value, bool) or value is None:
        return {None: "<nil>", True: "true", False: "false"}[value]
    return float_text(value) if isinstance(value, float) else str(value)


def float_text(value: float) -> str:
    """A float as ``%v`` prints it: the shortest digits, with an exponent from 1e+06 on and below 0.0001."""
    if not isfinite(value):
        return "NaN" if isnan(value) else "+Inf" if value > 0 else "-Inf"
    sign, digits, exponent = Decimal(repr(value)).as_tuple()
    assert isinstance(exponent, int)  # noqa: S101 - it is finite
    text = "".join(map(str, digits)).rstrip("0") or "0"
    point = len(digits) + exponent if value else 1
    """Digits before the decimal point."""
    mark = "-" if sign else ""
    if not -4 <= point - 1 < 6:
        rest = f".{text[1:]}" if len(text) > 1 else ""
        return f"{mark}{text[0]}{rest}e{'-' if point < 1 else '+'}{abs(point - 1):02d}"
    if point <= 0:
        return f"{mark}0.{'0' * -point}{text}"
    whole, rest = text[:point].ljust(point, "0"), text[point:]
    return f"{mark}{whole}.{rest}" if rest else f"{mark}{whole}"


_KINDS: Final = {
    bool: "bool",
    int: "int",
    float: "float64",
    str: "string",
    dict: "map",
    type(None): "invalid",
}


def kind_of(value: Data) -> str:
    """Go's kind of a value, as sprig's ``kindOf`` names it."""
    return _KINDS.get(type(value), "slice")


def equal(one: Data, other: Data) -> bool:
    """Whether two values are equal. Raises TemplateError for values of different kinds."""
    if one is None or other is None:
        return one is other
    if _basic(one) != _basic(other):
        raise TemplateError(
            f"{shown(one)!r} and {shown(other)!r} are of different kinds, and can't be compared"
        )
    return bool(one == other)


def less(one: Data, other: Data) -> bool:
    """Whether a value comes before another one of its kind. Raises TemplateError."""
    kinds = {_basic(one), _basic(other)}
    if kinds not in ({"number"}, {"string"}):
        raise TemplateError(f"{shown(one)!r} and {shown(other)!r} have no order")
    return bool(one < other)


def _basic(value: Data) -> str:
    kind = kind_of(value)
    return "number" if kind in ("int", "float64") else kind


def as_number(value: Data) -> int | float:
    """A number, or a text that has one; 0 for anything else, as sprig's casts."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int | float):
        return value
    text = str(value) if isinstance(value, str) else ""
    try:
        return int(text, 0)
    except ValueError:
        try:
            return float(text)
        except ValueError:
            return 0


def as_int(value: Data) -> int:
    """An integer; the fraction is cut off."""
    return int(as_number(value))
