"""Goes back to the documents that a cluster had before a write."""

from __future__ import annotations

from collections.abc import Mapping

from kops_core.api.values import Tree
from kops_core.errors import UsageError


def succeeding_documents(then: Mapping[str, Tree], current: Mapping[str, Tree]) -> dict[str, Tree]:
    """Earlier documents with the generation that they have now.

    Raises UsageError if instance groups were created or deleted since.
    """
    if then.keys() != current.keys():
        other = ", ".join(sorted(then.keys() ^ current.keys()))
        raise UsageError(
            f"instance groups were created or deleted since: {other}",
            remedy="restore all of it with: kops-tui restore --before ID",
        )
    return {name: _succeeding(document, current[name]) for name, document in then.items()}


_COUNTED_ON = ("generation", "creationTimestamp")
"""Metadata that keeps its current value, because undoing is another write."""


def _succeeding(then: Tree, now: Tree) -> Tree:
    was, metadata = now.get("metadata"), then.get("metadata")
    if not isinstance(was, dict) or not isinstance(metadata, dict):
        return then
    kept = {key: was[key] for key in _COUNTED_ON if key in was}
    return {**then, "metadata": {**{k: v for k, v in metadata.items() if k not in _COUNTED_ON}, **kept}}
