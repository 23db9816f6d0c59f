"""The metadata of stored documents: names, the label of the cluster, dates and generations."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from datetime import UTC, datetime

from kops_core.api.names import CLUSTER, GROUP, expect_document_name
from kops_core.api.values import Tree, Value
from kops_core.errors import FieldError, InvalidSpec
from kops_core.store import layout


def name_of(document: Tree) -> str:
    """``metadata.name``. Raises InvalidSpec if there is none."""
    metadata = document.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    if not isinstance(name, str) or not name:
        raise InvalidSpec([FieldError("Required value", "metadata.name", "the object needs a name")])
    return name


def expect_names(cluster: str, groups: Iterable[str]) -> None:
    """Raises InvalidSpec for invalid names."""
    expect_document_name(CLUSTER, cluster)
    for group in groups:
        expect_document_name(GROUP, group)


def expect_name(document: Tree, name: str) -> None:
    """Raises InvalidSpec for a document of another name: objects can't be renamed."""
    if (found := name_of(document)) != name:
        raise InvalidSpec(
            [FieldError("Forbidden", "metadata.name", f"an object can't be renamed from {name} to {found}")]
        )


def _metadata(document: Tree) -> tuple[Tree, dict[str, Value]]:
    """A copy of a document, and the metadata of that copy."""
    document = copy.copy(document)
    metadata = document.get("metadata")
    own: dict[str, Value] = dict(metadata) if isinstance(metadata, dict) else {}
    document["metadata"] = own
    return document, own


def labelled(group: Tree, cluster: str) -> Tree:
    """An instance group with the label of its cluster."""
    group, metadata = _metadata(group)
    labels = metadata.get("labels")
    metadata["labels"] = {**(labels if isinstance(labels, dict) else {}), layout.CLUSTER_LABEL: cluster}
    return group


def dated(document: Tree, at: datetime) -> Tree:
    """A document with a creationTimestamp, added if missing."""
    document, metadata = _metadata(document)
    if not metadata.get("creationTimestamp"):
        metadata["creationTimestamp"] = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return document


def succeeding(before: Tree, document: Tree, at: datetime) -> Tree:
    """A document with the metadata that follows from the one that it replaces (as kOps' update sets it)."""
    _, old = _metadata(before)
    document, metadata = _metadata(document)
    if not metadata.get("creationTimestamp") and old.get("creationTimestamp"):
        metadata["creationTimestamp"] = old["creationTimestamp"]
    generation = old.get("generation")
    if document.get("spec") != before.get("spec"):
        metadata["generation"] = (generation if isinstance(generation, int) else 0) + 1
    elif generation is not None and not metadata.get("generation"):
        metadata["generation"] = generation
    return dated(document, at)
