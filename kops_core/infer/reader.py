"""The reader of rules, validation and the model: reads a spec by path and records every read."""

from __future__ import annotations

from typing import Protocol, TypeVar

from kops_core.api.path import ANY, FieldPath, Part, parse, render
from kops_core.api.values import UNSET, Maybe, Tree, Value
from kops_core.errors import FieldError, InvalidSpec, MissingFact

_T = TypeVar("_T")


class Values(Protocol):
    """Values by address, computed on demand: a ``Sheet``."""

    def value(self, address: FieldPath) -> Maybe:
        """The value at an address; UNSET where there is none."""
        ...


class Reader:
    """A read-only view of a sheet that records what is read.

    A path may hold the wildcards of the field that is being computed: for
    ``spec.etcdClusters[1].version``, reading ``spec.etcdClusters[*].name`` reads
    ``spec.etcdClusters[1].name``. Absent and null both read as None.
    """

    __slots__ = ("_reads", "_sheet", "at", "reason")

    def __init__(self, sheet: Values, at: FieldPath = ()) -> None:
        self._sheet = sheet
        self._reads: dict[FieldPath, None] = {}
        self.at = at
        """Address of the field being computed; empty for readers that compute no field."""
        self.reason = ""
        """The reason that the rule chose; "" for the rule's own ``because``."""

    def seen(self) -> tuple[FieldPath, ...]:
        """The addresses read so far, each once, in order."""
        return tuple(self._reads)

    def because(self, reason: str) -> None:
        """Sets the reason of a rule that has several, as a clause like its ``because``."""
        self.reason = reason

    def get(self, path: str) -> Value:
        """The value at a path, the user's or inferred; structures whole."""
        return self._read_address(self._bind(path))

    def string(self, path: str) -> str | None:
        """A string field."""
        return self._typed(path, self.get(path), str)

    def boolean(self, path: str) -> bool | None:
        """A boolean field."""
        return self._typed(path, self.get(path), bool)

    def integer(self, path: str) -> int | None:
        """An integer field."""
        return self._typed(path, self.get(path), int)

    def mapping(self, path: str) -> Tree:
        """A structure or map; empty if unset."""
        return self._typed(path, self.get(path), dict) or {}

    def records(self, path: str) -> list[Tree]:
        """A list of structures; empty if unset."""
        return [item for item in self._list(path) if isinstance(item, dict)]

    def strings(self, path: str) -> list[str]:
        """A list of strings; empty if unset."""
        return [item for item in self._list(path) if isinstance(item, str)]

    def has(self, path: str) -> bool:
        """Whether the user or the field's own rule set it; fields that rules add below do not count.

        An empty structure counts as set. Safe in the condition of a rule for a field of that structure.
        """
        return self._read_address(("@base", *self._bind(path))) is not None

    def user_value(self, path: str) -> Value:
        """The user's value at a path, or None, without rules."""
        return self._read_address(("@yours", *self._bind(path)))

    def keys(self, path: str) -> list[Part]:
        """The keys of a map, or the positions of a list, without reading their values."""
        return self._shape(self._bind(path))

    def each(self, pattern: str) -> list[tuple[Part, Value]]:
        """The values that a pattern with one open wildcard matches, each with its key or position."""
        parts = parse(pattern)
        place = next(i for i, part in enumerate(parts) if part in (ANY, "*") and not self._is_bound(parts, i))
        above = self._bind_parts(parts[:place])
        return [
            (name, self._read_address((*above, name, *parts[place + 1 :]))) for name in self._shape(above)
        ]

    def fact(self, *parts: str) -> Value:
        """A cloud fact by its address below ``facts``. Raises MissingFact if it was not looked up."""
        address: FieldPath = ("facts", *parts)
        self._reads[address] = None
        found = self._sheet.value(address)
        if found is UNSET:
            raise MissingFact(
                render(address), remedy="record the account's facts with: kops-tui facts record"
            )
        return found

    def fact_or_none(self, *parts: str) -> Value:
        """An optional cloud fact; None without it."""
        return self._read_address(("facts", *parts))

    def fact_keys(self, *parts: str) -> list[str]:
        """The keys of a table of facts, e.g. ids of hosted zones. Raises MissingFact if it was not read."""
        address: FieldPath = ("@shape", "facts", *parts)
        self._reads[address] = None
        if self._sheet.value(("facts", *parts)) is UNSET:
            self.fact(*parts)
        found = self._sheet.value(address)
        return [part for part in found if isinstance(part, str)] if isinstance(found, list) else []

    def channel(self, path: str) -> Value:
        """A value of the channel document, by its path in it."""
        return self._read_address(("channel", *parse(path)))

    def setting(self, name: str) -> Value:
        """A setting of this run, e.g. ``kopsVersion``."""
        return self._read_address(("settings", name))

    def _shape(self, address: FieldPath) -> list[Part]:
        found = self._read_address(("@shape", *address))
        return [part for part in found if isinstance(part, (str, int))] if isinstance(found, list) else []

    def _list(self, path: str) -> list[Value]:
        return self._typed(path, self.get(path), list) or []

    def _read_address(self, address: FieldPath) -> Value:
        self._reads[address] = None
        found: Maybe = self._sheet.value(address)
        return None if found is UNSET else found

    def _typed(self, path: str, value: Value, kind: type[_T]) -> _T | None:
        if value is None:
            return None
        if isinstance(value, kind) and not (kind is int and isinstance(value, bool)):
            return value
        raise InvalidSpec([FieldError("Invalid value", render(self._bind(path)), f"must be {_NAMES[kind]}")])

    def _bind(self, path: str) -> FieldPath:
        return self._bind_parts(parse(path))

    def _bind_parts(self, parts: FieldPath) -> FieldPath:
        if ANY not in parts and "*" not in parts:
            return parts
        return tuple(self.at[i] if part in (ANY, "*") else part for i, part in enumerate(parts))

    def _is_bound(self, parts: FieldPath, place: int) -> bool:
        """Whether a wildcard of a path is bound by the field being computed, which has the same parents."""
        return len(self.at) > place and all(
            mine in (ANY, "*") or mine == theirs for mine, theirs in zip(parts[:place], self.at, strict=False)
        )


_NAMES: dict[type, str] = {
    str: "a string",
    bool: "true or false",
    int: "an integer",
    dict: "a mapping",
    list: "a list",
}
