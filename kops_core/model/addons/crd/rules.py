"""Validation rules: CEL expressions with their messages, from conditions in field tables.

Most conditions have one of a few forms, each with a notation; others are written in CEL with a message.
A form applies to the value that its line belongs to; after ``each:`` to every item of a list, after
``some:`` to at least one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from kops_core.model.addons.crd.notation import Scanner
from kops_core.model.addons.objects import Object

_QUANTIFIERS = {"each": "all", "some": "exists"}
_NAME = r"[A-Za-z][A-Za-z0-9]*"
_NAMES = re.compile(rf"{_NAME}(?:, {_NAME})*", re.ASCII)


@dataclass(frozen=True)
class _Form:
    """The input of a form's function."""

    subject: str
    """The expression of the value that it applies to."""
    found: re.Match[str]
    """The match of the text so far."""
    scan: Scanner
    words: dict[str, list[str]]

    def fields(self) -> list[str]:
        """The next fields."""
        found = self.scan.match(_NAMES)
        if not found:
            raise self.scan.error("expected names of fields, commas between")
        return found[0].split(", ")

    def values(self) -> list[str]:
        """The next values, in parentheses."""
        return self.scan.names(self.words)

    def has(self, names: Sequence[str], between: str = " || ") -> str:
        """An expression for whether fields are set."""
        return between.join(f"has({self.subject}.{name})" for name in names)


_Made: TypeAlias = tuple[str, str]
"""An expression and the message."""


def rule(scan: Scanner, words: dict[str, list[str]]) -> Object:
    """The validation rule of the rest of a line. Raises TableError for an unknown form."""
    if scan.take('"'):
        message = scan.until('"')
        scan.expect(":")
        expression = " ".join([scan.rest(), *(each.leaf() for each in scan.line.children)]).strip()
        if not message or not expression:
            raise scan.line.error("a message and CEL are expected")
        return {"rule": expression, "message": message}
    scan.line.leaf()
    quantifier = next((word for word in _QUANTIFIERS if scan.take(f"{word}:")), "")
    for pattern, form in _FORMS.items():
        found = scan.match(pattern)
        if found:
            expression, message = form(_Form("x" if quantifier else "self", found, scan, words))
            if not scan.at_end():
                raise scan.error("nothing was expected")
            if quantifier:
                expression = f"self.{_QUANTIFIERS[quantifier]}(x, {expression})"
                message = f"{quantifier}: {message}"
            return {"rule": expression, "message": message}
    raise scan.error("expected a form of rule, or a message in quotes and CEL")


def _any(form: _Form) -> _Made:
    names = form.fields()
    return form.has(names), f"set at least one of {', '.join(names)}"


def _at_most_one(form: _Form) -> _Made:
    names = form.fields()
    pairs = (
        f"!({form.has([one, other], ' && ')})" for at, one in enumerate(names) for other in names[at + 1 :]
    )
    return " && ".join(pairs), f"set at most one of {', '.join(names)}"


def _exactly_one(form: _Form) -> _Made:
    names = form.fields()
    expression = f"[{form.has(names, ', ')}].filter(there, there).size() == 1"
    return expression, f"set exactly one of {', '.join(names)}"


def _excludes(form: _Form) -> _Made:
    name, names = form.found[1], form.fields()
    expression = f"!({form.has([name])} && ({form.has(names)}))"
    return expression, f"{name} can't be set together with {', '.join(names)}"


def _together(form: _Form) -> _Made:
    one, other = form.found[1], form.found[2]
    return form.has([one, other], " == "), f"set both {one} and {other}, or neither"


def _if_and_only_if(form: _Form) -> _Made:
    name, field, value = form.found.groups()
    condition = f"{form.has([field])} && {form.subject}.{field} == '{value}'"
    return f"{form.has([name])} == ({condition})", f"{name} is for {field} {value}, which needs it"


def _only_with(form: _Form) -> _Made:
    name, field, value = form.found.groups()
    expression = f"!{form.has([name])} || {form.subject}.{field} == '{value}'"
    return expression, f"{name} is for {field} {value}"


def _ordered(form: _Form) -> _Made:
    one, sign, other = form.found.groups()
    expression = f"!({form.has([one, other], ' && ')}) || {form.subject}.{one} {sign} {form.subject}.{other}"
    return expression, f"{one} must be {sign} {other}"


def _immutable(form: _Form) -> _Made:
    field = f".{form.found[1]}" if form.found[1] else ""
    return f"{form.subject}{field} == oldSelf{field}", f"{form.found[1] or 'this'} can't be changed"


def _not_empty(form: _Form) -> _Made:
    return f"size({form.subject}) > 0", "this can't be empty"


def _not_in(form: _Form) -> _Made:
    names = form.values()
    return f"!({form.subject} in {_list(names)})", f"reserved: {', '.join(names)}"


def _keys_in(form: _Form) -> _Made:
    names = form.values()
    return f"{form.subject}.all(key, key in {_list(names)})", f"keys are {', '.join(names)}"


def _keys_not_in(form: _Form) -> _Made:
    """Tests the names, not each key, of which there may be any number."""
    names = form.values()
    expression = " && ".join(f"!('{name}' in {form.subject})" for name in names)
    return expression, f"reserved: {', '.join(names)}"


def _no_prefix(form: _Form) -> _Made:
    of, prefix = form.found.groups()
    value = "key" if of == "keys" else f"{form.subject}[key]"
    expression = f"{form.subject}.all(key, !{value}.startsWith('{prefix}'))"
    return expression, f"{of} can't start with {prefix}"


def _domain(form: _Form) -> _Made:
    of, domain = form.found.groups()
    label = "label" if of else form.subject
    expression = f"!{label}.find('^[^/]+').endsWith('{domain}') || {label} in {_list(form.values())}"
    message = f"labels of {domain} are reserved but for a few"
    return f"{form.subject}.all(label, {expression})" if of else expression, message


def _list(names: Sequence[str]) -> str:
    return "[" + ", ".join(f"'{name}'" for name in names) + "]"


_FORMS: dict[re.Pattern[str], Callable[[_Form], _Made]] = {
    re.compile(pattern, re.ASCII): form
    for pattern, form in (
        (r"any of ", _any),
        (r"at most one of ", _at_most_one),
        (r"exactly one of ", _exactly_one),
        (rf"({_NAME}) excludes ", _excludes),
        (rf"({_NAME}) together with ({_NAME})", _together),
        (rf"({_NAME}) if and only if ({_NAME}) = ([\w-]+)", _if_and_only_if),
        (rf"({_NAME}) only with ({_NAME}) = ([\w-]+)", _only_with),
        (rf"({_NAME}) (<=|<|>=|>) ({_NAME})", _ordered),
        (rf"immutable(?: ({_NAME}))?", _immutable),
        (r"not empty", _not_empty),
        (r"not in(?=\()", _not_in),
        (r"keys in(?=\()", _keys_in),
        (r"keys not in(?=\()", _keys_not_in),
        (r"(keys|values) not from ([\w./-]+)", _no_prefix),
        (r"(keys )?domain ([a-z0-9.-]+) only in(?=\()", _domain),
    )
}
