"""Evaluates the subset of CEL that rules of custom resources use, on plain data.

Operators are turned into Python's, whose grammar is then close enough, and the tree is evaluated
here. An expression that can't be evaluated is false, as in the API server.
"""

from __future__ import annotations

import ast
import ipaddress
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from typing import Any

_STRING = re.compile(r"""('[^']*'|"[^"]*")""")
_CONSTANTS = {"true": True, "false": False}
_TOKENS = re.compile(r"""r'[^']*'|r"[^"]*"|[()\[\],?:]|[^()\[\],?:'"r]+|.""", re.DOTALL)
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
    """The expression has no value for this data, or uses other parts of CEL."""


def holds(expression: str, value: object, old: object = None) -> bool:
    """Whether a rule accepts a value; ``old``: the previous value."""
    try:
        found = _value(_parsed(expression), {**_CONSTANTS, "self": value, "oldSelf": old})
    except Unevaluable:
        return False
    assert isinstance(found, bool), expression
    return found


@cache
def _parsed(expression: str) -> ast.expr:
    return ast.parse(_as_python(expression), mode="eval").body


def _as_python(expression: str) -> str:
    parts = _STRING.split(expression)
    for at in range(0, len(parts), 2):
        for sign, word in _OPERATORS.items():
            parts[at] = parts[at].replace(sign, word)
        parts[at] = re.sub(r"!(?!=)", " not ", parts[at])
    for at in range(1, len(parts), 2):
        parts[at] = "r" + parts[at]
    return _with_conditions("".join(parts)).strip()


def _with_conditions(text: str) -> str:
    """Translates ``a ? b : c`` into Python, within each pair of brackets and between commas."""
    pieces: list[list[str]] = [[""]]
    for token in _TOKENS.findall(text):
        if token in ("(", "["):
            pieces.append([token, ""])
        elif token in (")", "]", ","):
            *before, last = pieces.pop()
            whole = "".join([*before, _with_condition(last), token])
            if token == ",":
                pieces.append([whole, ""])
            else:
                pieces[-1][-1] += whole
        else:
            pieces[-1][-1] += token
    ((last,),) = pieces
    return _with_condition(last)


def _with_condition(text: str) -> str:
    condition, asked, rest = _split(text, "?")
    if not asked:
        return text
    yes, _, no = _split(rest, ":")
    return f"(({yes.strip()}) if ({condition.strip()}) else ({_with_condition(no).strip()}))"


def _split(text: str, sign: str) -> tuple[str, str, str]:
    """The text before and after a sign outside of strings and brackets."""
    depth, at = 0, 0
    for token in _TOKENS.findall(text):
        depth += (token in ("(", "[")) - (token in (")", "]"))
        if token == sign and not depth:
            return text[:at], sign, text[at + 1 :]
        at += len(token)
    return text, "", ""


def _value(node: ast.expr, names: Mapping[str, Any]) -> Any:  # noqa: PLR0911 - one for each kind of node
    match node:
        case ast.BoolOp(op=ast.And()):
            return _all(partial(_value, each, names) for each in node.values)
        case ast.BoolOp(op=ast.Or()):
            return _any(partial(_value, each, names) for each in node.values)
        case ast.UnaryOp(op=ast.Not()):
            return not _value(node.operand, names)
        case ast.BinOp(op=ast.Div()):
            return int(_value(node.left, names) / _value(node.right, names))
        case ast.Compare(ops=[sign], comparators=[other]):
            return _COMPARE[type(sign)](_value(node.left, names), _value(other, names))
        case ast.IfExp():
            return _value(node.body if _value(node.test, names) else node.orelse, names)
        case ast.Call():
            return _call(node, names)
    return _datum(node, names)


def _datum(node: ast.expr, names: Mapping[str, Any]) -> Any:
    match node:
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
    raise Unevaluable(ast.dump(node))


def _all(conditions: Iterable[Callable[[], Any]]) -> bool:
    """Whether all are true. A false one decides, even if others have no value."""
    fault: Unevaluable | None = None
    for condition in conditions:
        try:
            if not condition():
                return False
        except Unevaluable as error:
            fault = error
    if fault is not None:
        raise fault
    return True


def _any(conditions: Iterable[Callable[[], Any]]) -> bool:
    """Whether one is true, even if others have no value."""
    return not _all(partial(_not, each) for each in conditions)


def _not(condition: Callable[[], Any]) -> bool:
    return not condition()


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
            return _MACROS[node.func.attr](
                [(each, partial(_value, body, {**names, name.id: each})) for each in subject]
            )
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


_MACROS: Mapping[str, Callable[[list[tuple[Any, Callable[[], Any]]]], Any]] = {
    "all": lambda results: _all(result for _, result in results),
    "exists": lambda results: _any(result for _, result in results),
    "exists_one": lambda results: sum(bool(result()) for _, result in results) == 1,
    "filter": lambda results: [each for each, result in results if result()],
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
