"""Kubernetes quantities: ``200m``, ``1Gi``, ``0.5``.

Parsed exactly, compared by value, written as Kubernetes writes them.

Facts: apimachinery's ``resource.Quantity``. A quantity keeps the family of suffix
that it was written with (decimal, binary or exponent), is rounded up to the nano,
and is written with the largest suffix that needs no fraction.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_CEILING, Context, Decimal
from typing import Literal

from kops_core.errors import UsageError

Family = Literal["decimal", "binary", "exponent"]

_BINARY = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY_SUFFIX = {power: suffix for suffix, power in _BINARY.items()}
_DECIMAL_SUFFIX = {power: suffix for suffix, power in _DECIMAL.items()}
_TEXT = re.compile(r"([+-]?)(\d+\.?\d*|\.\d+)((?:[eE][+-]?\d+)|[KMGTPE]i|[numkMGTPE]?)\Z", re.ASCII)
_NANO = Decimal("1e-9")
_EXACT = Context(prec=60)
_LARGEST = Decimal(2**63 - 1)
_MAX_EXPONENT = 999


@dataclass(frozen=True)
class Quantity:
    """A Kubernetes quantity: its value, and the family of suffix that it is written with."""

    value: Decimal
    family: Family

    def __str__(self) -> str:
        """The canonical text, as Kubernetes writes it."""
        if self.value == 0:
            return "0"
        if self.family == "binary" and (-1024 < self.value < 1024 or self.value % 1 != 0):
            return _in_tens(self.value, "decimal")
        return _in_1024s(self.value) if self.family == "binary" else _in_tens(self.value, self.family)


def parse(text: str) -> Quantity:
    """The quantity of a text. Raises UsageError if it is not one."""
    match = _TEXT.match(text)
    if match is None or len(text) > 64:
        raise UsageError(
            f"{text!r} is not a quantity", remedy="write a number with an optional suffix, like 200m or 1.5Gi"
        )
    sign, digits, suffix = match.groups()
    number = Decimal(digits)
    family: Family = "decimal"
    if suffix in _BINARY:
        family = "binary"
        number = _EXACT.multiply(number, Decimal(1024 ** _BINARY[suffix]))
    elif suffix[:1] in ("e", "E") and len(suffix) > 1:
        family = "exponent"
        number = number.scaleb(max(-_MAX_EXPONENT, min(_MAX_EXPONENT, int(suffix[1:]))), _EXACT)
    else:
        number = number.scaleb(_DECIMAL[suffix], _EXACT)
    # Kubernetes rounds amounts below a nano up, and limits them to 63 bits.
    number = min(number, _LARGEST)
    if number % _NANO:
        number = number.quantize(_NANO, ROUND_CEILING, _EXACT)
    return Quantity(-number if sign == "-" else number, family)


def canonical(text: str) -> str:
    """A quantity's text as Kubernetes writes it: ``1024Mi`` is ``1Gi``, ``0.5`` is ``500m``."""
    return str(parse(text))


def compare(one: str, other: str) -> int:
    """Below 0, 0 or above 0 as the first quantity is less, equal or more than the second."""
    first, second = parse(one).value, parse(other).value
    return (first > second) - (first < second)


def _in_1024s(value: Decimal) -> str:
    amount, power = int(value), 0
    while amount % 1024 == 0 and power < len(_BINARY):
        amount, power = amount // 1024, power + 1
    return f"{amount}{_BINARY_SUFFIX[power] if power else ''}"


def _in_tens(value: Decimal, family: Family) -> str:
    power = -9
    amount = int(value.scaleb(9, _EXACT))
    while amount % 1000 == 0 and (power < 18 or family == "exponent"):
        amount, power = amount // 1000, power + 3
    if family == "exponent":
        return f"{amount}e{power}" if power else str(amount)
    return f"{amount}{_DECIMAL_SUFFIX[power]}"
