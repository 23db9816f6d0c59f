"""Evaluates a parsed template."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from kops_core.templating.errors import TemplateError
from kops_core.templating.syntax import parse
from kops_core.templating.tree import (
    Call,
    Expression,
    Fields,
    If,
    Include,
    Leave,
    Literal,
    Node,
    Output,
    Pipe,
    Range,
    Text,
    Variable,
)
from kops_core.templating.values import Data, shown, truth

Function: TypeAlias = Callable[..., Data]
_DEEPEST: Final = 100
"""Templates within templates; a template that includes itself would not end."""


class _Break(Exception):
    pass


class _Continue(Exception):
    pass


class Template:
    """A template with the ones that it may include."""

    def __init__(
        self,
        name: str,
        text: str,
        *,
        snippets: Mapping[str, str],
        functions: Mapping[str, Function],
        fail_on_missing: bool,
    ) -> None:
        """snippets: templates by name. functions: by name; ``include`` is added.

        fail_on_missing: whether a key that a mapping lacks is an error. Raises TemplateError.
        """
        self._missing_is_error = fail_on_missing
        self._functions = {**functions, "include": self._include}
        self._defined: dict[str, tuple[str, tuple[Node, ...]]] = {}
        self._depth = 0
        for each, content in {**snippets, name: text}.items():
            try:
                parsed = parse(content)
            except TemplateError as error:
                raise TemplateError(error.what, where=f"{each}: {error.where}", remedy=error.remedy) from None
            self._defined[each] = (each, parsed.body)
            self._defined |= {inner: (each, body) for inner, body in parsed.defined.items()}
        self._name = name

    def render(self, data: Data) -> str:
        """The text of the template for some data. Raises TemplateError."""
        return self._render(self._name, data)

    def _include(self, name: Data, dot: Data = None) -> str:
        return self._render(str(name), dot)

    def _render(self, name: str, dot: Data) -> str:
        if name not in self._defined:
            there = ", ".join(sorted(each for each in self._defined if each != self._name)) or "none"
            raise TemplateError(f"there is no template {name!r}", remedy=f"there are: {there}")
        if self._depth == _DEEPEST:
            raise TemplateError(f"the template {name!r} includes itself")
        file, body = self._defined[name]
        self._depth += 1
        try:
            run = _Run(self, file, dot)
            run.nodes(body, dot)
            return "".join(run.out)
        finally:
            self._depth -= 1

    def call(self, name: str, arguments: Sequence[Data]) -> Data:
        """Calls a function. Raises TemplateError."""
        function = self._functions.get(name)
        if function is None:
            raise TemplateError(
                f"there is no function {name!r}", remedy="see the functions of sprig and kOps"
            )
        try:
            return function(*arguments)
        except TemplateError:
            raise
        except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
            given = ", ".join(repr(shown(each)) for each in arguments)
            raise TemplateError(f"{name} can't take {given or 'no arguments'}: {error}") from error

    def field(self, value: Data, name: str) -> Data:
        """A field of a value. Raises TemplateError."""
        if isinstance(value, dict):
            if name in value:
                return value[name]
            if self._missing_is_error:
                raise TemplateError(
                    f"there is no value {name!r}",
                    remedy="give it in --values or --set, or use --fail-on-missing=false",
                )
            return None
        if value is None and not self._missing_is_error:
            return None
        raise TemplateError(f"{shown(value)!r} has no field {name!r}")


@dataclass
class _Run:
    """One rendering of one template."""

    template: Template
    file: str
    root: Data
    out: list[str] = field(default_factory=list)
    scopes: list[dict[str, Data]] = field(default_factory=lambda: [{}])

    def nodes(self, nodes: Sequence[Node], dot: Data) -> None:
        for node in nodes:
            if isinstance(node, Text):
                self.out.append(node.text)
                continue
            try:
                self._node(node, dot)
            except TemplateError as error:
                raise error.at(f"{self.file}: line {node.line}") from None

    def _node(self, node: Output | If | Range | Include | Leave, dot: Data) -> None:
        match node:
            case Output():
                value = self._value(node.value, dot)
                if node.sets:
                    self._set(node, value)
                else:
                    self.out.append(shown(value))
            case If():
                self._branch(node, dot)
            case Range():
                self._range(node, dot)
            case Include():
                within = None if node.dot is None else self._value(node.dot, dot)
                self.out.append(self.template._render(node.name, within))
            case Leave():
                raise _Break if node.word == "break" else _Continue

    def _branch(self, node: If, dot: Data) -> None:
        self.scopes.append({})
        try:
            value = self._value(node.test.value, dot)
            self._set(node.test, value)
            if truth(value):
                self.nodes(node.then, value if node.moves_dot else dot)
            else:
                self.nodes(node.otherwise, dot)
        finally:
            self.scopes.pop()

    def _range(self, node: Range, dot: Data) -> None:
        value = self._value(node.over.value, dot)
        pairs = _pairs(value)
        if not pairs:
            self.nodes(node.otherwise, dot)
            return
        for key, item in pairs:
            names = node.over.sets
            given = dict(zip(names, (item,) if len(names) == 1 else (key, item), strict=False))
            self.scopes.append(given)
            try:
                self.nodes(node.body, item)
            except _Break:
                break
            except _Continue:
                continue
            finally:
                self.scopes.pop()

    def _set(self, node: Output, value: Data) -> None:
        for name in node.sets:
            if node.declares:
                self.scopes[-1][name] = value
                continue
            scope = next((each for each in reversed(self.scopes) if name in each), None)
            if scope is None:
                raise TemplateError(f"there is no variable ${name}", remedy=f"declare it with ${name} := ...")
            scope[name] = value

    def _value(self, expression: Expression, dot: Data) -> Data:
        match expression:
            case Literal():
                return expression.value
            case Fields():
                value = dot if expression.of is None else self._value(expression.of, dot)
                return self._fields(value, expression.names)
            case Variable():
                return self._fields(self._variable(expression.name), expression.fields)
            case Call():
                return self._call(expression, (), dot)
            case Pipe():
                return self._pipe(expression, dot)

    def _pipe(self, pipe: Pipe, dot: Data) -> Data:
        first, *rest = pipe.commands
        value = self._value(first, dot)
        for command in rest:
            if not isinstance(command, Call):
                raise TemplateError("only a function can take the value of a pipeline")
            value = self._call(command, (value,), dot)
        return value

    def _call(self, call: Call, last: tuple[Data, ...], dot: Data) -> Data:
        if call.name in ("and", "or"):  # they stop at the first value that decides
            value: Data = None
            wanted = call.name == "or"
            for each in call.arguments:
                value = self._value(each, dot)
                if truth(value) is wanted:
                    return value
            return last[0] if last else value
        arguments = [self._value(each, dot) for each in call.arguments]
        return self.template.call(call.name, [*arguments, *last])

    def _fields(self, value: Data, names: Sequence[str]) -> Data:
        for name in names:
            value = self.template.field(value, name)
        return value

    def _variable(self, name: str) -> Data:
        if not name:
            return self.root
        for scope in reversed(self.scopes):
            if name in scope:
                return scope[name]
        raise TemplateError(f"there is no variable ${name}", remedy=f"declare it with ${name} := ...")


def _pairs(value: Data) -> list[tuple[Data, Data]]:
    """What ``range`` goes through: an index or a key, and the item. Raises TemplateError."""
    match value:
        case None:
            return []
        case dict():
            return [(key, value[key]) for key in sorted(value)]
        case list() | tuple():
            return list(enumerate(value))
        case int() if not isinstance(value, bool):
            return [(each, each) for each in range(value)]
        case _:
            raise TemplateError(f"range can't go through {shown(value)!r}")
