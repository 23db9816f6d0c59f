"""Quantities and durations as Kubernetes and Go write them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kops_core.api import duration, quantity, scalars
from kops_core.errors import UsageError


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("1024Mi", "1Gi"),
        ("0.5", "500m"),
        ("1000m", "1"),
        ("1.5Gi", "1536Mi"),
        ("0.5Ki", "512"),
        ("1e3", "1e3"),
        ("1E3", "1e3"),
        ("12e6", "12e6"),
        ("100e-1", "10"),
        ("1000k", "1M"),
        ("0", "0"),
        ("0Mi", "0"),
        ("-0.5", "-500m"),
        ("+2", "2"),
        (".5", "500m"),
        ("5.", "5"),
        ("0.1n", "1n"),
        ("1500", "1500"),
        ("2000", "2k"),
        ("2048Ki", "2Mi"),
        ("1023Ki", "1023Ki"),
        ("100Mi", "100Mi"),
        ("0.3Mi", "314572800m"),
    ],
)
def test_quantities_have_one_form(text: str, canonical: str) -> None:
    assert quantity.canonical(text) == canonical
    assert quantity.canonical(canonical) == canonical


@pytest.mark.parametrize(
    "text", ["", "m", "1mi", "1 Gi", "1Gi ", "--1", "1e", "1e1.5", "0x10", "1_000", "٣", "NaN", "1KB"]
)
def test_what_is_no_quantity_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        quantity.parse(text)


@given(
    digits=st.decimals(min_value=0, max_value=10**9, places=3),
    suffix=st.sampled_from(["", "m", "k", "M", "G", "Ki", "Mi", "Gi", "e3", "E-2"]),
)
def test_the_canonical_form_keeps_the_value(digits: Decimal, suffix: str) -> None:
    text = f"{digits:f}{suffix}"
    value = quantity.parse(text)
    again = quantity.parse(str(value))
    assert again.value == value.value
    assert str(again) == str(value)
    assert quantity.compare(text, str(value)) == 0


def test_quantities_compare_by_value() -> None:
    assert quantity.compare("1Gi", "1G") > 0
    assert quantity.compare("999m", "1") < 0
    assert quantity.compare("1", "1000m") == 0


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("48h20m", "48h20m0s"),
        ("1.5h", "1h30m0s"),
        ("90s", "1m30s"),
        ("100ms", "100ms"),
        ("1500ms", "1.5s"),
        ("0", "0s"),
        ("0s", "0s"),
        ("-90m", "-1h30m0s"),
        ("1us", "1µs"),
        ("1µs2ns", "1.002µs"),
        ("10ns", "10ns"),
        (".5s", "500ms"),
        ("2160h", "2160h0m0s"),
    ],
)
def test_durations_have_one_form(text: str, canonical: str) -> None:
    assert duration.canonical(text) == canonical


@pytest.mark.parametrize("text", ["", "5", "s", "1d", "1h 2m", "1hm", "-", "+", ".s", "300000000h", "1h٣s"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        duration.parse(text)


@given(st.integers(min_value=-(2**63), max_value=2**63 - 1))
def test_durations_come_back(nanoseconds: int) -> None:
    assert duration.parse(duration.render(nanoseconds)) == nanoseconds


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("int32", [0, -1, 2**31 - 1, 3.0], [2**31, 1.5, "1", True]),
        ("uint32", [0, 2**32 - 1], [-1, 2**32]),
        ("uint8", [255], [256]),
        ("quantity", ["1", 1, 0.5, " 1Gi "], [True, "x", []]),
        ("intOrString", [1, "25%"], [True, 1.5, {}]),
        (
            "timestamp",
            ["2026-01-31T23:59:00Z", "2026-01-31T23:59:00+01:00"],
            ["2026-01-31", "2026-13-31T23:59:00Z", 5],
        ),
        ("bytes", ["", "YQ=="], ["YQ", "?", 1]),
        ("boolean", [True], ["true", 1]),
        ("string", [""], [1, None]),
        ("duration", ["5m"], [5, "5"]),
    ],
)
def test_scalars_take_what_kops_takes(name: str, good: list[object], bad: list[object]) -> None:
    assert [value for value in good if scalars.problem(name, value)] == []
    assert [value for value in bad if not scalars.problem(name, value)] == []
