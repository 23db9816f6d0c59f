"""The schema of documents: type, allowed values, description and children of the field at a path.

Read from the compiled models, without pydantic, so that it costs milliseconds.
"""

from __future__ import annotations

import json
import pkgutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from kops_core.api.path import ANY, FieldPath, Part, render
from kops_core.errors import UsageError

Children = dict[str, "Field"]


@dataclass(frozen=True, slots=True)
class Type:
    """A type: exactly one of a scalar's name, a struct's name, a list's item or a map's value."""

    scalar: str = ""
    """A name of `kops_core.api.scalars`, or ""."""
    struct: str = ""
    """The name of a kOps type, or ""."""
    item: Type | None = None
    """The type of a list's items."""
    value: Type | None = None
    """The type of a map's values; keys are strings."""

    def __str__(self) -> str:
        if self.item is not None:
            return f"list of {self.item}"
        if self.value is not None:
            return f"map of {self.value}"
        if self.struct:
            return self.struct
        return _WORDS.get(self.scalar, self.scalar)


@dataclass(frozen=True, slots=True)
class Field:
    """A key of a struct."""

    name: str
    type: Type
    zero: str
    """How kOps writes the zero value: "kept", "unset" (dropped), "written" (always there).

    "lost": kOps reads the field and forgets it."""
    about: str
    """A sentence that describes it; "" for fields that nobody sets."""
    allowed: tuple[str, ...]
    """The values that kOps knows, if it has an enumeration."""


@dataclass(frozen=True, slots=True)
class Struct:
    """A mapping with known keys."""

    name: str
    about: str
    fields: Children


@dataclass(frozen=True, slots=True)
class FieldDescription:
    """The description of the field at a path."""

    path: FieldPath
    type: Type
    type_text: str
    """Like "string", "integer", "quantity", "duration", "map of string", "list of EtcdClusterSpec"."""
    allowed: tuple[str, ...]
    about: str
    children: tuple[str, ...]
    """Known keys below, for a struct (or for the items of a list of structs)."""


@dataclass(frozen=True, slots=True)
class Schema:
    """All types, by name."""

    structs: dict[str, Struct]
    kinds: tuple[str, ...]

    def field(self, kind: str, parts: FieldPath) -> Field:
        """The field at a path or pattern of a kind. Raises UsageError with the nearest known name.

        For a list's item or a map's value: a field with the item's type and the
        description of the list or map.
        """
        here = Field("", Type(struct=self.kind(kind)), "kept", "", ())
        for position, part in enumerate(parts):
            here = self._step(here, part, parts[: position + 1])
        return here

    def kind(self, kind: str) -> str:
        """The name of a kind's struct. Raises UsageError for an unknown kind."""
        if kind not in self.kinds:
            raise UsageError(f"there is no kind {kind!r}", remedy=_did_you_mean(kind, self.kinds))
        return kind

    def children(self, type_: Type) -> Children:
        """The known keys below a type; of its items, if it is a list or a map of structs."""
        while True:
            inner = type_.item or type_.value
            if inner is None:
                return self.structs[type_.struct].fields if type_.struct else {}
            type_ = inner

    def _step(self, here: Field, part: Part, so_far: FieldPath) -> Field:
        type_ = here.type
        if type_.struct and isinstance(part, str):
            found = self.structs[type_.struct].fields.get(part)
            if found is not None:
                return found
            raise UsageError(
                "there is no such field",
                where=render(so_far),
                remedy=_did_you_mean(part, self.structs[type_.struct].fields),
            )
        inner = type_.value if isinstance(part, str) else type_.item
        if isinstance(part, str) and type_.item is not None:
            inner = type_.item  # an item that is addressed by its name, or "*"
        if inner is None:
            raise UsageError(f"nothing lies below a {type_}", where=render(so_far))
        return Field(here.name, inner, "kept", here.about, here.allowed)


def schema() -> Schema:
    """The types of kops.k8s.io/v1alpha2."""
    return _load()


def describe(kind: str, parts: FieldPath) -> FieldDescription:
    """The field at a path or pattern (``*``, ``[*]``) of a kind. Raises UsageError if there is none."""
    known = schema()
    field = known.field(kind, parts)
    return FieldDescription(
        path=parts,
        type=field.type,
        type_text=str(field.type),
        allowed=field.allowed,
        about=field.about or (known.structs[field.type.struct].about if field.type.struct else ""),
        children=tuple(known.children(field.type)),
    )


def patterns(kind: str) -> Iterator[tuple[FieldPath, Field]]:
    """Every path of a kind as a pattern, structs before their fields."""
    known = schema()

    def below(type_: Type, at: FieldPath) -> Iterator[tuple[FieldPath, Field]]:
        if type_.item is not None:
            yield from below(type_.item, (*at, ANY))
        elif type_.value is not None:
            yield from below(type_.value, (*at, "*"))
        elif type_.struct:
            for name, field in known.structs[type_.struct].fields.items():
                yield (*at, name), field
                yield from below(field.type, (*at, name))

    return below(Type(struct=known.kind(kind)), ())


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that is most similar to a wrong one; "" if none is."""
    import difflib

    names = list(known)
    folded = {candidate.lower(): candidate for candidate in names}
    if name.lower() in folded:
        return folded[name.lower()]
    close = difflib.get_close_matches(name.lower(), list(folded), n=1, cutoff=0.6)
    return folded[close[0]] if close else ""


def _did_you_mean(name: str, known: Iterable[str]) -> str:
    found = nearest(name, known)
    return f"did you mean {found!r}?" if found else ""


_WORDS = {
    "int16": "integer",
    "int32": "integer",
    "int64": "integer",
    "uint8": "integer",
    "uint32": "integer",
    "intOrString": "integer or string",
    "bytes": "base64",
    "any": "anything",
}


@cache
def _load() -> Schema:
    data = pkgutil.get_data("kops_core.api.v1alpha2", "schema.json")
    table: dict[str, Any] = json.loads(data or b"{}")
    types: dict[str, Type] = {}
    structs = {
        name: Struct(
            name,
            entry["about"],
            {
                key: Field(key, _type(text, types), zero, about, tuple(allowed))
                for key, (text, zero, about, allowed) in entry["fields"].items()
            },
        )
        for name, entry in table["structs"].items()
    }
    return Schema(structs, tuple(table["kinds"]))


def _type(text: str, known: dict[str, Type]) -> Type:
    found = known.get(text)
    if found is None:
        if text.startswith("[]"):
            found = Type(item=_type(text[2:], known))
        elif text.startswith("{}"):
            found = Type(value=_type(text[2:], known))
        else:
            found = Type(struct=text[1:]) if text.startswith("@") else Type(scalar=text)
        known[text] = found
    return found
