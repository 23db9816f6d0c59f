"""Undoes a write of a cluster's specs, from its revision."""

from __future__ import annotations

from collections.abc import Mapping

from kops_core.api.values import Tree
from kops_core.engine.workspace.draft import CLUSTER
from kops_core.errors import UsageError
from kops_core.store.codec import decode
from kops_core.store.layout import CONFIG, INSTANCE_GROUPS
from kops_core.store.revisions import Revision


def documents_before(revision: Revision, current: Mapping[str, Tree]) -> dict[str, Tree]:
    """The documents as they were before a write, with the generation that they have now.

    Raises UsageError if instance groups were created or deleted since.
    """
    then: dict[str, Tree] = {}
    for key, text in revision.before.items():
        if key == CONFIG or key.startswith(f"{INSTANCE_GROUPS}/"):
            name = CLUSTER if key == CONFIG else key.rpartition("/")[2]
            then[name] = decode(text.encode(), f"revision {revision.id}")[0].tree
    if then.keys() != current.keys():
        other = ", ".join(sorted(then.keys() ^ current.keys()))
        raise UsageError(
            f"instance groups were created or deleted since: {other}",
            where=revision.what,
            remedy="create or delete them first, then undo the write",
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
