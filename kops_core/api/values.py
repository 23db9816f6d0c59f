"""The types of plain data, as in YAML and JSON. All code but the pydantic models works on these."""

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
"""The value of a field that is not set: falsy, and distinct from None. A tree has no key for it."""

Maybe: TypeAlias = Value | Literal[Unset.UNSET]


def mappings(value: Maybe) -> list[Tree]:
    """The mappings in a list, such as the subnets of a spec; none for another value."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
