"""Durations in Go's notation (``48h20m0s``, ``1.5s``, ``100ms``), as nanoseconds.

Facts: Go's ``time.ParseDuration`` and ``Duration.String``; kOps writes durations in the latter's form.
"""

from __future__ import annotations

import re

from kops_core.errors import UsageError

_UNITS = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,  # U+00B5 micro sign
    "μs": 1_000,  # U+03BC Greek mu
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}
_PART = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)", re.ASCII)
_SECOND = _UNITS["s"]
_LONGEST = 2**63
_DIGITS = 20


def parse(text: str) -> int:
    """Nanoseconds of a duration. Raises UsageError if the text is not one, or is longer than 290 years."""
    sign, rest = (-1, text[1:]) if text[:1] == "-" else (1, text.removeprefix("+"))
    if rest == "0":
        return 0
    total, position = 0, 0
    while match := _PART.match(rest, position):
        whole, _, fraction = match[1].partition(".")
        unit = _UNITS[match[2]]
        # With more digits a duration is out of range, or no different from one with fewer.
        total += int(whole.lstrip("0")[:_DIGITS] or "0") * unit
        if fraction:
            total += int(fraction[:_DIGITS]) * unit // 10 ** len(fraction[:_DIGITS])
        position = match.end()
    if not rest or position != len(rest):
        raise UsageError(f"{text!r} is not a duration", remedy="write numbers with units, like 48h20m or 10s")
    if total >= _LONGEST + (sign < 0):
        raise UsageError(f"the duration {text!r} is too long", remedy="the longest is about 290 years")
    return sign * total


def render(nanoseconds: int) -> str:
    """The canonical text: ``parse(render(n)) == n``."""
    if nanoseconds == 0:
        return "0s"
    sign, rest = ("-", -nanoseconds) if nanoseconds < 0 else ("", nanoseconds)
    if rest < _SECOND:
        unit = next(unit for unit in ("ms", "µs", "ns") if rest >= _UNITS[unit])
        return f"{sign}{_fixed(rest, _UNITS[unit])}{unit}"
    minutes, below = divmod(rest, _UNITS["m"])
    hours, minutes = divmod(minutes, 60)
    head = f"{hours}h{minutes}m" if hours else f"{minutes}m" if minutes else ""
    return f"{sign}{head}{_fixed(below, _SECOND)}s"


def canonical(text: str) -> str:
    """A duration's text as Go writes it: ``48h20m`` is ``48h20m0s``."""
    return render(parse(text))


def _fixed(amount: int, unit: int) -> str:
    whole, rest = divmod(amount, unit)
    digits = len(str(unit)) - 1
    fraction = f"{rest:0{digits}d}".rstrip("0") if rest else ""
    return f"{whole}.{fraction}" if fraction else str(whole)
