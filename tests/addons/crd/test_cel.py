"""Tests of the CEL evaluator."""

from __future__ import annotations

import pytest

from tests.addons.crd.cel import holds


@pytest.mark.parametrize(
    ("expression", "value", "result"),
    [
        ("self == 'a' || self == \"b\"", "b", True),
        ("!(self in ['a', 'b'])", "b", False),
        ("!self.startsWith('a') && self != ''", "b", True),
        ("self.contains('?') ? self.endsWith(':') : self == ','", "?:", True),
        ("self.contains('?') ? self.endsWith(':') : self == ','", ",", True),
        ("self.contains('?') ? self.endsWith(':') : self == ','", "?", False),
        ("self.all(x, has(x.a) ? x.a == 1 : true)", [{"a": 1}, {}], True),
        ("self.all(x, has(x.a) ? x.a == 1 : true)", [{"a": 2}, {}], False),
        ("size(self) == (self[0] == 1 ? 1 : 2)", [1], True),
        ("self.filter(x, x > 1).size() == 1", [1, 2], True),
        ("self.exists_one(x, x == 1)", [1, 1], False),
        ("self.split('@')[1] == 'b' && self.find('^[^@]+') == 'a'", "a@b", True),
        ("self / 100 == 2", 299, True),
        ("int(self) > 3", "4", True),
        ("int(self) > 3", "four", False),
        # What has no value does not hold, unless something else decides.
        ("self.a == 1", {}, False),
        ("self.a != 1", {}, False),
        ("self.a == 1 || self.b == 1", {"b": 1}, True),
        ("!(self.a == 1 && self.b == 1)", {"b": 2}, True),
        ("self.exists(x, x.a == 1)", [{}, {"a": 1}], True),
        ("!self.all(x, x.a == 1)", [{}, {"a": 2}], True),
        ("!self.all(x, x.a == 1)", [{}, {"a": 1}], False),
    ],
)
def test_an_expression_s_value(expression: str, value: object, result: bool) -> None:
    assert holds(expression, value) is result
