"""The review before a save: changes of the operator's fields, and of inferred values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kops_core.api.path import FieldPath, leaves, overlaps
from kops_core.api.values import UNSET, Maybe, Tree
from kops_core.engine.workspace.draft import locate, root_of
from kops_core.errors import FieldError, KopsError
from kops_core.infer.inference import Inference


@dataclass(frozen=True)
class ValueChange:
    """One value before and after."""

    path: FieldPath
    """From the root of the inference."""
    before: Maybe
    after: Maybe


@dataclass(frozen=True)
class SaveReview:
    """The changes that a save would store, and the errors that prevent it."""

    yours: tuple[ValueChange, ...]
    """Fields of the stored documents."""
    moved: tuple[ValueChange, ...]
    """Inferred values that change; empty if one of the two specs can't be inferred."""
    errors: tuple[FieldError, ...]
    """Why the new spec would be refused."""


def review(
    before: Mapping[str, Tree],
    after: Mapping[str, Tree],
    saved: Inference,
    now: Inference,
    errors: tuple[FieldError, ...],
) -> SaveReview:
    """The review of documents by object name; ``after`` as they would be stored."""
    yours = [
        change
        for name in {**before, **after}
        for change in _changes(_below_root(name, before.get(name)), _below_root(name, after.get(name)))
    ]
    try:
        moves = now.moved(saved)
    except KopsError:  # values that can't be inferred are errors, which prevent the save
        moves = {}
    touched = [change.path for change in yours]
    moved = [
        ValueChange(path, was, is_now)
        for path, (was, is_now) in moves.items()
        if not any(overlaps(path, each) for each in touched) and locate(path)[1] not in _WRITTEN_BY_STORE
    ]
    return SaveReview(tuple(yours), tuple(moved), errors)


_WRITTEN_BY_STORE = (("metadata", "generation"), ("metadata", "creationTimestamp"))
"""Fields that saving sets itself."""


def _below_root(name: str, document: Tree | None) -> dict[FieldPath, Maybe]:
    """Every leaf of a document, by its path of the inference."""
    root = root_of(name)[:-1]
    known = ("apiVersion", "kind", "status")
    spec = {key: value for key, value in (document or {}).items() if key not in known}
    return {(*root, *path): value for path, value in leaves(spec) if path and path not in _WRITTEN_BY_STORE}


def _changes(before: dict[FieldPath, Maybe], after: dict[FieldPath, Maybe]) -> list[ValueChange]:
    return [
        ValueChange(path, before.get(path, UNSET), after.get(path, UNSET))
        for path in {**before, **after}
        if before.get(path, UNSET) != after.get(path, UNSET)
    ]
