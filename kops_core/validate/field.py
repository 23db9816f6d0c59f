"""A field of a document being validated: its path, its value, and constructors for its errors."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from kops_core.api.path import FieldPath, Part, get, parse, render
from kops_core.api.values import UNSET, Maybe, Tree
from kops_core.errors import FieldError

Findings: TypeAlias = Iterator[FieldError]
"""The errors that a validation yields."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a document, set or not. A value of a wrong type reads as unset: types are checked before."""

    value: Maybe
    path: FieldPath = ()
    source: str = ""
    """The name of its object, for errors; "" for the cluster."""

    def at(self, path: str) -> Field:
        """The field at a path below."""
        parts = parse(path)
        found = get(None if self.value is UNSET else self.value, parts)
        return Field(UNSET if found is None else found, self.path + parts, self.source)

    def key(self, part: Part) -> Field:
        """The field of one key or position."""
        found = get(None if self.value is UNSET else self.value, (part,))
        return Field(UNSET if found is None else found, (*self.path, part), self.source)

    @property
    def is_set(self) -> bool:
        """Whether it has a value, an empty one included."""
        return self.value is not UNSET and self.value is not None

    @property
    def text(self) -> str:
        """A string; "" if unset. Numbers read as kOps would write them."""
        return "" if not self.is_set or isinstance(self.value, dict | list | bool) else str(self.value)

    @property
    def flag(self) -> bool | None:
        """True, False, or None if unset."""
        return self.value if isinstance(self.value, bool) else None

    @property
    def on(self) -> bool:
        """Whether it is true."""
        return self.value is True

    @property
    def number(self) -> int | None:
        """An integer, or None."""
        return self.value if isinstance(self.value, int) and not isinstance(self.value, bool) else None

    @property
    def items(self) -> list[Field]:
        """The items of a list; none if unset."""
        return [self.key(i) for i in range(len(self.value))] if isinstance(self.value, list) else []

    @property
    def texts(self) -> list[str]:
        """The strings of a list; none if unset."""
        return [item.text for item in self.items]

    @property
    def entries(self) -> list[tuple[str, Field]]:
        """The keys of a map or structure with their fields; none if unset."""
        return [(name, self.key(name)) for name in self.value] if isinstance(self.value, dict) else []

    def forbidden(self, message: str) -> FieldError:
        """It may not be set, or not so, here."""
        return self._error("Forbidden", message)

    def invalid(self, message: str) -> FieldError:
        """Its value is malformed or out of range."""
        return self._error("Invalid value", message)

    def required(self, message: str) -> FieldError:
        """It has to be set."""
        return self._error("Required value", message)

    def duplicate(self, message: str) -> FieldError:
        """Its value has to be unique and is not."""
        return self._error("Duplicate value", message)

    def not_found(self, message: str) -> FieldError:
        """It names something that does not exist."""
        return self._error("Not found", message)

    def too_many(self, message: str) -> FieldError:
        """It holds more than it may."""
        return self._error("Too many", message)

    def unsupported(self, allowed: Collection[str]) -> FieldError:
        """Its value is not one of those allowed."""
        known = ", ".join(each for each in allowed if each)
        return self._error("Unsupported value", f"{self.text!r} is not supported: use one of {known}")

    def unsupported_key(self, key: str, allowed: Collection[str]) -> FieldError:
        """It is a map and has a key that is not one of those allowed."""
        return self._error("Unsupported value", f"{key!r} is not supported: use one of {', '.join(allowed)}")

    def unless_in(self, allowed: Collection[str]) -> Findings:
        """Unsupported, if it is set and not to one of these."""
        if self.is_set and self.text not in allowed:
            yield self.unsupported(allowed)

    def if_given_in(self, allowed: Collection[str]) -> Findings:
        """Unsupported, if it is neither empty nor one of these."""
        if self.text:
            yield from self.unless_in(allowed)

    def _error(self, kind: str, message: str) -> FieldError:
        return FieldError(kind, render(self.path), message, source=self.source)


def document(tree: Tree, source: str = "") -> Field:
    """The root of a document."""
    return Field(tree, (), source)


Check: TypeAlias = Callable[[Field], Findings]
"""A validation of a structure at any path."""
