"""Decodes and encodes the objects of a store; the only module of this package that handles YAML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kops_core.api.canonical import join, to_yaml
from kops_core.api.documents import Document, read_documents
from kops_core.api.values import Tree
from kops_core.errors import FieldError, InvalidSpec


def decode(data: bytes, source: str) -> list[Document]:
    """The documents in an object. Raises InvalidSpec, naming ``source``.

    Fields that no type has are kept in the tree and listed in ``unknown``: another version of kOps may have
    written the store, and the cluster is shown all the same.
    """
    return read_documents(data, source, keep_unknown=True)


def decode_one(data: bytes, source: str, kind: str) -> Document:
    """The only document in an object. Raises InvalidSpec if there is another number, or another kind."""
    documents = decode(data, source)
    if len(documents) != 1:
        message = f"one document is expected, not {len(documents)}"
        raise InvalidSpec([FieldError("Invalid value", "", message, source)])
    if documents[0].kind != kind:
        message = f"a {kind} is expected, not a {documents[0].kind}"
        raise InvalidSpec([FieldError("Invalid value", "kind", message, source, documents[0].first_line)])
    return documents[0]


def encode(tree: Tree) -> bytes:
    """An object as kOps stores it, with the fields that are unknown to this version."""
    return to_yaml(tree, keep_unknown=True).encode()


def encode_all(trees: Iterable[Tree]) -> bytes:
    """Several objects in one stream, as kOps stores additional objects."""
    return join([to_yaml(tree) for tree in trees]).encode()


def unknown_fields(documents: Sequence[Document]) -> list[FieldError]:
    """The fields that no type has, written by another version or by hand; kOps would drop them."""
    return [error for document in documents for error in document.unknown]
