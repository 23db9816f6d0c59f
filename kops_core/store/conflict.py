"""The error of the loser of a write race: which fields differ now, who changed them and when."""

from __future__ import annotations

from kops_core.api.path import FieldPath, leaves, render
from kops_core.api.values import UNSET, Maybe, Tree
from kops_core.errors import InvalidSpec, ObjectChanged, ObjectNotFound
from kops_core.store.backend import Backend, Stored
from kops_core.store.codec import decode
from kops_core.store.revisions import Revisions

_NAMED = 8
"""The number of fields that are listed; the rest is counted."""


def differences(before: Tree, now: Tree) -> list[str]:
    """The fields that differ, as ``path: before -> now`` by path.

    Items of a list that have names are compared by name: an inserted one is one difference.
    """
    from deepdiff import DeepDiff  # only needed after a lost race
    from deepdiff.helper import NotPresent

    found: dict[FieldPath, list[Maybe]] = {}
    deep = DeepDiff(before, now, view="tree", threshold_to_diff_deeper=0, iterable_compare_func=_same_item)
    for kind, items in deep.tree.items():
        if kind == "iterable_item_moved":
            continue  # changes inside of it are listed separately
        for item in items:
            at: FieldPath = tuple(item.path(output_format="list"))
            for side, value in enumerate((item.t1, item.t2)):
                known = () if isinstance(value, NotPresent) else leaves(value, at)
                for parts, leaf in known:
                    found.setdefault(parts, [UNSET, UNSET])[side] = leaf
    ordered = sorted(found.items(), key=lambda each: tuple(map(str, each[0])))
    return [f"{render(parts)}: {_shown(old)} -> {_shown(new)}" for parts, (old, new) in ordered]


def _same_item(one: object, other: object, _level: object = None) -> bool:
    """Whether two items of a list are versions of the same one: they have the same name."""
    from deepdiff.helper import CannotCompare

    if isinstance(one, dict) and isinstance(other, dict) and "name" in one and "name" in other:
        return bool(one["name"] == other["name"])
    raise CannotCompare


def changed(backend: Backend, revisions: Revisions, folder: str, key: str, before: Stored) -> ObjectChanged:
    """The error for an object in a cluster's folder that is no longer equal to ``before``."""
    now: Stored | None
    try:
        now = backend.read(f"{folder}/{key}")
    except ObjectNotFound:
        now = None
    revision = revisions.author_of(key, now.data if now else None)
    if revision is not None:
        who = f"{revision.by} did at {revision.at:%Y-%m-%d %H:%M:%S} UTC ({revision.what})"
    elif now is not None:
        who = f"somebody did at {now.modified:%Y-%m-%d %H:%M:%S} UTC"
    else:
        who = "somebody deleted it"
    return ObjectChanged(
        f"changed since it was read: {who}: {_what(before, now)}",
        where=f"{backend.url}/{folder}/{key}",
        remedy="read it again and repeat the change",
    )


def _what(before: Stored, now: Stored | None) -> str:
    if now is None:
        return "it is gone"
    try:
        old, new = decode(before.data, before.key), decode(now.data, now.key)
    except InvalidSpec:
        return "it can't be read now"
    if len(old) != 1 or len(new) != 1:
        return f"{len(new)} documents, {len(old)} before"
    found = differences(old[0].tree, new[0].tree)
    more = [f"and {len(found) - _NAMED} more"] if len(found) > _NAMED else []
    return "; ".join([*found[:_NAMED], *more]) or "only its form"


def _shown(value: Maybe) -> str:
    return "unset" if value is UNSET else repr(value)
