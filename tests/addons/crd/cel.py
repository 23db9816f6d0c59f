"""As much of CEL as the tables' rules use, evaluated on plain data.

Operators are turned into Python's, whose grammar is then close enough, and the tree is evaluated
here. An expression that can't be evaluated does not hold, as for the API server.
"""

from __future__ import annotations

import ast
import ipaddress
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

_STRING = re.compile(r"('[^']*')")
_OPERATORS = {"&&": " and ", "||": " or "}
_COMPARE: Mapping[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda one, other: one in other,
}


class Unevaluable(Exception):
    """The expression has no value for this data, or is not of the part of CEL that is known here."""


def holds(expression: str, value: object, old: object = None) -> bool:
    """Whether a rule accepts a value; ``old`` is what the value was before."""
    try:
        found = _value(ast.parse(_as_python(expression), mode="eval").body, {"self": value, "oldSelf": old})
    except Unevaluable:
        return False
    assert isinstance(found, bool), expression
    return found


def _as_python(expression: str) -> str:
    parts = _STRING.split(expression)
    for at in range(0, len(parts), 2):
        for sign, word in _OPERATORS.items():
            parts[at] = parts[at].replace(sign, word)
        parts[at] = re.sub(r"!(?!=)", " not ", parts[at])
    for at in range(1, len(parts), 2):
        parts[at] = "r" + parts[at]
    return "".join(parts).strip()


def _value(node: ast.expr, names: Mapping[str, Any]) -> Any:  # noqa: PLR0911 - one branch a kind of node
    match node:
        case ast.BoolOp(op=ast.And()):
            return all(_value(each, names) for each in node.values)
        case ast.BoolOp(op=ast.Or()):
            return any(_value(each, names) for each in node.values)
        case ast.UnaryOp(op=ast.Not()):
            return not _value(node.operand, names)
        case ast.BinOp(op=ast.Div()):
            return int(_value(node.left, names) / _value(node.right, names))
        case ast.Compare(ops=[sign], comparators=[other]):
            return _COMPARE[type(sign)](_value(node.left, names), _value(other, names))
        case ast.Constant():
            return node.value
        case ast.List():
            return [_value(each, names) for each in node.elts]
        case ast.Name():
            return names[node.id]
        case ast.Attribute():
            return _item(_value(node.value, names), node.attr)
        case ast.Subscript():
            return _item(_value(node.value, names), _value(node.slice, names))
        case ast.Call():
            return _call(node, names)
    raise Unevaluable(ast.dump(node))


def _item(value: Any, key: Any) -> Any:
    try:
        return value[key]
    except (KeyError, IndexError, TypeError) as error:
        raise Unevaluable(f"no {key} in {value}") from error


def _call(node: ast.Call, names: Mapping[str, Any]) -> Any:
    if isinstance(node.func, ast.Attribute):
        subject = _value(node.func.value, names)
        if node.func.attr in _MACROS:
            name, body = node.args
            assert isinstance(name, ast.Name)
            results = [(each, _value(body, {**names, name.id: each})) for each in subject]
            return _MACROS[node.func.attr](results)
        return _METHODS[node.func.attr](subject, *(_value(each, names) for each in node.args))
    assert isinstance(node.func, ast.Name)
    (argument,) = node.args
    if node.func.id == "has":
        assert isinstance(argument, ast.Attribute)
        return argument.attr in _value(argument.value, names)
    return _FUNCTIONS[node.func.id](_value(argument, names))


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise Unevaluable(text) from error


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def _find(text: str, pattern: str) -> str:
    found = re.search(pattern, text)
    return found[0] if found else ""


_MACROS: Mapping[str, Callable[[list[tuple[Any, Any]]], Any]] = {
    "all": lambda results: all(result for _, result in results),
    "exists": lambda results: any(result for _, result in results),
    "exists_one": lambda results: sum(bool(result) for _, result in results) == 1,
    "filter": lambda results: [each for each, result in results if result],
}
_METHODS: Mapping[str, Callable[..., Any]] = {
    "contains": lambda text, part: part in text,
    "endsWith": str.endswith,
    "find": _find,
    "matches": lambda text, pattern: re.search(pattern, text) is not None,
    "size": len,
    "split": str.split,
    "startsWith": str.startswith,
}
_FUNCTIONS: Mapping[str, Callable[[Any], Any]] = {"int": _number, "isCIDR": _is_network, "size": len}
