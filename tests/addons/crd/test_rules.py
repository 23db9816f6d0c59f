"""Forms of rules: the values that their CEL accepts."""

from __future__ import annotations

import pytest

from kops_core.model.addons.crd.notation import Line, Scanner
from kops_core.model.addons.crd.rules import rule
from tests.addons.crd.cel import holds


def _cel(text: str) -> str:
    found = rule(Scanner(Line("x.crd", 1, text), text), {"Two": ["a", "b"]})
    assert found["message"]
    return str(found["rule"])


@pytest.mark.parametrize(
    ("form", "accepted", "refused"),
    [
        ("any of a, b", [{"a": 1}, {"b": 0}, {"a": 1, "b": 1}], [{}, {"c": 1}]),
        ("at most one of a, b, c", [{}, {"b": 1}], [{"a": 1, "c": 1}, {"a": 1, "b": 1, "c": 1}]),
        ("exactly one of a, b, c", [{"a": 1}, {"c": 1}], [{}, {"a": 1, "b": 1}, {"a": 1, "b": 1, "c": 1}]),
        ("a excludes b, c", [{}, {"a": 1}, {"b": 1, "c": 1}], [{"a": 1, "b": 1}, {"a": 1, "c": 1}]),
        ("a together with b", [{}, {"a": 1, "b": 1}], [{"a": 1}, {"b": 1}]),
        (
            "a if and only if t = on-x",
            [{}, {"t": "off"}, {"t": "on-x", "a": 1}],
            [{"a": 1}, {"t": "on-x"}, {"t": "off", "a": 1}],
        ),
        ("a only with t = on", [{"t": "off"}, {"t": "on"}, {"t": "on", "a": 1}], [{"t": "off", "a": 1}]),
        ("a <= b", [{}, {"a": 3}, {"a": 1, "b": 1}], [{"a": 2, "b": 1}]),
        ("a > b", [{}, {"b": 3}, {"a": 2, "b": 1}], [{"a": 1, "b": 1}]),
        ("not empty", ["a", ["a"], {"a": 1}], ["", [], {}]),
        ("not in(a, b)", ["c", ""], ["a", "b"]),
        ("not in(@Two)", ["c"], ["a", "b"]),
        ("keys in(a, b)", [{}, {"a": 1, "b": 1}], [{"c": 1}, {"a": 1, "c": 1}]),
        ("keys not in(a, b)", [{}, {"c": 1}], [{"a": 1}, {"b": 1, "c": 1}]),
        ("keys not from x.io/y", [{}, {"x.io": 1}], [{"x.io/y": 1}, {"a": 1, "x.io/yz": 1}]),
        ("values not from -", [{}, {"-": "1"}], [{"a": "1", "b": "-1"}]),
        (
            "domain x.io only in(x.io/a, b.x.io/c)",
            ["x.io/a", "b.x.io/c", "a", "y.io/x.io"],
            ["x.io/b", "b.x.io/a", "x.io"],
        ),
        ("keys domain x.io only in(x.io/a)", [{}, {"x.io/a": 1, "b": 1}], [{"x.io/a": 1, "x.io/b": 1}]),
        ("each: any of a, b", [[], [{"a": 1}, {"b": 1}]], [[{"a": 1}, {}]]),
        ("some: any of a, b", [[{"a": 1}, {}]], [[], [{}, {}]]),
    ],
)
def test_what_a_form_accepts(form: str, accepted: list[object], refused: list[object]) -> None:
    expression = _cel(form)
    assert [each for each in accepted if not holds(expression, each)] == []
    assert [each for each in refused if holds(expression, each)] == []


def test_what_can_t_be_changed() -> None:
    assert holds(_cel("immutable"), {"a": 1}, {"a": 1})
    assert not holds(_cel("immutable"), {"a": 1}, {"a": 2})
    assert holds(_cel("immutable a"), {"a": 1, "b": 1}, {"a": 1})
    assert not holds(_cel("immutable a"), {"a": 1}, {"a": 2})


def test_cel_of_one_s_own_keeps_its_message_and_goes_on_below() -> None:
    line = Line("x.crd", 1, "", [Line("x.crd", 2, "self == 1 ||"), Line("x.crd", 3, "self == 3")])
    found = rule(Scanner(line, '"one or three":'), {})
    assert found == {"rule": "self == 1 || self == 3", "message": "one or three"}
