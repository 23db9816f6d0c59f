"""Finds the operator's fields behind a change of a resource, through the origins of values."""

from __future__ import annotations

from collections.abc import Collection

from kops_core.api.path import FieldPath, get, overlaps
from kops_core.api.values import UNSET, Maybe
from kops_core.infer.inference import Inference
from kops_core.model.resource import Resource
from kops_core.plan.changes import FieldChange

_ROOTS = ("spec", "instanceGroups")


class SpecPaths:
    """Finds the operator's fields behind resources, with a cache by path."""

    def __init__(self, inference: Inference, edited: Collection[FieldPath] = ()) -> None:
        self._inference = inference
        self._edited = tuple(edited)
        self._behind: dict[FieldPath, frozenset[FieldPath]] = {}

    def of(self, resource: Resource, changed: Collection[FieldChange] = ()) -> tuple[FieldPath, ...]:
        """The edited fields that the resource depends on, which are the reason of its change.

        If there is none, the operator's fields with the new value of a changed field. Else, for a new
        resource, all fields that it is built from; for a change without a known reason, none.
        """
        found: dict[FieldPath, None] = {}
        for path in resource.source_paths:
            if path[0] in _ROOTS:
                found.update(dict.fromkeys(sorted(self._users(path), key=str)))
        behind = (*found, *resource.source_paths)
        edited = [path for path in self._edited if any(overlaps(path, each) for each in behind)]
        if edited:
            return tuple(dict.fromkeys(edited))
        values = {str(each.after) for each in changed}
        shown = [path for path in found if _text(get(self._inference.source, path)) in values]
        if shown or any(each.before is not None for each in changed):
            return tuple(shown)
        return tuple(found)

    def _users(self, path: FieldPath) -> frozenset[FieldPath]:
        known = self._behind.get(path)
        if known is not None:
            return known
        self._behind[path] = frozenset()
        found: set[FieldPath] = set()
        origin = self._inference.origin(path)
        written = get(self._inference.source, path)
        if path in self._edited or (written is not UNSET and not isinstance(written, dict)):
            found.add(path)
        for read in origin.reads:
            if read.path and read.path[0] in _ROOTS and read.path != path:
                found |= self._users(read.path)
        self._behind[path] = frozenset(found)
        return self._behind[path]


def _text(value: Maybe) -> str | None:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else None
