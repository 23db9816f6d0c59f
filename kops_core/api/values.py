"""Plain data, as YAML and JSON hold it. Everything but the pydantic models works on these."""

from __future__ import annotations

from enum import Enum
from typing import Final, Literal, TypeAlias

Scalar: TypeAlias = bool | int | float | str
Value: TypeAlias = Scalar | list["Value"] | dict[str, "Value"] | None
Tree: TypeAlias = dict[str, Value]


class Unset(Enum):
    """The type of UNSET."""

    UNSET = "unset"

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset.UNSET
"""A field that has no value: falsy, and distinct from None. In a tree the key is absent instead."""

Maybe: TypeAlias = Value | Literal[Unset.UNSET]
