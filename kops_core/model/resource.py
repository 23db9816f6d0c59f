"""The base types of resources: plain data with references to other resources.

Each kind is a frozen dataclass with a record of itself, ``spec``, in the folder of its cloud. Its fields are
declared once with ``attr``; the planner, the executor, Terraform and the screens know a kind only through
those declarations.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import Field, dataclass, field, fields, replace
from enum import Enum
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from kops_core.api.canonical import emit
from kops_core.api.path import FieldPath
from kops_core.api.values import Value

if TYPE_CHECKING:
    from kops_core.model.kind_spec import KindSpec

Link: TypeAlias = "Ref | str | None"
"""A field that names another resource: a reference while desired, an id once observed or resolved."""
Content: TypeAlias = "Template | str | None"
"""A field of text: with references while desired, plain once observed or resolved."""


class Lifecycle(Enum):
    """What a run may do with a resource; kOps' values and names."""

    SYNC = "Sync"
    IGNORE = "Ignore"
    WARN_IF_INSUFFICIENT_ACCESS = "WarnIfInsufficientAccess"
    EXISTS_AND_VALIDATES = "ExistsAndValidates"
    EXISTS_AND_WARN_IF_CHANGES = "ExistsAndWarnIfChanges"


@dataclass(frozen=True, order=True, slots=True)
class Key:
    """Identity of a resource within one cluster. Written ``kind/name``."""

    kind: str
    """Name of the dataclass, which is kOps' name of the task type."""
    name: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"


@dataclass(frozen=True, slots=True)
class Ref:
    """An attribute of another resource, known once that exists."""

    key: Key
    attribute: str = "id"


@dataclass(frozen=True, slots=True)
class Digest:
    """The SHA-256 of a text, known when the text is; user data pins the files of a node by it."""

    of: Template
    hexadecimal: bool = False
    """Written in hexadecimal, as the bootstrap channel has it, instead of base64."""


@dataclass(frozen=True, slots=True)
class CidrSubnet:
    """A network out of a larger one: the ``number``-th of ``prefix_length``, counted from 0."""

    of: Ref
    """Yields a CIDR."""
    prefix_length: int
    number: int


@dataclass(frozen=True, slots=True)
class JsonString:
    """A text as a JSON string literal with quotes, which is also valid YAML."""

    of: Template
    bare: bool = False
    """As in YAML: without quotes if they are not needed."""


@dataclass(frozen=True, slots=True)
class Gzipped:
    """A text compressed with gzip, in base64."""

    of: Template


@dataclass(frozen=True, slots=True)
class LiteralBlock:
    """A text of several lines as a literal block of YAML, indented by some spaces."""

    of: Template
    indent: int


@dataclass(frozen=True, slots=True)
class YamlListEntry:
    """An entry of a YAML document whose value is the list of words in a text that is known later.

    Without words and without a default there is no entry.
    """

    of: Template
    """Words separated by blanks; they are sorted."""
    form: str = "{}"
    """The format of each; IPv6 addresses are put into brackets in a URL."""
    networks: tuple[str, ...] = ()
    """Only addresses within these CIDRs, and all of IPv6, are taken; () takes every word."""
    ipv6_only: bool = False
    otherwise: tuple[str, ...] = ()
    """The default items if no word is taken."""
    beside: tuple[str, str] | None = None
    """Key and value of a following entry, if a word is taken."""
    key: str = ""
    indent: int = 0
    """Key and indent of the entry; the document sets them."""

    def render(self, words: str) -> str:
        """The entry's lines."""
        found = [self._item(word) for word in sorted(words.split()) for _ in range(self._times(word))]
        items, margin = found or self.otherwise, " " * self.indent
        lines = [f"{margin}{self.key}:", *(f"{margin}- {item}" for item in items)] if items else []
        lines += [f"{margin}{': '.join(self.beside)}"] if found and self.beside else []
        return "".join(f"{line}\n" for line in lines)

    def _item(self, word: str) -> str:
        return self.form.format(f"[{word}]" if "://" in self.form and ":" in word else word)

    def _times(self, word: str) -> int:
        """The number of times that a word is taken: kOps takes an IPv6 address once for each network."""
        if not self.networks:
            return 1
        try:
            address = ip_address(word)
        except ValueError:
            return 0
        if address.version == 6:
            return len(self.networks)
        return 0 if self.ipv6_only else sum(address in ip_network(each) for each in self.networks)


Derived: TypeAlias = Digest | JsonString | Gzipped | LiteralBlock | YamlListEntry
"""A value derived from a text once that is known."""
Piece: TypeAlias = "str | Ref | CidrSubnet | Derived"


@dataclass(frozen=True, slots=True)
class Template:
    """Text with references in it: real values on apply, expressions in Terraform, unknown in a plan."""

    parts: tuple[Piece, ...]

    @classmethod
    def of(cls, *parts: Piece | Template) -> Template:
        """A template of pieces, in order."""
        flat: list[Piece] = []
        for part in parts:
            flat.extend(part.parts if isinstance(part, Template) else (part,))
        return cls(tuple(flat))

    def resolve(self, lookup: Callable[[Ref], str | None]) -> str | None:
        """The whole text; None while a reference in it is unknown."""
        done: list[str] = []
        for part in self.parts:
            if isinstance(part, str):
                done.append(part)
                continue
            known = _known(part, lookup)
            if known is None:
                return None
            done.append(known)
        return "".join(done)

    def resolve_known(self, lookup: Callable[[Ref], str | None]) -> Template:
        """The template with all known pieces resolved."""
        return Template.of(*(_as_far_as_known(part, lookup) for part in self.parts))

    def refs(self) -> Iterator[Ref]:
        """All references in the text, also those inside digests."""
        for part in self.parts:
            if isinstance(part, Ref):
                yield part
            elif isinstance(part, Derived):
                yield from part.of.refs()
            elif isinstance(part, CidrSubnet):
                yield part.of


def _known(piece: Ref | CidrSubnet | Derived, lookup: Callable[[Ref], str | None]) -> str | None:
    if isinstance(piece, Ref):
        return lookup(piece)
    if isinstance(piece, Derived):
        text = piece.of.resolve(lookup)
        return None if text is None else _turned(piece, text)
    cidr = lookup(piece.of)
    return None if cidr is None else carve(cidr, piece.prefix_length, piece.number)


def _as_far_as_known(piece: Piece, lookup: Callable[[Ref], str | None]) -> Piece:
    if isinstance(piece, str):
        return piece
    known = _known(piece, lookup)
    if known is not None:
        return known
    # The input of a digest or compressed text is not visible in it.
    if isinstance(piece, LiteralBlock | JsonString):
        return replace(piece, of=piece.of.resolve_known(lookup))
    return piece


def _turned(piece: Derived, text: str) -> str:
    if isinstance(piece, Digest):
        return hashlib.sha256(text.encode()).hexdigest() if piece.hexadecimal else sha256_base64(text)
    if isinstance(piece, YamlListEntry):
        return piece.render(text)
    if isinstance(piece, JsonString):
        if piece.bare and "\n" not in text:
            return emit(text, width=len(text) + 1).removesuffix("\n")
        return json.dumps(text, ensure_ascii=False)
    if isinstance(piece, LiteralBlock):
        lines = text.removesuffix("\n").split("\n")
        head = "|\n" if text.endswith("\n") else "|-\n"
        return head + "\n".join(" " * piece.indent + line for line in lines)
    return b64encode(gzip.compress(text.encode(), mtime=0)).decode()


def carve(cidr: str, prefix_length: int, number: int) -> str:
    """The ``number``-th network of a prefix length inside another, e.g. the second /64 of a /56."""
    whole = ip_network(cidr)
    size = whole.max_prefixlen - prefix_length
    return f"{whole.network_address + (number << size)}/{prefix_length}"


def sha256_base64(text: str) -> str:
    """SHA-256 of UTF-8 text in standard base64, as kOps writes NodeupConfigHash."""
    return b64encode(hashlib.sha256(text.encode()).digest()).decode()


@dataclass(frozen=True, slots=True)
class AttributeInfo:
    """What the planner and the screens need to know about a field of a kind."""

    replace: bool = False
    """It can't be changed in place: a difference replaces the resource."""
    secret: bool = False
    """Its value is never shown, logged or saved."""
    unordered: bool = False
    """A tuple whose order means nothing."""
    create_only: bool = False
    """Used to create and not compared after."""
    immutable: bool = False
    """It can't change, and is no reason to replace the resource: a difference is an error of the plan."""
    partial_map: bool = False
    """A mapping in which only the desired keys are managed; others are neither compared nor removed."""
    on_shared: bool = False
    """Managed even on a shared resource, as tags are."""
    max_bytes: int = 0
    """The cloud's limit in bytes; 0 for none."""
    form: str = ""
    """How to show and compare it: "", "json", "yaml", "script"."""
    equivalent: Callable[[Value, Value], bool] | None = None
    """For "json": whether two parsed documents that differ mean the same to the cloud."""


def attr(  # a dataclass field: the default's type is checked where it is used
    *,
    default: Any = None,
    replace: bool = False,
    secret: bool = False,
    unordered: bool = False,
    create_only: bool = False,
    immutable: bool = False,
    partial_map: bool = False,
    on_shared: bool = False,
    max_bytes: int = 0,
    form: str = "",
    equivalent: Callable[[Value, Value], bool] | None = None,
) -> Any:
    """A field of a kind. None means "not managed": neither compared nor changed."""
    info = AttributeInfo(
        replace,
        secret,
        unordered,
        create_only,
        immutable,
        partial_map,
        on_shared,
        max_bytes,
        form,
        equivalent,
    )
    return field(default=default, metadata={"attribute": info}, repr=not secret)


@dataclass(frozen=True, kw_only=True)
class Resource:
    """Base class of all kinds. Fields without ``attr`` are metadata and no part of the cloud's resource."""

    spec: ClassVar[KindSpec]
    """The kind's record; every kind declares its own."""

    name: str
    lifecycle: Lifecycle = Lifecycle.SYNC
    shared: bool = False
    """The user owns it: it has to exist, and is never created, deleted or changed (except tags)."""
    existing_id: str = ""
    """Its id, if the user named one; for shared resources only."""
    absent: bool = False
    """It should not exist; if it does, it is deleted."""
    depends_on: tuple[Key, ...] = field(default=(), compare=False, repr=False)
    """Resources that have to exist first although no field refers to them."""
    source_paths: tuple[FieldPath, ...] = field(default=(), compare=False, repr=False)
    """The paths of the spec that were read to build it."""
    instance_group: str = field(default="", compare=False, repr=False)
    """The instance group that it belongs to alone; "" if others use it, too."""

    @property
    def key(self) -> Key:
        """Identity within the cluster."""
        return Key(type(self).__name__, self.name)

    def attributes(self) -> Iterator[tuple[str, AttributeInfo, Any]]:
        """The declared fields, each with its declaration and value."""
        for each in fields(self):
            info = _info(each)
            if info is not None:
                yield each.name, info, getattr(self, each.name)

    def refs(self) -> Iterator[Ref]:
        """Every reference to another resource in any field."""
        for _, _, value in self.attributes():
            yield from refs_in(value)


def refs_in(value: object) -> Iterator[Ref]:
    """Every reference inside a field's value: tuples, mappings, texts and nested dataclasses."""
    if isinstance(value, Ref):
        yield value
    elif isinstance(value, Template):
        yield from value.refs()
    elif isinstance(value, tuple):
        for item in value:
            yield from refs_in(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from refs_in(item)
    elif hasattr(value, "__dataclass_fields__"):
        for each in fields(value):  # type: ignore[arg-type]  # checked by the attribute above
            yield from refs_in(getattr(value, each.name))


def _info(each: Field[Any]) -> AttributeInfo | None:
    found = each.metadata.get("attribute")
    return found if isinstance(found, AttributeInfo) else None
