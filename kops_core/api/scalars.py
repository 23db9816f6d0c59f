"""The scalar types of kops.k8s.io: the values that kOps accepts, and the form in which it writes them.

Facts: the Go types of the fields and their ``UnmarshalJSON``. A number is accepted for a string in a
quantity only; ``null`` is an unset field and never gets here.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from types import MappingProxyType

from kops_core.api import duration, quantity
from kops_core.api.values import Scalar
from kops_core.errors import UsageError

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([.,]\d+)?(Z|[+-]\d\d:\d\d)\Z", re.ASCII)


def problem(name: str, value: object) -> str:
    """The problem with a value of the scalar type of that name; "" if it is valid."""
    return _CHECKS[name](value)


def canonical(name: str, value: Scalar) -> Scalar:
    """A valid value in the form that kOps writes: ``1024Mi`` is ``1Gi``, ``5m`` is ``5m0s``, 3.0 is 3."""
    if name in _INTEGERS:
        return int(value) if isinstance(value, float) else value
    write = _FORMS.get(name)
    return write(str(value)) if write is not None else value


def _string(value: object) -> str:
    return "" if isinstance(value, str) else "must be a string"


def _boolean(value: object) -> str:
    return "" if isinstance(value, bool) else "must be true or false"


def _integer(value: object, *, low: int, high: int) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
        return "must be a whole number"
    return "" if low <= value <= high else f"must be between {low} and {high}"


def _quantity(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return "must be a quantity, like 200m or 1Gi"
    try:
        quantity.parse(str(value).strip())
    except UsageError:
        return "must be a quantity, like 200m or 1Gi"
    return ""


def _duration(value: object) -> str:
    try:
        duration.parse(value if isinstance(value, str) else "")
    except UsageError:
        return "must be a duration, like 30s or 48h20m"
    return ""


def _int_or_string(value: object) -> str:
    if isinstance(value, str):
        return ""
    return _integer(value, low=-(2**31), high=2**31 - 1) and "must be a number or a string, like 1 or 25%"


def _timestamp(value: object) -> str:
    if isinstance(value, str) and _TIME.match(value):
        try:
            datetime.fromisoformat(value)
        except ValueError:
            return "must be a time, like 2026-01-31T23:59:00Z"
        return ""
    return "must be a time, like 2026-01-31T23:59:00Z"


def _base64(value: object) -> str:
    try:
        base64.b64decode(value if isinstance(value, str) else "?", validate=True)
    except (binascii.Error, ValueError):
        return "must be base64"
    return ""


def _utc(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _bits(bits: int, *, signed: bool = True) -> Callable[[object], str]:
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    return partial(_integer, low=low, high=high)


_INTEGERS = MappingProxyType(
    {
        "int16": _bits(16),
        "int32": _bits(32),
        "int64": _bits(64),
        "uint8": _bits(8, signed=False),
        "uint32": _bits(32, signed=False),
    }
)
_CHECKS: Mapping[str, Callable[[object], str]] = MappingProxyType(
    {
        **_INTEGERS,
        "string": _string,
        "boolean": _boolean,
        "quantity": _quantity,
        "duration": _duration,
        "intOrString": _int_or_string,
        "timestamp": _timestamp,
        "bytes": _base64,
        "any": lambda _: "",
    }
)
_FORMS: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        "quantity": lambda text: quantity.canonical(text.strip()),
        "duration": duration.canonical,
        "timestamp": _utc,
    }
)
