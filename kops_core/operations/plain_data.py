"""Frozen dataclasses as data for JSON, and back: with dates, enumerations, paths and tuples."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


def to_data(value: object) -> Any:
    """The fields of a dataclass by name, dates and enumerations as texts."""
    return msgspec.to_builtins(value, enc_hook=_to_text)


def from_data(data: object, kind: type[T]) -> T:
    """The dataclass of a kind with these fields; unknown ones are ignored. Raises ValueError."""
    return msgspec.convert(data, kind, dec_hook=_from_text)


def to_json(value: object) -> bytes:
    """A dataclass as JSON."""
    return msgspec.json.encode(value, enc_hook=_to_text)


def from_json(data: bytes, kind: type[T]) -> T:
    """The dataclass of a kind from JSON; unknown fields are ignored. Raises ValueError."""
    try:
        return msgspec.json.decode(data, type=kind, dec_hook=_from_text)
    except msgspec.DecodeError as problem:
        raise ValueError(str(problem)) from problem


def _to_text(value: object) -> str:
    if isinstance(value, Path):
        return str(value)
    raise NotImplementedError(type(value).__name__)


def _from_text(kind: type, value: object) -> object:
    if kind is Path:
        return Path(str(value))
    raise NotImplementedError(kind.__name__)
