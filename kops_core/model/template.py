"""References to other resources, and texts with such references: one value for plan, apply, Terraform."""

from __future__ import annotations

import gzip
import hashlib
import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from ipaddress import ip_address, ip_network
from typing import TypeAlias

from kops_core.api.canonical import emit

Link: TypeAlias = "Ref | str | None"
"""A field that names another resource: a reference while desired, an id once observed or resolved."""


Content: TypeAlias = "Template | str | None"
"""A field of text: with references while desired, plain once observed or resolved."""


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
            known = _resolve_piece(part, lookup)
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


def _resolve_piece(piece: Ref | CidrSubnet | Derived, lookup: Callable[[Ref], str | None]) -> str | None:
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
    known = _resolve_piece(piece, lookup)
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
