"""Plain data, as YAML and JSON hold it. Everything but the pydantic models works on these."""

from __future__ import annotations

from typing import Final, TypeAlias

Scalar: TypeAlias = bool | int | float | str
Value: TypeAlias = Scalar | list["Value"] | dict[str, "Value"] | None
Tree: TypeAlias = dict[str, Value]


class Unset:
    """The type of UNSET: a field that nobody gave a value. Falsy, and distinct from None."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset()
"""A field that has no value. Never stored in a tree: there, the key is absent."""

Maybe: TypeAlias = Value | Unset
