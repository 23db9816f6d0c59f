"""Semantic versions as kOps reads them, tolerant of ``v1.36``, and ranges such as ``>=1.32.0 <1.33.0``."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, total_ordering

_STRICT = re.compile(
    r"(0|[1-9]\d{0,18})\.(0|[1-9]\d{0,18})\.(0|[1-9]\d{0,18})(?:-([0-9A-Za-z.-]+))?(?:\+([0-9A-Za-z.-]+))?\Z"
)
_TOLERANT = re.compile(
    r"v?(\d{1,19})(?:\.(\d{1,19}))?(?:\.(\d{1,19}))?(?:-([0-9A-Za-z.-]+))?(?:\+([0-9A-Za-z.-]+))?\Z"
)
_TOO_LONG = re.compile(r"\d{20}")
"""A number that does not fit 64 bits; kOps reads no version with one."""
_IN_URL = re.compile(r"/v1\.(\d{1,19})\.")
_COMPARISON = re.compile(r"(>=|<=|!=|==|>|<|=|!)?(.+)\Z")


@total_ordering
@dataclass(frozen=True)
class Version:
    """A semantic version; build metadata does not take part in comparisons."""

    major: int
    minor: int
    patch: int = 0
    pre: str = ""
    """Pre-release identifiers joined by dots, e.g. ``alpha.1``; "" for a release."""

    def release(self) -> Version:
        """The version without its pre-release part."""
        return Version(self.major, self.minor, self.patch)

    def __lt__(self, other: Version) -> bool:
        return self._key() < other._key()

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}" + (f"-{self.pre}" if self.pre else "")

    def _key(self) -> tuple[int, int, int, bool, tuple[tuple[bool, int, str], ...]]:
        identifiers = tuple(
            (not part.isdigit(), int(part) if part.isdigit() else 0, part)
            for part in (self.pre.split(".") if self.pre else [])
        )
        return (self.major, self.minor, self.patch, not self.pre, identifiers)


@lru_cache(maxsize=1024)
def parse(text: str) -> Version | None:
    """A full version, ``1.2.3`` or ``1.2.3-alpha.1``; None if the text is not one."""
    return _version(_STRICT.match(text))


@lru_cache(maxsize=1024)
def parse_tolerant(text: str) -> Version | None:
    """A version that may have a leading v, surrounding blanks or missing parts; None if it is not one."""
    match = _TOLERANT.match(text.strip())
    if match is not None and match[3] is None and match[4] is not None:
        return None
    return _version(match)


@lru_cache(maxsize=1024)
def parse_kubernetes(text: str) -> Version | None:
    """A Kubernetes version, or the minor version in the URL of a build; None if there is none."""
    found = parse_tolerant(text)
    if found is not None:
        return found
    match = _IN_URL.search(text)
    return Version(1, int(match[1])) if match else None


def in_range(version: Version, text: str) -> bool:
    """Whether a version satisfies a range: comparisons joined by blanks, alternatives by ``||``.

    A range that can't be read contains no version.
    """
    return any(
        bool(terms) and all(_satisfies(version, term) for term in terms)
        for terms in (re.sub(r"([<>=!])\s+", r"\1", part).split() for part in text.split("||"))
    )


_TESTS: dict[str, Callable[[Version, Version], bool]] = {
    ">=": lambda one, other: one >= other,
    "<=": lambda one, other: one <= other,
    ">": lambda one, other: one > other,
    "<": lambda one, other: one < other,
    "!=": lambda one, other: one != other,
    "!": lambda one, other: one != other,
    "==": lambda one, other: one == other,
    "=": lambda one, other: one == other,
}


def _satisfies(version: Version, term: str) -> bool:
    match = _COMPARISON.match(term)
    bound = parse_tolerant(match[2]) if match else None
    return match is not None and bound is not None and _TESTS[match[1] or "="](version, bound)


def _version(match: re.Match[str] | None) -> Version | None:
    if match is None or _TOO_LONG.search(match[4] or ""):
        return None
    return Version(int(match[1]), int(match[2] or 0), int(match[3] or 0), match[4] or "")
